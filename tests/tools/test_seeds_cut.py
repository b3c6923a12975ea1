"""Pieces are cut whole, with what they need to be read, in every language."""

import pytest

from infinite_instruct.domain import Language
from infinite_instruct.tools.languages import family_of
from infinite_instruct.tools.seeds.cut import Candidate, cut
from infinite_instruct.tools.seeds.grammar import candidates_query, grammar_of, names_query


def by_name(language: Language, text: str) -> dict[str, Candidate]:
    return {piece.name: piece for piece in cut(language, text).candidates}


@pytest.mark.parametrize("language", list(Language))
def test_every_language_has_a_grammar_whose_queries_compile(language: Language) -> None:
    assert candidates_query(language).pattern_count
    assert family_of(language) in {Language.PYTHON, Language.SQL} or grammar_of(language).names
    if grammar_of(language).names:
        assert names_query(language).pattern_count


def test_a_method_stands_in_its_class_header_without_the_other_members() -> None:
    text = (
        "class Stack(list):\n    size = 1\n\n"
        "    @property\n    def top(self):\n        return self[-1]\n"
    )

    top = by_name(Language.PYTHON, text)["top"]

    assert top.code == (
        "class Stack(list):\n    @property\n    def top(self):\n        return self[-1]"
    )
    assert (top.first_line, top.last_line) == (4, 6)


def test_a_method_in_braces_is_closed() -> None:
    text = (
        "package a;\nclass Stack<T>\n{\n\tint n;\n\tint twice(int x) {\n\t\treturn x + x;\n\t}\n}\n"
    )

    twice = by_name(Language.JAVA, text)["twice"]

    assert twice.code == (
        "class Stack<T> {\n    int twice(int x) {\n        return x + x;\n    }\n}"
    )


def test_the_comment_above_comes_along_and_a_comment_at_a_line_before_does_not() -> None:
    text = "int a; // of a\n/* Doubles. */\n// Really.\nint twice(int x) { return x + x; }\n"

    twice = by_name(Language.C, text)["twice"]

    assert twice.code.startswith("/* Doubles. */\n// Really.\nint twice")
    assert twice.first_line == 2


def test_functions_inside_functions_are_no_candidates() -> None:
    text = "def outer(x):\n    def inner():\n        return x\n    return inner\n"

    assert list(by_name(Language.PYTHON, text)) == ["outer"]


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        (Language.JAVASCRIPT, "export const f = (x) => {\n  return x;\n};\n", ["f"]),
        (Language.TYPESCRIPT, "export interface A { b: string }\n", ["A"]),
        (Language.C, "struct p { int x; };\ntypedef struct { int y; } q;\n", ["p", "q"]),
        (Language.CPP, "template<class T> T f(T a) { return a; }\n", ["f"]),
        (Language.CSHARP, "class A { int F(int x) { return x; } }\n", ["A", "F"]),
        (Language.GO, "package a\n\ntype P struct {\n\tX int\n}\n", ["P"]),
        (Language.RUST, "impl A {\n    fn f(x: i32) -> i32 { x }\n}\n", ["f"]),
        (Language.PHP, "<?php\nfunction f($x) { return $x; }\n", ["f"]),
        (Language.PHP, "function f($x) { return $x; }\n", ["f"]),
        (Language.RUBY, "class A\n  def f(x)\n    x\n  end\nend\n", ["A", "f"]),
        (Language.LUA, "local function f(x)\n  return x\nend\n", ["f"]),
        (Language.SHELL, "f() {\n  echo $1\n}\n", ["f"]),
        (Language.KOTLIN, "fun f(x: Int): Int {\n    return x\n}\n", ["f"]),
        (Language.SWIFT, "struct A {\n    func f(x: Int) -> Int { return x }\n}\n", ["A", "f"]),
        (Language.SQL, "SELECT a FROM t;\nSELECT b FROM t;\n", ["", ""]),
    ],
)
def test_candidates_of_each_language_are_found(
    language: Language, text: str, names: list[str]
) -> None:
    assert [piece.name for piece in cut(language, text).candidates] == names


def test_deep_input_gives_nothing_instead_of_a_crash() -> None:
    assert not cut(Language.PYTHON, "x = " + "(" * 50_000 + ")" * 50_000).candidates
