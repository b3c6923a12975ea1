"""Which C++ a compiler must follow beyond its parser."""

import pytest

from infinite_instruct.domain import Language
from infinite_instruct.tools.analyzers.c.value_flow import ends_of_enum_switches, must_be_followed


@pytest.mark.parametrize(
    "code",
    [
        "void f() { int x; }",
        "void f() { double a[3]; }",
        "void f() { std::size_t n, m = 1; }",
        "struct P { int x; };\nvoid f() { P p; }",
        "void f() { std::vector<int> *p; }",
        "void f() { std::array<int, 3> a; }",
        "void f() { int *p = new int; }",
        "int f(int x) { if (x) return 1; }",
        "int* f(int x) { while (x) return 0; }",
        "void f() { auto g = [](int x) { if (x) return 1; }; }",
        "#define DECLARE int x;\nvoid f() { DECLARE }",
        "int f( { }",
    ],
)
def test_where_a_value_may_be_missing_it_is_followed(code: str) -> None:
    assert must_be_followed(code)


@pytest.mark.parametrize(
    "code",
    [
        "int f(int x) { int y = x; return y; }",
        "void f() { std::string s; vector<int> v; std::map<int, int> m; }",
        "int main() { f(); }",
        "struct A { A() {} ~A() {} int x = 0; };",
        "int f(int x) { if (x) return 1; throw x; }",
        "int f(int x);\nextern int g(int);",
        "#define MOST 10\nint f() { return MOST; }",
    ],
)
def test_where_none_can_be_missing_it_is_not(code: str) -> None:
    assert not must_be_followed(code)


def test_a_switch_over_names_may_end_a_function() -> None:
    code = "int f(E e) {\n switch (e) {\n case A: return 1;\n }\n}\n"
    assert 5 in ends_of_enum_switches(code, Language.CPP)
    assert 5 not in ends_of_enum_switches(code.replace("case A", "case 1"), Language.CPP)
    assert 5 not in ends_of_enum_switches(code.replace("case A", "default"), Language.CPP)
