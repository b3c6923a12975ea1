"""The jail is chosen by trying it, and the choice is told."""

from pathlib import Path

import pytest

from infinite_instruct.errors import MissingToolError
from infinite_instruct.tools.jail import Baseline, Bubblewrap, detect_jail


def test_without_a_jail_the_command_is_as_it_was(tmp_path: Path) -> None:
    jail = detect_jail("off")
    assert jail.name == "baseline"
    assert jail.wrap(["a", "b"], folder=tmp_path) == ["a", "b"]


@pytest.mark.parametrize(
    "program", ["#!/bin/sh\nexit 1\n", "#!/bin/sh\necho no namespaces >&2; exit 9\n"]
)
def test_a_bubblewrap_that_does_not_hold_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    fake = tmp_path / "bwrap"
    fake.write_text(program)
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    jail = detect_jail("auto")
    assert isinstance(jail, Baseline)
    assert "probe" in jail.why
    with pytest.raises(MissingToolError, match="No jail works"):
        detect_jail("required")


def test_a_jail_that_lets_the_probe_read_outside_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "bwrap"
    fake.write_text('#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done; shift; exec "$@"\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert detect_jail("auto").name == "baseline"


def test_bubblewrap_binds_only_the_folder_for_writing(tmp_path: Path) -> None:
    command = Bubblewrap(program="/usr/bin/bwrap").wrap(["tool"], folder=tmp_path)
    written = [command[i + 1] for i, part in enumerate(command) if part == "--bind"]
    assert written == [str(tmp_path)]
    assert "--unshare-all" in command
    assert command[-2:] == ["--", "tool"]
