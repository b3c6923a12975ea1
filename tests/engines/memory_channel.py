"""Two ends of a channel within one process."""

import asyncio
from dataclasses import dataclass, field
from typing import Self

_END = b""


@dataclass
class MemoryChannel:
    """One end: what it sends, the other one receives."""

    incoming: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue[bytes])
    outgoing: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue[bytes])

    @classmethod
    def pair(cls) -> tuple[Self, Self]:
        one = cls()
        return one, cls(incoming=one.outgoing, outgoing=one.incoming)

    async def send(self, batch: bytes) -> None:
        await self.outgoing.put(batch)

    async def receive(self) -> bytes:
        batch = await self.incoming.get()
        if batch == _END:
            raise ConnectionResetError
        return batch

    async def close(self) -> None:
        """Both ends are gone, as when a process dies."""
        await self.outgoing.put(_END)
        await self.incoming.put(_END)
