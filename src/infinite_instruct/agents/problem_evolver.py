"""Difficulty in six directions (paper, appendix A.2) and rewording (appendix A.3)."""

from dataclasses import dataclass

from infinite_instruct.agents.desk import Desk, Job
from infinite_instruct.agents.posing import (
    HarderTask,
    NewWording,
    check_kept,
    check_names,
    known_parameters,
)
from infinite_instruct.domain import Direction, Problem, RowPlan, Value
from infinite_instruct.errors import ModelReplyError

AGENT = "problem-evolver"
EVOLVE = Job(AGENT, "writer", "evolve")
REWORD = Job(AGENT, "writer", "reword")
KEPT_BY_REWORDING = 0.3
"""Share of a problem's longer words that a rewording keeps; other words for the rest."""
KEPT_BY_EVOLVING = 0.2
"""A new setting may change nearly everything, but not all."""


class Evolved(Value):
    """A problem, and the directions in which it truly went."""

    problem: Problem
    directions: tuple[Direction, ...] = ()


@dataclass(frozen=True)
class ProblemEvolver:
    """Makes a problem harder, then asks it as people do.

    Both steps may fail without harm: the problem from before them is a sound one, so it is kept,
    and the decision says so.
    """

    desk: Desk

    async def evolve(self, plan: RowPlan, problem: Problem) -> Evolved:
        """As many steps as the planned difficulty asks for, each in a direction of its own."""
        evolved = Evolved(problem=problem)
        for direction in plan.directions:
            harder = await self._step(plan, evolved.problem, direction)
            if harder is not None:
                taken = (*evolved.directions, direction)
                evolved = Evolved(problem=harder, directions=taken)
        return evolved

    async def _step(self, plan: RowPlan, problem: Problem, direction: Direction) -> Problem | None:
        """A harder problem; None where the model gave none."""
        how = self.desk.pack.directions[direction]
        variables = problem_variables(problem) | {
            "direction": direction.value,
            "how": how,
            "difficulty": self.desk.pack.difficulties[plan.difficulty],
        }
        try:
            if problem.function:
                harder = await self._harder_task(plan, problem, variables)
            else:
                harder = await self._rewritten(plan, EVOLVE, problem, variables, KEPT_BY_EVOLVING)
        except ModelReplyError as error:
            self.desk.decide(plan, AGENT, "keep the problem as it was", error.cause, problem.text)
            return None
        self.desk.decide(plan, AGENT, f"evolve: {direction.value}", how, problem.text)
        return harder

    async def reword(self, plan: RowPlan, problem: Problem) -> Problem:
        """The same problem in the words of someone who asks."""
        try:
            variables = problem_variables(problem)
            reworded = await self._rewritten(plan, REWORD, problem, variables, KEPT_BY_REWORDING)
        except ModelReplyError as error:
            self.desk.decide(plan, AGENT, "keep the wording", error.cause, problem.text)
            return problem
        self.desk.decide(plan, AGENT, "reword", "nearer to how people ask", problem.text)
        return reworded

    async def _harder_task(
        self, plan: RowPlan, problem: Problem, variables: dict[str, object]
    ) -> Problem:
        def check(task: HarderTask) -> None:
            check_names(task.problem, problem.function)
            check_kept(problem.text, task.problem, KEPT_BY_EVOLVING)

        task = await self.desk.ask(plan, EVOLVE, HarderTask, variables, check)
        parameters = known_parameters(task.parameters, task.problem)
        return problem.model_copy(update={"text": task.problem, "parameters": parameters})

    async def _rewritten(
        self,
        plan: RowPlan,
        job: Job,
        problem: Problem,
        variables: dict[str, object],
        kept: float,
    ) -> Problem:
        def check(wording: NewWording) -> None:
            check_names(wording.problem, problem.function)
            check_kept(problem.text, wording.problem, kept)

        wording = await self.desk.ask(plan, job, NewWording, variables, check)
        return problem.model_copy(update={"text": wording.problem})


def problem_variables(problem: Problem) -> dict[str, object]:
    """A problem, as the prompts name its parts."""
    return {
        "problem": problem.text,
        "material": problem.material,
        "problem_type": problem.type.value,
        "language": problem.language.value,
        "function": problem.function,
        "parameters": problem.parameters or (),
    }
