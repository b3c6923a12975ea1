"""Workers as processes of this machine. They end with their driver, however that ends."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from typing import Self

from infinite_instruct.engines import worker_process
from infinite_instruct.engines.channel import SocketChannel
from infinite_instruct.tools.own_process import search_path, stops_held_back

_PATIENCE = 1.0
"""Seconds that a worker has to end by itself."""
_MOMENT = 0.002


class ProcessChannel:
    """The channel to a process, which ends with it."""

    def __init__(self, socket_channel: SocketChannel, process: int) -> None:
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
        self._socket.say_end()
        try:
            await asyncio.wait_for(self._gone(), _PATIENCE)
        except TimeoutError:
            with suppress(ProcessLookupError, PermissionError):  # gone, and its number another's
                os.kill(self._process, signal.SIGKILL)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._gone(), _PATIENCE)
        await self._socket.close()

    async def _gone(self) -> None:
        """Until the process is: it lets go of its channel in its last moment."""
        await self._socket.other_end_gone()
        with suppress(ProcessLookupError, PermissionError):  # gone, and its number another's
            while True:
                os.kill(self._process, 0)
                await asyncio.sleep(_MOMENT)


class Nursery:
    """Where workers of this machine come from: forks of a process that has done their imports.

    It does them beside what the driver does after entering this context. Python's own forkserver
    would run the user's script anew in each worker, and look for modules in the folder that the
    user happens to be in.

    Args:
        served: What a worker does, as `MODULE:FUNCTION`: a `Serve`.
    """

    def __init__(self, served: str) -> None:
        self._served = served

    def __enter__(self) -> Self:
        """Start the process that imports."""
        self._mother = _Mother(self._served)
        return self

    def __exit__(self, *_: object) -> None:
        """End it, and with it workers that are still there."""
        self._mother.end()

    async def start_worker(self) -> ProcessChannel:
        """Start a worker, as soon as the imports are done.

        Raises:
            ConnectionError: It died at once.
        """
        if not self._mother.is_there:
            self._mother.end()
            self._mother = _Mother(self._served)
        ours, theirs = socket.socketpair()
        with theirs:
            self._mother.order(theirs)
        channel = await SocketChannel.over(ours)
        try:
            process = int.from_bytes(await channel.receive(), "big")
        except BaseException:
            await channel.close()
            raise
        return ProcessChannel(channel, process)


class _Mother:
    """The process that forks: `worker_process`."""

    def __init__(self, served: str) -> None:
        self._orders, theirs = socket.socketpair()
        with theirs, stops_held_back():
            number = theirs.fileno()
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                # -P: a folder that the user happens to be in has no modules for us.
                [
                    *(sys.executable, "-P", "-m", worker_process.__name__),
                    *(served, str(os.getpid()), str(number)),
                ],
                pass_fds=(number,),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=os.environ | {"PYTHONPATH": search_path()},
            )

    @property
    def is_there(self) -> bool:
        return self._process.poll() is None

    def order(self, channel: socket.socket) -> None:
        """Have a worker at the other end of a channel.

        Raises:
            ConnectionError: The process is gone.
        """
        socket.send_fds(self._orders, [b"+"], [channel.fileno()])

    def end(self) -> None:
        self._orders.close()
        self._process.kill()  # in the midst of imports it would not hear of that
        self._process.wait()
