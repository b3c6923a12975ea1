"""What a text shows by itself: hollow, hidden, cut or silenced code, and what only looks so."""

import pytest

from infinite_instruct.domain import Language, Severity
from infinite_instruct.tools.analyzers.policy import Denied, Policy
from infinite_instruct.tools.analyzers.text.look import look_at_text

POLICY = Policy.load()


FAULTY: dict[Language, tuple[str, ...]] = {
    Language.PYTHON: (
        "if 0:\n    def f(: pass",
        'def f(x):\n    return x\nif not True:\n    y: int = "no"\n',
        'import sys\nif sys.platform.startswith("never"):\n    x: int = "a"\n    y = 1\n',
        "while 0:\n    x = undefined\n    y = 2\n",
        'x = 1 if True else undefined + "a"\n',
        "x = False and undefined.foo()\n",
        "x = True or undefined.foo()\n",
        '"""\ndef f(:\n"""\n',
        "# only a comment\n",
        'code = "y: int = undefined"\nexec(code)\n',
        'import builtins\nbuiltins.exec("x = und")\n',
        '__import__("builtins").exec("x = und")\n',
        'getattr(__builtins__, "exec")("x = und")\n',
        'exec(compile("x = und", "a", "exec"))\n',
        'import sys\nsys.exit(0)\nx: int = "no"\ny: int = "no"\nz = 1\n',
        'assert False\ny: int = "no"\n',
        'assert 0, "x"\ny: int = "no"\n',
        "from typing import Any as A\ndef f(x: A) -> A:\n    return x.no()\n",
        "import typing as t\ndef f(x: t.Any) -> t.Any:\n    return x.no()\n",
        (
            "from typing import TYPE_CHECKING\n"
            "if not TYPE_CHECKING:\n"
            "    def f() -> int:\n"
            '        return "a"\n'
        ),
        'import sys\nif sys.version_info >= (9,):\n    x: int = "a"\n    y = 1\n',
        'raise SystemExit\nx: int = "a"\ny = 1\nz = 2\n',
        (
            "def f(x):\n"
            "    if x:\n"
            "        return 1\n"
            '        y: int = "a"\n'
            "        z = 2\n"
            "        w = 3\n"
            "    return 2\n"
        ),
        'while True:\n    pass\nx: int = "no"\ny = 1\nz = 2\n',
        'if "":\n    x: int = "a"\n    y = 2\n',
        'import typing\n@typing.no_type_check\ndef f() -> int:\n    return "a"\n',
        "if True:\n  \x0c x = 1\n",
        "\n# vim: set fileencoding=utf-7 :\nx = 1\n",
        'def f(x):\n    """Doc."""\n    raise NotImplementedError\n',
        'def f(x):\n    """Doc."""\n    return None  # TODO\n',
        "def f(x):\n    ...\n",
        'def f(x) -> int:\n    """Doc."""\n',
        'def f(x):\n    raise NotImplementedError("implement me")\n',
        'def f(x):\n    raise Exception("Not implemented yet")\n',
        'def f(x):\n    print("Not implemented")\n',
        "class S:\n    def f(self, x: int) -> int:\n        pass\n",
        "class S:\n    def f(self, x):\n        # your code here\n        pass\n",
        "def f(x):\n    result = []\n    # ... rest of the code\n    return result\n",
        "def f(x):\n    # Implementation goes here\n    return []\n",
        "def f(x):\n    # TODO\n    return 0\n",
        "async def f(x):\n    pass\n",
    ),
    Language.JAVASCRIPT: (
        "if (false) { a(b; }",
        "if (false) {\n  undefinedFn();\n}\n",
        "while (0) { x(); }",
        "if (1 === 2) { x(); }",
        "/* function f() { return broken( } */",
        "var x = 1; <!-- hidden\n",
        "function f(a) {}\n",
        'const f = (a) => { throw new Error("Not implemented"); };',
        "function f(a) {\n  // TODO\n}\n",
        "function f(a) {\n  return null; // TODO: implement\n}\n",
        "function f(a) {\n  // ...\n}\n",
        'function f(a) {\n  console.log("not implemented");\n}\n',
        'class A {\n m(a) { throw new Error("TODO"); }\n}\n',
    ),
    Language.TYPESCRIPT: (
        "function f(a: number): number {\n}\n",
        'export class A { m(a: number): string { throw new Error("Method not implemented."); } }',
    ),
    Language.JAVA: (
        "class A { int f() { if (false) { return 2; } return 1; } }",
        "class A { int f(int x) { throw new UnsupportedOperationException(); } }",
        (
            "class A { int f(int x) { throw new "
            'UnsupportedOperationException("Not supported yet."); } }'
        ),
        "class A { int f(int x) { // TODO Auto-generated method stub\n return 0; } }",
        'class A { void f(int x) { /* \\u002a\\u002f int y = "a"; /* */ } }',
        "class A { int \\u0066oo; }",
        "// class A {}\n",
        '@SuppressWarnings("all") class A {}',
        "class A { int f() {} }",
        'class A { String f() { return ""; // TODO implement\n } }',
    ),
    Language.C: (
        "#if 0\nint x(;\n#endif\nint main(void){return 0;}\n",
        "#if 1 == 2\nint x(;\n#endif\nint main(void){return 0;}\n",
        "#ifdef NEVER_DEFINED\nint broken( { ;\n#endif\nint main(void) { return 0; }\n",
        (
            "#if defined(NEVER)\n"
            "int f(void) { return undefined_name; }\n"
            "#endif\n"
            "int main(void) { return 0; }\n"
        ),
        "#if false\nint x(;\n#endif\nint main(void){return 0;}\n",
        "int f(int a) {}\n",
        "int f(int a) { return 0; /* TODO */ }\n",
        "int f(int a) { if (0) { g(); } return a; }\n",
        "int main(void) { while (0) { g(); } return 0; }\n",
        '// what ??/\nint x = "a";\nint main(void){return 0;}\n',
        "/* int main(void){return 0;} */\n",
        "int f(void) {\n#ifdef FOO_BAR\n  broken( ;\n#endif\n return 1; }\n",
        "#if 0 // x\nint x(;\n#endif\nint main(void){return 0;}\n",
        "#if 1\n#else\nint x(;\n#endif\nint main(void){return 0;}\n",
        "#ifndef __FILE__\nint x(;\n#endif\nint main(void){return 0;}\n",
        "#if 0x0\nint x(;\n#endif\nint main(void){return 0;}\n",
        "#if !1\nint x(;\n#endif\nint main(void){return 0;}\n",
    ),
    Language.CPP: (
        'int f(int a) { throw std::runtime_error("not implemented"); }\n',
        "std::vector<int> f(int a) {\n  // TODO\n  return {};\n}\n",
        "int f(int a) { if (false) { g(); } return a; }",
    ),
    Language.GO: (
        'package p\nfunc f(a int) int { panic("not implemented") }\n',
        'package p\nfunc f(a int) int { panic("TODO") }\n',
        'package p\nfunc f(a int) int { panic("implement me") }\n',
        "package p\nfunc f(a int) int { return 0 // TODO: implement\n}\n",
        "package p\nfunc f(a int) error {\n\t// TODO\n\treturn nil\n}\n",
        "package p\nfunc f(a int) int { if false { return 2 }; return 1 }\n",
        "// package p\n",
        'package p\nfunc f(a int) (int, error) { return 0, errors.New("not implemented") }\n',
    ),
    Language.RUST: (
        "fn f(a: i32) -> i32 { todo!() }",
        'fn f(a: i32) -> i32 { unimplemented!("later") }',
        'fn f(a: i32) -> i32 { todo!("x"); }',
        'fn f(a: i32) -> i32 { panic!("not implemented") }',
        "fn f(a: i32) -> i32 {\n // TODO\n 0 }",
        "fn f(a: i32) -> i32 { if false { return 2; } 1 }",
        "fn f() { while false { x(); } }",
        "#![allow(warnings)]\nfn f() {}",
    ),
    Language.CSHARP: (
        "class A { int F(int x) { throw new NotImplementedException(); } }",
        "class A { int F(int x) => throw new NotImplementedException(); }",
        "class A {\n#if false\n int x(;\n#endif\n}",
        "#pragma warning disable\nclass A {}",
        "class A { int F(int x) { return 0; // TODO\n } }",
    ),
    Language.KOTLIN: (
        "fun f(a: Int): Int = TODO()",
        'fun f(a: Int): Int { TODO("Not yet implemented") }',
        "fun f(a: Int): Int { if (false) { g() }; return 1 }",
        "fun f(a: Int): Int { throw NotImplementedError() }",
    ),
    Language.SWIFT: (
        'func f(a: Int) -> Int { fatalError("not implemented") }',
        "func f(a: Int) -> Int { fatalError() }",
        "#if false\nfunc f( {\n#endif\nlet x = 1",
        "func f(a: Int) -> Int {\n // TODO\n return 0 }",
    ),
    Language.PHP: (
        "echo 1;\nfunction f( {\n",
        '<?php function f($a) { throw new Exception("Not implemented"); }',
        "<?php if (false) { g(); }",
        "<?php // nothing",
        "<?php function f(int $a): int {}",
        "<?php function f($a) { /* TODO */ }",
        "<?php echo 1; __halt_compiler(); broken(",
        "<?php echo 1; ?>\nfunction broken( {;\n",
    ),
    Language.RUBY: (
        "def f(a)\nend\n",
        "def f(a)\n  raise NotImplementedError\nend\n",
        "puts 1\n__END__\ndef ( broken\n",
        "puts 1\n=begin\ndef f( broken\n=end\n",
        "if false\n  broken()\nend\n",
        "def f(a)\n  # TODO\n  nil\nend\n",
        "# only\n",
        "broken() if false\n",
        "unless true\n broken()\nend\n",
        'def f(a)\n  raise "Not implemented"\nend\n',
    ),
    Language.SHELL: (
        "exit 0\necho $(broken\n",
        "if false; then\n  broken_cmd\nfi\n",
        ": <<EOF\nif then fi ((\nmore\nmore\nEOF\necho 1\n",
        "# nothing\n",
        "while false; do x; done\n",
        "f() {\n  # TODO: implement\n  :\n}\nf\n",
    ),
    Language.SQL: ("-- nothing\n",),
}

GOOD: dict[Language, tuple[str, ...]] = {
    Language.PYTHON: (
        "class A(Exception):\n    pass\n\nraise A\n",
        "import click\n\n@click.group()\ndef cli():\n    pass\n",
        "from typing import Protocol\nclass P(Protocol):\n    def f(self) -> int: ...\n",
        (
            "from typing import overload\n"
            "@overload\n"
            "def f(x: int) -> int: ...\n"
            "@overload\n"
            "def f(x: str) -> str: ...\n"
            "def f(x):\n"
            "    return x\n"
        ),
        "def noop(*args):\n    pass\n",
        (
            "class B:\n"
            "    def run(self):\n"
            "        self.setup()\n"
            "        return 1\n"
            "    def setup(self):\n"
            "        pass\n"
        ),
        (
            "class Shape:\n"
            "    def area(self):\n"
            '        raise NotImplementedError("Subclasses must implement this")\n'
            "class Sq(Shape):\n"
            "    def area(self):\n"
            "        return 1\n"
        ),
        'def main():\n    print("x")\n\nif __name__ == "__main__":\n    main()\n',
        "def f(xs):\n    i = 0\n    while i < len(xs):\n        xs[i] = 0\n        i += 1\n",
        "# TODO: faster\ndef f(x):\n    return sorted(x)\n",
        "class E:\n    def __init__(self):\n        pass\n    def f(self):\n        return 1\n",
        "x = 1\n\x0c\ny = 2\n",
        "def f(a):\n    s = 0\n    for x in a:\n        s += x\n    print(s)\n",
        "\n# The rest of the code assumes x.\nx = 1\n",
    ),
    Language.JAVASCRIPT: (
        "do { x(); } while (0);\n",
        "class A { constructor() {} noop() {} }\nconst x = new A();",
        "function noop() {}\nexport default noop;",
        "const cb = () => {};\nrun(cb);",
        "while (true) { if (x()) break; }",
        "#!/usr/bin/env node\nconsole.log(1);\n",
        'const s = "<!-- x -->";\n',
    ),
    Language.TYPESCRIPT: (
        (
            "abstract class A { abstract f(): number; g(): void {} }\n"
            "interface I { f(): number }\n"
            "function f(a: number): void {}\n"
        ),
        "export interface B<in out T> { f(x: T): T }\n",
    ),
    Language.JAVA: (
        "abstract class A { abstract int f(); void onEvent() {} A() {} }",
        "interface I { int f(); default void g() {} }",
        (
            "class A extends B { @Override public void remove() {"
            " throw new UnsupportedOperationException(); } }"
        ),
        'class A { String q = "\\u0041\\u001b[0m"; String r = "C:\\\\u0022"; }',
        "class A { int f() { while (true) { } } }",
    ),
    Language.C: (
        "int main(void) {}\n",
        "void f(void) {}\nint g(void){ do { f(); } while (0); return 1; }\n",
        "#ifdef DEBUG\nvoid d(void) { }\n#endif\nint g(void) { return 1; }\n",
        "#ifndef FOO_H\n#define FOO_H\nint g(void);\n#endif\n",
        "#ifdef _WIN32\nint g(void) { return 1; }\n#else\nint g(void) { return 2; }\n#endif\n",
    ),
    Language.CPP: (
        (
            "struct A { A() {} ~A() {} virtual void f() {} virtual int g() = 0; "
            "A(const A&) = default; };\n"
        ),
        (
            "struct V { int operator()() const { return 1; } };\n"
            "#ifdef LOCAL\n"
            "void dbg() {}\n"
            "#endif\n"
            "int main() {}\n"
        ),
    ),
    Language.GO: (
        (
            "package p\n"
            "func f() {}\n"
            "type I interface { F(a int) int }\n"
            "func g() error { return nil }\n"
        ),
        "package p\nfunc f() int { for { } }\n",
    ),
    Language.RUST: (
        "trait T { fn f(&self) -> i32; fn g(&self) {} }\nfn main() {}\n",
        "fn f(x: Option<i32>) -> i32 { match x { Some(v) => v, None => unreachable!() } }",
    ),
    Language.CSHARP: (
        (
            "interface I { int F(); }\n"
            "abstract class A { public abstract int F(); public virtual void G() {} "
            "int P { get; set; } }"
        ),
    ),
    Language.SWIFT: (
        (
            "protocol P { func f() -> Int }\n"
            "class A { init() {}\n"
            " func g() {}\n"
            " required init?(coder: NSCoder) { "
            'fatalError("init(coder:) has not been implemented") } }'
        ),
    ),
    Language.PHP: (
        (
            "<?php interface I { function f(): int; }\n"
            "abstract class A { abstract function f(): int; function g() {} "
            "function __construct() {} }"
        ),
        "<html><?php echo 1; ?><script>function f() { return 1; }</script></html>",
    ),
    Language.RUBY: (
        "class A\n  def initialize\n  end\n  def f\n    1\n  end\nend\n",
        "=begin\nThis is a text about it.\n=end\ndef f\n  1\nend\n",
    ),
    Language.SHELL: (
        (
            "#!/bin/sh\n"
            "set -e\n"
            'if [ -z "$1" ]; then\n'
            "  exit 1\n"
            "fi\n"
            "while true; do echo 1; break; done\n"
            "exit 0\n"
        ),
    ),
}


def _reason(code: str, language: Language) -> str:
    """Our code for the heaviest fault that the text alone shows; empty where it shows none."""
    found = look_at_text(code, language, POLICY.denied.get(language, Denied()))
    fatal = (
        each
        for each in POLICY.judge(found.diagnostics, language)
        if each.severity is Severity.FATAL
    )
    return next((POLICY.reason_of(each) for each in fatal), "")


@pytest.mark.parametrize("language", FAULTY, ids=str)
def test_hollow_hidden_and_silenced_code_is_found(language: Language) -> None:
    missed = [code for code in FAULTY[language] if not _reason(code, language)]
    assert missed == []


@pytest.mark.parametrize("language", GOOD, ids=str)
def test_what_is_meant_to_be_empty_stays_free(language: Language) -> None:
    wrong = {code: said for code in GOOD[language] if (said := _reason(code, language))}
    assert wrong == {}


@pytest.mark.parametrize(
    ("language", "code", "reason"),
    [
        pytest.param(Language.PYTHON, "def f(x):\n    pass\n", "placeholder-body", id="pass"),
        pytest.param(
            Language.GO,
            'package p\nfunc f() int { panic("TODO") }\n',
            "placeholder-body",
            id="panic",
        ),
        pytest.param(
            Language.RUST,
            "macro_rules! skip { ($($t:tt)*) => {}; }\nskip! { fn f() -> i32 { gone() } }\n",
            "hidden-code",
            id="dropped-by-rust-macro",
        ),
        pytest.param(
            Language.RUST,
            "const A: &str = stringify!(fn f() -> i32 { gone() });\nfn g() {}\n",
            "hidden-code",
            id="made-text",
        ),
        pytest.param(
            Language.RUST,
            'use std::arch::global_asm;\nglobal_asm!(".globl f", "f: ret");\n',
            "denied-token",
            id="machine-code",
        ),
        pytest.param(
            Language.C,
            "#define SKIP(x)\nSKIP(int f(void) { return gone; })\nint y;\n",
            "hidden-code",
            id="dropped-by-c-macro",
        ),
        pytest.param(Language.PYTHON, "if 0:\n    x = 1\n    y = 2\n", "hidden-code", id="never"),
        pytest.param(Language.C, "#if 0\nint x(;\n#endif\nint y;\n", "hidden-code", id="if-0"),
        pytest.param(
            Language.CPP, "int f() {\n  if (true) {\n    return 1;\n", "cut-off", id="open-brace"
        ),
        pytest.param(
            Language.TYPESCRIPT, "function f() {\n  const s = `{`;\n", "cut-off", id="open-function"
        ),
        pytest.param(
            Language.PYTHON,
            "def f(xs):\n    total = 0\n    for x in xs:\n        total += x\n",
            "cut-off",
            id="lost-result",
        ),
        pytest.param(Language.PYTHON, "def f(xs):\n    return sor", "cut-off", id="torn-word"),
        pytest.param(Language.PYTHON, "x = 1\n\x0c  y = 2\n", "control-character", id="form-feed"),
        pytest.param(
            Language.JAVA,
            'class A { String s = "\\u0022; x \\u0022"; }',
            "denied-token",
            id="escape",
        ),
        pytest.param(
            Language.JAVASCRIPT, "// eslint-disable\nx();\n", "suppression", id="suppressed"
        ),
    ],
)
def test_each_fault_has_its_name(language: Language, code: str, reason: str) -> None:
    assert _reason(code, language) == reason


@pytest.mark.parametrize(
    ("language", "code"),
    [
        pytest.param(
            Language.C,
            "#ifdef LOG\n#define SAY(x) x\n#else\n#define SAY(x)\n#endif\n"
            "int f(int a) {\n  SAY({ a = a; });\n  return a;\n}\n",
            id="debugging",
        ),
        pytest.param(
            Language.C,
            "#define UNUSED(x)\nint f(int UNUSED(a)) { return 1; }\n",
            id="parameter",
        ),
        pytest.param(
            Language.RUST,
            "macro_rules! count { () => { 0 }; ($x:tt $($y:tt)*) => { 1 + count!($($y)*) }; }\n"
            'fn f() -> i32 {\n    println!("{}", stringify!(a + b));\n    count!(a b c)\n}\n',
            id="counting",
        ),
    ],
)
def test_a_macro_that_drops_no_code_is_free(language: Language, code: str) -> None:
    assert look_at_text(code, language, Denied()).diagnostics == ()


def test_a_comment_that_only_speaks_of_checkers_or_todos_is_none() -> None:
    code = "# We suppress the warnings of pylint elsewhere. TODO: faster.\nx = sorted([2, 1])\n"
    assert _reason(code, Language.PYTHON) == ""


def test_suppressions_lose_their_power_at_the_same_place() -> None:
    code = "x = 1  # type: ignore\ny = 2\n"
    found = look_at_text(code, Language.PYTHON, Denied())
    assert found.suppressions == 1
    assert found.code == "x = 1  #" + " " * 13 + "\ny = 2\n"


@pytest.mark.parametrize(
    ("language", "unit"),
    [
        pytest.param(Language.PYTHON, "class A:\n def f(self):pass\n", id="classes"),
        pytest.param(Language.PYTHON, "def f(x):return x # TODO\n", id="notes"),
        pytest.param(Language.PYTHON, "exec(a)\n", id="exec"),
        pytest.param(Language.C, "<!--\n", id="recovery"),
        pytest.param(Language.C, "-\n", id="minuses"),
        pytest.param(Language.JAVA, "a<\n", id="angles"),
        pytest.param(Language.JAVA, "a=>", id="arrows"),
    ],
)
def test_a_text_made_to_keep_us_busy_is_decided(language: Language, unit: str) -> None:
    found = look_at_text(unit * (60_000 // len(unit)), language, Denied())
    assert found.diagnostics or language is Language.PYTHON


def test_order_does_not_matter() -> None:
    texts = [
        (code, language)
        for table in (FAULTY, GOOD)
        for language in table
        for code in table[language]
    ]
    forwards = [_reason(*text) for text in texts]
    assert [_reason(*text) for text in reversed(texts)] == forwards[::-1]
