"""A snippet is taken only when a reader of it alone knows every name."""

# ruff: noqa: E501 - a case a line: the tables are read by columns

import textwrap

import pytest

from infinite_instruct.domain import Language
from infinite_instruct.tools.seeds import python_names
from infinite_instruct.tools.seeds.cut import cut
from infinite_instruct.tools.seeds.independence import judge
from infinite_instruct.tools.seeds.reasons import Reason

HEADER = (
    "import os.path\nimport os\nfrom json import dumps, loads as parse\nfrom .near import here\n"
)


def judge_python(code: str) -> tuple[Reason | None, str]:
    judgement = judge(Language.PYTHON, textwrap.dedent(code), python_names.imports(HEADER) or ())
    return judgement.fault, judgement.imports


def test_only_the_imports_that_are_needed_come_along() -> None:
    fault, imports = judge_python("def f(x):\n    return parse(x)[len(x)]\n")

    assert fault is None
    assert imports == "from json import loads as parse"


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("def f(x):\n    return x + LIMIT", Reason.FREE_NAMES),
        ("def f(x: 'Stack'):\n    return x", Reason.FREE_NAMES),
        ("def f(x: Stack):\n    return x", Reason.FREE_NAMES),
        ("def f():\n    global count\n    count = 1", Reason.FREE_NAMES),
        ("def f(x):\n    return [y for y in x if y][0]", None),
        ("def f(x):\n    y = z = x\n    def g():\n        return y + z\n    return g", None),
        ("def f(x):\n    return f(x - 1)", None),
        ("def f(x):\n    return here(x)", Reason.LOCAL_IMPORT),
        ("def f(x):\n    from .near import here\n    return here(x)", Reason.LOCAL_IMPORT),
        ("class A:\n    def f(self):\n        return self.x", Reason.USES_MEMBERS),
        ("class A:\n    def f(self, /):\n        return self.x", Reason.USES_MEMBERS),
        ("class A:\n    def f(self):\n        return super().f()", None),
        ("class A:\n    def f(self):\n        return super().g()", Reason.USES_MEMBERS),
        ("class A:\n    def f(self):\n        self.x = 1\n        return self.x", None),
        (
            "class A:\n    def f(self):\n        x = self.x\n        self.x = x + 1",
            Reason.USES_MEMBERS,
        ),
        ("class A:\n    def f(self):\n        self.x += 1", Reason.USES_MEMBERS),
        (
            "class A:\n    def f(self):\n        return self.x\n    def __init__(self):\n        self.x = 1",
            None,
        ),
        ("class A:\n    @x.setter\n    def x(self, y):\n        self.y = y", Reason.USES_MEMBERS),
        (
            "class A:\n    @property\n    def x(self):\n        return 1\n    @x.setter\n    def x(self, y):\n        self.y = y",
            None,
        ),
        ("class A:\n    x: int = 1\n    def f(self):\n        return self.x", None),
        ("class A(dict):\n    def f(self):\n        return self.keys()", None),
        ("class A(Base):\n    def f(self):\n        return 1", Reason.FREE_NAMES),
        ("def f(x):\n    print x", Reason.SYNTAX_ERROR),
    ],
)
def test_python_names_are_judged_by_its_own_scopes(code: str, fault: Reason | None) -> None:
    assert judge_python(code)[0] is fault


CASES = [
    (Language.JAVASCRIPT, "function f(a, {b, c = 1}, ...r) { const [x] = a; return x + b + c + r.d; }", None),
    (Language.JAVASCRIPT, "function f(a) { return a + limit; }", Reason.FREE_NAMES),
    (Language.JAVASCRIPT, "class A { f() { return this.x; } }", Reason.USES_MEMBERS),
    (Language.TYPESCRIPT, "function f<T>(a: T, b?: Record<string, T>): T { return a; }", None),
    (Language.TYPESCRIPT, "function f(a: Stack): number { return 1; }", Reason.FREE_NAMES),
    (Language.JAVA, "class A { int f(int x) { int y = x; return Math.max(x, y); } }", None),
    (Language.JAVA, "class A { int f(int x) { return x + limit; } }", Reason.FREE_NAMES),
    (Language.JAVA, "class A { int f() { return this.x; } }", Reason.USES_MEMBERS),
    (Language.C, "int f(int *a, int n) { int s = 0; for (int i = 0; i < n; i++) s += a[i]; return s; }", None),
    (Language.C, "int f(int a) { return g(a); }", Reason.FREE_NAMES),
    (Language.CPP, "template<class T> T f(const T& a, T b) { auto g = [&](T c) { return c; }; return g(a + b); }", None),
    (Language.CPP, "int f(int a) { return std::max(a, 1); }", Reason.FREE_NAMES),
    (Language.CSHARP, "class A { int F(int x) { var y = x; return y.CompareTo(x); } }", None),
    (Language.CSHARP, "class A { int F(int x) { return Limit(x); } }", Reason.FREE_NAMES),
    (Language.GO, "func f(a, b int) (c int, err error) { x := a; for i := range b { x += i }; return x, nil }", None),
    (Language.GO, "func (s *Stack) f() int { return s.n }", Reason.FREE_NAMES),
    (Language.RUST, "fn f(a: &[i32]) -> Option<i32> { let (x, y) = (a[0], 1); match a.get(x as usize) { Some(k) => Some(*k + y), None => None } }", None),
    (Language.RUST, "fn f(a: i32) -> i32 { limit(a) }", Reason.FREE_NAMES),
    (Language.RUST, "struct A { x: i32 }\nimpl A { fn f(&self) -> i32 { self.y } }", Reason.USES_MEMBERS),
    (Language.PHP, "function f(array $a) { return array_map(fn($x) => $x * 2, $a); }", None),
    (Language.PHP, "function f($a) { return limit($a); }", Reason.FREE_NAMES),
    (Language.PHP, "class A { function f() { return $this->x; } }", Reason.USES_MEMBERS),
    (Language.RUBY, "def f(a, b = 1, *c)\n  d = a.map { |x| x + b }\n  d + c\nend", None),
    (Language.RUBY, "def f(a)\n  limit(a)\nend", Reason.FREE_NAMES),
    (Language.RUBY, "class A\n  def f\n    @x + 1\n  end\nend", Reason.USES_MEMBERS),
    (Language.SHELL, 'f() {\n  local a=$1\n  for b in $a; do echo "$b $HOME"; done\n}', None),
    (Language.SHELL, 'f() {\n  echo "$LIMIT"\n}', Reason.FREE_NAMES),
    (Language.KOTLIN, "fun f(a: List<Int>): Int {\n    val b = a.map { it + 1 }\n    return b.sum()\n}", None),
    (Language.KOTLIN, "fun f(a: Int): Int {\n    return limit(a)\n}", Reason.FREE_NAMES),
    (Language.SWIFT, "func f(_ a: [Int], by b: Int) -> Int { let c = a.count; return c + b }", None),
    (Language.SWIFT, "func f(a: Int) -> Int { return limit(a) }", Reason.FREE_NAMES),
    (Language.SQL, "SELECT a FROM t WHERE b = 1;", None),
]  # fmt: skip


@pytest.mark.parametrize(("language", "code", "fault"), CASES)
def test_names_of_every_language_are_judged(
    language: Language, code: str, fault: Reason | None
) -> None:
    assert judge(language, code, ()).fault is fault


@pytest.mark.parametrize(
    ("language", "text", "imports", "fault"),
    [
        (Language.GO, 'package a\nimport (\n\t"os"\n\t"strings"\n)\nfunc f(s string) string {\n\treturn strings.ToUpper(s)\n}\n', 'import "strings"', None),
        (Language.JAVA, "import java.util.*;\nclass A { List<Integer> f() { return null; } }\n", "import java.util.*;", None),
        (Language.C, "#include <stdio.h>\n#include <math.h>\ndouble f(double x) { return sqrt(x); }\n", "#include <math.h>", None),
        (Language.RUST, "use std::{fs, collections::HashMap};\nfn f() -> HashMap<i32, i32> { HashMap::new() }\n", "use std::{fs, collections::HashMap};", None),
        (Language.RUST, "use crate::a::g;\nfn f(x: i32) -> i32 { g(x) }\n", "", Reason.LOCAL_IMPORT),
        (Language.JAVASCRIPT, 'import { join } from "path";\nfunction f(a) { return join(a); }\n', 'import { join } from "path";', None),
        (Language.JAVASCRIPT, 'import { g } from "./near";\nfunction f(a) { return g(a); }\n', "", Reason.LOCAL_IMPORT),
        (Language.JAVASCRIPT, 'const fs = require("fs");\nfunction f(a) { return fs.stat(a); }\n', 'const fs = require("fs");', None),
    ],
    ids=["go", "java-star", "c", "rust", "rust-crate", "js", "js-local", "js-require"],
)  # fmt: skip
def test_imports_of_other_languages_come_along(
    language: Language, text: str, imports: str, fault: Reason | None
) -> None:
    pieces = cut(language, text)
    judgement = judge(language, pieces.candidates[-1].code, pieces.imports)

    assert judgement.fault is fault
    assert judgement.imports == imports


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def f(x):\n    '''Says.'''\n    raise NotImplementedError", True),
        ("class A:\n    def __init__(self, x):\n        self.x = x\n        self.y = []", True),
        ("def f(x):\n    return x", False),
        ("class A:\n    x: int\n    y: int", False),
    ],
    ids=["missing", "book-keeping", "function", "data"],
)
def test_placeholders_and_book_keeping_are_told_from_logic(code: str, expected: bool) -> None:  # noqa: FBT001 - a table's column
    assert python_names.is_placeholder(code) is expected
