import contextlib
import subprocess
import sys
from pathlib import Path

import pytest

from infinite_instruct.errors import RunFolderError, RunInUseError
from infinite_instruct.runs.atomic import replacing, write_atomically
from infinite_instruct.runs.folder import RunFolder

HOLDER = """
import sys, time
from pathlib import Path
from infinite_instruct.runs.folder import RunFolder
folder = RunFolder.open(Path(sys.argv[1]), {"seed": "1"})
print("holding", flush=True)
time.sleep(60)
"""


def names_in(path: Path) -> list[str]:
    return [entry.name for entry in path.iterdir()]


def make_run(path: Path) -> None:
    RunFolder.create(path, "seed = 1\n", {"seed": "1"}).close()


def test_keeps_the_settings_as_run(tmp_path: Path) -> None:
    make_run(tmp_path)
    assert RunFolder.look(tmp_path).campaign.read_text() == "seed = 1\n"


def test_a_second_process_is_refused_with_the_pid_and_a_kill_frees_the_lock(tmp_path: Path) -> None:
    make_run(tmp_path)
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": "src"},
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(RunInUseError, match=f"process {holder.pid}"):
            RunFolder.open(tmp_path, {"seed": "1"})
        with pytest.raises(RunInUseError, match=f"process {holder.pid}"):
            RunFolder.create(tmp_path, "", {})
        assert RunFolder.look(tmp_path).fingerprint == {"seed": "1"}
        holder.kill()
    RunFolder.open(tmp_path, {"seed": "1"}).close()


def test_a_run_is_not_made_twice(tmp_path: Path) -> None:
    make_run(tmp_path)
    with pytest.raises(RunFolderError, match="holds a run already") as caught:
        RunFolder.create(tmp_path, "", {})
    assert "resume" in caught.value.remedy


def test_a_folder_with_something_in_it_is_refused_untouched(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(RunFolderError, match=r"holds 'thesis\.tex'"):
        RunFolder.create(tmp_path, "", {})
    assert names_in(tmp_path) == ["thesis.tex"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunFolderError, match="file: File exists"):
        RunFolder.create(tmp_path / "file", "", {})


def test_a_creation_that_was_killed_can_be_repeated(tmp_path: Path) -> None:
    (tmp_path / ".lock").touch()
    (tmp_path / "ledger.sqlite").touch()
    make_run(tmp_path)
    assert RunFolder.look(tmp_path).fingerprint == {"seed": "1"}


def test_settings_lost_by_a_kill_are_written_again(tmp_path: Path) -> None:
    make_run(tmp_path)
    (tmp_path / "campaign.toml").unlink()
    RunFolder.open(tmp_path, {"seed": "1"}).close()
    assert (tmp_path / "campaign.toml").read_text() == "seed = 1\n"


def test_no_run_to_open(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="holds no run"):
        RunFolder.open(tmp_path, {})
    assert not names_in(tmp_path)


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ({"seed": "2"}, "seed was '1' and is '2'"),
        ({}, "seed was '1' and is not set"),
        ({"seed": "1", "pack": "p" * 200}, "pack was not set and is 'p{80}…'"),
    ],
    ids=["changed", "gone", "new"],
)
def test_other_settings_are_refused_by_key(tmp_path: Path, now: dict[str, str], told: str) -> None:
    make_run(tmp_path)
    with pytest.raises(RunFolderError, match=told):
        RunFolder.open(tmp_path, now)
    RunFolder.open(tmp_path, {"seed": "1"}).close()


def test_a_moved_run_goes_on(tmp_path: Path) -> None:
    make_run(tmp_path / "old #1?")
    (tmp_path / "old #1?").rename(tmp_path / "new")
    RunFolder.open(tmp_path / "new", {"seed": "1"}).close()


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "out.txt"
    write_atomically(target, "old")
    with contextlib.suppress(KeyboardInterrupt), replacing(target) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert target.read_text() == "old"
    assert names_in(tmp_path) == ["out.txt"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunFolderError, match=r"file/out\.txt"):
        write_atomically(tmp_path / "file" / "out.txt", "x")
