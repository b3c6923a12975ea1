"""One end of a conversation: questions go both ways and are answered in any order."""

import asyncio
import itertools
import pickle
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from infinite_instruct.engines.channel import Channel
from infinite_instruct.engines.failures import Failure, error_of, failure_of
from infinite_instruct.engines.messages import News, Question

Answer = Callable[[Question], Awaitable[object]]
"""Answers a question; what it raises is raised where the question was put."""
Hear = Callable[[News], None]


class PeerLostError(Exception):
    """The other end is gone: its process or its machine has died, or it was let go."""


@dataclass(frozen=True, slots=True)
class _Put:
    number: int
    question: Question


@dataclass(frozen=True, slots=True)
class _Given:
    number: int
    value: object
    failure: Failure | None = None


_Item = _Put | _Given | News


class Peer:
    """Talks over a channel. What is said in one turn of the event loop goes as one batch.

    Batches are pickled: both ends are our own processes, and nobody else can write to a channel.

    Args:
        channel: Leads to the other end; whoever opened it closes it.
        answer: Answers its questions, each in a task of its own.
        hear: Hears its news at once, in order with its answers.

    Attributes:
        lost: Whether the other end is gone.
    """

    def __init__(self, channel: Channel, answer: Answer, hear: Hear) -> None:
        self._channel = channel
        self._answer = answer
        self._hear = hear
        self._outbox: list[_Item] = []
        self._filled = asyncio.Event()
        self._numbers = itertools.count()
        self._open: dict[int, asyncio.Future[object]] = {}
        self._answering: set[asyncio.Task[None]] = set()
        self.lost = False

    async def ask(self, question: Question) -> Any:  # noqa: ANN401 - `messages` says what answers what
        """Put a question.

        Raises:
            PeerLostError: The other end went before it answered.
            InfiniteInstructError: Raised there, for this question.
            Fault: The same, of a try.
        """
        if self.lost:
            raise PeerLostError
        number = next(self._numbers)
        given = self._open[number] = asyncio.get_running_loop().create_future()
        self._post(_Put(number, question))
        try:
            return await given
        finally:
            self._open.pop(number, None)

    def tell(self, news: News) -> None:
        """Tell news."""
        self._post(news)

    async def run(self) -> None:
        """Talk until the other end is gone or this task is cancelled."""
        sending = asyncio.create_task(self._send())
        try:
            with suppress(ConnectionError):
                while True:
                    self._take(await self._channel.receive())
        finally:
            self.lost = True
            await _end({sending, *self._answering})
            for given in self._open.values():
                if not given.done():
                    given.set_exception(PeerLostError())

    def _post(self, item: _Item) -> None:
        self._outbox.append(item)
        self._filled.set()

    async def _send(self) -> None:
        with suppress(ConnectionError):
            while True:
                await self._filled.wait()
                self._filled.clear()
                items, self._outbox = self._outbox, []
                await self._channel.send(pickle.dumps(items, pickle.HIGHEST_PROTOCOL))

    def _take(self, batch: bytes) -> None:
        for item in cast("list[_Item]", pickle.loads(batch)):  # noqa: S301 - see the class
            match item:
                case _Put():
                    task = asyncio.create_task(self._give(item))
                    self._answering.add(task)
                    task.add_done_callback(self._answering.discard)
                case _Given():
                    self._settle(item)
                case news:
                    self._hear(news)

    async def _give(self, put: _Put) -> None:
        try:
            given = _Given(put.number, await self._answer(put.question))
        except Exception as error:  # noqa: BLE001 - told to whoever asked
            given = _Given(put.number, None, failure_of(error))
        self._post(given)

    def _settle(self, item: _Given) -> None:
        waiting = self._open.get(item.number)
        if waiting is None or waiting.done():
            return
        if item.failure is None:
            waiting.set_result(item.value)
        else:
            waiting.set_exception(error_of(item.failure))


async def _end(tasks: set[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
