import asyncio
import json
import os
import signal
from collections import Counter
from pathlib import Path
from typing import Any

from authored_endpoint import reply
from command import SEEDS, finish, start
from mock_endpoint import MockEndpoint
from postgres_server import PASSWORD, PostgresServer


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


async def test_a_campaign_in_a_database_is_killed_resumed_and_read_without_paying_twice(
    server: PostgresServer, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    known = {"PGPASSWORD": PASSWORD}
    released = asyncio.Event()

    async def held(body: dict[str, Any]) -> str:
        """The first session never ends by itself."""
        if len(mock.requests) > 10:
            await released.wait()
        return reply(body)

    async with MockEndpoint(held) as mock:
        words = ("run", "--seeds", SEEDS, "--out", out, "--base-url", mock.base_url)
        process = await start(
            *(*words, "--model", "mock", "-n", 6, "--concurrency", 3, "--store", server.url)
        )
        while len(mock.requests) < 12:
            await asyncio.sleep(0.01)
        second = await finish("resume", out, env=known)
        assert second.code == 73, second.err
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        released.set()
        before = Counter(mock.counts)
        resumed = await finish("resume", out, "--store", server.url)
        assert resumed.code == 0, resumed.err
        again = sum((mock.counts - before)[key] for key in before)
    assert again <= 3
    assert not (out / "ledger.sqlite").exists()
    samples = lines(out / "samples.jsonl")
    assert len(samples) == 6
    by_environment = await finish(
        "export", out, "--format", "chat", env={"INFINITE_INSTRUCT_STORE": server.url}
    )
    assert "6 records" in by_environment.out, by_environment.err
    for command in (("report",), ("trace",), ("trace", samples[0]["id"]), ("graph",)):
        words = (*command[:1], out, *command[1:])
        told = await finish(*words, env=known)
        assert told.code == 0, told.err
    files = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    assert b"CANARY" not in files


async def test_without_a_password_the_refusal_says_where_it_may_come_from(
    server: PostgresServer, tmp_path: Path
) -> None:
    words = ("run", "--seeds", SEEDS, "--out", tmp_path / "run", "--base-url", "http://127.0.0.1:1")
    refused = await finish(*words, "--model", "mock", "--store", server.plain_url)
    assert refused.code == 74
    assert "PGPASSWORD" in refused.err
    assert "Traceback" not in refused.err


async def test_another_database_is_refused_without_showing_the_url(tmp_path: Path) -> None:
    words = ("run", "--seeds", SEEDS, "--out", tmp_path / "run", "--base-url", "http://127.0.0.1:1")
    refused = await finish(*words, "--model", "mock", "--store", "mysql://me:CANARY@host/db")
    assert refused.code == 2
    assert "postgresql://" in refused.err
    assert "CANARY" not in refused.err
