"""How far a row has come. Each stage knows what the stages before it gave."""

from typing import TypedDict, cast

from infinite_instruct.domain import Answer, Attempt, Direction, Keyword, Problem, RowPlan, Value


class Dropped(Value):
    """A row's end before the data set."""

    stage: str
    """The node that dropped it."""
    reason: str
    """A short code named for the problem, like `near-duplicate`."""
    detail: str


class Planned(TypedDict):
    """A row's inputs are chosen."""

    plan: RowPlan


class Posed(Planned):
    """There is a problem."""

    problem: Problem


class Answered(Posed):
    """There is an answer that nobody has judged yet; earlier ones are among the attempts."""

    answer: Answer
    attempts: tuple[Attempt, ...]


class Judged(Answered):
    """The last answer has its verdict."""


class RowState(Judged, total=False):
    """Everything that a row's way can gather; what is absent was not reached."""

    directions: tuple[Direction, ...]
    keywords: tuple[Keyword, ...]
    graph_events: tuple[str, ...]
    """Changes of the knowledge graph, as JSON, to be stored with the row."""
    dropped: Dropped


def dropped_state(plan: RowPlan, dropped: Dropped) -> RowState:
    """The state of a row that was dropped outside of the graph: it has no more than its plan."""
    return cast("RowState", {"plan": plan, "dropped": dropped})


class PosedDelta(TypedDict, total=False):
    """What the nodes before the solver add."""

    problem: Problem
    directions: tuple[Direction, ...]
    attempts: tuple[Attempt, ...]
    dropped: Dropped


class AnsweredDelta(TypedDict, total=False):
    """What solver and verifier add."""

    answer: Answer
    attempts: tuple[Attempt, ...]
    dropped: Dropped


class CuratedDelta(TypedDict, total=False):
    """What the curator adds."""

    keywords: tuple[Keyword, ...]
    graph_events: tuple[str, ...]
