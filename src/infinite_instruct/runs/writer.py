"""One thread that writes, many writes per commit."""

import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from infinite_instruct.errors import InfiniteInstructError, RunFolderError
from infinite_instruct.runs.ledger import Ledger, Work

_PATIENCE = 0.1
"""Seconds of silence after which writes that nobody waits for are committed, too."""

_LARGEST_BATCH = 1_000


@dataclass(frozen=True)
class _Write:
    work: Work
    awaited: bool
    done: Future[None] = field(default_factory=Future[None])


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
        self._queue: SimpleQueue[_Write | None] = SimpleQueue()
        self._broken: Exception | None = None
        self._closed = False
        # A daemon, so that a program that forgot to close can end; what was awaited is on disk.
        self._thread = threading.Thread(target=self._run, name="ledger-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Work) -> Future[None]:
        """Write; the future is done after the commit, or has the error."""
        return self._put(_Write(work, awaited=True)).done

    def post(self, work: Work) -> None:
        """Write soon, at the latest with the next write that is awaited."""
        self._put(_Write(work, awaited=False))

    def close(self) -> None:
        """Commit all that is pending and close the ledger. Closing again does nothing.

        Raises:
            RunFolderError: Something that was posted could not be written.
        """
        if self._closed:
            return
        self._closed = True
        self._database.give_up()
        self._queue.put(None)
        self._thread.join()
        if self._broken is not None:
            raise self._broken

    def _put(self, write: _Write) -> _Write:
        if self._closed:
            raise RunFolderError(
                f"{self._ledger} is closed.", remedy="Open the run again to write."
            )
        # From here on it can't be cancelled: what is queued is written.
        write.done.set_running_or_notify_cancel()
        self._queue.put(write)
        return write

    def _run(self) -> None:
        going = True
        while going:
            batch, going = self._next_batch()
            if batch:
                self._commit(batch)
        self._database.close()

    def _next_batch(self) -> tuple[list[_Write], bool]:
        """All that is pending, after waiting for the first; and whether more can come."""
        batch: list[_Write] = []
        patience: float | None = None  # for ever
        hurry = False
        while len(batch) < _LARGEST_BATCH:
            try:
                write = self._queue.get(timeout=patience)
            except Empty:
                break
            if write is None:
                return batch, False
            batch.append(write)
            hurry = hurry or write.awaited
            patience = 0.0 if hurry else _PATIENCE
        return batch, True

    def _commit(self, batch: list[_Write]) -> None:
        try:
            self._transact(batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, its future tells it
            self._fail(batch, error)
        else:
            for write in batch:
                write.done.set_result(None)

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
        if fatal or not all(write.awaited for write in batch):
            self._broken = self._broken or error
        for write in batch:
            write.done.set_exception(error)
