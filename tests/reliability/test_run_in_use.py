"""One process writes in a run folder, wherever that lies; others are refused at once, by name."""

import asyncio
import time
from pathlib import Path

from authored_endpoint import reply
from campaign_runs import assert_adds_up, kill_group, lines, run_words, until_asked
from command import finish, start
from mock_endpoint import Body, MockEndpoint

_AT_ONCE = 2
"""Seconds."""


async def test_a_second_process_is_refused_at_once_and_a_third_goes_on_after_a_kill(
    tmp_path: Path,
) -> None:
    out, killed = tmp_path / "run", asyncio.Event()

    async def late(body: Body) -> str:
        await killed.wait()
        return reply(body)

    async with MockEndpoint(late) as mock:
        words = run_words(tmp_path, mock.base_url, "-n", 4)
        first = await start(*words)
        await until_asked(mock, 4, first)
        for again in (("resume", out), words):
            began = time.monotonic()
            second = await finish(*again)
            assert time.monotonic() - began < _AT_ONCE
            assert second.code == 73, second.err
            assert f"in use by process {first.pid}" in second.err
        kill_group(first.pid)
        await first.communicate()
        killed.set()
        moved = out.rename(tmp_path / "elsewhere")
        third = await finish("resume", moved)
    assert third.code == 0, third.err
    assert len(lines(moved / "samples.jsonl")) == 4
    assert_adds_up(moved)
