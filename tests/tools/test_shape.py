"""Functions are found with what they take, in each language."""

import pytest

from infinite_instruct.domain import Language
from infinite_instruct.tools.shape import functions_of


@pytest.mark.parametrize(
    ("language", "code", "counts"),
    [
        pytest.param(Language.PYTHON, "def f(a, b=1): pass\n", {1, 2}, id="default"),
        pytest.param(Language.PYTHON, "def f(a, *b): pass\n", {1, 2, 3, 4}, id="any-number"),
        pytest.param(Language.JAVASCRIPT, "const f = (a, { b }) => a;\n", {2}, id="arrow"),
        pytest.param(Language.JAVASCRIPT, "const f = x => x;\n", {1}, id="lone"),
        pytest.param(
            Language.TYPESCRIPT, "function f(a: number, b?: string) {}\n", {1, 2}, id="optional"
        ),
        pytest.param(
            Language.JAVA,
            "class A { int f(int a, String... b) { return 1; } }",
            {1, 2, 3, 4},
            id="varargs",
        ),
        pytest.param(Language.C, "int *f(void) { return 0; }\n", {0}, id="void"),
        pytest.param(Language.CPP, "int f(int a, int b = 2) { return a; }\n", {1, 2}, id="cpp"),
        pytest.param(
            Language.CSHARP,
            "class A { int f(int a, params int[] b) => 1; }",
            {1, 2, 3, 4},
            id="params",
        ),
        pytest.param(Language.GO, "package p\nfunc f(a, b int) {}\n", {2}, id="go"),
        pytest.param(Language.RUST, "impl A { fn f(&self, x: i32) {} }\n", {1}, id="receiver"),
        pytest.param(Language.PHP, "<?php function f($a, $c = 1) {}", {1, 2}, id="php"),
        pytest.param(Language.RUBY, "def f(a, b = 1)\n  a\nend\n", {1, 2}, id="ruby"),
        pytest.param(
            Language.KOTLIN, 'fun f(a: Int, b: String = "x"): Int = a\n', {1, 2}, id="kotlin"
        ),
        pytest.param(
            Language.SWIFT, "func f(_ a: Int, b: Int = 1) -> Int { return 1 }\n", {1, 2}, id="swift"
        ),
    ],
)
def test_a_function_takes_what_it_declares(language: Language, code: str, counts: set[int]) -> None:
    (function,) = functions_of(code, language)
    assert function.name == "f"
    assert {count for count in range(5) if function.takes(count)} == counts


def test_methods_know_their_class() -> None:
    code = "class A:\n    def f(self): return 1\n\ndef f(): return 2\n"
    assert [each.owner for each in functions_of(code, Language.PYTHON)] == ["A", ""]
