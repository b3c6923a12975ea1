"""A long-lived child that is asked again and again: a compiler's start costs a hundred samples.

It runs within the same limits as every child (see `process`). One request at a time; a child that
is late, dies or writes too much is killed, and the next request starts a new one. When this
process ends, however it ends, the child's stdin closes, and that ends the child.
"""

import asyncio
import contextlib
import os
import queue
import select
import shutil
import signal
import subprocess
import threading
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, TypeVar

from pydantic import Field

from infinite_instruct.domain import Value
from infinite_instruct.tools.jail import Baseline, Jail
from infinite_instruct.tools.process import Limits, child_environment, limited
from infinite_instruct.tools.scratch import new_folder

Reply = TypeVar("Reply")
_CHUNK = 65536


class WorkerFault(Exception):  # noqa: N818  a finding about the child, no error of ours
    """The child did not answer; it is gone, and the next request gets a new one."""


class WorkerLimits(Value):
    """What a long-lived child may use."""

    memory_mb: int = Field(default=2048, gt=0)
    reserves_memory: bool = False
    """See `process.Limits`."""
    requests: int = Field(default=500, ge=1)
    """After so many it is replaced: servers grow."""
    start_seconds: float = Field(default=60, gt=0)
    """The first answer may take so much longer: virtual machines load their libraries."""
    output_bytes: int = Field(default=20_000_000, gt=0)
    """Of one answer."""
    file_mb: int = Field(default=32, gt=0)
    """Of each file that it writes."""


@dataclass(frozen=True)
class Program:
    """What to start, and how it is locked in."""

    command: Sequence[str]
    jail: Jail = field(default_factory=Baseline)
    readable: Sequence[Path] = ()
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    limits: WorkerLimits = field(default_factory=WorkerLimits)


class Channel:
    """The pipes to one running child, with a deadline on each wait. Used by one thread.

    Args:
        program: What to start.

    Raises:
        WorkerFault: It does not start.
    """

    def __init__(self, program: Program) -> None:
        self.folder = new_folder()
        self._limits = program.limits
        self._buffer = bytearray()
        self.deadline = time.monotonic() + program.limits.start_seconds
        command = program.jail.wrap(
            list(program.command), folder=self.folder, readable=list(program.readable)
        )
        bounds = Limits(
            seconds=3600,
            memory_mb=program.limits.memory_mb,
            reserves_memory=program.limits.reserves_memory,
            file_mb=program.limits.file_mb,
        )
        try:
            self._child = subprocess.Popen(  # noqa: S603  our own command
                limited(command, bounds),
                cwd=self.folder,
                env=child_environment(self.folder, program.environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as fault:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise WorkerFault(f"it did not start: {fault}") from fault
        self._finalizer = weakref.finalize(self, _end, self._child, self.folder)

    def write(self, data: bytes) -> None:
        """Send bytes; the child must read them before the deadline.

        Raises:
            WorkerFault: It is gone or does not read.
        """
        pipe = self._child.stdin
        assert pipe is not None  # noqa: S101  it was asked for
        os.set_blocking(pipe.fileno(), False)
        view = memoryview(data)
        while view:
            self._await_ready([], [pipe])
            try:
                view = view[os.write(pipe.fileno(), view[:_CHUNK]) :]
            except BlockingIOError:
                continue
            except OSError as fault:
                raise WorkerFault(self._ended()) from fault

    def read_line(self) -> bytes:
        """The next line of the child's stdout, without its end.

        Raises:
            WorkerFault: It is gone, late, or writes too much.
        """
        seen = 0
        while (end := self._buffer.find(b"\n", seen)) < 0:
            seen = len(self._buffer)
            self._read_more()
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line

    def read_exactly(self, count: int) -> bytes:
        """The next bytes of the child's stdout.

        Raises:
            WorkerFault: It is gone, late, or writes too much.
        """
        if count > self._limits.output_bytes:
            raise WorkerFault("output-cap")
        while len(self._buffer) < count:
            self._read_more()
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    def close(self) -> None:
        """Kill the child and all that it started; remove its folder."""
        self._finalizer()

    def _read_more(self) -> None:
        pipe = self._child.stdout
        assert pipe is not None  # noqa: S101  it was asked for
        self._await_ready([pipe], [])
        chunk = os.read(pipe.fileno(), _CHUNK)
        if not chunk:
            raise WorkerFault(self._ended())
        self._buffer += chunk
        if len(self._buffer) > self._limits.output_bytes:
            raise WorkerFault("output-cap")

    def _await_ready(self, readable: list[IO[bytes]], writable: list[IO[bytes]]) -> None:
        left = max(0.0, self.deadline - time.monotonic())
        if not any(select.select(readable, writable, [], left)):
            raise WorkerFault("timeout")

    def _ended(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(1)
        return f"crashed (exit code {self._child.returncode})"


class Worker:
    """A child that is asked from any event loop, restarted when it fails or has grown old.

    Args:
        program: What to start, at the first request.
    """

    def __init__(self, program: Program) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._state = _State(program)
        self._started = False
        weakref.finalize(self, self._jobs.put, None)

    async def ask(self, exchange: Callable[[Channel], Reply], seconds: float) -> Reply:
        """Talk with the child once.

        Args:
            exchange: Writes the request and reads the answer; runs in the worker's own thread.
            seconds: How long the answer may take; the first one longer, see WorkerLimits.

        Raises:
            WorkerFault: No answer; the child was killed.
        """
        if (
            not self._started
        ):  # one thread for all its life: a jail dies with the thread it began in
            self._started = True
            threading.Thread(target=_serve, args=(self._jobs,), daemon=True).start()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Reply] = loop.create_future()
        state = self._state

        def job() -> None:
            try:
                reply = state.exchange(exchange, seconds)
            except Exception as fault:  # noqa: BLE001  it belongs to the one who waits
                _settle(loop, partial(_fail, future, fault))
            else:
                _settle(loop, partial(_answer, future, reply))

        self._jobs.put(job)
        return await future


class _State:
    """The child that runs now; used by the worker's thread only."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._channel: Channel | None = None
        self._asked = 0

    def exchange(self, exchange: Callable[[Channel], Reply], seconds: float) -> Reply:
        if self._channel is not None and self._asked >= self._program.limits.requests:
            self.close()
        fresh = self._channel is None
        channel = self._channel = self._channel or Channel(self._program)
        self._asked += 1
        channel.deadline = (
            time.monotonic() + seconds + (self._program.limits.start_seconds if fresh else 0)
        )
        try:
            return exchange(channel)
        except Exception:
            self.close()
            raise

    def close(self) -> None:
        if self._channel is not None:
            self._channel.close()
        self._channel, self._asked = None, 0


def _serve(jobs: "queue.SimpleQueue[Callable[[], None] | None]") -> None:
    while (job := jobs.get()) is not None:
        job()
        del job  # it holds the child's state: the child must die with its worker


def _settle(loop: asyncio.AbstractEventLoop, callback: Callable[[], object]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop is gone, and so is whoever waited
        loop.call_soon_threadsafe(callback)


def _answer(future: "asyncio.Future[Reply]", reply: Reply) -> None:
    if not future.done():
        future.set_result(reply)


def _fail(future: "asyncio.Future[Reply]", fault: Exception) -> None:
    if not future.done():
        future.set_exception(fault)


def _end(child: "subprocess.Popen[bytes]", folder: Path) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(5)
    shutil.rmtree(folder, ignore_errors=True)
