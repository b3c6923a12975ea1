"""Backfeeding Construction: keywords of the graph become a problem (paper, section 3.2)."""

from dataclasses import dataclass

from infinite_instruct.agents.desk import Desk, Job
from infinite_instruct.agents.posing import (
    ComposedQuestion,
    ComposedTask,
    check_names,
    problem_of,
)
from infinite_instruct.domain import Keyword, KeywordSet, Problem, ProblemType, RowPlan

JOB = Job("problem-composer", "composer", "compose")
MIN_USED = 2
"""A problem from fewer keywords of its set is no composition."""


@dataclass(frozen=True)
class ProblemComposer:
    """Composes a problem that needs a set of keywords together, and says how they depend."""

    desk: Desk

    async def compose(self, plan: RowPlan, keywords: KeywordSet) -> Problem:
        """Compose a problem of the planned type.

        Raises:
            ModelReplyError: The model composed none that needs the keywords.
        """

        def check_task(task: ComposedTask) -> None:
            check_names(task.problem, task.function)
            _check_used(task.used, keywords.keywords)

        def check_question(question: ComposedQuestion) -> None:
            _check_used(question.used, keywords.keywords)

        variables = {
            "keywords": [keyword.model_dump(mode="json") for keyword in keywords.keywords],
            "problem_type": plan.problem_type.value,
            "language": plan.language.value,
            "difficulty": self.desk.pack.difficulties[plan.difficulty],
        }
        if plan.problem_type is ProblemType.CODE_GENERATION:
            task = await self.desk.ask(plan, JOB, ComposedTask, variables, check_task)
            self._tell(plan, keywords, task.used, task.connection)
            return problem_of(plan, task)
        question = await self.desk.ask(plan, JOB, ComposedQuestion, variables, check_question)
        self._tell(plan, keywords, question.used, question.connection)
        return Problem(type=plan.problem_type, language=plan.language, text=question.problem)

    def _tell(self, plan: RowPlan, keywords: KeywordSet, used: list[str], why: str) -> None:
        offered = ", ".join(keyword.text for keyword in keywords.keywords)
        self.desk.decide(
            plan, JOB.agent, f"compose from: {', '.join(used)}", why, f"{offered} ({keywords.why})"
        )


def _check_used(used: list[str], offered: tuple[Keyword, ...]) -> None:
    names = {keyword.text.casefold() for keyword in offered}
    known = {text.casefold() for text in used} & names
    if len(known) < min(MIN_USED, len(names)):
        raise ValueError(f"used: copy at least {MIN_USED} of the given keywords, exactly")
