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
from infinite_instruct.tools.landlock import EXIT_NO_LANDLOCK

JailMode = Literal["auto", "bwrap", "landlock", "off", "required"]

_SYSTEM = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/etc/alternatives", "/etc/ld.so.cache")
_LAUNCHER = Path(__file__).with_name("landlock.py")
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
        bound = [
            part for path in _shown(readable) for part in ("--ro-bind-try", str(path), str(path))
        ]
        return [
            *(self.program, "--unshare-all", "--die-with-parent", "--new-session"),
            *("--cap-drop", "ALL", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"),  # noqa: S108  the jail's own
            *bound,
            *("--bind", str(folder), str(folder), "--chdir", str(folder)),
            *("--", *command),
        ]


class Landlock(Value):
    """The kernel's own file rules and no sockets, for machines that forbid namespaces."""

    name: str = "landlock"
    why: str = "the probe ran and could not read outside"

    def wrap(
        self, command: Sequence[str], *, folder: Path, readable: Sequence[Path] = ()
    ) -> list[str]:
        """The command behind the launcher, which locks itself in and then becomes it."""
        shown = [*_shown(readable), Path("/proc"), Path("/sys/fs/cgroup")]
        rules = [part for path in shown for part in ("--read", str(path))]
        python = [sys.executable, "-I", "-S", str(_LAUNCHER)]
        return [*python, *rules, "--write", str(folder), "--", *command]


def detect_jail(mode: JailMode = "auto") -> Jail:
    """Choose the jail by trying it: many containers have bwrap and forbid its namespaces.

    Args:
        mode: `auto` takes bubblewrap, else Landlock, else none; `required` refuses none.

    Raises:
        MissingToolError: A jail is asked for and does not work here.
    """
    if mode == "off":
        return Baseline()
    faults: list[str] = []
    for name, jail in _candidates():
        if mode not in {"auto", "required", name}:
            continue
        fault = _probe(jail) if jail else f"{name} is not installed"
        if jail and not fault:
            return jail
        faults.append(fault)
    why = "; ".join(faults)
    if mode == "auto":
        return Baseline(why=why)
    raise MissingToolError(
        f"The jail `{mode}` does not work on this machine: {why}.",
        remedy="Install bubblewrap, or use a Linux kernel with Landlock (5.13 or newer), or run "
        "with the jail `auto`, which falls back to limits only.",
    )


def _candidates() -> list[tuple[str, Jail | None]]:
    program = shutil.which("bwrap")
    return [("bwrap", Bubblewrap(program=program) if program else None), ("landlock", Landlock())]


def _shown(readable: Sequence[Path]) -> list[Path]:
    """All that a jailed program may read."""
    system = [Path(path) for path in _SYSTEM]
    return [*system, Path(sys.prefix), Path(sys.base_prefix), *readable]


def _probe(jail: Jail) -> str:
    """Why the jail cannot be used; empty where it holds."""
    with tempfile.TemporaryDirectory() as inside, tempfile.TemporaryDirectory() as outside:
        canary = Path(outside) / "canary"
        canary.write_text("x\n")
        script = f'{{ read -r found < "{canary}"; }} 2>/dev/null && exit 9; exit 0'
        command = jail.wrap(["/bin/sh", "-c", script], folder=Path(inside))
        try:
            done = subprocess.run(command, capture_output=True, timeout=_PROBE_SECONDS, check=False)  # noqa: S603  our own words
        except (OSError, subprocess.TimeoutExpired) as fault:
            return f"{jail.name} did not run: {fault}"
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()[:200]
        return (
            f"{jail.name}'s probe ended with {done.returncode}: {said or _meaning(done.returncode)}"
        )
    return ""


def _meaning(code: int) -> str:
    return "the kernel has none" if code == EXIT_NO_LANDLOCK else "it could read outside"
