"""The solver: a problem becomes an answer; a faulty answer and its findings the next one."""

from dataclasses import dataclass

from infinite_instruct.agents.desk import Desk, Job
from infinite_instruct.agents.problem_evolver import problem_variables
from infinite_instruct.domain import Answer, Attempt, Problem, RowPlan
from infinite_instruct.llm.model import ChatReply

AGENT = "solver"
SOLVE = Job(AGENT, "solver", "solve")
REPAIR = Job(AGENT, "solver", "repair")


@dataclass(frozen=True)
class Solver:
    """Answers problems."""

    desk: Desk

    async def solve(self, plan: RowPlan, problem: Problem) -> Answer:
        """The first answer.

        Raises:
            ModelReplyError: Every reply was empty.
        """
        variables = problem_variables(problem) | {"problem": problem.prompt}
        return _answer(await self.desk.ask_text(plan, SOLVE, variables))

    async def repair(self, plan: RowPlan, problem: Problem, last: Attempt, brief: str) -> Answer:
        """The next answer, from the last one and what the analyzers found in it.

        Raises:
            ModelReplyError: Every reply was empty.
        """
        variables = problem_variables(problem) | {
            "problem": problem.prompt,
            "answer": last.answer.text,
            "brief": brief,
        }
        why = f"attempt {last.number} was rejected: {last.verdict.reason}"
        self.desk.decide(plan, AGENT, "repair", why, brief)
        return _answer(await self.desk.ask_text(plan, REPAIR, variables))


def _answer(reply: ChatReply) -> Answer:
    return Answer(text=reply.text.strip(), finish_reason=reply.finish_reason, model=reply.model)
