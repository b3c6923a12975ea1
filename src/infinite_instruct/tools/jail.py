"""Keep children from the network and from all files but their own, where the machine can."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol

from infinite_instruct.domain import Value
from infinite_instruct.errors import MissingToolError

JailMode = Literal["auto", "bwrap", "off", "required"]

_SYSTEM = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/etc/alternatives")
_PROBE_SECONDS = 10


class Jail(Protocol):
    """Turns a command into one that runs locked in."""

    @property
    def name(self) -> str:
        """What doctor and the run's header call it."""
        ...

    @property
    def why(self) -> str:
        """Why this one was chosen."""
        ...

    def wrap(
        self, command: Sequence[str], *, folder: Path, readable: Sequence[Path] = ()
    ) -> list[str]:
        """The command to run; it may write in the folder and read the readable paths."""
        ...


class Baseline(Value):
    """No jail: limits, empty environment and own folder only (see `process`)."""

    name: str = "baseline"
    why: str = "asked for"

    def wrap(
        self, command: Sequence[str], *, folder: Path, readable: Sequence[Path] = ()
    ) -> list[str]:
        """The command as it is."""
        del folder, readable
        return list(command)


class Bubblewrap(Value):
    """Namespaces by bubblewrap: no network, no foreign process, only the files that are bound."""

    name: str = "bwrap"
    why: str = "the probe ran and could not read outside"
    program: str

    def wrap(
        self, command: Sequence[str], *, folder: Path, readable: Sequence[Path] = ()
    ) -> list[str]:
        """The command inside its namespaces."""
        shown = [Path(path) for path in _SYSTEM]
        shown += [Path(sys.prefix), Path(sys.base_prefix), *readable]
        bound = [part for path in shown for part in ("--ro-bind-try", str(path), str(path))]
        return [
            *(self.program, "--unshare-all", "--die-with-parent", "--new-session"),
            *("--cap-drop", "ALL", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"),  # noqa: S108  the jail's own
            *bound,
            *("--bind", str(folder), str(folder), "--chdir", str(folder)),
            *("--", *command),
        ]


def detect_jail(mode: JailMode = "auto") -> Jail:
    """Choose the jail by trying it: many containers have bwrap and forbid its namespaces.

    Raises:
        MissingToolError: A jail is asked for and none works here.
    """
    if mode == "off":
        return Baseline()
    program = shutil.which("bwrap")
    fault = _probe(Bubblewrap(program=program)) if program else "bwrap is not installed"
    if program and not fault:
        return Bubblewrap(program=program)
    if mode == "auto":
        return Baseline(why=fault)
    raise MissingToolError(
        f"No jail works on this machine: {fault}.",
        remedy="Install bubblewrap, or run with the jail `auto`, which falls back to limits only.",
    )


def _probe(jail: Bubblewrap) -> str:
    """Why the jail cannot be used; empty where it holds."""
    with tempfile.TemporaryDirectory() as inside, tempfile.TemporaryDirectory() as outside:
        canary = Path(outside) / "canary"
        canary.touch()
        script = f'test -e "{canary}" && exit 9; exit 0'
        command = jail.wrap(["/bin/sh", "-c", script], folder=Path(inside))
        try:
            done = subprocess.run(command, capture_output=True, timeout=_PROBE_SECONDS, check=False)  # noqa: S603  our own words
        except (OSError, subprocess.TimeoutExpired) as fault:
            return f"bwrap did not run: {fault}"
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()[:200]
        return f"bwrap's probe ended with {done.returncode}: {said or 'it could read outside'}"
    return ""
