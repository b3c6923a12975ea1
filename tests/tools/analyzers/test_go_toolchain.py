"""A checker that is missing, broken, late or killed is never a pass; only the culprit suffers."""

import json
import sys
from pathlib import Path

import pytest

from infinite_instruct.domain import Language
from infinite_instruct.tools.analyzers import Batching, Toolbox
from infinite_instruct.tools.analyzers.base import Findings
from infinite_instruct.tools.analyzers.go.go_toolchain import (
    GoChecker,
    GoFault,
    GoToolchain,
    find_toolchain,
    kept_checker,
)
from infinite_instruct.tools.analyzers.go.go_types import GoTypes
from infinite_instruct.tools.analyzers.toolchest import Toolchest

_HONEST = {"diagnostics": None, "unresolved": None, "fault": ""}
_CANARY = {
    **_HONEST,
    "diagnostics": [
        {"tool": "go", "rule": rule, "line": 1, "column": 1, "message": "undefined"}
        for rule in ("UndeclaredName", "UndeclaredImportedName")
    ],
}
# Answers like the real one, but for texts that tell it how to fail.
_CHECKER = f"""#!{sys.executable} -I
import json, os, sys, time
for line in sys.stdin:
    for text in json.loads(line):
        if text == "die": os._exit(2)
        if text == "sleep": time.sleep(600)
        reply = {_CANARY!r} if "canary" in text else {_HONEST!r}
        print("garbage" if text == "garble" else json.dumps(reply), flush=True)
"""


def _stub(folder: Path, text: str, seconds: float = 10) -> GoTypes:
    program = folder / "checker"
    program.write_text(text)
    program.chmod(0o755)
    toolchain = GoToolchain(root=folder, version="1.99")
    toolbox = Toolbox(batching=Batching(seconds=0), seconds=seconds)
    return GoTypes(toolbox, GoChecker(program=program, toolchain=toolchain))


def _chest_with_go(folder: Path, script: str) -> Toolchest:
    program = folder / "python" / "bin" / "go"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return Toolchest(folder=folder)


@pytest.mark.parametrize(
    ("culprit", "fault"),
    [
        pytest.param("die", "crashed (exit code 2)", id="killed"),
        pytest.param("garble", "its output cannot be read", id="garbage"),
    ],
)
async def test_one_text_that_fails_the_checker_fails_alone(
    tmp_path: Path, culprit: str, fault: str
) -> None:
    tool = _stub(tmp_path, _CHECKER)
    found = await tool.check_batch(["a", "b", culprit, "c", culprit, "d"])
    assert [each.fault for each in found] == ["", "", fault, "", fault, ""]
    assert found[3] == Findings(tool="go 1.99")


async def test_one_text_that_is_late_is_given_up_alone(tmp_path: Path) -> None:
    tool = _stub(tmp_path, _CHECKER, seconds=2)
    await tool.check_batch(["a fresh child has more time"])
    found = await tool.check_batch(["a", "sleep", "b"])
    assert [each.fault for each in found] == ["", "timeout", ""]


@pytest.mark.parametrize(
    ("script", "why"),
    [
        pytest.param("exit 0", "crashed", id="silent"),
        pytest.param("kill -SEGV $$", "crashed", id="killed"),
        pytest.param("echo garbage; cat", "cannot be read", id="garbage"),
        pytest.param(
            f"while read line; do echo '{json.dumps(_HONEST)}'; done",
            "did not report the fault",
            id="blind",
        ),
    ],
)
async def test_a_checker_that_does_not_look_is_no_pass(
    tmp_path: Path, script: str, why: str
) -> None:
    tool = _stub(tmp_path, f"#!/bin/sh\n{script}\n")
    found = await tool.check_batch(["a", "b"])
    assert all(why in each.fault for each in found)
    assert (await tool.describe()).version is None


async def test_without_go_it_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    tool = GoTypes(Toolbox(batching=Batching(seconds=0), chest=Toolchest(folder=tmp_path)))
    assert (await tool.check("package p\n", Language.GO)).fault == "go is not installed"
    state = await tool.describe()
    assert state.version is None
    assert state.install == "infinite-instruct doctor --install"


@pytest.mark.parametrize(
    ("script", "why"),
    [
        pytest.param("printf '/usr/lib/go\\ngo1.19.8\\n'", "go 1.19.8 is too old", id="old"),
        pytest.param("echo what", "does not tell its version", id="strange"),
        pytest.param("exit 3", "does not tell its version", id="broken"),
    ],
)
async def test_a_toolchain_that_does_not_serve_is_refused(
    tmp_path: Path, script: str, why: str
) -> None:
    with pytest.raises(GoFault, match=why):
        await find_toolchain(_chest_with_go(tmp_path, script))


async def test_a_checker_that_cannot_be_built_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    chest = _chest_with_go(tmp_path, f"printf '{tmp_path}\\ngo1.99.1\\n'")
    compiler = tmp_path / "bin" / "go"
    compiler.parent.mkdir()
    compiler.write_text("#!/bin/sh\necho no space >&2; exit 1\n")
    compiler.chmod(0o755)
    with pytest.raises(GoFault, match="cannot be built: exited no space"):
        await kept_checker(chest, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []
