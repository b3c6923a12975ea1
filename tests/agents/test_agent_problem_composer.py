import pytest

from crew import Workshop, make_keywords, make_plan, say
from infinite_instruct.agents.problem_composer import ProblemComposer
from infinite_instruct.domain import ProblemType
from infinite_instruct.errors import ModelReplyError

KEYWORDS = make_keywords("heap queue", "merge intervals", "stable order")
TEXT = "Write a function `busiest(intervals)` that merges intervals with a heap queue."


def composed(*used: str) -> str:
    return say(
        connection="One needs the other.",
        used=list(used),
        problem=TEXT,
        function="busiest",
        parameters=["intervals"],
    )


async def test_task_is_composed_from_the_offered_keywords() -> None:
    workshop = Workshop([composed("Heap Queue", "merge intervals")])
    plan = make_plan(keywords=KEYWORDS)
    problem = await ProblemComposer(workshop.desk).compose(plan, KEYWORDS)
    assert (problem.text, problem.function) == (TEXT, "busiest")
    for keyword in KEYWORDS.keywords:
        assert f"- {keyword.text} (knowledge point)" in workshop.said(0)
    assert workshop.decisions == ["compose from: Heap Queue, merge intervals"]


async def test_question_is_composed_without_a_function() -> None:
    text = "Why does a heap queue help when many intervals have to be merged?"
    workshop = Workshop([say(connection="c", used=["heap queue", "stable order"], problem=text)])
    plan = make_plan(ProblemType.KNOWLEDGE_QUESTION, keywords=KEYWORDS)
    problem = await ProblemComposer(workshop.desk).compose(plan, KEYWORDS)
    assert (problem.prompt, problem.function) == (text, "")


@pytest.mark.parametrize(
    "used",
    [
        pytest.param((), id="none"),
        pytest.param(("heap queue",), id="one"),
        pytest.param(("heap queue", "HEAP QUEUE"), id="one-twice"),
        pytest.param(("heap queue", "binary search"), id="one-invented"),
    ],
)
async def test_composition_needs_two_of_the_offered_keywords(used: tuple[str, ...]) -> None:
    workshop = Workshop([composed(*used), composed("heap queue", "stable order")])
    await ProblemComposer(workshop.desk).compose(make_plan(keywords=KEYWORDS), KEYWORDS)
    assert "used: copy at least 2 of the given keywords" in workshop.said(1)


async def test_model_that_ignores_the_keywords_composes_nothing() -> None:
    workshop = Workshop([composed("nothing")] * 3)
    with pytest.raises(ModelReplyError, match="copy at least 2"):
        await ProblemComposer(workshop.desk).compose(make_plan(keywords=KEYWORDS), KEYWORDS)
