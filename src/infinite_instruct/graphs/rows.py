"""One row, taken to its end and written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from infinite_instruct.domain import Outcome, Rejection, RowPlan, Value
from infinite_instruct.events import Emit, RowEnded

if TYPE_CHECKING:
    from infinite_instruct.agents.graph_expander import GraphExpander
    from infinite_instruct.graphs.planner import NewExpansion, NewRow
    from infinite_instruct.tools.similarity import NearDuplicates


class Finished(Value):
    """What a row came to, to be stored in one transaction."""

    outcome: Outcome
    graph_events: tuple[str, ...] = ()
    """Its changes of the knowledge graph, as JSON."""


class RowWorker(Protocol):
    """Who takes rows through the graph: this process, or others."""

    async def take(self, plan: RowPlan) -> Finished:
        """Take a row whose inputs are stored to its end; it tells that it begins.

        Raises:
            InfiniteInstructError: The run itself cannot go on (stop, budget, endpoint, disk).
        """
        ...


class RowBook(Protocol):
    """Where rows are written down: see `runs.store`."""

    async def plan_row(self, plan: RowPlan, graph_events: Sequence[str] = ()) -> None:
        """Store a row's inputs with what planning changed in the graph, in one transaction.

        Rows are stored in the order of the calls; durable when it returns.
        """
        ...

    async def add_graph_events(self, graph_events: Sequence[str]) -> None:
        """Store changes of the knowledge graph that belong to no finished row."""
        ...

    async def finish_row(self, outcome: Outcome, graph_events: Sequence[str] = ()) -> None:
        """Store a row's end with its changes of the knowledge graph, in one transaction."""
        ...


@dataclass(frozen=True)
class RowRunner:
    """Plans, rows and the graph's growth, written down as they come."""

    worker: RowWorker
    expander: "GraphExpander"
    problems: "NearDuplicates"
    """Where problems hold their places: a dropped row's becomes free."""
    book: RowBook
    emit: Emit

    async def begin(self, row: "NewRow") -> Outcome:
        """Write a new row's inputs down, then run it.

        Raises:
            InfiniteInstructError: As `run`.
        """
        await self.book.plan_row(row.plan, row.graph_events)
        return await self.run(row.plan)

    async def expand(self, expansion: "NewExpansion") -> None:
        """Let the graph grow where it is thin.

        Raises:
            InfiniteInstructError: As `run`; the expansion is repeated from the ledger by a resume.
        """
        grown = await self.expander.expand(expansion.region, expansion.seed)
        await self.book.add_graph_events(grown.events)

    async def run(self, plan: RowPlan) -> Outcome:
        """Take a row whose inputs are stored to its end.

        Raises:
            InfiniteInstructError: The run itself cannot go on (stop, budget, endpoint, disk); the
                row stays unfinished and is repeated from the ledger by a resume.
        """
        finished = await self.worker.take(plan)
        outcome = finished.outcome
        dropped = isinstance(outcome, Rejection)
        if dropped:
            self.problems.remove(plan.id)
        reason = outcome.reason if isinstance(outcome, Rejection) else "clean"
        self.emit(RowEnded(row=plan.id, accepted=not dropped, reason=reason))
        await self.book.finish_row(outcome, finished.graph_events)
        return outcome
