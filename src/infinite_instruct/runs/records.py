"""The values that the store gives and takes, beside those of the domain."""

import time
from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from infinite_instruct.domain import Direction, Language, Origin, ProblemType, RowKind, Value

State = Literal["planned", "sample", "rejected"]


class Call(Value):
    """A finished model call, as the ledger keeps it."""

    key: str
    """The request's key: equal requests have equal ones."""
    role: str
    model: str
    request: str = ""
    """The request as JSON, for the trace; empty where it shall not be kept."""
    reply: str
    """The reply as JSON, opaque here."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = None
    """None where the price is not known."""
    seconds: float = 0.0
    at: float = Field(default_factory=time.time)
    """Seconds since the epoch."""


class Counts(Value):
    """How far a run is, in rows."""

    planned: int = 0
    """All rows that ever began; those below are parts of it."""
    samples: int = 0
    rejections: int = 0

    @property
    def finished(self) -> int:
        """Rows with an outcome."""
        return self.samples + self.rejections

    @property
    def unfinished(self) -> int:
        """Rows in flight, or left by a kill."""
        return self.planned - self.finished


class Tally(RowKind):
    """How many rows of a kind are in a state."""

    state: State
    rows: int


class RowSummary(Value):
    """One line of the list of rows."""

    id: str
    state: State
    origin: Origin
    problem_type: ProblemType
    direction: Direction
    language: Language
    reason: str
    """Why it was rejected; empty otherwise."""


class Spending(Value):
    """What the calls of one role and model cost, or of all."""

    role: str = ""
    model: str = ""
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float = 0.0
    """Of the calls with a known price."""
    unpriced: int = 0
    """Calls whose price is not known."""
    seconds: float = 0.0
    """Time waited for replies, added up over parallel calls."""

    @property
    def tokens(self) -> int:
        """Prompt and completion together."""
        return self.prompt_tokens + self.completion_tokens


def total(spending: Iterable[Spending]) -> Spending:
    """All of it together, without role and model."""
    parts = tuple(spending)
    return Spending(
        calls=sum(part.calls for part in parts),
        prompt_tokens=sum(part.prompt_tokens for part in parts),
        completion_tokens=sum(part.completion_tokens for part in parts),
        cost_usd=sum(part.cost_usd for part in parts),
        unpriced=sum(part.unpriced for part in parts),
        seconds=sum(part.seconds for part in parts),
    )
