"""One row, run through the compiled graph and written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from loguru import logger

from infinite_instruct.domain import Outcome, Rejection, RowPlan
from infinite_instruct.errors import InfiniteInstructError
from infinite_instruct.events import Emit, RowEnded, RowStarted
from infinite_instruct.graphs.crew import Crew
from infinite_instruct.graphs.outcomes import Books, outcome_of
from infinite_instruct.graphs.planner import NewExpansion, NewRow
from infinite_instruct.graphs.row import RowGraph
from infinite_instruct.graphs.state import Dropped, RowState
from infinite_instruct.runs.faults import machine_fault

_STEPS_BESIDES_ATTEMPTS = 12


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
    """Runs rows, each as one invocation of the graph."""

    graph: RowGraph
    crew: Crew
    book: RowBook
    books: Books
    emit: Emit
    pack: str

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
        grown = await self.crew.expander.expand(expansion.region, expansion.seed)
        await self.book.add_graph_events(grown.events)

    async def run(self, plan: RowPlan) -> Outcome:
        """Take a row whose inputs are stored to its end.

        Raises:
            InfiniteInstructError: The run itself cannot go on (stop, budget, endpoint, disk); the
                row stays unfinished and is repeated from the ledger by a resume.
        """
        self.emit(RowStarted(row=plan.id, origin=plan.origin, language=plan.language))
        self.books.open(plan.id)
        state = await self._state(plan)
        outcome = outcome_of(plan, state, self.books.close(plan.id), self.pack)
        dropped = isinstance(outcome, Rejection)
        if dropped:
            self.crew.gate.forget(plan.id)
        reason = outcome.reason if isinstance(outcome, Rejection) else "clean"
        self.emit(RowEnded(row=plan.id, accepted=not dropped, reason=reason))
        await self.book.finish_row(outcome, state.get("graph_events", ()))
        return outcome

    def _config(self, plan: RowPlan) -> RunnableConfig:
        limit = _STEPS_BESIDES_ATTEMPTS + 2 * self.crew.max_attempts
        return {"recursion_limit": limit, "configurable": {"thread_id": plan.id}}

    async def _forget_checkpoints(self, row: str) -> None:
        """A row begins anew: what a killed session left of it is repeated from the ledger."""
        if isinstance(self.graph.checkpointer, BaseCheckpointSaver):
            await self.graph.checkpointer.adelete_thread(row)

    async def _state(self, plan: RowPlan) -> RowState:
        try:
            await self._forget_checkpoints(plan.id)
            result = await self.graph.ainvoke(
                {"plan": plan}, self._config(plan), context=self.crew, version="v2"
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
            fault = Dropped(stage="graph", reason="internal-error", detail=detail)
            return RowState(plan=plan, dropped=fault)  # type: ignore[typeddict-item] # as far as it came
        return result.value
