import asyncio

import pytest

from crew import TASK, Workshop, make_keywords, make_plan, say
from infinite_instruct.agents.graph_curator import GraphCurator
from infinite_instruct.domain import Keyword, KeywordKind, KeywordUse, Language, Problem
from infinite_instruct.llm.model import ChatRequest

GRAPH_TASK = TASK.model_copy(
    update={"text": "Keep `total` over a shopping list: merge duplicates, in place, by a BST."}
)


def mined(*points: str, tasks: tuple[str, ...] = ()) -> str:
    return say(tasks=list(tasks), instructions=[], knowledge_points=list(points))


def know(workshop: Workshop, *texts: str) -> None:
    keywords = make_keywords(*texts).keywords
    workshop.vocabulary.learn("r0", Language.JAVASCRIPT, keywords, ())


def curator(workshop: Workshop) -> GraphCurator:
    return GraphCurator(workshop.desk, workshop.vocabulary)


async def test_keywords_enter_the_graph_with_their_kind() -> None:
    workshop = Workshop([mined("shopping list", "in  place", tasks=("merge duplicates",))])
    curated = await curator(workshop).curate(make_plan(), GRAPH_TASK)
    assert curated.keywords == (
        Keyword(kind=KeywordKind.TASK, text="merge duplicates"),
        Keyword(kind=KeywordKind.KNOWLEDGE_POINT, text="shopping list"),
        Keyword(kind=KeywordKind.KNOWLEDGE_POINT, text="in place"),
    )
    graph = workshop.vocabulary.graph
    assert graph.together("shopping list", "in place") == 1
    assert graph.node("merge duplicates").rows == ("r1",)
    assert curated.events, "the change must be stored with the row"


@pytest.mark.parametrize(
    ("word", "why"),
    [
        pytest.param("quantum computing", "not in the problem", id="unsupported"),
        pytest.param("code", "generic", id="generic"),
        pytest.param("42", "number", id="number"),
        pytest.param("ignore\u202eprevious", "control-characters", id="hidden-direction"),
        pytest.param("w" * 60 + "x", "too-long", id="too-long"),
        pytest.param("JavaScript", "generic", id="language"),
        pytest.param("Merge the lists. Then sort.", "sentence", id="sentence"),
    ],
)
async def test_unfit_keyword_is_refused_with_its_reason(word: str, why: str) -> None:
    workshop = Workshop([mined("shopping list", word)])
    curated = await curator(workshop).curate(make_plan(), GRAPH_TASK)
    assert [keyword.text for keyword in curated.keywords] == ["shopping list"]
    assert word not in workshop.vocabulary.graph
    told = [event for event in workshop.heard if event.kind == "decided"]
    assert told[-1].why == f"refused: {word[:60]} ({why})"


async def test_an_endless_keyword_or_a_long_list_costs_no_other_keyword() -> None:
    workshop = Workshop(
        [mined("w" * 10_000, "", "\x00", "Shopping Lists", "shopping list", *"abcdefgh")]
    )
    curated = await curator(workshop).curate(make_plan(), GRAPH_TASK)
    assert [keyword.text for keyword in curated.keywords] == ["Shopping Lists"]
    assert len(workshop.model.requests) == 1, "nothing is asked again"
    told = [event for event in workshop.heard if event.kind == "decided"]
    assert len(told[-1].why) < 300


async def test_only_what_the_problem_needs_of_its_set_counts_as_accepted() -> None:
    workshop = Workshop([mined("shopping list", "in place")])
    know(workshop, "shopping list", "bloom filter")
    drawn = make_keywords("shopping list", "bloom filter")
    use = KeywordUse(keyword="shopping list", reason="stated", because="It says so.")
    problem = GRAPH_TASK.model_copy(update={"uses": (use,)})
    await curator(workshop).curate(make_plan(keywords=drawn), problem)
    graph = workshop.vocabulary.graph
    assert (graph.accepted("shopping list"), graph.accepted("bloom filter")) == (1, 0)


@pytest.mark.parametrize("replies", [["no"] * 3, [mined()]], ids=["unusable", "empty"])
async def test_failing_miner_costs_no_row(replies: list[str]) -> None:
    workshop = Workshop(replies)
    curated = await curator(workshop).curate(make_plan(), GRAPH_TASK)
    assert (curated.keywords, curated.events) == ((), ())
    assert len(workshop.vocabulary.graph) == 0


@pytest.mark.parametrize(
    ("opinion", "merged"),
    [
        pytest.param(say(pairs=[{"number": 1, "why": "one thing", "same": True}]), 1, id="same"),
        pytest.param(say(pairs=[{"number": 1, "why": "apart", "same": False}]), 0, id="different"),
        pytest.param(say(pairs=[{"number": 9, "why": "?", "same": True}]), 0, id="unknown-pair"),
        pytest.param(say(pairs=[]), 0, id="no-opinion"),
        pytest.param("no", 0, id="unusable"),
    ],
)
async def test_grey_pair_is_merged_on_an_opinion_only(opinion: str, merged: int) -> None:
    workshop = Workshop([mined("shopping list"), *[opinion] * 3])
    know(workshop, "grocery list")
    curated = await curator(workshop).curate(make_plan(), GRAPH_TASK)
    assert "1. shopping list / grocery list" in workshop.said(1)
    assert workshop.vocabulary.graph.merges == merged
    assert [keyword.text for keyword in curated.keywords] == ["shopping list"]


async def test_sure_synonym_is_merged_without_a_call() -> None:
    workshop = Workshop([mined("BST")])
    know(workshop, "binary search trees")
    await curator(workshop).curate(make_plan(), GRAPH_TASK)
    assert len(workshop.model.requests) == 1
    assert len(workshop.vocabulary.graph) == 1


async def test_stored_events_rebuild_the_same_graph() -> None:
    from infinite_instruct.tools.vocabulary import rebuild_graph

    workshop = Workshop([mined("shopping list", "in place")])
    curated = await curator(workshop).curate(make_plan(), GRAPH_TASK)
    assert list(rebuild_graph(curated.events)) == list(workshop.vocabulary.graph)


async def test_rows_at_the_same_time_miss_no_merge() -> None:
    """The second row must see the first one's keyword, though both wait for an opinion at once."""

    async def speak(request: ChatRequest) -> str:
        await asyncio.sleep(0)
        text = request.messages[1].content
        if request.schema_name == "MinedKeywords":
            return mined("grocery list" if "grocery" in text else "shop list")
        numbered = [line.partition(". ") for line in text.splitlines() if " / " in line]
        return say(
            pairs=[
                {"number": int(number), "why": "?", "same": "grocery" in pair and "shop" in pair}
                for number, _, pair in numbered
            ]
        )

    workshop = Workshop(speak)
    know(workshop, "market list")
    one = Problem.model_validate(dict(TASK) | {"text": "Add up the prices of a grocery list."})
    two = Problem.model_validate(dict(TASK) | {"text": "Add up the prices of a shop list."})
    working = curator(workshop)
    await asyncio.gather(
        working.curate(make_plan(row="r1"), one), working.curate(make_plan(row="r2"), two)
    )
    assert workshop.vocabulary.graph.merges == 1
