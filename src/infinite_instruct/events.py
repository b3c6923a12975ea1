"""What happens in a run, as one stream of events: trace, counters and screen listen to it."""

import time
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from infinite_instruct.domain import Value, Verdict


class Happening(Value):
    """What every event has."""

    at: float = Field(default_factory=time.time)
    """Seconds since the epoch."""
    row: str = ""
    """The row it belongs to; empty where it belongs to the run."""


class RowStarted(Happening):
    """A row's inputs are on disk and it goes on its way."""

    kind: Literal["row-started"] = "row-started"
    origin: str
    language: str


class ModelCalled(Happening):
    """A model replied, or its reply was found in the ledger."""

    kind: Literal["model-called"] = "model-called"
    agent: str
    """Whose call it was: `reverse-writer`, `solver`, ..."""
    purpose: str
    """The prompt it was rendered from, with the hash of its text: `solve@1a2b3c4d`."""
    model: str
    key: str
    """The request's key in the ledger."""
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None
    """None where the price is not known."""
    seconds: float
    replayed: bool
    """Whether the reply came from the ledger and cost nothing."""


class Decided(Happening):
    """An agent made a choice."""

    kind: Literal["decided"] = "decided"
    agent: str
    decision: str
    """What was chosen, in a few words: `repair`, `merge`, `reject: near-duplicate`."""
    why: str
    """On what grounds."""
    saw: str = ""
    """What the agent had before it, shortened."""


class AnswerVerified(Happening):
    """The verifier judged one attempt."""

    kind: Literal["answer-verified"] = "answer-verified"
    attempt: int
    verdict: Verdict


class RowEnded(Happening):
    """A row is in the store, as a sample or as a rejection."""

    kind: Literal["row-ended"] = "row-ended"
    accepted: bool
    reason: str


class Noticed(Happening):
    """Something that the user should know: a fallback, a missing tool, a skipped file."""

    kind: Literal["noticed"] = "noticed"
    message: str


Event = Annotated[
    RowStarted | ModelCalled | Decided | AnswerVerified | RowEnded | Noticed,
    Field(discriminator="kind"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)

Emit = Callable[[Event], None]


def nobody(_event: Event) -> None:
    """Listen to nothing: the default where no one wants the events."""


def tell_all(listeners: list[Emit]) -> Emit:
    """Make one listener of several; each gets every event, in order."""

    def emit(event: Event) -> None:
        for listener in listeners:
            listener(event)

    return emit
