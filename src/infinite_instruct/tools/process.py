"""Run a child process that cannot outgrow its bounds: time, memory, output, environment."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from weakref import WeakKeyDictionary

from pydantic import Field

from infinite_instruct.domain import Value

_LEAVING_SECONDS = 2
"""How long the pipes of a killed child are waited for."""

# `preexec_fn` is not thread-safe, so the limits are set by a shell that then becomes the tool.
_LIMITED = """
ulimit -c 0; ulimit -t "$1"; ulimit -f "$4"; ulimit -n 256 2>/dev/null
ulimit "$2" "$3" 2>/dev/null
shift 4; exec "$@"
"""


class Limits(Value):
    """What a child may use at most."""

    seconds: float = Field(default=20, gt=0)
    """Wall clock; the same number, rounded up, bounds the CPU seconds of each process."""
    memory_mb: int = Field(default=2048, gt=0)
    reserves_memory: bool = False
    """Node, Java and Go reserve address space that they never touch: their data is bounded."""
    output_bytes: int = Field(default=2_000_000, gt=0)
    """Of stdout and of stderr, each."""
    file_mb: int = Field(default=32, gt=0)
    """Of each file that it writes."""


class Ending(StrEnum):
    """How a child ended. Only `exited` has output that may be believed."""

    EXITED = "exited"
    TIMEOUT = "timeout"
    OUTPUT_CAP = "output-cap"
    CRASHED = "crashed"
    NOT_STARTED = "not-started"


class Ran(Value):
    """What became of a child."""

    ending: Ending
    code: int = -1
    """Its exit code, where it exited."""
    stdout: str = ""
    stderr: str = ""


class Slots:
    """How many children run at a time: more than the cores would only be late together.

    A semaphore belongs to one event loop; the command line and tests have several.
    """

    def __init__(self, count: int | None = None) -> None:
        self._count = count or max(2, os.cpu_count() or 2)
        self._by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = (
            WeakKeyDictionary()
        )

    def one(self) -> asyncio.Semaphore:
        """The semaphore to hold while a child runs."""
        loop = asyncio.get_running_loop()
        return self._by_loop.setdefault(loop, asyncio.Semaphore(self._count))


async def run_bounded(
    command: Sequence[str],
    *,
    folder: Path,
    limits: Limits | None = None,
    environment: Mapping[str, str] | None = None,
) -> Ran:
    """Run a command to its end or to the end of its limits; it never outlives this call.

    Args:
        command: The program, by its full path, and its arguments.
        folder: Its working directory, home and place for temporary files.
        limits: What it may use.
        environment: Added to an otherwise almost empty environment.
    """
    limits = limits or Limits()
    try:
        child = await asyncio.create_subprocess_exec(
            *limited(command, limits),
            cwd=folder,
            env=child_environment(folder, environment or {}),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as fault:
        return Ran(ending=Ending.NOT_STARTED, stderr=str(fault))
    try:
        return await _watch(child, limits)
    finally:
        _kill_group(child.pid)
        await _let_go(child)


def limited(command: Sequence[str], limits: Limits) -> list[str]:
    """The command behind a shell that sets its limits and then becomes it."""
    kind = "-d" if limits.reserves_memory else "-v"
    numbers = [str(int(limits.seconds) + 1), kind, str(limits.memory_mb * 1024)]
    numbers.append(str(limits.file_mb * 2048))  # sh counts files in blocks of 512 bytes
    return ["/bin/sh", "-c", _LIMITED, "sh", *numbers, *command]


def child_environment(folder: Path, added: Mapping[str, str]) -> dict[str, str]:
    """Almost empty: no keys of the user's, nothing that steers a tool."""
    home = str(folder)
    return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": home, "TMPDIR": home, **added}


async def _watch(child: asyncio.subprocess.Process, limits: Limits) -> Ran:
    try:
        async with asyncio.timeout(limits.seconds):
            stdout, stderr, code = await asyncio.gather(
                _read(child, child.stdout, limits.output_bytes),
                _read(child, child.stderr, limits.output_bytes),
                child.wait(),
            )
    except TimeoutError:
        return Ran(ending=Ending.TIMEOUT)
    if max(len(stdout), len(stderr)) > limits.output_bytes:
        return Ran(ending=Ending.OUTPUT_CAP)
    # A negative code is the signal that ended it; a shell tells the same as 128 + signal.
    crashed = code < 0 or code > 128  # noqa: PLR2004
    return Ran(
        ending=Ending.CRASHED if crashed else Ending.EXITED,
        code=code,
        stdout=stdout.decode(errors="replace"),
        stderr=stderr.decode(errors="replace"),
    )


async def _read(
    child: asyncio.subprocess.Process, stream: asyncio.StreamReader | None, cap: int
) -> bytes:
    """All that the child writes; one that writes more than the cap is killed."""
    data = bytearray()
    while stream is not None and (chunk := await stream.read(65536)):
        if len(data) <= cap:
            data += chunk
        if len(data) > cap:
            _kill_group(child.pid)
    return bytes(data)


async def _let_go(child: asyncio.subprocess.Process) -> None:
    """Wait for a killed child, and read what is left, so that its pipes close before their loop.

    Both at once: asyncio calls a child ended when its pipes are, and one that nobody reads stays.
    """
    with contextlib.suppress(TimeoutError):  # a grandchild in a session of its own holds a pipe
        async with asyncio.timeout(_LEAVING_SECONDS):
            await asyncio.gather(child.wait(), _drain(child.stdout), _drain(child.stderr))


async def _drain(pipe: asyncio.StreamReader | None) -> None:
    while pipe is not None and await pipe.read(65536):
        pass


def _kill_group(leader: int) -> None:
    """Kill all that the child left behind: the session is ours, so is its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
