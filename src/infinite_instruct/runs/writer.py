"""One thread that writes, many writes per commit."""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from infinite_instruct.errors import InfiniteInstructError, RunFolderError
from infinite_instruct.runs.ledger import Ledger, Work

_PATIENCE = 0.1
"""Seconds after which writes that nobody waits for are committed, too."""

_LARGEST_BATCH = 1_000


@dataclass(frozen=True, eq=False)
class _Write:
    work: Work
    done: asyncio.Future[None] | None = None
    """Done after the commit; None where nobody waits."""


class GroupWriter:
    """Commits all writes that are pending at a moment together, in their order.

    A commit costs a sync of the disk (milliseconds); with one per write a fast endpoint would wait
    for the disk. When the database fails, or a write that nobody awaited, every later write is
    refused with that error: a store that lost something must not go on.

    Args:
        ledger: An existing one.

    Raises:
        RunInUseError: Another process writes into it.
        RunFolderError: It is missing, damaged, or of another version.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._database = ledger.write()
        self._writes: deque[_Write] = deque()
        self._hurry: SimpleQueue[None] = SimpleQueue()
        self._broken: Exception | None = None
        self._closed = False
        # A daemon, so that a program that forgot to close can end; what was awaited is on disk.
        self._thread = threading.Thread(target=self._run, name="ledger-writer", daemon=True)
        self._thread.start()

    async def write(self, work: Work) -> None:
        """Write; when this returns, it is committed. It goes on when the waiting task ends.

        Raises:
            RunFolderError: It could not be written.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._put(_Write(work, done))
        self._hurry.put(None)
        await done

    def post(self, work: Work) -> None:
        """Write soon, at the latest with the next write that is awaited."""
        self._put(_Write(work))

    def close(self) -> None:
        """Commit all that is pending and close the ledger. Closing again does nothing.

        Raises:
            RunFolderError: Something that was posted could not be written.
        """
        if self._closed:
            return
        self._closed = True
        self._database.give_up()
        self._hurry.put(None)
        self._thread.join()
        if self._broken is not None:
            raise self._broken

    def _put(self, write: _Write) -> None:
        if self._closed:
            raise RunFolderError(
                f"{self._ledger} is closed.", remedy="Open the run again to write."
            )
        self._writes.append(write)

    def _run(self) -> None:
        closing = False
        while not closing:
            with contextlib.suppress(Empty):
                self._hurry.get(timeout=_PATIENCE)
            closing = self._closed  # nothing is put any more, but something may wait
            for batch in self._batches():
                self._commit(batch)
        self._database.close()

    def _batches(self) -> Iterator[list[_Write]]:
        """All that is pending, in its order."""
        while self._writes:
            size = min(len(self._writes), _LARGEST_BATCH)
            yield [self._writes.popleft() for _ in range(size)]

    def _commit(self, batch: list[_Write]) -> None:
        try:
            self._transact(batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, whoever waits is told
            self._fail(batch, error)
        else:
            _tell(batch, None)

    def _transact(self, batch: list[_Write]) -> None:
        if self._broken is not None:
            raise self._broken
        self._database.transact([write.work for write in batch])

    def _fail(self, batch: list[_Write], error: Exception) -> None:
        fatal = isinstance(error, InfiniteInstructError)
        if len(batch) > 1 and not fatal and self._broken is None:
            # One write is at fault: the others shall not suffer for it.
            for write in batch:
                self._commit([write])
            return
        if fatal or any(write.done is None for write in batch):
            self._broken = self._broken or error
        _tell(batch, error)


def _tell(batch: list[_Write], error: Exception | None) -> None:
    """Wake the event loop once for all who wait."""
    waiting = [write.done for write in batch if write.done is not None]
    for loop in {done.get_loop() for done in waiting}:
        with contextlib.suppress(RuntimeError):  # it ended, and with it who waited
            loop.call_soon_threadsafe(_settle, waiting, loop, error)


def _settle(
    waiting: list[asyncio.Future[None]], loop: asyncio.AbstractEventLoop, error: Exception | None
) -> None:
    for done in waiting:
        if done.get_loop() is not loop or done.done():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
