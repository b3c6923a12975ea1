"""A full disk stops a run with an exit code of its own; when there is room again it goes on."""

import contextlib
import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from authored_endpoint import reply
from campaign_runs import (
    assert_adds_up,
    ledger,
    lines,
    run_words,
    until,
)
from command import ending, finish, fork
from mock_endpoint import MockEndpoint

FULL = 74


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of its own, with two megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    if not _mount("tmpfs", place, "size=2m"):
        pytest.skip("this user may not mount a file system")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)  # noqa: S603, S607 - as it was mounted


def _mount(what: str, place: Path, options: str) -> bool:
    mount = shutil.which("mount")
    words = [str(mount), "-t", "tmpfs", "-o", options, what, str(place)]
    return mount is not None and not subprocess.run(words, check=False, stderr=-3).returncode  # noqa: S603 - our own words


async def test_a_full_disk_stops_the_run_and_names_the_place(
    tmp_path: Path, small_disk: Path
) -> None:
    out = small_disk / "run"
    async with MockEndpoint(reply) as mock:
        words = run_words(small_disk, mock.base_url, "-n", 60, "--concurrency", 4)
        stopped = await finish(*words)
        assert stopped.code == FULL, stopped.err
        assert f"{out}/" in stopped.err
        assert "Free some space" in stopped.err
        assert _mount("tmpfs", small_disk, "remount,size=50m")
        resumed = await finish("resume", out, "-n", 18)
    assert resumed.code == 0, resumed.err
    assert len(lines(out / "samples.jsonl")) == 18
    assert_adds_up(out)
    assert max(mock.counts.values()) <= 2, "paid again is only what could not be stored"


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux sets others' limits")
async def test_a_quota_on_files_stops_the_run_as_a_full_disk_does(tmp_path: Path) -> None:
    out = tmp_path / "run"
    async with MockEndpoint(reply) as mock:
        process = fork(*run_words(tmp_path, mock.base_url, "-n", 60, "--concurrency", 4))
        await until(lambda: len(mock.requests) >= 8)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
        stopped = await ending(process)
        assert stopped.code == FULL, stopped.err
        assert f"{out}/" in stopped.err
        assert ledger(out, "SELECT reason FROM rows WHERE state = 'rejected'") == []
        resumed = await finish("resume", out, "-n", 18)
    assert resumed.code == 0, resumed.err
    assert_adds_up(out)


async def test_rows_are_not_dropped_because_there_is_no_room_for_temporary_files(
    tmp_path: Path, small_disk: Path
) -> None:
    out, filling = tmp_path / "run", small_disk / "filling"
    with contextlib.suppress(OSError):
        filling.write_bytes(bytes(3_000_000))
    async with MockEndpoint(reply) as mock:
        words = run_words(
            tmp_path, mock.base_url, "-n", 4, "--concurrency", 2, "--mix", "reverse=1"
        )
        # What was judged before needs no file: nothing is looked up here.
        env = {"TMPDIR": str(small_disk), "INFINITE_INSTRUCT_VERIFIER__CACHE": "false"}
        done = await finish(*words, env=env)
    # Python makes temporary files elsewhere then.
    assert done.code == 0, done.err
    assert ledger(out, "SELECT reason FROM rows WHERE state = 'rejected'") == []
    assert_adds_up(out)
