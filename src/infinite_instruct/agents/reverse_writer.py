"""Reverse Construction: a snippet becomes a problem (paper, section 3.1 and appendix A.1)."""

from dataclasses import dataclass

from infinite_instruct.agents.desk import Desk, Job
from infinite_instruct.agents.posing import (
    PosedQuestion,
    PosedTask,
    check_names,
    problem_of,
)
from infinite_instruct.domain import Problem, ProblemType, RowPlan, Snippet

AGENT = "reverse-writer"


@dataclass(frozen=True)
class ReverseWriter:
    """Writes a problem that a snippet inspires: features, then scenario, then problem."""

    desk: Desk

    async def write(self, plan: RowPlan, snippet: Snippet) -> Problem:
        """Write a problem of the planned type.

        Raises:
            ModelReplyError: The model wrote none that can be used.
        """
        job = Job(AGENT, "writer", f"reverse-{plan.problem_type.value}")
        variables = {
            "code": snippet.text,
            "language": plan.language.value,
            "difficulty": self.desk.pack.difficulties[plan.difficulty],
        }
        if plan.problem_type is ProblemType.CODE_GENERATION:
            task = await self.desk.ask(plan, job, PosedTask, variables, _check_task)
            self._tell(plan, snippet, task.features, task.scenario)
            return problem_of(plan, task)
        question = await self.desk.ask(plan, job, PosedQuestion, variables)
        self._tell(plan, snippet, question.features, question.scenario)
        about_code = plan.problem_type is ProblemType.CODE_UNDERSTANDING
        return Problem(
            type=plan.problem_type,
            language=plan.language,
            text=question.problem,
            material=snippet.text if about_code else "",
        )

    def _tell(self, plan: RowPlan, snippet: Snippet, features: str, scenario: str) -> None:
        why = f"features: {features} scenario: {scenario}"
        self.desk.decide(plan, AGENT, f"write {plan.problem_type.value}", why, snippet.text)


def _check_task(task: PosedTask) -> None:
    check_names(task.problem, task.function)
