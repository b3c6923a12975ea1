"""A full disk stops a run with its own exit code; when there is room again it goes on."""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from authored_endpoint import reply
from campaign_runs import assert_adds_up, ledger, lines, run_words
from command import finish
from mock_endpoint import MockEndpoint


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of its own, with two megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    if not _mount(place, "size=2m"):
        pytest.skip("this user may not mount a file system")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)  # noqa: S603, S607 - as it was mounted


def _mount(place: Path, *options: str) -> bool:
    words = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(place)]
    return shutil.which("mount") is not None and not subprocess.run(words, check=False).returncode  # noqa: S603, S607


async def test_a_full_disk_stops_the_run_and_names_the_place(
    tmp_path: Path, small_disk: Path
) -> None:
    async with MockEndpoint(reply) as mock:
        words = run_words(small_disk, mock.base_url, "-n", 60, "--concurrency", 4)
        stopped = await finish(*words)
        print(stopped.err[-1500:], stopped.out[-500:])
        assert stopped.code == 74, stopped.err
        out = small_disk / "run"
        assert f"{out}/" in stopped.err
        assert "Free some space" in stopped.err
        rejected = ledger(out, "SELECT reason FROM rows WHERE state = 'rejected'")
        assert rejected == []
        subprocess.run(["mount", "-o", "remount,size=50m", small_disk], check=True)
        asked = len(mock.requests)
        resumed = await finish("resume", out, "-n", 20)
    assert resumed.code == 0, resumed.err
    assert len(lines(out / "samples.jsonl")) == 20
    assert_adds_up(out)
