"""Verdicts with their reasons: by the text, by the syntax, by the checkers."""

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from infinite_instruct.domain import Answer, Language, Severity, Status, Verdict
from infinite_instruct.errors import SettingsError
from infinite_instruct.tools.analyzers import Analyzer, Batching, Toolbox, builtin_analyzers
from infinite_instruct.tools.analyzers.base import Findings, ToolState
from infinite_instruct.tools.analyzers.findings import MAX_BRIEF, findings, repair_brief
from infinite_instruct.tools.analyzers.policy import Policy
from infinite_instruct.tools.analyzers.python.mypy import Mypy
from infinite_instruct.tools.analyzers.python.pyright import Pyright
from infinite_instruct.tools.analyzers.python.ruff import Ruff
from infinite_instruct.tools.analyzers.python.ty import Ty
from infinite_instruct.tools.verdict_cache import FindingsCache
from infinite_instruct.tools.verification import Expectation, Verifier

PYTHON = Language.PYTHON
GOOD = 'def double(x: int) -> int:\n    """Twice x."""\n    return 2 * x\n'
PROSE = "A set keeps each value once, so asking whether it holds one takes constant time. "


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    """Without pyright, whose start costs a second: these tests are of our own rules."""
    analyzers = builtin_analyzers(Toolbox(batching=Batching(seconds=0)))
    return Verifier([each for each in analyzers if each.name != "pyright"])


def _reply(code: str) -> Answer:
    return Answer(text=f"Here it is.\n```python\n{code}```\n")


def _is(verdict: Verdict, status: Status, reason: str) -> None:
    assert (verdict.status, verdict.reason) == (status, reason), verdict.detail


FAULTY = {
    "syntax": ("def f(x):\n    return 2 ** \n", "syntax"),
    "undefined": ("def f(x):\n    return y\n", "undefined-name"),
    "invented": ("import math\nx = math.fast_sqrt(2)\n", "invented-attribute"),
    "method": ("x = [1]\nx.push(2)\n", "invented-attribute"),
    "module": ("import os.nothing\n", "invented-module"),
    "arity": ("x = len([1], 2)\n", "wrong-arguments"),
    "type": ("x = len(5)\n", "wrong-arguments"),
    "twice": ("def f():\n    return 1\ndef f():\n    return 2\n", "redefinition"),
    "early": ("def f():\n    y = x + 1\n    x = 2\n    return y\n", "use-before-assignment"),
    "pass": ("def f(x):\n    pass\n", "placeholder-body"),
    "todo": ("def f(x):\n    # TODO: all\n    return x\n", "placeholder-body"),
    "return": ("def f(x) -> int:\n    print(x)\n", "missing-return"),
    "cut": ("def f(x):\n    x = 1\n    x\n", "cut-off"),
    "suppressed": ("x = 'a' + 1  # type: ignore\n", "wrong-arguments"),
    "suppression": ("x = 1  # noqa\n", "suppression"),
    "eval": ("eval('1 + 1')\n", "hidden-code"),
    "never": ("if False:\n    x = 1\n", "hidden-code"),
    "coding": ("# coding: rot13\nx = 1\n", "denied-token"),
    "bidi": ("x = '\u202e'\n", "control-character"),
    "surrogate": ("x = '\ud800'\n", "not-utf8"),
    "deep": ("x = " + "(" * 300 + ")" * 300, "too-deep"),
    "large": ("x = 1\n" * 60_000, "too-large"),
    "empty": (" \n", "no-code-block"),
}  # fmt: skip
RIGHT = {
    "typed": GOOD,
    "optional": "import re\n\nm = re.match('a', 'b')\nprint(m.group())\n",
    "key-get": "def f(words):\n    n = {}\n    return max(n, key=n.get)\n",
    "retyped": "def f(s):\n    s = s.split()\n    s = ''.join(s)\n    return s.split()\n",
    "abstract": "from abc import ABC\n\nclass A(ABC):\n    def f(self): ...\n",
    "submodules": "import os.path, xml.etree.ElementTree, tkinter.ttk\n",
    "suppression-in-a-text": "x = '# type: ignore'\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    """Of all samples of the two tables, judged together: alone each costs two seconds."""
    codes = {name: code for name, (code, _) in FAULTY.items()} | RIGHT

    async def judge() -> list[Verdict]:
        verifier = Verifier(builtin_analyzers())
        return await asyncio.gather(
            *(verifier.verify_code(code, PYTHON) for code in codes.values())
        )

    return dict(zip(codes, asyncio.run(judge()), strict=True))


@pytest.mark.parametrize("name", FAULTY)
def test_faulty_python_is_rejected_for_its_fault(verdicts: dict[str, Verdict], name: str) -> None:
    reason = FAULTY[name][1]
    _is(verdicts[name], Status.REJECTED, reason)
    assert verdicts[name].diagnostics
    assert reason in findings()


@pytest.mark.parametrize("name", RIGHT)
def test_good_python_is_accepted(verdicts: dict[str, Verdict], name: str) -> None:
    _is(verdicts[name], Status.ACCEPTED, "clean")
    looked = {tool.split()[0] for tool in verdicts[name].tools}
    assert looked == {"ruff", "ty", "mypy", "pyright"}


@pytest.mark.parametrize(
    "code", ["import numpy as np\nx = np.zeros(3)\n", "from . import sibling\nsibling.f()\n"]
)
async def test_imports_from_outside_are_named_not_rejected(verifier: Verifier, code: str) -> None:
    verdict = await verifier.verify_code(code, PYTHON)
    assert verdict.status is Status.UNVERIFIABLE
    assert len(verdict.unresolved) == 1


async def test_a_fault_beside_an_unknown_import_still_rejects(verifier: Verifier) -> None:
    verdict = await verifier.verify_code("import numpy\nx = undefined\n", PYTHON)
    _is(verdict, Status.REJECTED, "undefined-name")
    assert verdict.unresolved == ("numpy",)


async def test_the_same_text_has_the_same_verdict_in_a_batch_and_alone() -> None:
    codes = [GOOD, "x = y\n", "import a\n", "# type: int int\nx = 1  # type: int int\n"] * 3
    codes = [f"{code}n = {number}\n" for number, code in enumerate(codes)]
    together = Verifier(builtin_analyzers())
    batch = await asyncio.gather(*(together.verify_code(code, PYTHON) for code in codes))
    apart = Verifier(builtin_analyzers(Toolbox(batching=Batching(seconds=0))))
    for code, verdict in list(zip(codes, batch, strict=True))[:4]:
        alone = await apart.verify_code(code, PYTHON)
        assert alone.model_copy(update={"seconds": 0}) == verdict.model_copy(update={"seconds": 0})


@pytest.mark.parametrize(
    ("code", "expected", "reason"),
    [
        pytest.param(GOOD, Expectation(function="triple"), "missing-function", id="missing"),
        pytest.param(
            GOOD, Expectation(function="double", parameters=("x", "y")), "wrong-arity", id="arity"
        ),
        pytest.param(GOOD, Expectation(function="double", parameters=("x",)), "clean", id="right"),
        pytest.param(
            "class S:\n    def double(self, x):\n        return x\n",
            Expectation(function="double", parameters=("x",)),
            "clean",
            id="method",
        ),
    ],
)
async def test_the_answer_is_held_to_the_question(
    verifier: Verifier, code: str, expected: Expectation, reason: str
) -> None:
    verdict = await verifier.verify(_reply(code), PYTHON, expected)
    assert verdict.reason == reason


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(Answer(text="…", finish_reason="length"), "truncated", id="length"),
        pytest.param(Answer(text="```python\nx = 1"), "unclosed-fence", id="fence"),
        pytest.param(Answer(text="I cannot help with that."), "refusal", id="refusal"),
        pytest.param(Answer(text="Use a loop."), "no-code-block", id="prose"),
    ],
)  # fmt: skip
async def test_a_reply_without_usable_code_is_rejected(
    verifier: Verifier, answer: Answer, reason: str
) -> None:
    _is(await verifier.verify(answer, PYTHON), Status.REJECTED, reason)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(PROSE * 2, "clean", id="prose"),
        pytest.param(PROSE + "\n```python\ndef f(:\n    return 1\n```\n", "syntax", id="broken"),
        pytest.param(PROSE + "\n```python\ndef f():", "unclosed-fence", id="cut"),
        pytest.param("", "empty-answer", id="empty"),
        pytest.param("It is fast.", "too-short", id="short"),
        pytest.param("I'm sorry, but I can't do that. " * 3, "refusal", id="refusal"),
    ],
)
async def test_an_explanation_is_checked_as_text(
    verifier: Verifier, text: str, reason: str
) -> None:
    verdict = await verifier.verify(Answer(text=text), PYTHON, Expectation(code_required=False))
    assert verdict.reason == reason
    assert "text" in verdict.tools or reason == "syntax"


@pytest.mark.parametrize(
    ("code", "of_the_question", "reason"),
    [
        pytest.param("x = f(1)\n", True, "clean", id="a-line-quoted"),
        pytest.param("def g():\n    return f()\n", True, "clean", id="quoted"),
        pytest.param("def g():\n    return f(\n", True, "syntax", id="quoted-and-broken"),
        pytest.param("x = f(1)\n", False, "undefined-name", id="an-example-that-lacks-a-name"),
        pytest.param("def f(x):\n    return x\n\nf(1)\n", False, "clean", id="an-example"),
        pytest.param("x = 1\n```\nThen\n```python\nprint(x)\n", False, "clean", id="in-two-parts"),
    ],
)
async def test_code_in_an_explanation_is_an_example_or_a_quotation(
    verifier: Verifier, code: str, *, of_the_question: bool, reason: str
) -> None:
    answer = Answer(text=f"{PROSE}\n```python\n{code}```\n")
    expected = Expectation(code_required=False, quotes=of_the_question)
    assert (await verifier.verify(answer, PYTHON, expected)).reason == reason


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        pytest.param(
            GOOD + "\n\ndef other(x: int) -> int:\n    return undefined + x\n",
            GOOD,
            "repair-by-deletion",
            id="deleted",
        ),
        pytest.param(
            "def f(x: int) -> str:\n    return y\n",
            "from typing import Any\n\n\ndef f(x: int) -> str:\n    y: Any = x\n    return y\n",
            "repair-by-any",
            id="any",
        ),
        pytest.param(
            "def f(x):\n    return y\n", "def f(x):\n    return x\n", "clean", id="honest"
        ),
    ],
)
async def test_a_repair_may_not_delete_its_way_out(
    verifier: Verifier, before: str, after: str, reason: str
) -> None:
    verdict = await verifier.verify(_reply(after), PYTHON, previous=_reply(before))
    assert verdict.reason == reason


OTHERS = [
    (Language.JAVASCRIPT, "const f = (a, b) => a + b;\n", "const f = (a => a;\n"),
    (Language.JAVA, "class A { int f() { return 1; } }\n", "class A { int f( { return 1; } }\n"),
    (Language.GO, "package p\n\nfunc f(a, b int) int { return a }\n", "package p\nfunc f( {\n"),
    (Language.RUST, "fn f(a: i32) -> i32 { a }\n", "fn f(a: i32 -> i32 { a }\n"),
    (Language.SHELL, "if true; then echo a; fi\n", "if true; then echo a\n"),
    (Language.SQL, "SELECT a FROM t WHERE b = 1;\n", "SELECT a FORM t WHRE\n"),
    (Language.CPP, "#include <vector>\nint f() { return 1; }\n", "int f() { return g(); }\n"),
    (Language.C, "#include <stdio.h>\nint f(int a) { return a; }\n", "int f(void) { return }\n"),
]


@pytest.mark.parametrize(("language", "good", "bad"), OTHERS, ids=[o[0].value for o in OTHERS])
async def test_other_languages_have_their_parsers(
    verifier: Verifier, language: Language, good: str, bad: str
) -> None:
    accepted = await verifier.verify_code(good, language)
    if accepted.reason == "analyzer-failed":
        pytest.skip(accepted.detail)
    _is(accepted, Status.ACCEPTED, "clean")
    assert (await verifier.verify_code(bad, language)).status is Status.REJECTED


async def test_sql_that_one_parser_refuses_is_not_decided(verifier: Verifier) -> None:
    verdict = await verifier.verify_code("SELECT a, FROM t;\n", Language.SQL)
    _is(verdict, Status.UNVERIFIABLE, "analyzer-failed")


async def test_headers_that_are_not_the_standards_never_reach_the_compiler(
    verifier: Verifier,
) -> None:
    verdict = await verifier.verify_code('#include "mine.h"\nint x;\n', Language.C)
    _is(verdict, Status.UNVERIFIABLE, "unresolved-import")
    assert verdict.unresolved == ('"mine.h"',)


@pytest.mark.parametrize(
    ("language", "code"),
    [
        pytest.param(Language.C, "\n" * 250_000, id="blank-lines"),
        pytest.param(Language.TYPESCRIPT, ("import" + " " * 4_000 + "\n") * 60, id="spaces"),
        pytest.param(Language.C, "#" * 4_000 + "\n" + "/*" * 2_000, id="hashes"),
        pytest.param(Language.PYTHON, "# " + "coding" * 800 + "\n", id="cookies"),
    ],
)
async def test_texts_made_to_stall_a_pattern_are_decided(
    verifier: Verifier, language: Language, code: str
) -> None:
    verdict = await asyncio.wait_for(verifier.verify_code(code, language), timeout=30)
    assert verdict.reason


async def test_a_language_without_analyzer_is_not_accepted() -> None:
    _is(await Verifier([]).verify_code(GOOD, PYTHON), Status.UNVERIFIABLE, "no-analyzer")


@pytest.mark.parametrize("name", ["ruff", "ty", "mypy", "pyright"])
@pytest.mark.parametrize(
    "stub", ["exit 0", "sleep 60", "kill -SEGV $$", "echo garbage", "exit 7", "echo '[]'"]
)
async def test_a_tool_that_did_not_look_is_never_a_pass(
    tmp_path: Path, name: str, stub: str
) -> None:
    tool = tmp_path / "tool"
    tool.write_text(f"#!/bin/sh\n{stub}\n")
    tool.chmod(0o755)
    broken = Verifier(_with_stub(name, [str(tool)]))
    verdict = await broken.verify_code(GOOD, PYTHON)
    _is(verdict, Status.UNVERIFIABLE, "analyzer-failed")
    assert name in verdict.detail


def _with_stub(name: str, command: Sequence[str]) -> list[Analyzer]:
    box = Toolbox(batching=Batching(seconds=0), seconds=0.5)
    stubbed: dict[str, Analyzer] = {
        "ruff": Ruff([], box, command),
        "ty": Ty(box, command),
        "mypy": Mypy(box, command),
        "pyright": Pyright(box, command),
    }
    return [stubbed[name]]


async def test_faults_that_others_found_count_beside_a_broken_tool() -> None:
    box = Toolbox(batching=Batching(seconds=0))
    verifier = Verifier([Ruff([], box), Mypy(box, ["/nowhere/mypy"])])
    _is(await verifier.verify_code("x = y\n", PYTHON), Status.REJECTED, "undefined-name")


async def test_the_policy_of_a_user_decides(tmp_path: Path) -> None:
    mine = tmp_path / "policy.toml"
    mine.write_text('[languages.any.text]\nwarning = ["suppression"]\n')
    policy = Policy.load(mine)
    box = Toolbox(batching=Batching(seconds=0))
    verdict = await Verifier([Ruff([], box)], policy).verify_code("x = 1  # noqa\n", PYTHON)
    assert verdict.accepted
    assert verdict.suppressions == 1
    assert [each.severity for each in verdict.diagnostics] == [Severity.WARNING]


async def test_the_brief_quotes_rule_message_and_line(verifier: Verifier) -> None:
    code = "def f(x):\n    return total\n"
    brief = repair_brief(await verifier.verify_code(code, PYTHON), code)
    assert "undefined-name" in brief
    assert "line 2, ruff F821: Undefined name `total`" in brief
    assert "    return total" in brief
    assert "How to repair" in brief


async def test_the_brief_is_bounded(verifier: Verifier) -> None:
    code = "".join(f"x = {'é' * 900}{number}\n" for number in range(100))
    brief = repair_brief(await verifier.verify_code(code, PYTHON), code)
    assert 0 < len(brief.encode()) <= MAX_BRIEF


async def test_a_strict_policy_rejects_what_a_type_checker_calls_an_error(
    verifier: Verifier,
) -> None:
    code = 'config = {"a": {"b": 1}, "c": {"d": "e"}}\nconfig["a"]["b"] = "f"\n'
    lenient = await verifier.verify_code(code, PYTHON)
    policy = Policy.load(strict=True)
    strict = await Verifier(verifier.analyzers, policy).verify_code(code, PYTHON)
    _is(lenient, Status.ACCEPTED, "clean")
    assert strict.status is Status.REJECTED
    assert strict.diagnostics[0].tool == "ty"


class Counting:
    """An analyzer that counts how often it is asked."""

    name = "counting"
    languages = frozenset({Language.GO})

    def __init__(self, version: str, fault: str = "") -> None:
        self.asked = 0
        self._version = version
        self._fault = fault

    async def check(self, code: str, language: Language) -> Findings:
        self.asked += 1
        return Findings(tool=self._version, fault=self._fault)

    async def describe(self) -> ToolState:
        return ToolState(name=self.name, version="1", languages=(), lost="", install="")

    def identity(self) -> str:
        return self._version


@pytest.mark.parametrize(
    ("first", "second", "asked"),
    [
        pytest.param(Counting("1"), Counting("1"), 0, id="same tool"),
        pytest.param(Counting("1"), Counting("2"), 1, id="another version"),
        pytest.param(Counting("1", fault="late"), Counting("1"), 1, id="could not look"),
    ],
)
def test_what_a_tool_found_is_not_asked_again_by_the_next_process(
    tmp_path: Path, first: Counting, second: Counting, asked: int
) -> None:
    code = "package main\n\nfunc main() {}\n"
    verdicts: list[Verdict] = []
    for analyzer in (first, second):
        cache = FindingsCache(tmp_path / "findings.sqlite")
        verifier = Verifier([analyzer], cache=cache)
        verdicts.append(asyncio.run(verifier.verify_code(code, Language.GO)))
        cache.close()
    assert first.asked == 1
    assert second.asked == asked
    assert verdicts[1].status is Status.ACCEPTED


def test_another_policy_is_another_verdict_in_spite_of_the_cache(tmp_path: Path) -> None:
    mine = tmp_path / "policy.toml"
    mine.write_text('[languages.any.text]\nwarning = ["placeholder-body"]\n')
    code = "package main\n\n// TODO: write it\nfunc main() {}\n"
    found: list[str] = []
    for policy in (Policy.load(), Policy.load(mine)):
        cache = FindingsCache(tmp_path / "findings.sqlite")
        verifier = Verifier([Counting("1")], policy, cache)
        found.append(asyncio.run(verifier.verify_code(code, Language.GO)).reason)
        cache.close()
    assert found == ["placeholder-body", "clean"]


def test_a_packs_policy_is_laid_over_ours_and_the_users_over_both(tmp_path: Path) -> None:
    mine = tmp_path / "policy.toml"
    mine.write_text('[languages.any.text]\nwarning = ["suppression"]\n')
    pack = '[languages.any.text]\nwarning = ["cut-off"]\n[languages.go.text]\nfatal = ["x"]\n'
    policy = Policy.load(mine, packs=[pack])
    assert policy.tool(Language.SWIFT, "text").warning == ("suppression",)
    assert policy.tool(Language.GO, "text").fatal == ("x",)


@pytest.mark.parametrize(
    "text", ["not TOML", "version = 0", '[denied.go]\ntext = ["("]'], ids=["form", "value", "regex"]
)
def test_a_policy_that_is_wrong_is_told_with_its_place(text: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"The pack's policy\.toml cannot be used"):
        Policy.load(packs=[text])
    mine = tmp_path / "mine.toml"
    mine.write_text(text)
    with pytest.raises(SettingsError, match=r"mine\.toml cannot be used"):
        Policy.load(mine)


async def test_where_the_policy_does_not_trust_the_grammar_the_analyzers_are_asked(
    tmp_path: Path,
) -> None:
    mine = tmp_path / "policy.toml"
    mine.write_text('[languages.go.syntax]\ndefault = "warning"\n')
    asked = Counting("1")
    verifier = Verifier([asked], Policy.load(mine))
    await verifier.verify_code("package main\n\nfunc main() {\n", Language.GO)
    assert asked.asked == 1


def test_a_damaged_entry_of_the_cache_is_looked_at_anew(tmp_path: Path) -> None:
    file = tmp_path / "findings.sqlite"
    code = "package main\n\nfunc main() {}\n"
    first = FindingsCache(file)
    asyncio.run(Verifier([Counting("1")], cache=first).verify_code(code, Language.GO))
    first.close()
    with sqlite3.connect(file) as database:
        database.execute("UPDATE found SET found = '{'")
    database.close()
    asked = Counting("1")
    verdict = asyncio.run(
        Verifier([asked], cache=FindingsCache(file)).verify_code(code, Language.GO)
    )
    assert (verdict.status, asked.asked) == (Status.ACCEPTED, 1)
