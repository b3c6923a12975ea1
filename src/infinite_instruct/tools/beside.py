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
    done: Future[T] = Future()

    def run() -> None:
        if done.set_running_or_notify_cancel():
            try:
                done.set_result(work())
            except Exception as error:  # noqa: BLE001 - whoever waits gets it
                done.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return done


async def beside(work: Callable[[], T]) -> T:
    """Do some work as `begin` does, and wait for it."""
    return await asyncio.wrap_future(begin(work))
