"""What carries messages between the driver and a worker: whole batches, in order."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol

_LENGTH = 8
"""Bytes of a batch's length before it."""
_PIECE = 65_536


class Channel(Protocol):
    """One end. Who is at the other end is trusted: it was started by us."""

    async def send(self, batch: bytes) -> None:
        """Send a batch, as soon as the other end takes it.

        Raises:
            ConnectionError: The other end is gone.
        """
        ...

    async def receive(self) -> bytes:
        """The next batch.

        Raises:
            ConnectionError: The other end is gone.
        """
        ...

    async def close(self) -> None:
        """Let go: the other end learns of it, and ends."""
        ...


Serve = Callable[[Channel], Awaitable[None]]
"""What a worker does: a function of a module, imported in its process. It closes the channel."""


class SocketChannel:
    """Batches over a socket of this machine, each after its length."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def over(cls, end: socket.socket) -> "SocketChannel":
        """The channel of one end of a pair."""
        return cls(*await asyncio.open_connection(sock=end))

    async def send(self, batch: bytes) -> None:
        """As `Channel`."""
        self._writer.write(len(batch).to_bytes(_LENGTH, "big") + batch)
        await self._writer.drain()

    async def receive(self) -> bytes:
        """As `Channel`."""
        try:
            length = int.from_bytes(await self._reader.readexactly(_LENGTH), "big")
            return await self._reader.readexactly(length)
        except asyncio.IncompleteReadError as error:
            raise ConnectionResetError("the other end is gone") from error

    async def close(self) -> None:
        """As `Channel`."""
        self._writer.close()

    def say_end(self) -> None:
        """Say that nothing more comes from here."""
        with suppress(OSError):  # the other end is gone
            self._writer.write_eof()

    async def other_end_gone(self) -> None:
        """Wait until no process has the other end; what is said there is passed over."""
        with suppress(ConnectionError):
            while await self._reader.read(_PIECE):
                pass
