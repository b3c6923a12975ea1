import pytest

from crew import Workshop, make_keywords, make_plan, say
from infinite_instruct.agents.problem_composer import ProblemComposer
from infinite_instruct.domain import KeywordUse, ProblemType
from infinite_instruct.errors import ModelReplyError

KEYWORDS = make_keywords("heap queue", "merge intervals", "stable order")
TEXT = (
    "Write a function `busiest(intervals)` that merges intervals with a heap queue. "
    "Intervals that begin together keep their places."
)
Claim = dict[str, object]


def claim(keyword: str, *needs: str, because: str = "It is so.") -> Claim:
    return {"keyword": keyword, "because": because, "needs": list(needs)}


HEAP = claim("heap queue", "merge intervals")
LONE = claim("heap queue")
MERGE = claim("merge intervals")
SORTED = claim(
    "stable order",
    "merge intervals",
    because="A stable order keeps intervals that begin together in their places.",
)


def composed(*used: Claim, text: str = TEXT, connection: str = "It is one job.") -> str:
    return say(
        connection=connection,
        problem=text,
        function="busiest",
        parameters=["intervals"],
        used=list(used),
    )


async def test_task_is_composed_from_the_offered_keywords_and_says_how_they_depend() -> None:
    workshop = Workshop([composed(claim("Heap Queues", "merge intervals"), MERGE)])
    plan = make_plan(keywords=KEYWORDS)
    problem = await ProblemComposer(workshop.desk).compose(plan, KEYWORDS)
    assert (problem.text, problem.function) == (TEXT, "busiest")
    for keyword in KEYWORDS.keywords:
        assert f"- {keyword.text} (knowledge point)" in workshop.said(0)
    assert "Difficulty: medium" in workshop.said(0)
    assert workshop.decisions == ["compose from: heap queue, merge intervals"]
    assert problem.uses[0] == KeywordUse(
        keyword="heap queue", reason="stated", because="It is so.", needs=("merge intervals",)
    )


async def test_what_the_text_has_needs_no_claim_where_the_connection_tells_of_it() -> None:
    reply = composed(
        claim("merge"), SORTED, connection="A heap queue merges intervals and keeps a stable order."
    )
    workshop = Workshop([reply])
    problem = await ProblemComposer(workshop.desk).compose(make_plan(keywords=KEYWORDS), KEYWORDS)
    assert [(use.keyword, use.reason) for use in problem.uses] == [
        ("heap queue", "stated"),
        ("merge intervals", "stated"),
        ("stable order", "required"),
    ]


async def test_a_reason_that_names_another_keyword_is_a_tie() -> None:
    heap = claim("heap queue", because="A heap queue merges the intervals one by one.")
    workshop = Workshop([composed(heap)])
    problem = await ProblemComposer(workshop.desk).compose(make_plan(keywords=KEYWORDS), KEYWORDS)
    assert [use.needs for use in problem.uses] == [("merge intervals",), ()]


async def test_question_is_composed_without_a_function() -> None:
    text = "Why does a heap queue help to keep a stable order of many intervals?"
    used = [claim("heap queue", "stable order"), claim("stable order")]
    workshop = Workshop([say(connection="c", used=used, problem=text)])
    plan = make_plan(ProblemType.KNOWLEDGE_QUESTION, keywords=KEYWORDS)
    problem = await ProblemComposer(workshop.desk).compose(plan, KEYWORDS)
    assert (problem.prompt, problem.function) == (text, "")


async def test_a_solution_may_need_what_the_text_does_not_say() -> None:
    workshop = Workshop([composed(HEAP, MERGE, SORTED)])
    problem = await ProblemComposer(workshop.desk).compose(make_plan(keywords=KEYWORDS), KEYWORDS)
    assert [use.reason for use in problem.uses] == ["stated", "stated", "required"]


@pytest.mark.parametrize(
    ("used", "fault"),
    [
        pytest.param((), "copy at least 2 of the given keywords", id="none"),
        pytest.param((LONE,), "copy at least 2", id="one"),
        pytest.param((LONE, claim("HEAP-QUEUE")), "copy at least 2", id="one-twice"),
        pytest.param((LONE, claim("binary search")), "copy at least 2", id="one-invented"),
        pytest.param((LONE, claim("w" * 10_000)), "copy at least 2", id="endless"),
        pytest.param(
            (HEAP, MERGE, claim("stable order", "heap queue")),
            "the problem does not say 'stable order'",
            id="not-in-the-problem",
        ),
        pytest.param(
            (HEAP, MERGE, SORTED | {"because": "A stable order is good style."}),
            "name 'stable order' under `because`",
            id="required-for-nothing-of-the-problem",
        ),
        pytest.param(
            (HEAP, MERGE, SORTED | {"because": "Intervals keep their places."}),
            "name 'stable order' under `because`",
            id="reason-for-something-else",
        ),
        pytest.param(
            (HEAP, MERGE, SORTED | {"needs": ["binary search", "stable order"]}),
            "'stable order' stands alone",
            id="depends-on-nothing",
        ),
    ],
)
async def test_model_is_asked_again_with_the_fault(used: tuple[Claim, ...], fault: str) -> None:
    workshop = Workshop([composed(*used), composed(HEAP, MERGE)])
    problem = await ProblemComposer(workshop.desk).compose(make_plan(keywords=KEYWORDS), KEYWORDS)
    assert fault in workshop.said(1)
    assert [use.keyword for use in problem.uses] == ["heap queue", "merge intervals"]


async def test_half_of_a_larger_set_must_be_needed() -> None:
    words = [f"{name} tree" for name in ("red", "green", "blue", "white", "black")]
    text = f"Write a function `busiest(trees)` that plants a {', a '.join(words)} in a row."
    few = [claim(words[0], words[1]), claim(words[1])]
    workshop = Workshop(
        [composed(*few, text=text), composed(*few, claim(words[2], words[0]), text=text)]
    )
    keywords = make_keywords(*words)
    problem = await ProblemComposer(workshop.desk).compose(make_plan(keywords=keywords), keywords)
    assert "copy at least 3" in workshop.said(1)
    assert len(problem.uses) == 3


async def test_model_that_ignores_the_keywords_composes_nothing() -> None:
    workshop = Workshop([composed(claim("nothing"))] * 3)
    with pytest.raises(ModelReplyError, match="copy at least 2"):
        await ProblemComposer(workshop.desk).compose(make_plan(keywords=KEYWORDS), KEYWORDS)
