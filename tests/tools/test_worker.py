"""A long-lived child: asked from any loop, killed when late, replaced, gone with its owner."""

import asyncio
import gc
import os
import sys
import time
from pathlib import Path

import pytest

from infinite_instruct.tools.worker import Channel, Program, Worker, WorkerFault, WorkerLimits

_ECHO = """
import os, sys, time
for line in sys.stdin:
    word = line.strip()
    if word == "sleep": time.sleep(60)
    if word == "die": os._exit(3)
    if word == "flood": sys.stdout.write("x" * 3_000_000)
    print(os.getpid() if word == "pid" else os.getcwd() if word == "cwd" else word, flush=True)
"""


def _worker(**limits: float) -> Worker:
    program = Program(
        [sys.executable, "-I", "-c", _ECHO],
        limits=WorkerLimits.model_validate({"output_bytes": 1_000_000, **limits}),
    )
    return Worker(program)


async def _say(worker: Worker, word: str, seconds: float = 20) -> str:
    def exchange(channel: Channel) -> str:
        channel.write(word.encode() + b"\n")
        return channel.read_line().decode()

    return await worker.ask(exchange, seconds)


def test_one_child_answers_from_several_event_loops() -> None:
    worker = _worker()
    first, second = (asyncio.run(_say(worker, "pid")) for _ in range(2))
    assert first == second


async def test_requests_that_come_together_are_answered_in_order() -> None:
    worker = _worker()
    words = [str(number) for number in range(20)]
    assert await asyncio.gather(*(_say(worker, word) for word in words)) == words


@pytest.mark.parametrize(
    ("word", "why"), [("die", "crashed .exit code 3."), ("flood", "output-cap")]
)
async def test_a_child_that_fails_is_told_of_and_replaced(word: str, why: str) -> None:
    worker = _worker()
    with pytest.raises(WorkerFault, match=why):
        await _say(worker, word)
    assert await _say(worker, "again") == "again"


async def test_a_child_that_is_late_is_killed_and_replaced() -> None:
    worker = _worker(start_seconds=0.01)
    pid = int(await _say(worker, "pid"))
    with pytest.raises(WorkerFault, match="timeout"):
        await _say(worker, "sleep", seconds=0.2)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert await _say(worker, "again") == "again"


async def test_a_child_is_replaced_when_it_has_grown_old() -> None:
    worker = _worker(requests=2)
    pids = [await _say(worker, "pid") for _ in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_child_and_folder_are_gone_with_their_owner() -> None:
    worker = _worker()
    folder = Path(asyncio.run(_say(worker, "cwd")))
    pid = int(asyncio.run(_say(worker, "pid")))
    assert folder.is_dir()
    del worker
    for _ in range(100):
        gc.collect()
        if not folder.exists():
            break
        time.sleep(0.05)
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_program_that_is_not_there_is_told() -> None:
    worker = Worker(Program(["/does/not/exist"]))
    with pytest.raises(WorkerFault, match=r"did not start|crashed"):
        await _say(worker, "x")
