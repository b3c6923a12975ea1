"""Where the folders lie that tools read."""

import os
import stat
from pathlib import Path

import pytest

from infinite_instruct.tools.scratch import new_folder, scratch_folder


def test_a_folder_lies_where_the_user_wants_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)  # what Python found before
    assert new_folder().parent == tmp_path.resolve()


def test_a_folder_is_for_its_owner_alone_and_gone_in_the_end() -> None:
    with scratch_folder() as folder:
        (folder / "inside").write_text("x")
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not folder.exists()


def test_what_a_killed_process_left_a_day_ago_is_swept_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    ours, gone = f"verify-{os.getpid()}-old", "verify-999999999-old"
    for name in (ours, gone, "verify-999999999-new", "others-old"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "sample.py").write_text("x")
    for name in (ours, gone, "others-old"):
        os.utime(tmp_path / name, (0, 0))
    made = new_folder()
    left = {folder.name for folder in tmp_path.iterdir()} - {made.name}
    assert left == {ours, "verify-999999999-new", "others-old"}
