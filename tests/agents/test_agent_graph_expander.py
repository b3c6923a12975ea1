import pytest

from crew import Workshop, make_keywords, say
from infinite_instruct.agents.graph_curator import GraphCurator
from infinite_instruct.agents.graph_expander import GraphExpander
from infinite_instruct.domain import KeywordKind, Language
from infinite_instruct.errors import BudgetExhaustedError
from infinite_instruct.events import Noticed
from infinite_instruct.tools.expansion import ThinRegion

REGION = ThinRegion(
    keyword="mergesort",
    kind=KeywordKind.TASK,
    language=Language.GO,
    known=("quick sort", "stable order"),
    why="2 ties",
)


def proposed(
    siblings: tuple[str, ...] = (), parts: tuple[str, ...] = (), needs: tuple[str, ...] = ()
) -> str:
    return say(siblings=list(siblings), parts=list(parts), prerequisites=list(needs))


def expander(workshop: Workshop, *known: str) -> GraphExpander:
    words = make_keywords("mergesort", *known).keywords
    workshop.vocabulary.learn("r0", Language.GO, words, ())
    return GraphExpander(workshop.desk, GraphCurator(workshop.desk, workshop.vocabulary))


async def test_a_model_is_asked_for_more_and_told_what_is_known() -> None:
    reply = proposed(("heap  sort",), ("merging step",), ("recursion",))
    workshop = Workshop([reply, say(pairs=[]), say(pairs=[])])
    grown = await expander(workshop).expand(REGION, seed=5)
    assert "mergesort" in workshop.said(0)
    assert "quick sort, stable order" in workshop.said(0)
    assert workshop.model.requests[0].seed == 5
    assert {each.text: (each.kind, each.relation) for each in grown.proposals} == {
        "heap sort": (KeywordKind.TASK, "sibling"),
        "merging step": (KeywordKind.KNOWLEDGE_POINT, "part-of"),
        "recursion": (KeywordKind.KNOWLEDGE_POINT, "needs"),
    }
    graph = workshop.vocabulary.graph
    assert graph.parts("mergesort") == ("merging step",)
    assert graph.needs("mergesort") == ("recursion",)
    assert grown.events, "to be stored"


async def test_its_decision_is_told_with_each_verdict() -> None:
    workshop = Workshop([proposed(("heap sort", "code")), say(pairs=[])])
    await expander(workshop).expand(REGION, seed=0)
    (told,) = [event for event in workshop.heard if event.kind == "decided"]
    assert told.row == "", "it is the run's, and no row's"
    assert told.decision == "expand 'mergesort': 1 added, 0 merged, 1 refused"
    assert told.why == "added: heap sort (sibling; new); refused: code (sibling; generic)"
    assert [each.message for each in workshop.heard if isinstance(each, Noticed)]


async def test_grey_proposals_are_asked_about_as_any_keyword() -> None:
    opinion = say(pairs=[{"number": 1, "why": "one thing", "same": True}])
    workshop = Workshop([proposed(needs=("shopping list",)), opinion])
    grown = await expander(workshop, "grocery list").expand(REGION, seed=0)
    assert "shopping list / grocery list" in workshop.said(1)
    assert grown.proposals[0].verdict == "merged"
    assert workshop.vocabulary.graph.needs("mergesort") == ("grocery list",)


@pytest.mark.parametrize(
    "replies",
    [
        pytest.param(["no"] * 3, id="unusable"),
        pytest.param([proposed()], id="empty"),
        pytest.param([proposed(("", "\x00", "w" * 10_000))], id="junk"),
    ],
)
async def test_a_model_that_proposes_nothing_is_not_asked_again(replies: list[str]) -> None:
    workshop = Workshop(replies)
    working = expander(workshop)
    grown = await working.expand(REGION, seed=0)
    assert [each.verdict for each in grown.proposals if each.verdict != "refused"] == []
    assert workshop.vocabulary.graph.was_expanded("mergesort"), "tried counts"
    assert len(workshop.vocabulary.graph) == 1


async def test_a_model_without_measure_is_bounded() -> None:
    many = tuple(f"sort number {letter}" for letter in "abcdefghijklmnopqrstuvwxyz")
    workshop = Workshop([proposed(many, many, many), *[say(pairs=[])] * 3])
    grown = await expander(workshop).expand(REGION, seed=0)
    assert len(grown.proposals) <= 24


async def test_what_ends_a_run_is_passed_on() -> None:
    error = BudgetExhaustedError("It is spent.", remedy="Resume.")
    workshop = Workshop([error])
    with pytest.raises(BudgetExhaustedError):
        await expander(workshop).expand(REGION, seed=0)
    assert workshop.vocabulary.graph.expansions == 0
