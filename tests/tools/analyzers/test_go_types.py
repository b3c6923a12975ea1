"""Go's samples are judged like the compiler does, and unknown packages are given the doubt."""

import asyncio
import re
from collections.abc import Sequence

import pytest

from infinite_instruct.domain import Language, Status, Verdict
from infinite_instruct.tools.analyzers import Batching, Policy, Toolbox
from infinite_instruct.tools.analyzers.base import Findings
from infinite_instruct.tools.analyzers.findings import findings
from infinite_instruct.tools.analyzers.go.go_toolchain import GoFault, find_toolchain
from infinite_instruct.tools.analyzers.go.go_types import GoTypes
from infinite_instruct.tools.analyzers.toolchest import Toolchest, default_folder
from infinite_instruct.tools.verification import Verifier

_CHEST = Toolchest(folder=default_folder())


def _why_not() -> str:
    try:
        asyncio.run(find_toolchain(_CHEST))
    except GoFault as fault:
        return str(fault)
    return ""


pytestmark = pytest.mark.skipif(bool(_why_not()), reason=_why_not() or "go is installed")

MAIN = "package main\n\n"
FAULTY = {
    "syntax": (MAIN + "func f( {\n", "error", "syntax"),
    "cut": (MAIN + "func f() int {\n\treturn 1\n", "missing", "syntax"),
    "name": (MAIN + "func f() int { return x }\n", "UndeclaredName", "undefined-name"),
    "import": (MAIN + "var x = strings.ToUpper(`a`)\n", "UndeclaredName", "undefined-name"),
    "early": (
        MAIN + "func f() { a := b; b := a }\n",
        "UsedBeforeDeclaration",
        "use-before-assignment",
    ),
    "api": (
        MAIN + 'import "os"\n\nvar x = os.ReadAllFile("a")\n',
        "UndeclaredImportedName",
        "invented-attribute",
    ),
    "method": (
        MAIN + "func f(x []int) { x.append(1) }\n",
        "MissingFieldOrMethod",
        "invented-attribute",
    ),
    "arity": (MAIN + "func f() {}\nfunc g() { f(1, 2) }\n", "WrongArgCount", "wrong-arguments"),
    "type": (MAIN + 'func f(a int) {}\nfunc g() { f("a") }\n', "IncompatibleAssign", "type-error"),
    "return": (MAIN + "func f(x int) int { x++ }\n", "MissingReturn", "missing-return"),
    "results": (MAIN + "func f() int { return 1, 2 }\n", "WrongResultCount", "type-error"),
    "twice": (MAIN + "func f() {}\nfunc f() {}\n", "DuplicateDecl", "redefinition"),
    "unused": (MAIN + "func f() { x := 1 }\n", "UnusedVar", "unused-name"),
    "bodiless": (MAIN + "func f() int\n", "MissingBody", "placeholder-body"),
    "internal": (MAIN + 'import _ "internal/abi"\n', "internal", "compile-error"),
    "cgo": (MAIN + 'import (\n\t"C"\n)\n', "cgo", "denied-token"),
    "ignored": ("//go:build ignore\n\n" + MAIN + "var x int\n", "denied-token", "denied-token"),
    "init-cycle": (MAIN + "var a = b\nvar b = a\n", "InvalidInitCycle", "compile-error"),
    "instances": (
        MAIN + "func f[T any]() { f[*T]() }\n",
        "InvalidInstanceCycle",
        "compile-error",
    ),
    "constant": (MAIN + "const a = 1 << 1000000\n", "InvalidShiftCount", "compile-error"),
    "verb": (
        MAIN + 'import "fmt"\n\nfunc f() { fmt.Printf("%d", "a") }\n',
        "printf",
        "wrong-arguments",
    ),
    "bare": ("func f() int { return x }\n", "UndeclaredName", "undefined-name"),
    "statements": ("x := 1\nprintln(x)\n", "Syntax", "syntax"),
}  # fmt: skip
RIGHT = {
    "whole": MAIN + 'import "fmt"\n\nfunc main() { fmt.Println("a") }\n',
    "no-package": 'import "fmt"\n\nfunc f() { fmt.Println("a") }\n',
    "unused-import": MAIN + 'import "fmt"\n\nfunc f() {}\n',
    "modern": MAIN + 'import "maps"\n\nfunc f(m map[int]int) { for range maps.Keys(m) { } }\n',
    "generic": MAIN + 'import "cmp"\n\nfunc Less[T cmp.Ordered](a, b T) bool { return a < b }\n',
    "versioned": MAIN + 'import "math/rand/v2"\n\nvar x = rand.IntN(3)\n',
    "test": 'package main_test\n\nimport "testing"\n\nfunc TestF(t *testing.T) { t.Log(1) }\n',
    "dotted": MAIN + 'import . "strings"\n\nvar x = ToUpper("a")\n',
    "unsafe": MAIN + 'import "unsafe"\n\nvar x = unsafe.Sizeof(1)\n',
    "said": MAIN + '// import "C" is not used.\nconst x = `\nimport "C"\n`\n',
    "directive": MAIN + "//go:noinline\nfunc f() {}\n",
    "style": MAIN + 'import "sync"\n\nfunc f(m sync.Mutex) { m.Lock(); return; m.Unlock() }\n',
}  # fmt: skip
THIRD = MAIN + 'import (\n\t"net/http"\n\n\t"example.com/third"\n)\n\nvar _ http.Handler\n\n'
UNKNOWN = {
    "call": "func f() (int, error) { return third.F() }\nfunc g() { third.X.Y(third.Z{A: 1}) }\n",
    "spread": "func two(a, b int) {}\nfunc f() { two(third.F()) }\n",
    "embedded": "type S struct{ third.T }\nfunc f(s *S) http.Handler { s.Foo(); return s }\n",
    "interface": "type I interface{ third.I; A() }\nfunc f(i I) { i.A(); i.B(i) }\n",
    "constraint": "func Max[T third.Ordered](a, b T) T { if a > b { return a }; return a + b }\n",
    "union": "type N interface{ third.I | ~int }\nfunc F[T N](a T) T { return a + 1 }\n",
    "defined": "type E third.E\nconst (\n\tA E = iota\n\tB\n)\nvar e E = 3\n",
    "key": "func f() { key := 1; third.F(third.H{key: 2}) }\n",
    "asserted": "func f() { _, _ = third.F().(http.Handler) }\n",
}  # fmt: skip


def _analyzer(size: int = 50) -> GoTypes:
    return GoTypes(Toolbox(batching=Batching(seconds=0, size=size)))


def _verdicts(codes: Sequence[str], policy: Policy | None = None) -> list[Verdict]:
    verifier = Verifier([GoTypes(Toolbox(batching=Batching(seconds=0.1)))], policy)

    async def judge() -> list[Verdict]:
        return await asyncio.gather(*(verifier.verify_code(code, Language.GO) for code in codes))

    return asyncio.run(judge())


@pytest.fixture(scope="module")
def judged() -> dict[str, Verdict]:
    """Of all samples of the tables, judged together."""
    third = {f"third-{name}": THIRD + code for name, code in UNKNOWN.items()}
    codes = {name: code for name, (code, _, _) in FAULTY.items()} | RIGHT | third
    return dict(zip(codes, _verdicts(list(codes.values())), strict=True))


@pytest.mark.parametrize("name", FAULTY)
def test_faulty_go_is_rejected_for_its_fault(judged: dict[str, Verdict], name: str) -> None:
    verdict, (_, rule, reason) = judged[name], FAULTY[name]
    assert (verdict.status, verdict.reason) == (Status.REJECTED, reason), verdict.detail
    assert verdict.diagnostics[0].rule == rule
    assert verdict.diagnostics[0].line >= 1


@pytest.mark.parametrize("name", RIGHT)
def test_good_go_is_accepted(judged: dict[str, Verdict], name: str) -> None:
    assert judged[name].accepted, judged[name].detail
    assert judged[name].tools[-1].startswith("go 1.")


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_unknown_package_is_named_and_explains_what_follows(
    judged: dict[str, Verdict], name: str
) -> None:
    verdict = judged[f"third-{name}"]
    assert (verdict.status, verdict.reason) == (Status.UNVERIFIABLE, "unresolved-import")
    assert verdict.diagnostics == ()
    assert verdict.unresolved == ("example.com/third",)


@pytest.mark.parametrize(
    ("path", "used"),
    [
        pytest.param("gopkg.in/yaml.v3", "yaml", id="dotted-version"),
        pytest.param("github.com/go-chi/chi/v5", "chi", id="version"),
        pytest.param("github.com/mattn/go-isatty", "isatty", id="prefix"),
        pytest.param("github.com/json-iterator/go", "jsoniter", id="unguessable"),
        pytest.param("github.com/pkg/errors", "errors", id="like-the-standards"),
    ],
)
def test_a_package_may_be_called_otherwise_than_its_path(path: str, used: str) -> None:
    (verdict,) = _verdicts([f'{MAIN}import "{path}"\n\nvar x = {used}.F()\n'])
    assert (verdict.diagnostics, verdict.unresolved) == ((), (path,)), verdict.detail


def test_a_forgotten_import_shows_beside_an_unknown_package() -> None:
    (verdict,) = _verdicts([THIRD + "var x = third.F(strings.ToUpper(`a`))\n"])
    assert verdict.reason == "undefined-name"
    assert "strings" in verdict.detail


def test_the_same_text_has_the_same_findings_together_alone_and_reversed() -> None:
    codes = [code for code, _, _ in FAULTY.values()][:8] + list(RIGHT.values())[:4]
    codes += [THIRD + UNKNOWN["embedded"], THIRD + UNKNOWN["constraint"]]

    async def judge() -> tuple[list[Findings], list[Findings], list[Findings]]:
        one = _analyzer()
        together = await one.check_batch(codes)
        reversed_ = await _analyzer().check_batch(codes[::-1])
        return together, reversed_[::-1], [(await one.check_batch([code]))[0] for code in codes]

    together, reversed_, alone = asyncio.run(judge())
    assert together == reversed_ == alone
    assert not any(each.fault for each in together)


@pytest.mark.parametrize(
    ("code", "line", "column"),
    [
        pytest.param(MAIN + "//line /etc/passwd:77\nvar x int = y\n", 4, 13, id="line-comment"),
        pytest.param(MAIN + "/*line a.go:9:9*/ var x int = y\n", 3, 31, id="inline"),
        pytest.param(MAIN + "//line /etc/passwd:77\nfunc f( {\n", 4, 9, id="syntax"),
        pytest.param("var x int = y\n", 1, 13, id="no-package"),
    ],
)
async def test_a_finding_stands_where_the_text_has_it(code: str, line: int, column: int) -> None:
    (found,) = await _analyzer().check_batch([code])
    assert (found.diagnostics[0].line, found.diagnostics[0].column) == (line, column)


async def test_what_is_not_the_standards_for_this_platform_is_not_imported() -> None:
    paths = ("../go", "./x", "/etc", "cmd/go", "golang.org/x/net/idna", "syscall/js")
    code = MAIN + "".join(f'import _ "{path}"\n' for path in paths)
    (found,) = await _analyzer().check_batch([code])
    assert found.unresolved == paths
    assert found.diagnostics == ()


def test_strictly_an_answer_compiles_as_it_stands() -> None:
    codes = [RIGHT["unused-import"], RIGHT["no-package"], RIGHT["style"], RIGHT["whole"]]
    strict = _verdicts(codes, Policy.load(strict=True))
    assert [each.reason for each in strict] == [
        "unused-name", "missing-package", "lint-error", "clean",
    ]  # fmt: skip


async def test_every_code_of_the_type_checker_has_a_reason() -> None:
    root = (await find_toolchain(_CHEST)).root
    source = await asyncio.to_thread((root / "src/internal/types/errors/codes.go").read_text)
    codes = set(re.findall(r"^\t([A-Z]\w+)(?: Code = .*)?$", source, re.MULTILINE))
    reasons = Policy.load().reasons
    told = {rule for rules in reasons.values() for rule in rules}
    assert len(codes) > 100
    assert {f"go:{code}" for code in codes - {"BrokenImport", "Test"}} <= told
    assert set(reasons) <= set(findings())
