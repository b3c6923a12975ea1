"""A parser in a long-lived child: texts go in, faults come out, and one culprit costs only itself.

A round is a line with a count and as many lines of JSON, each a text; the child reads all of them,
then answers each with a line: a JSON list of its faults. The first text of every round is a canary
with a fault: a parser that does not find it did not look. Where the child dies or is late, the
answers so far stand, the text without an answer is the culprit, and a new child takes the rest.
"""

import json
import time
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from infinite_instruct.domain import Value
from infinite_instruct.tools.process import Slots
from infinite_instruct.tools.worker import Channel, Program, Worker, WorkerFault

MAX_ROUND = 64
"""Texts of one round; all of them wait in the child's memory."""
MAX_FAILURES = 2
"""A child that fails its canary so often in a row is not asked again."""

Request = str | tuple[str, str]
"""A text, or a dialect and a text."""


class Said(BaseModel):
    """One fault, as a parser tells it. Lines and columns count from 1; 0 says unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str = Field(max_length=80)
    line: int = Field(default=0, ge=0)
    column: int = Field(default=0, ge=0)
    message: str


class Parsed(Value):
    """What a parser says of one text."""

    faults: tuple[Said, ...] = ()
    failure: str = ""
    """Why it could not look."""


_ANSWER = TypeAdapter(tuple[Said, ...])
_CLEAN = Parsed()


class ParserWorker:
    """One child of one parser.

    Args:
        program: What to start.
        broken: A text with a fault.
        slots: How many children may work at a time.
        seconds: Wall clock for each text.
    """

    def __init__(self, program: Program, broken: Request, slots: Slots, seconds: float) -> None:
        self._worker = Worker(program)
        self._broken = broken
        self._slots = slots
        self._seconds = seconds
        self._failures = 0
        self._failure = ""

    async def parse(self, requests: Sequence[Request]) -> list[Parsed]:
        """What the parser says of each text, in order."""
        results: list[Parsed] = []
        while len(results) < len(requests):
            if self._failures >= MAX_FAILURES:
                results.append(Parsed(failure=self._failure))
                continue
            batch = requests[len(results) : len(results) + MAX_ROUND]
            results += await self._judge(batch)
        return results

    async def _judge(self, batch: Sequence[Request]) -> list[Parsed]:
        """The answers of one round, at least one."""
        async with self._slots.one():
            answers, failure = await self._round([self._broken, *batch])
        if not answers or not answers[0].faults:
            self._failures += 1
            self._failure = failure or "it did not report the fault that it was shown"
            return [Parsed(failure=self._failure)] if self._failures >= MAX_FAILURES else []
        self._failures = 0
        return [*answers[1:], *([Parsed(failure=failure)] if failure else [])]

    async def _round(self, requests: Sequence[Request]) -> tuple[list[Parsed], str]:
        """The answers that came, and why there are no more."""
        lines = [json.dumps(each).encode() + b"\n" for each in requests]
        answers: list[Parsed] = []

        def exchange(channel: Channel) -> None:
            channel.write(b"%d\n" % len(lines) + b"".join(lines))
            for _ in lines:
                answers.append(_answer(channel.read_line()))
                channel.deadline = time.monotonic() + self._seconds

        try:
            await self._worker.ask(exchange, self._seconds)
        except WorkerFault as fault:
            return answers, str(fault)
        except ValidationError:
            return answers, "its output cannot be read"
        return answers, ""


def _answer(line: bytes) -> Parsed:
    return _CLEAN if line == b"[]" else Parsed(faults=_ANSWER.validate_json(line))
