"""Work that takes its time, beside the event loop."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def begin(work: Callable[[], T]) -> Future[T]:
    """Begin some work in a thread of its own, which nobody waits for when the program ends.

    `asyncio.to_thread` would be waited for: a disk or an endpoint that hangs would hold up a stop.
    """
    result: Future[T] = Future()
    threading.Thread(target=_do, args=(work, result), daemon=True).start()
    return result


def done(work: Callable[[], T]) -> Future[T]:
    """Do some work that takes no time, for those who else wait for what `begin` gives."""
    result: Future[T] = Future()
    _do(work, result)
    return result


def _do(work: Callable[[], T], result: Future[T]) -> None:
    if result.set_running_or_notify_cancel():
        try:
            result.set_result(work())
        except Exception as error:  # noqa: BLE001 - whoever waits gets it
            result.set_exception(error)


async def beside(work: Callable[[], T]) -> T:
    """Do some work as `begin` does, and wait for it."""
    return await asyncio.wrap_future(begin(work))
