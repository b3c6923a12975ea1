"""One process writes in a run folder, wherever that lies; others are refused at once, by name."""

import asyncio
import sqlite3
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from authored_endpoint import reply
from campaign_runs import assert_adds_up, ended, kill_group, lines, run_words, until
from command import ending, finish, fork, start
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
        first = fork(*words)
        await until(lambda: len(mock.requests) >= 4)
        for again in (("resume", out), words):
            began = time.monotonic()
            second = await ended(await start(*again))
            assert time.monotonic() - began < _AT_ONCE
            assert second.code == 73, second.err
            assert f"in use by process {first.pid}" in second.err
        kill_group(first.pid)
        await ending(first)
        killed.set()
        moved = out.rename(tmp_path / "elsewhere")
        third = await finish("resume", moved)
    assert third.code == 0, third.err
    assert len(lines(moved / "samples.jsonl")) == 4
    assert_adds_up(moved)


async def test_what_would_change_a_runs_meaning_is_refused_by_name_and_the_rest_may_change(
    tmp_path: Path,
) -> None:
    out = tmp_path / "run"
    campaign = out / "campaign.toml"
    async with MockEndpoint(reply) as mock:
        made = await finish(*run_words(tmp_path, mock.base_url, "-n", 1))
        assert made.code == 0, made.err
        kept = campaign.read_text()
        campaign.write_text(kept.replace("seed = 0", "seed = 5"))
        refused = await finish("resume", out, "-n", 2)
        assert (refused.code, "seed was '0' and is '5'" in refused.err) == (74, True)
        campaign.write_text(kept.replace('log_level = "INFO"', 'log_level = "DEBUG"'))
        with _format(out, 99):
            newer = await finish("resume", out, "-n", 2)
            assert (newer.code, "has format 99" in newer.err) == (74, True)
        resumed = await finish("resume", out, "-n", 2, "--concurrency", 1)
    assert resumed.code == 0, resumed.err
    assert_adds_up(out)


@contextmanager
def _format(out: Path, number: int) -> Generator[None]:
    """Make the ledger say that another version made it."""
    with closing(sqlite3.connect(out / "ledger.sqlite")) as database:
        (before,) = database.execute("PRAGMA user_version").fetchone()
        database.execute(f"PRAGMA user_version = {number}")
        yield
        database.execute(f"PRAGMA user_version = {before}")
