"""Signals, a closed terminal, a kill: calls in flight are kept, and nothing goes on afterwards."""

import asyncio
import contextlib
import os
import pty
import signal
import sqlite3
import sys
import time
from pathlib import Path

import pytest
from authored_endpoint import reply
from campaign_runs import (
    alive,
    assert_adds_up,
    ended,
    family,
    ledger,
    lines,
    paid,
    run_words,
    until,
    until_asked,
)
from command import ending, environment, finish, fork, start
from mock_endpoint import Body, Handler, MockEndpoint

_AT_ONCE = 3
"""Seconds; 2 are promised, on a machine that has nothing else to do."""
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.mark.parametrize("number", SIGNALS, ids=[each.name for each in SIGNALS])
async def test_one_signal_drains_and_a_resume_pays_nothing_again(
    tmp_path: Path, number: signal.Signals
) -> None:
    out = tmp_path / "run"
    async with MockEndpoint(reply, latency=0.4) as mock:
        words = run_words(tmp_path, mock.base_url, "-n", 30, "--concurrency", 3)
        process = fork(*words)
        await until(lambda: len(mock.requests) >= 6)
        os.kill(process.pid, number)
        asked = len(mock.requests)
        stopped = await ending(process)
        assert stopped.code == 130, stopped.err
        assert f"infinite-instruct resume {out}" in stopped.out
        assert len(mock.requests) <= asked + 3, "only calls that had begun"
        assert paid(out) == len(mock.requests), "what was in flight is kept"
        assert ledger(out, "SELECT * FROM rows WHERE state = 'rejected'") == []
        resumed = await finish("resume", out, "-n", 3)
        assert resumed.code == 0, resumed.err
    assert set(mock.counts.values()) == {1}
    assert len(lines(out / "samples.jsonl")) == 3
    assert_adds_up(out)


async def test_a_signal_before_the_first_call_ends_at_once_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    connected = asyncio.Event()

    async def silent(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        connected.set()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        process = await start(*run_words(tmp_path, f"http://127.0.0.1:{port}/v1"))
        await asyncio.wait_for(connected.wait(), 60)
        process.send_signal(signal.SIGTERM)
        stopped = await ended(process)
    assert stopped.code == 130, stopped.err
    assert "Traceback" not in stopped.err
    assert not (tmp_path / "run").exists()


async def test_a_second_signal_ends_at_once_and_leaves_no_process(tmp_path: Path) -> None:
    out = tmp_path / "run"
    async with MockEndpoint(_hanging_after(40)) as mock:
        words = run_words(tmp_path, mock.base_url, "-n", 30, "--concurrency", 4, analyzers="full")
        process = await start(*words)
        await until_asked(mock, 42, process)
        process.send_signal(signal.SIGINT)
        await asyncio.sleep(0.3)
        everyone = family(process.pid)
        assert len(everyone) > 2, "its analyzers have processes of their own"
        process.send_signal(signal.SIGTERM)
        signalled = time.monotonic()
        stopped = await ended(process)
        assert time.monotonic() - signalled < _AT_ONCE
    assert stopped.code == 130
    assert "Traceback" not in stopped.err
    assert f"infinite-instruct resume {out}" in stopped.err
    await until(lambda: not alive(everyone), 5)


async def test_a_second_signal_ends_at_once_though_the_ledger_cannot_be_written(
    tmp_path: Path,
) -> None:
    out = tmp_path / "run"
    async with MockEndpoint(reply, latency=0.2) as mock:
        process = await start(*run_words(tmp_path, mock.base_url, "-n", 30))
        await until_asked(mock, 4, process)
        with contextlib.closing(sqlite3.connect(out / "ledger.sqlite")) as other:
            other.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(0.3)
            process.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.1)
            process.send_signal(signal.SIGTERM)
            signalled = time.monotonic()
            stopped = await ended(process)
            assert time.monotonic() - signalled < _AT_ONCE
    assert stopped.code == 130, stopped.err
    assert f"infinite-instruct resume {out}" in stopped.err


async def test_kill_9_leaves_no_process(tmp_path: Path) -> None:
    async with MockEndpoint(_hanging_after(40)) as mock:
        words = run_words(tmp_path, mock.base_url, "-n", 30, "--concurrency", 4, analyzers="full")
        process = await start(*words)
        await until_asked(mock, 42, process)
        everyone = family(process.pid)
        process.kill()
        await process.communicate()
        await until(lambda: not alive(everyone), 5)


async def test_a_closed_terminal_stops_a_run_as_a_signal_does(tmp_path: Path) -> None:
    out = tmp_path / "run"
    async with MockEndpoint(reply, latency=0.4) as mock:
        words = run_words(tmp_path, mock.base_url, "-n", 30, "--concurrency", 3)
        terminal, process = await _in_a_terminal(*words)
        async with asyncio.timeout(60):
            while len(mock.requests) < 8:
                with contextlib.suppress(BlockingIOError):
                    os.read(terminal, 65536)
                await asyncio.sleep(0.01)
        os.close(terminal)
        asked = len(mock.requests)
        assert await asyncio.wait_for(process.wait(), 30) == 130
        assert len(mock.requests) <= asked + 3, "only calls that had begun"
        assert paid(out) == len(mock.requests), "what was in flight is kept"
        assert ledger(out, "SELECT reason FROM rows WHERE state = 'rejected'") == []
        resumed = await finish("resume", out, "-n", 4)
        assert resumed.code == 0, resumed.err
    assert set(mock.counts.values()) == {1}
    assert_adds_up(out)


async def test_a_run_goes_on_when_nobody_reads_what_it_says(tmp_path: Path) -> None:
    out = tmp_path / "run"
    async with MockEndpoint(reply) as mock:
        process = await start(*run_words(tmp_path, mock.base_url, "-n", 3))
        await until_asked(mock, 1, process)
        for pipe in (process.stdout, process.stderr):
            assert pipe is not None
            pipe._transport.close()  # type: ignore[attr-defined] # there is no other way
        assert await asyncio.wait_for(process.wait(), 60) == 0
    assert len(lines(out / "samples.jsonl")) == 3
    assert_adds_up(out)


def _hanging_after(count: int) -> Handler:
    """An endpoint that leaves what comes after so many requests unanswered."""
    seen = 0

    async def answer(body: Body) -> str:
        nonlocal seen
        seen += 1
        await asyncio.sleep(60 if seen > count else 0)
        return reply(body)

    return answer


async def _in_a_terminal(*words: object) -> tuple[int, asyncio.subprocess.Process]:
    """Start a command as the leader of a new terminal; gives the terminal's other end."""
    terminal, its_end = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *("setsid", "--ctty", "--wait", sys.executable, "-m", "infinite_instruct.cli"),
        *map(str, words),
        env=environment(),
        stdin=its_end,
        stdout=its_end,
        stderr=its_end,
    )
    os.close(its_end)
    os.set_blocking(terminal, False)
    return terminal, process
