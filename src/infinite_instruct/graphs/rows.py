"""One row, taken through the compiled graph and written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from loguru import logger

from infinite_instruct.agents.graph_expander import GraphExpander
from infinite_instruct.domain import Outcome, Rejection, RowPlan, Value
from infinite_instruct.errors import InfiniteInstructError
from infinite_instruct.events import Emit, RowEnded, RowStarted
from infinite_instruct.graphs.crew import Crew
from infinite_instruct.graphs.outcomes import Books, outcome_of
from infinite_instruct.graphs.planner import NewExpansion, NewRow
from infinite_instruct.graphs.row import RowGraph
from infinite_instruct.graphs.state import Dropped, RowState, dropped_state
from infinite_instruct.runs.faults import machine_fault
from infinite_instruct.tools.similarity import NearDuplicates

_STEPS_BESIDES_ATTEMPTS = 12


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
    expander: GraphExpander
    problems: NearDuplicates
    """Where problems hold their places: a dropped row's becomes free."""
    book: RowBook
    emit: Emit

    async def begin(self, row: NewRow) -> Outcome:
        """Write a new row's inputs down, then run it.

        Raises:
            InfiniteInstructError: As `run`.
        """
        await self.book.plan_row(row.plan, row.graph_events)
        return await self.run(row.plan)

    async def expand(self, expansion: NewExpansion) -> None:
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


@dataclass(frozen=True)
class GraphWorker:
    """Takes rows through the compiled graph in this process, each as one invocation."""

    graph: RowGraph
    crew: Crew
    books: Books
    emit: Emit
    pack: str

    async def take(self, plan: RowPlan) -> Finished:
        """As `RowWorker`."""
        self.emit(RowStarted(row=plan.id, origin=plan.origin, language=plan.language))
        self.books.open(plan.id)
        state = await self._state(plan)
        outcome = outcome_of(plan, state, self.books.close(plan.id), self.pack)
        return Finished(outcome=outcome, graph_events=state.get("graph_events", ()))

    async def _config(self, plan: RowPlan) -> RunnableConfig:
        limit = _STEPS_BESIDES_ATTEMPTS + 2 * self.crew.max_attempts
        if not isinstance(self.graph.checkpointer, BaseCheckpointSaver):
            return {"recursion_limit": limit}
        # The row begins anew: what a killed session left of it is repeated from the ledger.
        await self.graph.checkpointer.adelete_thread(plan.id)
        return {"recursion_limit": limit, "configurable": {"thread_id": plan.id}}

    async def _state(self, plan: RowPlan) -> RowState:
        try:
            config = await self._config(plan)
            result = await self.graph.ainvoke(
                {"plan": plan}, config, context=self.crew, version="v2"
            )
        except InfiniteInstructError:
            raise
        except Exception as error:
            if (of_machine := machine_fault(error)) is not None:
                raise of_machine from error
            # One row's fault must not end the run.
            logger.exception("Row {} failed by a fault in this program.", plan.id)
            # Its text may quote a key; the log hides those.
            detail = f"{type(error).__name__}; the run's log has its traceback."
            return dropped_state(
                plan, Dropped(stage="graph", reason="internal-error", detail=detail)
            )
        return result.value
