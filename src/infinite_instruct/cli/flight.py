"""Many samples judged at once, told in the order they came, in bounded memory."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

MOST = 2_000
"""Items at once: type checkers take hundreds of them in a batch."""
MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class _Aboard(Generic[Item, Result]):
    item: Item
    size: int
    task: "asyncio.Task[Result]"


class Flight(Generic[Item, Result]):
    """Judges what comes, and hands the results out in order.

    Args:
        judge: Makes the result of an item.
        size_of: The bytes that an item holds.
    """

    def __init__(
        self, judge: Callable[[Item], Awaitable[Result]], size_of: Callable[[Item], int]
    ) -> None:
        self._judge = judge
        self._size_of = size_of
        self._aboard: deque[_Aboard[Item, Result]] = deque()
        self._bytes = 0
        self._changed = asyncio.Event()
        self._ended = False

    async def results(self, items: AsyncIterator[Item]) -> AsyncIterator[tuple[Item, Result]]:
        """Each item with its result, as soon as it and all before it are ready."""
        feeder = asyncio.create_task(self._feed(items))
        try:
            while first := await self._first():
                yield first.item, await first.task
                self._aboard.popleft()
                self._bytes -= first.size
                self._changed.set()
            await feeder
        finally:
            for each in (feeder, *(aboard.task for aboard in self._aboard)):
                each.cancel()

    async def _first(self) -> _Aboard[Item, Result] | None:
        while not self._aboard and not self._ended:
            await self._change()
        return self._aboard[0] if self._aboard else None

    async def _feed(self, items: AsyncIterator[Item]) -> None:
        try:
            async for item in items:
                while len(self._aboard) >= MOST or self._bytes > MOST_BYTES:
                    await self._change()
                size = self._size_of(item)
                task = asyncio.ensure_future(self._start(item))
                self._aboard.append(_Aboard(item, size, task))
                self._bytes += size
                self._changed.set()
        finally:
            self._ended = True
            self._changed.set()

    async def _start(self, item: Item) -> Result:
        return await self._judge(item)

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()
