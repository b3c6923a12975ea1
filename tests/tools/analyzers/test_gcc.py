"""C and C++ by gcc: in company and alone, with headers that are missing, under attack."""

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from infinite_instruct.domain import Language, Status, Verdict
from infinite_instruct.tools.analyzers import Toolbox
from infinite_instruct.tools.analyzers.c.gcc import Gcc
from infinite_instruct.tools.analyzers.findings import findings
from infinite_instruct.tools.analyzers.policy import Policy
from infinite_instruct.tools.verification import Verifier

C, CPP = Language.C, Language.CPP
Sample = tuple[Language, str]

pytestmark = pytest.mark.skipif(
    not (shutil.which("gcc") and shutil.which("g++")), reason="gcc and g++ are not installed"
)

VECTOR = "#include <vector>\n#include <algorithm>\nusing namespace std;\n"
SPAN = "#include <span>\n#include <vector>\n"
FAULTY = {
    "name": (CPP, VECTOR + "int f() { return x; }\n", "undefined-name"),
    "import": (CPP, "#include <vector>\nstd::map<int, int> m;\n", "undefined-name"),
    "late-import": (CPP, "std::vector<int> v;\n#include <vector>\n", "undefined-name"),
    "method": (CPP, VECTOR + "void f(vector<int> v) { v.push(1); }\n", "invented-attribute"),
    "invented": (CPP, "#include <cmath>\ndouble x = std::fast(2.0);\n", "undefined-name"),
    "arity": (CPP, "int f(int a) { return a; }\nint x = f(1, 2);\n", "wrong-arguments"),
    "type": (CPP, 'int f(int a) { return a; }\nint x = f("a");\n', "wrong-arguments"),
    "inside-a-template": (
        CPP,
        VECTOR + "#include <list>\nvoid f(list<int> l) {\n  sort(l.begin(), l.end());\n}\n",
        "wrong-arguments",
    ),
    "twice": (CPP, "int f() { return 1; }\nint f() { return 1; }\n", "redefinition"),
    "ambiguous": (CPP, VECTOR + "int count;\nint f() { return count; }\n", "compile-error"),
    "early": (CPP, "int f() { int x; int y = x + 1; x = y; return x; }\n", "use-before-assignment"),
    "early-if": (
        CPP,
        "int f(bool b) {\n  int x;\n  int y = x;\n  return b ? y : 0;\n}\n",
        "use-before-assignment",
    ),
    "no-return": (CPP, "int f(int x) { x++; }\n", "missing-return"),
    "one-return": (CPP, "int f(int x) { if (x) return 1; }\n", "missing-return"),
    "a-case-left-out": (
        CPP,
        "enum class E { A, B };\nint f(E e) { switch (e) { case E::A: return 1; } }\n",
        "missing-return",
    ),
    "newest-and-wrong": (CPP, SPAN + "int f(std::span<int> s) { return s.last(); }\n", None),
    "c-name": (C, "#include <stdio.h>\nint f(void) { return x; }\n", "undefined-name"),
    "c-import": (C, 'void f(void) { printf("a"); }\n', "undefined-name"),
    "c-type": (C, 'int f(void) { int x = "a"; return x; }\n', "wrong-arguments"),
    "c-arity": (C, "int f(int a) { return a; }\nint g(void) { return f(); }\n", "wrong-arguments"),
    "c-member": (
        C,
        "struct s { int a; };\nint f(struct s x) { return x.b; }\n",
        "invented-attribute",
    ),
    "c-early": (C, "int f(void) { int x; return x; }\n", "use-before-assignment"),
}
RIGHT = {
    "whole": (CPP, VECTOR + "int main() { vector<int> v{2, 1}; sort(v.begin(), v.end()); }\n"),
    "no-main": (CPP, "#include<vector>\nint f(std::vector<int> v) { return v[0]; }\n"),
    "quoted": (CPP, '#include "vector"\nint f(std::vector<int> v) { return v[0]; }\n'),
    "newest": (CPP, SPAN + "int f(std::span<int> s) { return s.front(); }\n"),
    "oldest": (CPP, "#include <stdexcept>\nvoid f() throw(std::runtime_error) {}\n"),
    "concept": (CPP, "template <class T> concept C = true;\ntemplate <C T> void f(T) {}\n"),
    "enumeration": (
        CPP,
        (
            "enum class E { A, B };\n"
            "int f(E e) {\n  switch (e) {\n  case E::A: return 1;\n  case E::B: return 2;\n  }\n}\n"
        ),
    ),
    "percent-and-hash": (C, '#include <stdio.h>\nvoid f(void) { puts("50%: # 1"); } // # 1\n'),
    "not-for-here": (
        C,
        (
            "#ifdef _WIN32\n#include <windows.h>\n#else\n#include <unistd.h>\n#endif\n"
            "unsigned f(void) { return sleep(1); }\n"
        ),
    ),
    "tuned": (CPP, "#pragma GCC optimize(3)\n#include <bits/stdc++.h>\nstd::vector<int> v;\n"),
    "c": (C, "#include <stdlib.h>\nint *f(void) { return malloc(sizeof(int)); }\n"),
}
BOOST = "#include <boost/any.hpp>\n"
UNRESOLVED = {
    "boost": (
        CPP,
        "#include <boost/any.hpp>\nint main() { boost::any a = 1; return a.type() != a.type(); }\n",
        "boost/any.hpp",
    ),
    "macros": (
        CPP,
        (
            "#include <gtest/gtest.h>\nTEST(A, B) { EXPECT_EQ(1, 1); }\n"
            "TEST(A, C) { EXPECT_EQ(2, 2); }\nint main() { return RUN_ALL_TESTS(); }\n"
        ),
        "gtest/gtest.h",
    ),
    "overloads": (
        CPP,
        (
            '#include "matrix.h"\nint f(const Mat& m) { return m(0); }\n'
            "int f(const Vec& v) { return v(0); }\nint x = f(Mat());\n"
        ),
        '"matrix.h"',
    ),
    "not-here": (CPP, "#include <flat_map>\nstd::flat_map<int, int> m;\n", "flat_map"),
    "c-macros": (
        C,
        '#include <linux/module.h>\nMODULE_LICENSE("GPL");\nMODULE_AUTHOR("a");\n',
        "linux/module.h",
    ),
}
UNINITIALIZED = "int f() { int x; return x; }\n"
ATTACKS = {
    "digraph": (C, '%:include "@"\nint x;\n'),
    "spliced": (C, '#inc\\\nlude "@"\nint x;\n'),
    "comment": (C, '#/**/include/**/"@"\nint x;\n'),
    "macro": (C, '#define F "@"\n#include F\nint x;\n'),
    "parents": (C, '#include "../../../../../../../..@"\nint x;\n'),
    "behind-a-raw-string": (
        CPP,
        'const char *a = R"ab()a\\\nb")ab";\n#include "@"\nconst char *b = "";\n',
    ),
    "behind-a-separator": (CPP, "int a = 1'000;\n#include \"@\"\nint b = 1'000;\n"),
    "itself": (C, '#include "sample.c"\nint x;\n'),
    "our-own": (C, '#include "prefork.c"\nint x;\n'),
    "module": (CPP, 'import "@";\nint x;\n'),
    "question": (C, '#if __has_include("@")\n#endif\nint x;\n'),
    "hidden-question": (C, '#define H __has_include\n#if H("@")\n#endif\nint x;\n'),
    "pragma": (C, '#pragma GCC diagnostic ignored "-Wuninitialized"\n' + UNINITIALIZED),
    "spliced-pragma": (C, '#pragma G\\\nCC diagnostic ignored "-Wuninitialized"\n' + UNINITIALIZED),
    "operator": (C, '_Pragma("GCC diagnostic ignored \\"-Wuninitialized\\"")\n' + UNINITIALIZED),
    "pieces": (
        C,
        "#define J(a, b) a##b\n"
        'J(_Pra, gma)("GCC diagnostic ignored \\"-Wuninitialized\\"")\n' + UNINITIALIZED,
    ),
    "line": (C, '#line 1 "other.c"\n' + UNINITIALIZED),
    "marker": (C, '# 1 "stdio.h" 1 3\n' + UNINITIALIZED),
    "namespace": (CPP, "} int x; namespace a {\n"),
    "keyword": (CPP, "#define return\nint f() { return 1; }\n"),
    "our-own-warning": (C, "#warning unresolved\nint f(void) { return x; }\n"),
    "constexpr": (CPP, "constexpr int f(int n) { return f(n + 1); }\nconstexpr int x = f(0);\n"),
    "template": (CPP, "template <int N> struct A { A<N + 1> a; };\nA<0> a;\n"),
    "endless": (
        CPP,
        (
            "template <long A, int D> struct X {\n"
            " typedef typename X<2 * A, D - 1>::t a; typedef typename X<2 * A + 1, D - 1>::t t;\n};"
            "template <long A> struct X<A, 0> { typedef int t; };\nX<1, 60>::t x;\n"
        ),
    ),
}


def _verifier(seconds: float = 20, command: Sequence[str] | None = None) -> Verifier:
    toolbox, policy = Toolbox(seconds=seconds), Policy.load()
    return Verifier([Gcc(each, policy.headers_of(each), toolbox, command) for each in (C, CPP)])


async def _judge(samples: Sequence[Sample], verifier: Verifier) -> list[Verdict]:
    verdicts = await asyncio.gather(
        *(verifier.verify_code(code, language) for language, code in samples)
    )
    return [verdict.model_copy(update={"seconds": 0.0}) for verdict in verdicts]


ALL = {
    **{name: (language, code) for name, (language, code, _) in FAULTY.items()},
    **RIGHT,
    **{name: (language, code) for name, (language, code, _) in UNRESOLVED.items()},
}


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    """Of all samples, judged together."""
    return dict(zip(ALL, asyncio.run(_judge(list(ALL.values()), _verifier())), strict=True))


@pytest.mark.parametrize("name", FAULTY)
def test_faulty_code_is_rejected_for_its_fault(verdicts: dict[str, Verdict], name: str) -> None:
    verdict, reason = verdicts[name], FAULTY[name][2]
    assert verdict.status is Status.REJECTED
    assert verdict.reason in ({reason} if reason else set(findings()))
    assert verdict.diagnostics[0].line > 0


@pytest.mark.parametrize("name", RIGHT)
def test_good_code_is_accepted(verdicts: dict[str, Verdict], name: str) -> None:
    assert (verdicts[name].reason, verdicts[name].detail) == ("clean", "")


@pytest.mark.parametrize("name", UNRESOLVED)
def test_what_a_missing_header_would_bring_is_no_fault(
    verdicts: dict[str, Verdict], name: str
) -> None:
    assert verdicts[name].status is Status.UNVERIFIABLE, verdicts[name].detail
    assert verdicts[name].unresolved == (UNRESOLVED[name][2],)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        pytest.param(
            BOOST + "#include <vector>\nvoid f(std::vector<int> v) { v.push(A); }\n",
            "invented-attribute",
            id="method",
        ),
        pytest.param("#include <boost/any.hpp>\nint f() {\n  A a;\n", "syntax", id="cut"),
        pytest.param(
            "#include <boost/any.hpp>\nint g(int a) { return a; }\nint g(int a) { return a; }\n"
            "int f(A a) { return a.b; }\n",
            "redefinition",
            id="twice",
        ),
        pytest.param(
            "#include <boost/any.hpp>\n" + UNINITIALIZED, "use-before-assignment", id="early"
        ),
    ],
)
async def test_a_fault_that_no_header_cures_rejects(code: str, reason: str) -> None:
    (verdict,) = await _judge([(CPP, code)], _verifier())
    assert verdict.reason in {reason, "cut-off"}
    assert verdict.status is Status.REJECTED


async def test_the_verdict_is_the_same_alone_in_company_and_without_a_long_lived_compiler(
    tmp_path: Path, verdicts: dict[str, Verdict]
) -> None:
    some = ["import", "early", "boost", "c", "inside-a-template", "whole", "newest"]
    samples = [ALL[name] for name in some]
    expected = [verdicts[name] for name in some]
    backwards = await _judge([*samples, *samples, *samples][::-1], _verifier())
    assert backwards[::-1] == [*expected, *expected, *expected]
    unwilling = tmp_path / "g++"
    unwilling.write_text('#!/bin/sh\nunset LD_PRELOAD\nexec g++ "$@"\n')
    unwilling.chmod(0o755)
    assert await _judge(samples[:3], _verifier(command=[str(unwilling)])) == expected[:3]


def test_attacks_are_decided_gain_nothing_and_change_no_neighbour(
    tmp_path: Path, verdicts: dict[str, Verdict]
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("int S3CRET( {\n")
    attacks = [(language, code.replace("@", str(secret))) for language, code in ATTACKS.values()]
    neighbours = ["whole", "name", "c", "c-early", "boost"]
    samples = [*attacks, *(ALL[name] for name in neighbours)]
    judged = asyncio.run(_judge(samples, _verifier(seconds=3)))
    accepted = [
        name
        for name, verdict in zip(ATTACKS, judged, strict=False)
        if verdict.status is Status.ACCEPTED
    ]
    assert accepted == []
    assert not any("S3CRET" in verdict.model_dump_json() for verdict in judged)
    assert judged[len(attacks) :] == [verdicts[name] for name in neighbours]


@pytest.mark.parametrize(
    "stub", ["exit 0", "exit 7", "kill -SEGV $$", "echo 'sample.cpp:1:1: error: x' >&2; exit 1"]
)
async def test_a_compiler_that_did_not_look_is_never_a_pass(tmp_path: Path, stub: str) -> None:
    tool = tmp_path / "tool"
    tool.write_text(f"#!/bin/sh\n{stub}\n")
    tool.chmod(0o755)
    (verdict,) = await _judge([RIGHT["whole"]], _verifier(command=[str(tool)]))
    assert (verdict.status, verdict.reason) == (Status.UNVERIFIABLE, "analyzer-failed")


async def test_a_compiler_that_is_not_there_says_so() -> None:
    gcc = Gcc(C, frozenset(), Toolbox(), ["/nowhere/gcc"])
    assert (await gcc.check("int x;\n", C)).fault
    assert (await gcc.describe()).version is None


async def test_a_strict_policy_rejects_what_is_nearly_always_a_fault() -> None:
    code = '#include <stdio.h>\nvoid f(long x) { printf("%d", x); }\n'
    lenient = _verifier()
    strict = Verifier(lenient.analyzers, Policy.load(strict=True))
    assert (await lenient.verify_code(code, C)).accepted
    assert (await strict.verify_code(code, C)).reason == "wrong-arguments"
