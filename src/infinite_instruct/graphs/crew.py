"""Who works on a row: handed to the graph's nodes as LangGraph's runtime context."""

from dataclasses import dataclass
from typing import Protocol

from infinite_instruct.agents.curated import Curated
from infinite_instruct.agents.problem_composer import ProblemComposer
from infinite_instruct.agents.problem_evolver import ProblemEvolver
from infinite_instruct.agents.reverse_writer import ReverseWriter
from infinite_instruct.agents.solver import Solver
from infinite_instruct.agents.verifier import Verifier
from infinite_instruct.domain import Answer, Problem, RowPlan, Status, Verdict
from infinite_instruct.events import Decided, Emit
from infinite_instruct.tools.gate import NOT_TO_BE_WRITTEN, Gate, Refusal

AGENT = "gate"


class Curator(Protocol):
    """Feeds accepted problems back into the knowledge graph: see `agents.graph_curator`."""

    async def curate(self, plan: RowPlan, problem: Problem) -> Curated:
        """Add an accepted problem's keywords to the graph."""
        ...


@dataclass(frozen=True)
class Crew:
    """The agents, the gate and the two rules that the graph's edges need."""

    writer: ReverseWriter
    composer: ProblemComposer
    evolver: ProblemEvolver
    solver: Solver
    verifier: Verifier
    curator: Curator
    gate: Gate
    emit: Emit
    max_attempts: int = 3
    accept_unverifiable: bool = False

    def accepts(self, verdict: Verdict) -> bool:
        """Whether a verdict is good enough for the data set."""
        tolerated = self.accept_unverifiable and bool(verdict.unresolved)
        return verdict.accepted or (verdict.status is Status.UNVERIFIABLE and tolerated)

    async def refusal(self, plan: RowPlan, problem: Problem) -> Refusal | None:
        """The gate's word on a problem, told to the trace."""
        refusal = await self.gate.refuse_problem(plan.id, problem.prompt)
        return self._told(plan, refusal, problem.prompt)

    def answer_refusal(self, plan: RowPlan, answer: Answer) -> Refusal | None:
        """The gate's word on an answer, told to the trace."""
        return self._told(plan, self.gate.refuse_answer(answer.text), answer.text)

    def _told(self, plan: RowPlan, refusal: Refusal | None, saw: str) -> Refusal | None:
        decision = f"refuse: {refusal.reason}" if refusal else "let pass"
        why = refusal.detail if refusal else "no duplicate, no benchmark's task, no secret"
        seen = "" if refusal and refusal.reason == NOT_TO_BE_WRITTEN else saw[:500]
        self.emit(Decided(row=plan.id, agent=AGENT, decision=decision, why=why, saw=seen))
        return refusal
