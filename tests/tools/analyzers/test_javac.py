"""Java by javac: faults with their reasons, fragments, imports that are not here, attacks."""

import asyncio
import json
import random
from pathlib import Path

import pytest

from infinite_instruct.domain import Language, Status, Verdict
from infinite_instruct.tools.analyzers import Policy, Toolbox, doctor
from infinite_instruct.tools.analyzers.findings import findings
from infinite_instruct.tools.analyzers.java.javac import Javac
from infinite_instruct.tools.analyzers.java.jdk import Jdk, compiled, newest_jdk
from infinite_instruct.tools.analyzers.toolchest import Toolchest
from infinite_instruct.tools.packages import PackageNames
from infinite_instruct.tools.verification import Verifier

JAVA = Language.JAVA
PROGRAMS = Path(__file__).parents[3] / ".." / "shared" / "data" / "verify" / "java.jsonl"
_NOWHERE = Toolchest(folder=Path("/nowhere"))

pytestmark = pytest.mark.skipif(newest_jdk(_NOWHERE) is None, reason="javac is not installed")

GOOD = (
    "import java.util.*;\npublic class Sum {\n  int of(List<Integer> a) { return a.size(); }\n}\n"
)
FAULTY = {
    "syntax": ("class A { int f( { return 1; } }", "syntax", 1),
    "cut": ("import java.util.*;\n", "cut-off", 0),
    "undefined": ("class A {\n  int f() { return y; }\n}", "undefined-name", 2),
    "no-import": ("class A {\n  List<String> a;\n}", "undefined-name", 2),
    "sibling": ("package a.b;\nclass A { Node n; }", "undefined-name", 2),
    "method": ('class A { int n = "".len(); }', "invented-attribute", 1),
    "library": ("class A { double x = Math.fastSqrt(2); }", "invented-attribute", 1),
    "package": ("import java.utils.List;\nclass A { }", "undefined-name", 1),
    "class-of-jdk": ("import java.util.Lists;\nclass A { }", "undefined-name", 1),
    "arity": ("class A { int f(int x) { return f(); } }", "wrong-arguments", 1),
    "type": ('class A {\n\tint x = "s";\n}', "type-error", 2),
    "no-return": ("class A { int f(int x) { x++; } }", "missing-return", 1),
    "early": ("class A { int f() { int y; return y; } }", "use-before-assignment", 1),
    "twice": ("class A { void f() { }\n  void f() { } }", "redefinition", 2),
    "unreported": ("class A { void f() { throw new Exception(); } }", "compile-error", 1),
    "escape": ('class A { /* \\u002a\\u002f int x = "s"; /* */ }', "denied-token", 1),
    "of-the-jdk": ("package java.lang;\npublic class String { }", "compile-error", 0),
    "member": ("int f(List<String> a) {\n  return a.len();\n}", "invented-attribute", 2),
    "statement": ("int x = 1;\n  String s = x.name();\n", "type-error", 2),
    "closing": ("int f() { return 1; } }\nclass B {", "syntax", 1),
}  # fmt: skip
RIGHT = {
    "class": GOOD,
    "other-name": "package a.b;\n\npublic class Main { Node n; }\nclass Node { Node next; }",
    "own-names": "package a;\nimport static a.C.RED;\nimport a.C.*;\nclass A { a.C c = RED; D d; }"
    "\nenum C { RED; static class D { } }",
    "several-files": "public class A { }\n\npublic class B { }",
    "record": 'record P(int x) { static String s = """\n  text\n  """; }',
    "escape": 'class A { String s = "\\u00e9 \\u001B[0m"; }',
    "method": "static int f(List<Integer> a) {\n  return a.stream().mapToInt(x -> x).sum();\n}",
    "class-beside-method": "class N { int v; }\nstatic int f() { return new N().v; }",
    "statements": "int x = 5;\nSystem.out.println(Math.max(x, 6));",
    "unchecked": "import java.util.*;\nclass A { Object f(Object o) { return (List<String>) o; } }",
}  # fmt: skip
UNRESOLVED = {
    "type": ("import org.a.B;\nclass A { String s = B.of(1).name(); }", "org.a.B"),
    "any": ("import org.a.*;\nclass A { @Test void f() { Assert.that(1); } }", "org.a.*"),
    "members": (
        ("import static org.a.B.*;\nclass A { void f() { g(MAX, () -> { throw new E(); }); }"
        "\nclass E extends Exception { } }"),
        "org.a.B.*",
    ),
    "sibling": ("package a.b;\nimport a.b.N;\nclass A { N n; int f() { return n.x; } }", "a.b.N"),
    "in-full": ("class A { Object o = com.a.Lists.of(1); }", "com.a.Lists"),
    "javax": ("import javax.xml.bind.Foo;\nclass A { Foo f; }", "javax.xml.bind.Foo"),
    "super": (
        "import a.B;\nclass A extends B { @Override void f() { super.f(); g(h); this.i = 1; } }",
        "a.B",
    ),
    "exception": (
        ("import a.E;\nclass X extends E { }\n"
        "class A { void f() { try { throw new X(); } catch (X e) { e.g(); } } }"),
        "a.E",
    ),
    "never-thrown": (
        "import a.B;\nclass A { void f(B b) { try { b.g(); } catch (java.io.IOException e) { } } }",
        "a.B",
    ),
    "lambda": (
        ("import a.B;\nimport java.util.stream.*;\n"
        "class A { Object f(B b) { return b.s().collect(Collectors.groupingBy(u -> u.g())); } }"),
        "a.B",
    ),
    "label": ("import a.B;\nclass A { void f(B b) { switch (b) { case X: break; } } }", "a.B"),
    "overloads": ("import a.*;\nclass A { void f(B b) { } void f(C c) { } }", "a.*"),
    "lombok": (
        ("import lombok.*;\n@Data @Builder class P { private final String n; }\n"
        'class A { String f() { return P.builder().n("x").build().getN(); } }'),
        "lombok.*",
    ),
    "android": (
        "import android.app.Activity;\nclass A extends Activity { int f() { return R.id.ok; } }",
        "android.app.Activity",
    ),
    "of-the-jdk's-name": ("import a.Record;\nclass A { Object o = new Record(1); }", "a.Record"),
}  # fmt: skip
BESIDE = {
    "name": ("B.of(y)", "undefined-name"),
    "method": ('B.of("".len())', "invented-attribute"),
    "operator": ('B.of("a" * 2)', "wrong-arguments"),
    "type": ('(int) "s"', "type-error"),
    "arity": ("Math.abs()", "wrong-arguments"),
    "statement": ('B.of(x -> { int i = "s"; return x; })', "type-error"),
}


class AllReal(PackageNames):
    """Every package is real: what javac makes of absent ones is the question here."""

    def knows(self, language: Language, name: str) -> bool | None:
        return True


@pytest.fixture(scope="module")
def javac(tmp_path_factory: pytest.TempPathFactory) -> Javac:
    return Javac(Toolbox(chest=_NOWHERE), cache=tmp_path_factory.mktemp("cache"))


async def _verdicts(javac: Javac, codes: list[str], *, strict: bool = False) -> list[Verdict]:
    verifier = Verifier([javac], Policy.load(strict=strict), packages=AllReal())
    found = await asyncio.gather(*(verifier.verify_code(code, JAVA) for code in codes))
    return [each.model_copy(update={"seconds": 0.0}) for each in found]


@pytest.mark.parametrize("name", FAULTY)
async def test_a_fault_rejects_with_its_reason_and_line(javac: Javac, name: str) -> None:
    code, reason, line = FAULTY[name]
    (verdict,) = await _verdicts(javac, [code])
    assert (verdict.status, verdict.reason) == (Status.REJECTED, reason), verdict.detail
    assert verdict.diagnostics[0].line == line
    assert reason in findings()


@pytest.mark.parametrize("name", RIGHT)
async def test_right_programs_and_fragments_are_accepted(javac: Javac, name: str) -> None:
    (verdict,) = await _verdicts(javac, [RIGHT[name]])
    assert verdict.status is Status.ACCEPTED, verdict.detail
    assert verdict.tools[-1].startswith("javac ")


@pytest.mark.parametrize("name", UNRESOLVED)
async def test_what_follows_from_an_absent_import_is_no_fault(javac: Javac, name: str) -> None:
    code, imported = UNRESOLVED[name]
    (verdict,) = await _verdicts(javac, [code])
    assert verdict.status is Status.UNVERIFIABLE, verdict.detail
    assert verdict.unresolved == (imported,)


@pytest.mark.parametrize("name", BESIDE)
async def test_a_fault_beside_an_absent_import_still_rejects(javac: Javac, name: str) -> None:
    expression, reason = BESIDE[name]
    code = f"import a.B;\nclass A {{ Object f() {{ return {expression}; }} }}"
    (verdict,) = await _verdicts(javac, [code])
    assert (verdict.status, verdict.reason) == (Status.REJECTED, reason), verdict.detail
    assert verdict.unresolved == ("a.B",)


async def test_two_files_in_one_text_are_a_fault_only_where_data_is_made(javac: Javac) -> None:
    (verdict,) = await _verdicts(javac, [RIGHT["several-files"]], strict=True)
    assert verdict.status is Status.REJECTED


async def test_messages_do_not_show_where_the_sample_was_put(javac: Javac) -> None:
    code = "package a.b;\nclass A { A f() { return 1; } }\nclass B extends C { }"
    (verdict,) = await _verdicts(javac, [code])
    said = " ".join(each.message for each in verdict.diagnostics)
    assert "int cannot be converted to A" in said
    assert "q" not in said.replace("required", "")


async def test_columns_count_characters_in_fragments_too(javac: Javac) -> None:
    codes = ["\tint x = y;", "int f() { return y; }", 'class A { String s = "\U0001f600" + y; }']
    for code, verdict in zip(codes, await _verdicts(javac, codes), strict=True):
        assert verdict.diagnostics[0].column == code.index("y;") + 1


async def test_a_verdict_is_the_same_alone_together_and_in_any_order(javac: Javac) -> None:
    codes = [case[0] for case in FAULTY.values()] + [case[0] for case in UNRESOLVED.values()]
    codes += RIGHT.values()
    codes += ["public class Sum { int of() { return 1; } }", "class A { Sum s; Node n; C c; }"]
    together = await _verdicts(javac, codes)
    backwards = await _verdicts(javac, codes[::-1])
    alone = [(await _verdicts(javac, [code]))[0] for code in codes]
    assert together == alone == backwards[::-1]


@pytest.mark.skipif(not PROGRAMS.is_file(), reason="the programs (../shared/data) are not here")
async def test_programs_of_the_benchmark_are_judged_as_expected(javac: Javac) -> None:
    rows = [json.loads(line) for line in PROGRAMS.read_text().splitlines()]
    rows = [row for row in rows if row["fault"] not in {"placeholder", "halluc_pkg"}]
    rows = random.Random(0).sample(rows, 200)
    verdicts = await _verdicts(javac, [row["code"] for row in rows])
    for row, verdict in zip(rows, verdicts, strict=True):
        expected = row["expected"]
        fits = {"not rejected": verdict.status is not Status.REJECTED, "any": True}
        assert fits.get(expected, verdict.status.value == expected), (row["id"], verdict.detail)


async def test_bombs_are_never_accepted_and_change_no_neighbour(javac: Javac) -> None:
    doubled = "".join(f"static final String A{i} = A{i - 1} + A{i - 1};\n" for i in range(1, 40))
    endless = "interface N<Z> { }\nclass C<X> implements N<N<? super C<C<X>>>> {\n"
    endless += "  N<? super C<Byte>> f(C<Byte> c) { return c; } }"
    bombs = [
        f'class A {{ static final String A0 = "{"x" * 1000}";\n{doubled} }}',
        endless,
        "package java.util;\npublic interface List<T> { }",
        "module a { requires java.sql; }",
    ]
    faults = [FAULTY["undefined"][0], GOOD]
    before = await _verdicts(javac, faults)
    *judged, bad, good = await _verdicts(javac, [*bombs, *faults])
    assert [each.accepted for each in judged] == [False] * len(bombs)
    assert [bad, good] == before
    assert (bad.reason, good.status) == ("undefined-name", Status.ACCEPTED)


async def test_nothing_on_the_disk_is_seen(javac: Javac, tmp_path: Path) -> None:
    services = tmp_path / "META-INF" / "services" / "javax.annotation.processing.Processor"
    services.parent.mkdir(parents=True)
    services.write_text("Evil")
    (tmp_path / "Evil.java").write_text("class Evil { }")
    code = f"class A {{ Evil e; }} // {tmp_path}"
    (verdict,) = await _verdicts(javac, [code])
    assert verdict.reason == "undefined-name"


async def test_without_a_jdk_nothing_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    (state,) = await doctor([Javac(Toolbox(chest=_NOWHERE))])
    assert state.version is None
    (verdict,) = await _verdicts(Javac(Toolbox(chest=_NOWHERE)), [GOOD])
    assert (verdict.status, verdict.reason) == (Status.UNVERIFIABLE, "analyzer-failed")
    assert "javac is not installed" in verdict.detail


@pytest.mark.parametrize(
    ("says", "why"),
    [
        ('{"fault":"","unresolved":[],"diagnostics":[]}', "did not report the fault"),
        ("clean", "its output cannot be read"),
    ],
)
async def test_a_program_that_finds_nothing_is_not_believed(
    tmp_path: Path, says: str, why: str
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    answers = f"while read -r _; do echo '{says}'; done"
    for name, script in {"javac": "mkdir classes", "java": answers}.items():
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    fake = Javac(
        Toolbox(chest=_NOWHERE), jdk=Jdk(home=tmp_path, version="99.1"), cache=tmp_path / "cache"
    )
    assert why in (await fake.check(GOOD, JAVA)).fault


def test_the_program_is_compiled_once(tmp_path: Path) -> None:
    jdk = newest_jdk(_NOWHERE)
    assert jdk is not None
    first = compiled(jdk, tmp_path)
    made = (first / "verify" / "Main.class").stat().st_mtime_ns
    assert compiled(jdk, tmp_path) == first
    assert (first / "verify" / "Main.class").stat().st_mtime_ns == made
    assert [each.name for each in tmp_path.iterdir()] == [first.name]


def test_the_newest_jdk_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, version in {"a": "17.0.15", "b": "21.0.2", "c": "9.0.4", "d": "1.8.0_402"}.items():
        (tmp_path / name / "bin").mkdir(parents=True)
        (tmp_path / name / "bin" / "javac").touch(mode=0o755)
        (tmp_path / name / "release").write_text(f'IMPLEMENTOR="X"\nJAVA_VERSION="{version}"\n')
    monkeypatch.setenv("PATH", str(tmp_path / "a" / "bin"))
    found = newest_jdk(_NOWHERE)
    assert found is not None
    assert (found.home.name, found.version, found.feature) == ("b", "21.0.2", 21)
