"""Backfeeding Construction: keywords of the graph become a problem (paper, section 3.2)."""

from dataclasses import dataclass

from infinite_instruct.agents.desk import Desk, Job
from infinite_instruct.agents.needing import uses_of
from infinite_instruct.agents.posing import (
    ComposedQuestion,
    ComposedTask,
    check_names,
    problem_of,
)
from infinite_instruct.domain import KeywordSet, KeywordUse, Problem, ProblemType, RowPlan

JOB = Job("problem-composer", "composer", "compose")


@dataclass(frozen=True)
class ProblemComposer:
    """Composes a problem that needs a set of keywords together, and says how they depend."""

    desk: Desk

    async def compose(self, plan: RowPlan, keywords: KeywordSet) -> Problem:
        """Compose a problem of the planned type; it tells which keywords it needs, and why.

        Raises:
            ModelReplyError: The model composed none that needs the keywords.
        """
        offered = keywords.keywords

        def check_task(task: ComposedTask) -> None:
            check_names(task.problem, task.function)
            uses_of(task, offered)

        def check_question(question: ComposedQuestion) -> None:
            uses_of(question, offered)

        variables = self._variables(plan, keywords)
        reply: ComposedTask | ComposedQuestion
        if plan.problem_type is ProblemType.CODE_GENERATION:
            reply = await self.desk.ask(plan, JOB, ComposedTask, variables, check_task)
            problem = problem_of(plan, reply)
        else:
            reply = await self.desk.ask(plan, JOB, ComposedQuestion, variables, check_question)
            problem = Problem(type=plan.problem_type, language=plan.language, text=reply.problem)
        uses, why = uses_of(reply, offered), reply.connection
        self._tell(plan, keywords, uses, why)
        return problem.model_copy(update={"uses": uses})

    def _variables(self, plan: RowPlan, keywords: KeywordSet) -> dict[str, object]:
        return {
            "keywords": [keyword.model_dump(mode="json") for keyword in keywords.keywords],
            "problem_type": plan.problem_type.value,
            "language": plan.language.value,
            "difficulty": self.desk.pack.difficulties[plan.difficulty],
        }

    def _tell(
        self, plan: RowPlan, keywords: KeywordSet, uses: tuple[KeywordUse, ...], why: str
    ) -> None:
        used = ", ".join(use.keyword for use in uses)
        ties = "; ".join(f"{use.keyword} → {', '.join(use.needs)}" for use in uses if use.needs)
        offered = ", ".join(keyword.text for keyword in keywords.keywords)
        self.desk.decide(
            plan,
            JOB.agent,
            f"compose from: {used}",
            f"{why} ({ties})",
            f"{offered} ({keywords.why})",
        )
