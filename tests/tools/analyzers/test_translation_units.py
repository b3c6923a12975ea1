"""What the preprocessor would read, and what it must not."""

import pytest

from infinite_instruct.tools.analyzers.c.translation_units import UNRESOLVED, read_unit

KNOWN = frozenset({"vector", "stdio.h", "map"})


@pytest.mark.parametrize(
    ("code", "headers"),
    [
        pytest.param("#include <vector>\n#include<map>\nint x;\n", "vector map", id="two"),
        pytest.param("// a\n/* b\n*/ # include /* c */ <map> // d\n", "map", id="comments"),
        pytest.param("%:inc\\\nlude <map>\n", "map", id="digraph-and-splice"),
        pytest.param("#include <map>\nusing namespace std;\n#include <vector>\n",
                     "map vector", id="using"),
        pytest.param("#pragma once\n#include <map>\n", "map", id="pragma"),
        pytest.param("int x;\n#include <map>\n", "", id="behind-code"),
        pytest.param("#define A\n#include <map>\n", "", id="behind-a-macro"),
        pytest.param("#ifdef A\n#include <map>\n#endif\n", "", id="under-a-condition"),
        pytest.param('const char *a = R"(\n#include <map>\n)";\n', "", id="in-a-raw-string"),
        pytest.param("/*\n#include <map>\n*/\n", "", id="in-a-comment"),
    ],
)  # fmt: skip
def test_a_text_begins_with_its_headers(code: str, headers: str) -> None:
    unit = read_unit(code, KNOWN)
    assert unit.headers == set(headers.split())
    assert (unit.text, unit.strange, unit.denied) == (code, (), ())


def test_an_unknown_header_becomes_a_warning_in_its_place() -> None:
    unit = read_unit('/* a\n*/ #include "b.h" /* c\n*/\nint x;\n', KNOWN)
    assert unit.text == f"\n#warning {UNRESOLVED}\n\nint x;\n"
    assert unit.strange == ((2, '"b.h"'),)


@pytest.mark.parametrize(
    "code",
    [
        "#include </a>",
        "#include A",
        "#include",
        "#include_next <map>",
        "#import <map>",
        "#embed <map>",
        "#line 1",
        '# 1 "a"',
        "#pragma GCC system_header",
        "#pragma clang diagnostic push",
        '_Pragma("GCC poison a")',
        "#define P(x) _Pragma(#x)",
        "#define J(a) a##b\nint _Prag;",
        "#if __has_include(A)",
        "#define H __has_include",
        'char *a = R"unended(";',
        "int a\0;",
    ],
)
def test_what_steers_a_compiler_is_denied(code: str) -> None:
    assert read_unit(f"int x;\n{code}\n", KNOWN).denied


@pytest.mark.parametrize(
    "code",
    [
        'int x; // # 1 "a", #line, _Pragma(x)',
        'char *a = "%: #include <a> _Pragma(x)";',
        "#pragma GCC optimize(3)",
        "#pragma omp parallel for",
        '_Pragma("omp parallel")',
        "#if defined(__has_include) && __has_include(<map>)\n#endif",
        '#ifdef __has_include\n#if __has_include("a.h")\n#endif\n#endif',
        '#include <stdio.h>\nvoid f(void) { printf("%" PRIxPTR "x"); }',
        "#define STR(x) #x\n#define JOIN(a, b) a##b",
        "#error no\n#warning no\n#",
    ],
)
def test_what_only_looks_like_it_is_not(code: str) -> None:
    assert read_unit(code, KNOWN).denied == ()


@pytest.mark.parametrize(
    ("code", "lacks"),
    [
        ("void f() { if (1) {\n}\n", "{"),
        ("void f() { }}\n", "}"),
        ("int x = (1;\n", "("),
        ("char a = '{'; char *b = \"{\"; // {\n", ""),
        ("#if A\nvoid f() {\n#else\nvoid g() {\n#endif\n}\n", ""),
    ],
)
def test_brackets_have_their_other_half(code: str, lacks: str) -> None:
    found = read_unit(code, KNOWN).unbalanced
    assert [each.message.count(f"`{lacks}`") for each in found] == ([1] if lacks else [])


def test_many_splices_are_read_in_linear_time() -> None:
    assert read_unit("/\\\n" * 20_000 + "u8\\\n" * 20_000 + "'" * 5_000, KNOWN).denied == ()
