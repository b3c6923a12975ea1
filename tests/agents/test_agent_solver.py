import pytest

from crew import TASK, Workshop, fenced, make_plan, syntax_only
from infinite_instruct.agents.solver import Solver
from infinite_instruct.agents.verifier import Verifier
from infinite_instruct.domain import Answer
from infinite_instruct.errors import ModelReplyError
from infinite_instruct.llm.model import ChatReply

BROKEN = fenced("function total(items { return 1; }")


async def test_answer_that_was_cut_off_says_so() -> None:
    workshop = Workshop([ChatReply(text=" half an", finish_reason="length", model="m")])
    answer = await Solver(workshop.desk).solve(make_plan(), TASK)
    assert answer == Answer(text="half an", finish_reason="length", model="m")


async def test_solver_is_told_what_the_answer_must_define_and_its_material() -> None:
    problem = TASK.model_copy(update={"material": "const rate = 2;"})
    workshop = Workshop(["an answer"])
    await Solver(workshop.desk).solve(make_plan(), problem)
    assert problem.prompt in workshop.said(0)
    assert "it must define `total`" in workshop.said(0)


async def test_empty_reply_is_asked_for_again() -> None:
    workshop = Workshop(["", "  \n", "an answer"])
    assert (await Solver(workshop.desk).solve(make_plan(), TASK)).text == "an answer"
    assert "the reply is empty" in workshop.said(1)


async def test_solver_that_stays_silent_is_told() -> None:
    workshop = Workshop([""] * 3)
    with pytest.raises(ModelReplyError, match=r"as solver in 3 attempts.*empty"):
        await Solver(workshop.desk).solve(make_plan(), TASK)


async def test_repair_shows_the_last_answer_and_the_finding_in_its_line() -> None:
    workshop = Workshop(["a better answer"])
    verifier = Verifier(workshop.desk, syntax_only())
    last = await verifier.verify(make_plan(), TASK, Answer(text=BROKEN), ())
    brief = verifier.brief(last, TASK.language)
    answer = await Solver(workshop.desk).repair(make_plan(), TASK, last, brief)
    assert answer.text == "a better answer"
    for part in (BROKEN, "- line 1, syntax", "function total(items {", "The syntax is broken"):
        assert part in workshop.said(0)
    assert "repair" in workshop.decisions
