"""`--workers K`: the same rows as in one process, whatever happens to the workers."""

import asyncio
import json
import os
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from authored_endpoint import reply
from command import SEEDS, finish, start
from mock_endpoint import MockEndpoint

KEY = "sk-test-CANARY-0123456789abcdef"


def run_words(mock: MockEndpoint, out: Path, *more: object) -> tuple[object, ...]:
    return (
        *("run", "--seeds", SEEDS, "--out", out, "--base-url", mock.base_url, "--model", "mock"),
        *("--workers", 2, "--api-key-env", "MOCK_KEY", *more),
    )


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def workers_of(run: int) -> list[int]:
    """The worker processes of a run: those of the one that forks them."""
    return [worker for mother in mothers_of(run) for worker in children(mother)]


def mothers_of(run: int) -> list[int]:
    """The processes that fork workers."""
    names = {each: Path(f"/proc/{each}/cmdline").read_bytes() for each in children(run)}
    return [number for number, line in names.items() if b"assembly.worker" in line]


def children(parent: int) -> list[int]:
    """A process's own processes."""
    return [
        int(each) for each in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    ]


def is_alive(process: int) -> bool:
    return Path(f"/proc/{process}").exists()


@pytest.mark.parametrize("killed", [workers_of, mothers_of], ids=["workers", "their-mother"])
async def test_workers_that_are_killed_cost_no_row_and_no_finished_call(
    killed: Callable[[int], list[int]], tmp_path: Path
) -> None:
    out = tmp_path / "run"
    async with MockEndpoint(reply, key=KEY, latency=0.05) as mock:
        words = run_words(mock, out, "-n", 12, "--concurrency", 6)
        process = await start(*words, env={"MOCK_KEY": KEY})
        while len(mock.requests) < 15:
            await asyncio.sleep(0.01)
        for each in killed(process.pid):
            os.kill(each, signal.SIGKILL)
        await asyncio.sleep(0.2)
        before = Counter(mock.counts)
        _, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert "others take up its rows" in err.decode()
    again = sum((mock.counts - before)[key] for key in before)
    assert again <= 6, "only calls on their way when they died are made again"
    assert len(lines(out / "samples.jsonl")) == 12
    ids = [row["id"] for name in ("samples", "rejections") for row in lines(out / f"{name}.jsonl")]
    assert len(ids) == len(set(ids))
    assert KEY.encode() not in b"".join(f.read_bytes() for f in out.rglob("*") if f.is_file())


async def test_workers_end_with_their_run_and_a_killed_run_is_resumed_in_one_process(
    tmp_path: Path,
) -> None:
    out, alone = tmp_path / "run", tmp_path / "alone"
    mix = ("--mix", "reverse=1,backfeed=0")
    async with MockEndpoint(reply, latency=0.05) as mock:
        words = run_words(mock, out, "-n", 8, "--concurrency", 4, *mix)
        process = await start(*words)
        while len(mock.requests) < 12:
            await asyncio.sleep(0.01)
        workers = workers_of(process.pid)
        assert len(workers) == 2
        workers += mothers_of(process.pid)
        # Not its group: the workers themselves must see that it is gone.
        process.kill()
        await process.communicate()
        async with asyncio.timeout(5):
            while any(map(is_alive, workers)):
                await asyncio.sleep(0.05)
        resumed = await finish("resume", out, "--workers", 1)
        assert resumed.code == 0, resumed.err
        whole = await finish(*run_words(mock, alone, "-n", 8, *mix, "--workers", 1))
        assert whole.code == 0, whole.err
    texts = [
        {(row["id"], row["prompt"]) for row in lines(each / "samples.jsonl")}
        for each in (out, alone)
    ]
    assert len(texts[0]) == 8
    assert {row for row, _ in texts[0]} == {row for row, _ in texts[1]}


async def test_an_interrupt_drains_the_workers(
    tmp_path: Path,
) -> None:
    out = tmp_path / "run"
    async with MockEndpoint(reply, latency=0.3) as mock:
        process = await start(*run_words(mock, out, "-n", 40, "--concurrency", 4))
        while len(mock.requests) < 8:
            await asyncio.sleep(0.01)
        workers, asked = workers_of(process.pid), len(mock.requests)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: the workers get it, too
        printed, _ = await process.communicate()
        assert process.returncode == 130
        assert f"infinite-instruct resume {out}" in printed.decode()
        assert len(mock.requests) <= asked + 4
        assert not any(map(is_alive, workers))
        before = Counter(mock.counts)
        resumed = await finish("resume", out, "-n", 4, "--workers", 2)
        assert resumed.code == 0, resumed.err
        assert not [key for key in before if mock.counts[key] > before[key]]


async def test_a_second_interrupt_ends_the_workers_at_once(tmp_path: Path) -> None:
    out = tmp_path / "run"
    async with MockEndpoint(reply, latency=60) as mock:
        process = await start(*run_words(mock, out, "-n", 40, "--concurrency", 4))
        while len(mock.requests) < 4:
            await asyncio.sleep(0.01)
        workers = workers_of(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        await asyncio.sleep(0.3)
        os.killpg(process.pid, signal.SIGINT)
        # Far less than the calls in flight would take.
        _, err = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 130
    assert "Traceback" not in err.decode()
    assert not any(map(is_alive, workers))


async def test_what_workers_cannot_do_is_refused_by_name(tmp_path: Path) -> None:
    async with MockEndpoint(reply) as mock:
        done = await finish(*run_words(mock, tmp_path / "run", "--checkpoint"))
    assert done.code == 2
    assert "--workers 1" in done.err
    assert not (tmp_path / "run").exists()
