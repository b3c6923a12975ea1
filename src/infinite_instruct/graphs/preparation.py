"""What planning needs, and rows of an earlier session do not: made ready beside them."""

import asyncio
import gc
import sys
import threading
from asyncio import AbstractEventLoop, Future
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

Work = Callable[[threading.Event], object]
"""Something to do; it ends early, wherever it is, when the event is set."""

_TURN = 0.0005
"""Seconds after which the thread lets the event loop go on; Python's own 5 ms would add up to
seconds until the first requests are out."""

_GRACE = 0.5
"""Seconds that the first requests have for themselves."""


@dataclass
class _Step:
    work: Work
    ended: Future[None] | None = None

    async def done(self) -> None:
        if self.ended is not None:
            await asyncio.shield(self.ended)


@dataclass
class Preparation:
    """Work that is put off until rows are on their way, then done on a thread, step by step.

    The knowledge graph of 100,000 problems takes half a minute to be replayed: the endpoint shall
    not idle for that.
    """

    _steps: list[_Step] = field(default_factory=list[_Step])
    _given_up: threading.Event = field(default_factory=threading.Event)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was put off."""
        return not self._steps

    def put_off(self, work: Work) -> Callable[[], Coroutine[Any, Any, None]]:
        """Do something later, after what was put off before. Gives what waits for its end.

        Whoever waits has the error that the work ended with.
        """
        step = _Step(work)
        self._steps.append(step)
        return step.done

    def begin(self) -> None:
        """Start the work."""
        if not self._steps:
            return
        loop = asyncio.get_running_loop()
        for step in self._steps:
            step.ended = loop.create_future()
            # Seen here, or asyncio complains where nobody waited for it.
            step.ended.add_done_callback(lambda done: done.cancelled() or done.exception())
        # A daemon: a run that is stopped at once does not wait for it.
        thread = threading.Thread(target=self._work, args=(loop,), name="preparation", daemon=True)
        loop.call_later(_GRACE, thread.start)

    def give_up(self, error: Exception | None = None) -> None:
        """End what goes on; who waits has the error."""
        self._given_up.set()
        for step in self._steps:
            if error is not None:
                _settle(step.ended, error)

    async def done(self) -> None:
        """Wait until all of it is done.

        Raises:
            Exception: As the work did.
        """
        for step in self._steps:
            await step.done()

    def _work(self, loop: AbstractEventLoop) -> None:
        turn = sys.getswitchinterval()
        sys.setswitchinterval(_TURN)
        error: Exception | None = None
        for step in self._steps:
            try:
                if error is None:
                    step.work(self._given_up)
            except Exception as fault:  # noqa: BLE001 (who waits is told)
                error = fault
            if self._given_up.is_set():
                break
            gc.freeze()  # what was made is large, and stays
            with suppress(RuntimeError):  # the loop is closed: nobody waits
                loop.call_soon_threadsafe(_settle, step.ended, error)
        sys.setswitchinterval(turn)


def _settle(ended: Future[None] | None, error: Exception | None) -> None:
    if ended is None or ended.done():
        return
    if error is None:
        ended.set_result(None)
    else:
        ended.set_exception(error)
