"""Replies found in a database at a distance: all that are wanted at a moment in one question."""

import asyncio
from asyncio import Future
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from infinite_instruct.runs.ledger import Database

_FIND = "SELECT key, reply FROM calls WHERE key = ANY(:keys)"


class GroupedLookup:
    """Asks on a thread of its own: the event loop never waits for the network.

    Args:
        database: A connection for it alone.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._thread = ThreadPoolExecutor(1, "ledger-lookup")
        self._waiting: list[tuple[str, Future[str | None]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def find(self, key: str) -> str | None:
        """As `Lookup.find`."""
        found: Future[str | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, found))
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        return await found

    def close(self) -> None:
        """As `Lookup.close`."""
        self._database.give_up()
        self._thread.shutdown()
        self._database.close()

    async def _ask(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting, []
            keys = [key for key, _ in batch]
            try:
                replies = await loop.run_in_executor(self._thread, self._replies, keys)
            except Exception as error:  # noqa: BLE001 (each who waits is told)
                _settle(batch, error)
            else:
                _settle(batch, replies)

    def _replies(self, keys: Sequence[str]) -> dict[str, str]:
        return {str(key): str(reply) for key, reply in self._database.select(_FIND, {"keys": keys})}


def _settle(
    batch: Sequence[tuple[str, Future[str | None]]], result: dict[str, str] | Exception
) -> None:
    for key, found in batch:
        if found.done():  # its caller was cancelled
            continue
        if isinstance(result, Exception):
            found.set_exception(result)
        else:
            found.set_result(result.get(key))
