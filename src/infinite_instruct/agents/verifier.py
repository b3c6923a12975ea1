"""The verifier: analyzers judge each answer; in mode `agent` a model reads them, too."""

from dataclasses import dataclass
from typing import Annotated, Literal

from langchain_core.tools import BaseTool
from pydantic import Field

from infinite_instruct.agents.desk import Desk, Job, Reply
from infinite_instruct.agents.problem_evolver import problem_variables
from infinite_instruct.agents.tool_loop import converse
from infinite_instruct.domain import (
    Answer,
    Attempt,
    Language,
    Problem,
    ProblemType,
    RowPlan,
    Status,
    Verdict,
)
from infinite_instruct.errors import ModelReplyError
from infinite_instruct.events import AnswerVerified
from infinite_instruct.tools.analyzers.findings import repair_brief
from infinite_instruct.tools.verification import Expectation
from infinite_instruct.tools.verification import Verifier as StaticAnalysis

JUDGE = Job("verifier", "judge", "judge")


class Opinion(Reply):
    """What the judge's model thinks of an answer that the analyzers accepted."""

    why: Annotated[str, Field(max_length=600)]
    acceptable: bool


@dataclass(frozen=True)
class Verifier:
    """Judges attempts. Accepted needs clean analyzers: an opinion can only lower a verdict."""

    desk: Desk
    analysis: StaticAnalysis
    mode: Literal["tools", "agent"] = "tools"
    tools: tuple[BaseTool, ...] = ()

    async def verify(
        self, plan: RowPlan, problem: Problem, answer: Answer, earlier: tuple[Attempt, ...]
    ) -> Attempt:
        """Judge one answer as the next attempt."""
        previous = earlier[-1].answer if earlier else None
        expected = Expectation(
            function=problem.function,
            parameters=problem.parameters,
            code_required=problem.type is ProblemType.CODE_GENERATION,
            quotes=bool(problem.material),
        )
        verdict = await self.analysis.verify(answer, plan.language, expected, previous)
        if verdict.accepted and self.mode == "agent":
            verdict = await self._with_opinion(plan, problem, answer, verdict)
        attempt = Attempt(number=len(earlier), answer=answer, verdict=verdict)
        self.desk.emit(AnswerVerified(row=plan.id, attempt=attempt.number, verdict=verdict))
        return attempt

    def brief(self, attempt: Attempt, language: Language) -> str:
        """The repair brief for a faulty attempt."""
        return repair_brief(attempt.verdict, self.analysis.code_of(attempt.answer, language))

    async def _with_opinion(
        self, plan: RowPlan, problem: Problem, answer: Answer, verdict: Verdict
    ) -> Verdict:
        variables = problem_variables(problem) | {"problem": problem.prompt, "answer": answer.text}
        try:
            opinion = await converse(self.desk, plan, JUDGE, self.tools, Opinion, variables)
        except ModelReplyError as error:
            self.desk.decide(plan, JUDGE.agent, "no opinion: the analyzers decide", error.cause)
            return verdict
        decision = "agree" if opinion.acceptable else "lower the verdict"
        self.desk.decide(plan, JUDGE.agent, decision, opinion.why, answer.text)
        if opinion.acceptable:
            return verdict
        return verdict.model_copy(
            update={
                "status": Status.REJECTED,
                "reason": "judge-refused",
                "detail": opinion.why,
            }
        )
