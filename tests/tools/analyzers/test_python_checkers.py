"""Python's four checkers: verdicts do not depend on neighbours, and follow no false lead."""

import asyncio

import pytest

from infinite_instruct.domain import Diagnostic, Language, Severity, Status, Verdict
from infinite_instruct.tools.analyzers import Batching, Policy, Toolbox, builtin_analyzers
from infinite_instruct.tools.verification import Verifier

PYTHON = Language.PYTHON

GOOD = "def double(x: int) -> int:\n    return 2 * x\n"
HOSTILE = {
    "relative": "from . import sibling\nfrom .os import path\nfrom .. import a; from .b import c\n",
    "relative-star": "from .constants import *\n\nprint(LIMIT)\n",
    "type-comment": "# type: int int\nx = 1  # type: int int\n",
    "broken-annotation": 'def f(a: "int int") -> "foo bar":\n    return a\n',
    "shadow": "import s_0, random, typing\nprint(random.random(), typing.Any)\n",
    "script-settings": '# /// script\n# [tool.ty.rules]\n# all = "ignore"\n# ///\nx = len(5)\n',
    "script-version": '# /// script\n# requires-python = ">=3.7"\n# ///\nimport tomllib\n',
    "silenced": "x = len(5)  # ty: ignore\n",
    "builtins": "import builtins\nbuiltins.len = 1\nint = 5\n",
    "many-faults": "".join(f"print(name_{number})\n" for number in range(80)),
    "syntax": "def f(:\n",
    "method": 'x = "a".uper()\n',
    "third-party": "import numpy as np\nfrom requests import *\nget(np.zeros(3))\n",
}
VICTIMS = {"good": GOOD, "bad": "import random\nprint(random.randint(1))\n"}


def _judge(codes: list[str], size: int = 200) -> list[Verdict]:
    async def judge() -> list[Verdict]:
        verifier = Verifier(builtin_analyzers(Toolbox(batching=Batching(size=size, seconds=0.05))))
        verdicts = await asyncio.gather(*(verifier.verify_code(each, PYTHON) for each in codes))
        return [each.model_copy(update={"seconds": 0.0}) for each in verdicts]

    return asyncio.run(judge())


@pytest.fixture(scope="module")
def together() -> dict[str, Verdict]:
    """All of them in one batch."""
    codes = {**HOSTILE, **VICTIMS}
    return dict(zip(codes, _judge([*codes.values()]), strict=True))


def test_verdicts_are_the_same_in_any_order_and_company(together: dict[str, Verdict]) -> None:
    codes = {**HOSTILE, **VICTIMS}
    reversed_in_threes = _judge([*codes.values()][::-1], size=3)[::-1]
    assert reversed_in_threes == list(together.values())


@pytest.mark.parametrize("name", ["good", "bad", "relative", "type-comment", "script-settings"])
def test_verdicts_are_the_same_alone(together: dict[str, Verdict], name: str) -> None:
    assert _judge([{**HOSTILE, **VICTIMS}[name]]) == [together[name]]


@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        ("good", Status.ACCEPTED, "clean"),
        ("bad", Status.REJECTED, "wrong-arguments"),
        ("relative", Status.UNVERIFIABLE, "unresolved-import"),
        ("relative-star", Status.UNVERIFIABLE, "unresolved-import"),
        ("type-comment", Status.ACCEPTED, "clean"),
        ("shadow", Status.REJECTED, "invented-package"),
        ("script-settings", Status.REJECTED, "wrong-arguments"),
        ("script-version", Status.ACCEPTED, "clean"),
        ("silenced", Status.REJECTED, "wrong-arguments"),
        ("many-faults", Status.REJECTED, "undefined-name"),
        ("syntax", Status.REJECTED, "syntax"),
        ("method", Status.REJECTED, "invented-attribute"),
        ("third-party", Status.UNVERIFIABLE, "unresolved-import"),
    ],
)
def test_each_is_judged_for_itself(
    together: dict[str, Verdict], name: str, status: Status, reason: str
) -> None:
    assert (together[name].status, together[name].reason) == (status, reason)


def test_no_message_shows_a_file_of_ours(together: dict[str, Verdict]) -> None:
    messages = [each.message for verdict in together.values() for each in verdict.diagnostics]
    assert messages
    assert not any("/tmp" in each or "s_" in each.replace("s_0", "") for each in messages)


RIGHT = {
    "import-twice": "import os\nfrom typing import List\nfrom typing import List\nx: List = [os]\n",
    "accelerated": (
        "def reduce(x):\n    return x\n\ntry:\n    from functools import reduce\n"
        "except ImportError:\n    pass\nprint(reduce)\n"
    ),
    "in-two-branches": (
        "import sys\nif sys.argv:\n    def f(x):\n        return x\nelse:\n    def f(y):\n"
        "        return y\nprint(f(1))\n"
    ),
    "older-python": (
        "try:\n    from collections.abc import Mapping\nexcept ImportError:\n"
        "    from collections import Mapping\nprint(Mapping)\n"
    ),
    "windows": "import os, msvcrt\n\ndef f():\n    os.startfile('a')\n    msvcrt.getch()\n",
    "private": "import warnings\nwarnings._deprecated('a', remove=(3, 13))\n",
    "function-attribute": "def f():\n    f.count += 1\n    return f.count\n\nf.count = 0\nf()\n",
    "none-at-first": (
        "class A:\n    def __init__(self):\n        self.items = None\n\n"
        "    def fill(self):\n        self.items = [1]\n\n"
        "    def first(self):\n        return self.items[0] + len(self.items)\n"
    ),
}  # fmt: skip
WRONG = {
    "twice": ("def f():\n    return 1\n\nprint(f())\n\ndef f():\n    return 2\n", "redefinition"),
    "early": ("def f():\n    y = x\n    x = 1\n    return y\n", "use-before-assignment"),
    "nowhere": ("def f():\n    return x\n\ndef g():\n    x = 1\n    return x\n", "undefined-name"),
    "own-helper": ("class A:\n    def f(self):\n        return self.g()\n", "invented-attribute"),
    "keyword": ("x = sorted([1], ascending=True)\n", "wrong-arguments"),
    "module": ("import json\nx = json.parse('{}')\n", "invented-attribute"),
    "star": ("from math import *\nx = fast_sqrt(2)\n", "undefined-name"),
}


@pytest.fixture(scope="module")
def judged() -> dict[str, Verdict]:
    """Right and wrong ones in one batch."""
    codes = RIGHT | {name: code for name, (code, _) in WRONG.items()}
    return dict(zip(codes, _judge([*codes.values()]), strict=True))


@pytest.mark.parametrize("name", RIGHT)
def test_what_runs_is_not_rejected(judged: dict[str, Verdict], name: str) -> None:
    assert judged[name].status is Status.ACCEPTED, judged[name].detail


@pytest.mark.parametrize("name", WRONG)
def test_what_fails_is_rejected_for_its_fault(judged: dict[str, Verdict], name: str) -> None:
    assert (judged[name].status, judged[name].reason) == (Status.REJECTED, WRONG[name][1])


def test_a_class_that_an_unknown_decorator_makes_takes_any_arguments() -> None:
    code = "import attrs\n\n@attrs.define\nclass A:\n    x: int\n\nprint(A(1), A(x=1))\n"
    (verdict,) = _judge([code])
    assert (verdict.status, verdict.unresolved) == (Status.UNVERIFIABLE, ("attrs",))


async def test_the_fast_tier_asks_ruff_and_ty_alone() -> None:
    fast = builtin_analyzers(Toolbox(batching=Batching(seconds=0)), python_tier="fast")
    verdict = await Verifier(fast).verify_code("x = len(5)\n", PYTHON)
    assert (verdict.status, verdict.reason) == (Status.REJECTED, "wrong-arguments")
    assert {tool.split()[0] for tool in verdict.tools} == {"ruff", "ty"}


@pytest.mark.parametrize("strict", [False, True])
def test_a_rule_of_ty_that_nobody_knows_is_fatal(*, strict: bool) -> None:
    unknown = Diagnostic(
        tool="ty", rule="renamed", severity=Severity.FATAL, line=1, column=1, message="?"
    )
    (judged_one,) = Policy.load(strict=strict).judge([unknown], PYTHON)
    assert judged_one.severity is Severity.FATAL
