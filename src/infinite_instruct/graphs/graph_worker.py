"""One row, taken through the compiled graph."""

from dataclasses import dataclass

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from loguru import logger

from infinite_instruct.domain import RowPlan
from infinite_instruct.errors import InfiniteInstructError
from infinite_instruct.events import Emit, RowStarted
from infinite_instruct.graphs.crew import Crew
from infinite_instruct.graphs.outcomes import Books, outcome_of
from infinite_instruct.graphs.row import RowGraph
from infinite_instruct.graphs.rows import Finished
from infinite_instruct.graphs.state import Dropped, RowState, dropped_state
from infinite_instruct.runs.faults import machine_fault

_STEPS_BESIDES_ATTEMPTS = 12


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
