"""Seeds read by a process of its own, beside the campaign.

To parse and judge a file takes memory by its size, and a thread that does it holds up the event
loop: here it does neither. Messages are pickled: both ends are our own.
"""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from pickle import UnpicklingError
from typing import NamedTuple, Self, cast

from infinite_instruct.domain import Snippet
from infinite_instruct.errors import InfiniteInstructError, SeedError
from infinite_instruct.tools.own_process import stay_with, stops_held_back
from infinite_instruct.tools.seeds.reading import Tally
from infinite_instruct.tools.seeds.rules import SeedRules

_MOST_TOLD = 300
"""Characters of a fault that nobody foresaw."""


class _Order(NamedTuple):
    sources: tuple[Path, ...]
    rules: SeedRules
    seed: int


class _Message(NamedTuple):
    """A snippet, or why there is no other one."""

    tally: Tally
    snippet: Snippet | None = None
    cause: str = ""
    remedy: str = ""


class SeedReader:
    """The process, and what it reads: a `Reading` that is read once.

    It is a fork, which is quick, and does its imports beside those of its parent. So make one
    early, in the main thread, while there is no other. It is at most some dozens of snippets
    ahead: as many as its pipe holds.
    """

    def __init__(self) -> None:
        self.tally = Tally()
        """Of the snippets that were given so far."""
        self._stream = self._snippets()
        self._waiting: list[Snippet] = []
        """The first one, if it was asked for."""
        parent = os.getpid()
        self._channel, theirs = Pipe()
        with stops_held_back():
            self.process = os.fork()
            """Its number; 0 when it was ended."""
            if self.process == 0:
                self._channel.close()
                _serve(theirs, parent)
        theirs.close()

    def read(self, sources: Sequence[Path], rules: SeedRules, *, seed: int = 0) -> Self:
        """Begin to read, as `harvest` does."""
        with suppress(OSError):  # it died: who waits for a snippet is told
            self._channel.send(_Order(tuple(sources), rules, seed))
        return self

    def first(self) -> Snippet | None:
        """As `Reading`.

        Raises:
            SeedError: As `iter`.
        """
        self._waiting = self._waiting or list(islice(self._stream, 1))
        return next(iter(self._waiting), None)

    def at_hand(self) -> bool:
        """As `Reading`: a message, or the end of them all, has come."""
        return bool(self._waiting) or self._channel.poll()

    def __iter__(self) -> Iterator[Snippet]:
        """All snippets, once.

        Raises:
            SeedError: A source cannot be read, or the process died.
        """
        while self._waiting:
            yield self._waiting.pop()
        yield from self._stream

    def _snippets(self) -> Iterator[Snippet]:
        while snippet := self._next():
            yield snippet

    def _next(self) -> Snippet | None:
        try:
            message = cast("_Message", self._channel.recv())
        except (EOFError, OSError, UnpicklingError) as error:
            raise SeedError(
                "The process that reads the seeds died.",
                remedy="Resume the run. If it dies again, the machine may lack memory, or a file "
                "among the seeds crashes the parser: leave out what was added last.",
            ) from error
        self.tally = message.tally
        if message.cause:
            raise SeedError(message.cause, remedy=message.remedy)
        return message.snippet

    def close(self) -> None:
        """End the process, wherever it is."""
        if self.process:
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)
            self.process = 0


def _serve(channel: "Connection[_Message, _Order]", parent: int) -> None:
    """Be the process: never returns."""
    try:
        stay_with(parent)
        with suppress(EOFError, OSError):  # the campaign has gone
            _read(channel)
    finally:
        os._exit(0)


def _read(channel: "Connection[_Message, _Order]") -> None:
    from infinite_instruct.tools.seeds.harvest import harvest  # noqa: PLC0415  beside the parent

    order = channel.recv()
    reading = harvest((), order.rules)
    try:
        reading = harvest(order.sources, order.rules, seed=order.seed)
        for snippet in reading:
            channel.send(_Message(reading.tally, snippet))
        channel.send(_Message(reading.tally))
    except InfiniteInstructError as error:
        channel.send(_Message(reading.tally, cause=error.cause, remedy=error.remedy))
    except Exception as error:  # noqa: BLE001 - whatever it is, whoever waits is told
        told = f"The seeds could not be read: {type(error).__name__}: {error}"[:_MOST_TOLD]
        channel.send(_Message(reading.tally, cause=told, remedy="Report this as a fault."))
