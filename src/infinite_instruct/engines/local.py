"""Workers as processes of this machine. They end with their driver, however that ends."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import infinite_instruct
from infinite_instruct.engines import worker_process
from infinite_instruct.engines.channel import Serve, SocketChannel

_PATIENCE = 1.0
"""Seconds that a worker has to end by itself."""


class ProcessChannel:
    """The channel to a process, which ends with it."""

    def __init__(self, socket_channel: SocketChannel, process: asyncio.subprocess.Process) -> None:
        self._socket = socket_channel
        self._process = process

    async def send(self, batch: bytes) -> None:
        """As `Channel`."""
        await self._socket.send(batch)

    async def receive(self) -> bytes:
        """As `Channel`."""
        return await self._socket.receive()

    async def close(self) -> None:
        """As `Channel`; the process is gone when this returns."""
        await self._socket.close()
        try:
            await asyncio.wait_for(self._process.wait(), _PATIENCE)
        except TimeoutError:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()


async def start_process(serve: Serve) -> ProcessChannel:
    """Start a worker.

    Args:
        serve: What it does.
    """
    ours, theirs = socket.socketpair()
    with theirs, _stops_held_back():
        number = theirs.fileno()
        process = await asyncio.create_subprocess_exec(
            # -P: a folder that the user happens to be in has no modules for us.
            *(sys.executable, "-P", "-m", worker_process.__name__),
            *(f"{serve.__module__}:{serve.__qualname__}", str(os.getpid()), str(number)),
            pass_fds=(number,),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": _search_path()},
        )
    return ProcessChannel(await SocketChannel.over(ours), process)


@contextmanager
def _stops_held_back() -> Generator[None]:
    """A process that is started meanwhile begins with them held back; ours come a moment later."""
    signal.pthread_sigmask(signal.SIG_BLOCK, worker_process.STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, worker_process.STOPS)


def _search_path() -> str:
    """Where this package is, and where else the driver was told to look."""
    own = str(Path(infinite_instruct.__file__).parents[1])
    return os.pathsep.join(filter(None, (own, os.environ.get("PYTHONPATH", ""))))
