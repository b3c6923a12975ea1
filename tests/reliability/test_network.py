"""A run connects to its endpoint and to nothing else."""

import asyncio
import re
import shutil
import sys
from pathlib import Path

import pytest
from authored_endpoint import reply
from campaign_runs import lines, run_words
from command import Finished, environment
from mock_endpoint import MockEndpoint

_INTERNET = re.compile(
    r"(?:connect|sendto|sendmsg)\(.*?sa_family=AF_INET6?,.*?port=htons\((\d+)\)"
    r'.*?(?:inet_addr\("|inet_pton\(AF_INET6, ")([^"]+)'
)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
async def test_a_run_connects_to_its_endpoint_alone(tmp_path: Path) -> None:
    out, calls = tmp_path / "run", tmp_path / "calls"
    async with MockEndpoint(reply) as mock:
        words = run_words(tmp_path, mock.base_url, "-n", 3, analyzers="full")
        traced = (
            "strace",
            "--seccomp-bpf",
            "-f",
            "-qq",
            "-e",
            "trace=connect,sendto,sendmsg",
            "-o",
            calls,
        )
        done = await _finish(*traced, sys.executable, "-m", "infinite_instruct.cli", *words)
        port = int(mock.base_url.split(":")[-1].split("/")[0])
    assert done.code == 0, done.err
    assert len(lines(out / "samples.jsonl")) == 3
    peers = {(host, int(port)) for port, host in _INTERNET.findall(calls.read_text())}
    assert ("127.0.0.1", port) in peers
    assert {peer for peer in peers if peer[1]} == {("127.0.0.1", port)}


async def _finish(*words: object) -> Finished:
    process = await asyncio.create_subprocess_exec(
        *map(str, words),
        env=environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return Finished(process.returncode or 0, out.decode(), err.decode())
