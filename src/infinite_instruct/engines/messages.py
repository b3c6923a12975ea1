"""What the driver and its workers say to each other. Questions are answered, news are not."""

from typing import Any

from infinite_instruct.domain import Problem, RowPlan, Value
from infinite_instruct.events import Event
from infinite_instruct.llm.model import ChatRequest


class Begin(Value):
    """To a worker, first: what it is to do. Answered by `Ready`."""

    job: Any
    """As the assembly made it."""


class Ready(Value):
    """A worker's answer to `Begin`: what its answers depend on."""

    code: str
    """The identity of its code."""
    pack: str
    """The identity of its prompt pack: its files may be others on another machine."""


class TakeRow(Value):
    """To a worker: take a row to its end. Answered by `graphs.rows.Finished`."""

    plan: RowPlan


class MakeTry(Value):
    """To a worker: make one try at an endpoint. Answered by a `ChatReply`."""

    place: int
    """Which of the job's endpoints."""
    request: ChatRequest


class Complete(Value):
    """To the driver: answer a request, by ledger or endpoint. Answered by a `ChatReply`."""

    request: ChatRequest


class HoldPlace(Value):
    """To the driver: give a problem its place. Answered by the row that has it already, or None."""

    row: str
    text: str


class Curate(Value):
    """To the driver: add a problem to the knowledge graph. Answered by `Curated`."""

    plan: RowPlan
    problem: Problem


class Happened(Value):
    """News to the driver: an event."""

    event: Event


class HeadersSeen(Value):
    """News to the driver: what an endpoint's headers say of its limits."""

    place: int
    headers: dict[str, str]


class Logged(Value):
    """News to the driver: a line for the log."""

    level: str
    text: str


Question = Begin | TakeRow | MakeTry | Complete | HoldPlace | Curate
News = Happened | HeadersSeen | Logged
