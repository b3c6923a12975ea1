"""The jail is chosen by trying it, and what it promises holds."""

import socket
import sys
from pathlib import Path

import pytest

from infinite_instruct.domain import Language
from infinite_instruct.errors import MissingToolError
from infinite_instruct.tools import jail as jails
from infinite_instruct.tools.analyzers import Toolbox, builtin_analyzers
from infinite_instruct.tools.jail import Bubblewrap, Jail, JailMode, detect_jail
from infinite_instruct.tools.process import Limits, run_bounded
from infinite_instruct.tools.verification import Verifier


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
    assert detect_jail("auto").name != "bwrap"
    with pytest.raises(MissingToolError, match=r"`bwrap` does not work .* probe"):
        detect_jail("bwrap")


def test_a_jail_that_lets_the_probe_read_outside_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "bwrap"
    fake.write_text('#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done; shift; exec "$@"\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingToolError, match="could read outside"):
        detect_jail("bwrap")


def test_bubblewrap_binds_only_the_folder_for_writing(tmp_path: Path) -> None:
    command = Bubblewrap(program="/usr/bin/bwrap").wrap(["tool"], folder=tmp_path)
    written = [command[i + 1] for i, part in enumerate(command) if part == "--bind"]
    assert written == [str(tmp_path)]
    assert "--unshare-all" in command
    assert command[-2:] == ["--", "tool"]


def test_where_no_jail_works_only_required_complains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jails, "_candidates", lambda: [("bwrap", None)])
    assert detect_jail("auto").name == "baseline"
    with pytest.raises(MissingToolError, match="bwrap is not installed") as told:
        detect_jail("required")
    assert "Install bubblewrap" in told.value.remedy


@pytest.fixture(params=["bwrap", "landlock"])
def real_jail(request: pytest.FixtureRequest) -> Jail:
    mode: JailMode = request.param
    try:
        return detect_jail(mode)
    except MissingToolError as fault:
        pytest.skip(str(fault))


async def _python(jail: Jail, folder: Path, script: str) -> str:
    command = jail.wrap([sys.executable, "-I", "-c", script], folder=folder)
    ran = await run_bounded(command, folder=folder, limits=Limits(seconds=30))
    return ran.stdout + ran.stderr[-500:]


async def test_a_jailed_program_reads_and_writes_its_own_folder_only(
    real_jail: Jail, tmp_path: Path
) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret").write_text("CANARYSECRET")
    script = f"""
import os
open("mine", "w").write("x")
for act in (
    lambda: open({str(outside / "secret")!r}).read(),
    lambda: open({str(outside / "new")!r}, "w"),
    lambda: os.listdir({str(outside)!r}),
    lambda: open({str(Path.home() / ".profile")!r}).read(),
):
    try:
        print("DID", act())
    except OSError as fault:
        print("no")
"""
    said = await _python(real_jail, inside, script)
    assert said.split() == ["no"] * 4
    assert (inside / "mine").is_file()
    assert not (outside / "new").exists()


async def test_a_jailed_program_reaches_no_network(real_jail: Jail, tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
    ):
        udp.bind(("127.0.0.1", 0))
        udp.settimeout(0)
        script = f"""
import socket
for kind, port in ((1, {tcp.getsockname()[1]}), (2, {udp.getsockname()[1]})):
    try:
        s = socket.socket(2, kind)
        s.connect(("127.0.0.1", port))
        s.send(b"x")
        print("sent")
    except OSError:
        print("no")
"""
        said = await _python(real_jail, tmp_path, script)
        assert said.split()[0] == "no"
        with pytest.raises(BlockingIOError):
            udp.recv(1)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        pytest.param("def f() -> int:\n    return 1\n", "clean", id="good"),
        pytest.param("def f() -> int:\n    return g()\n", "undefined-name", id="faulty"),
    ],
)
async def test_pythons_analyzers_work_inside_the_jail(
    real_jail: Jail, code: str, reason: str
) -> None:
    verdict = await Verifier(builtin_analyzers(Toolbox(jail=real_jail))).verify_code(
        code, Language.PYTHON
    )
    assert verdict.reason == reason, verdict.detail
