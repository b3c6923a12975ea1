"""The verifier: analyzers judge each answer; in mode `agent` a model reads them, too."""

from dataclasses import dataclass
from typing import Annotated, Literal, Protocol

from pydantic import Field

from infinite_instruct.agents.desk import Desk, Job, Reply
from infinite_instruct.agents.problem_evolver import problem_variables
from infinite_instruct.agents.tool_loop import AnalyzerTool, converse
from infinite_instruct.domain import Answer, Attempt, Language, Problem, RowPlan, Status, Verdict
from infinite_instruct.errors import ModelReplyError
from infinite_instruct.events import AnswerVerified

JUDGE = Job("verifier", "judge", "judge")


class AnswerChecker(Protocol):
    """Static analysis of answers: see `tools.verification`."""

    async def check(self, problem: Problem, answer: Answer, previous: Answer | None) -> Verdict:
        """Judge an answer to a problem, without running it."""
        ...

    def brief(self, verdict: Verdict, answer: Answer, language: Language) -> str:
        """What the next attempt has to repair, quoting line, rule and message."""
        ...


class Opinion(Reply):
    """What the judge's model thinks of an answer that the analyzers accepted."""

    why: Annotated[str, Field(max_length=600)]
    acceptable: bool


@dataclass(frozen=True)
class Verifier:
    """Judges attempts. Accepted needs clean analyzers: an opinion can only lower a verdict."""

    desk: Desk
    checker: AnswerChecker
    mode: Literal["tools", "agent"] = "tools"
    tools: tuple[AnalyzerTool, ...] = ()

    async def verify(
        self, plan: RowPlan, problem: Problem, answer: Answer, earlier: tuple[Attempt, ...]
    ) -> Attempt:
        """Judge one answer as the next attempt."""
        previous = earlier[-1].answer if earlier else None
        verdict = await self.checker.check(problem, answer, previous)
        if verdict.accepted and self.mode == "agent":
            verdict = await self._with_opinion(plan, problem, answer, verdict)
        attempt = Attempt(number=len(earlier), answer=answer, verdict=verdict)
        self.desk.emit(AnswerVerified(row=plan.id, attempt=attempt.number, verdict=verdict))
        return attempt

    def brief(self, attempt: Attempt, language: Language) -> str:
        """The repair brief for a faulty attempt."""
        return self.checker.brief(attempt.verdict, attempt.answer, language)

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
