"""A child that parses: what it does wrong costs only the text that made it so."""

import sys
from pathlib import Path

import pytest

from infinite_instruct.tools.analyzers.parser_worker import ParserWorker
from infinite_instruct.tools.process import Slots
from infinite_instruct.tools.worker import Program, WorkerLimits

CHILD = """
import json, os, sys, time
while count := sys.stdin.readline():
    for text in [json.loads(sys.stdin.readline()) for _ in range(int(count))]:
        if text == "die": os._exit(3)
        if text == "sleep": time.sleep(60)
        if text == "babble": print("what?", flush=True); continue
        bad = [{"rule": "syntax", "line": 1, "message": text}] if "bad" in text else []
        print(json.dumps(bad), flush=True)
"""
BLIND = CHILD.replace('if "bad" in text', "if False")


def _worker(tmp_path: Path, script: str, seconds: float = 5) -> ParserWorker:
    file = tmp_path / "child.py"
    file.write_text(script)
    limits = WorkerLimits(start_seconds=5)
    program = Program(command=[sys.executable, "-I", str(file)], limits=limits)
    return ParserWorker(program, "bad", Slots(2), seconds)


@pytest.mark.parametrize(
    ("culprit", "failure"),
    [
        pytest.param("die", "crashed", id="crash"),
        pytest.param("sleep", "timeout", id="late"),
        pytest.param("babble", "its output cannot be read", id="garbage"),
    ],
)
async def test_a_culprit_is_named_and_its_neighbours_are_judged(
    tmp_path: Path, culprit: str, failure: str
) -> None:
    worker = _worker(tmp_path, CHILD, seconds=0.5)
    texts = ["good", culprit, "bad one", culprit, "good"]
    parsed = await worker.parse(texts)
    assert [len(each.faults) for each in parsed] == [0, 0, 1, 0, 0]
    assert [failure in each.failure for each in parsed] == [False, True, False, True, False]
    assert parsed[2].faults[0].message == "bad one"


@pytest.mark.parametrize(
    ("script", "failure"),
    [
        pytest.param(BLIND, "did not report the fault", id="blind"),
        pytest.param("", "crashed", id="silent"),
        pytest.param("print('[]')", "crashed", id="one-answer"),
        pytest.param("print('{}', flush=True)", "cannot be read", id="garbage"),
    ],
)
async def test_a_child_that_does_not_find_the_canary_accepts_nothing(
    tmp_path: Path, script: str, failure: str
) -> None:
    parsed = await _worker(tmp_path, script).parse(["good"] * 3)
    assert all(each.failure for each in parsed)
    assert failure in parsed[0].failure or "did not report" in parsed[0].failure


async def test_more_texts_than_one_round_keep_their_order(tmp_path: Path) -> None:
    texts = [f"bad {number}" if number % 7 == 0 else "good" for number in range(200)]
    parsed = await _worker(tmp_path, CHILD).parse(texts)
    told = [each.faults[0].message if each.faults else "good" for each in parsed]
    assert told == texts
