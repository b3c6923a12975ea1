"""Several endpoints, and endpoints that die while a campaign runs, by the command line."""

import asyncio
import json
import os
import signal
import socket
from pathlib import Path

from authored_endpoint import reply
from command import SEEDS, ending, finish, fork
from mock_endpoint import Body, MockEndpoint, refusal


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def config(folder: Path, *urls: str, **model: object) -> Path:
    """A file that names several endpoints of one model."""
    path = folder / "campaign.toml"
    keys = "".join(f"{key} = {json.dumps(value)}\n" for key, value in model.items())
    more = "".join(f'[[model.endpoints]]\nbase_url = "{url}"\nconcurrency = 2\n' for url in urls)
    path.write_text(f'[model]\nname = "mock"\n{keys}{more}')
    return path


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


async def test_a_dead_endpoint_is_named_and_the_others_make_the_rows(tmp_path: Path) -> None:
    out, dead = tmp_path / "run", f"http://127.0.0.1:{free_port()}/v1"
    async with MockEndpoint(reply) as one, MockEndpoint(reply) as two:
        path = config(tmp_path, one.base_url, dead, two.base_url)
        done = await finish("run", "--config", path, "--seeds", SEEDS, "--out", out, "-n", 4)
        assert one.requests
        assert two.requests
    assert done.code == 0, done.err
    assert len(rows(out / "samples.jsonl")) == 4
    assert f"{dead} cannot be reached" in " ".join(done.err.split())
    assert "tried again, in growing pauses" in " ".join(done.err.split())


async def test_when_all_endpoints_die_the_run_ends_resumable_and_pays_nothing_twice(
    tmp_path: Path,
) -> None:
    out = tmp_path / "run"
    words = ("--seeds", SEEDS, "--out", out, "-n", 5, "--concurrency", 2)
    async with MockEndpoint(reply, latency=0.05) as mock:
        path = config(tmp_path, mock.base_url, patience=0.5, retries=1)
        process = fork("run", "--config", path, *words)
        while len(mock.requests) < 8:
            await asyncio.sleep(0.01)
    ended = await ending(process, 60)
    assert ended.code == 69
    assert f"{mock.base_url} cannot be reached" in " ".join(ended.err.split())
    assert "None came back within 0.5 s" in " ".join(ended.err.split())
    assert f"infinite-instruct resume {out}" in ended.out
    async with MockEndpoint(reply) as other:
        # Another address of the same model: what is in the ledger does not depend on it.
        campaign = out / "campaign.toml"
        campaign.write_text(campaign.read_text().replace(mock.base_url, other.base_url))
        resumed = await finish("resume", out)
    assert resumed.code == 0, resumed.err
    assert len(rows(out / "samples.jsonl")) == 5
    repeated = sum((mock.counts & other.counts).values())
    assert repeated <= 2, "no more than were on their way when it died"


async def test_a_stop_is_not_held_up_by_calls_that_wait_for_their_time(tmp_path: Path) -> None:
    def slow_down(_: Body) -> object:
        return refusal(429, "slow down", **{"Retry-After": "100"})

    out = tmp_path / "run"
    async with MockEndpoint(slow_down) as mock:  # type: ignore[arg-type] # always a response
        path = config(tmp_path, mock.base_url)
        process = fork("run", "--config", path, "--seeds", SEEDS, "--out", out)
        while not mock.requests:
            await asyncio.sleep(0.01)
        os.kill(process.pid, signal.SIGINT)
        # Far less than the time that it was told to wait.
        ended = await ending(process, 30)
    assert ended.code == 130
    assert f"infinite-instruct resume {out}" in ended.out
