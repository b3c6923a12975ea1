from random import Random

import pytest

from crew import AllNear, make_keywords
from infinite_instruct.domain import Keyword, KeywordKind, Language
from infinite_instruct.tools.expansion import Suggestion, ThinRegion, saturated, thin_region
from infinite_instruct.tools.graph_events import Proposal
from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.merging import GreyPair, Ruling
from infinite_instruct.tools.sampling_rules import SamplingRules
from infinite_instruct.tools.vocabulary import Vocabulary, rebuild_graph

GO = Language.GO
POINT = KeywordKind.KNOWLEDGE_POINT


def graph_with(*problems: str) -> KnowledgeGraph:
    """A graph of problems, each a line of keywords."""
    graph = KnowledgeGraph()
    for number, problem in enumerate(problems):
        words = [Keyword(kind=POINT, text=text) for text in problem.split(", ")]
        graph.add_problem(f"r{number}", GO, words)
    return graph


def region(keyword: str) -> ThinRegion:
    return ThinRegion(keyword=keyword, kind=POINT, language=GO, known=(), why="thin")


def suggest(text: str, relation: str = "sibling") -> Suggestion:
    return Suggestion.model_validate({"text": text, "kind": POINT, "relation": relation})


def verdicts(proposals: tuple[Proposal, ...]) -> dict[str, tuple[str, str]]:
    return {each.text: (each.verdict, each.why) for each in proposals}


def test_the_keyword_with_fewest_ties_and_draws_is_expanded_first() -> None:
    graph = graph_with("channel, select, mutex, worker pool", "channel, mutex", "context, deadline")
    found = thin_region(graph, GO, Random(0))
    assert found is not None
    assert found.keyword in {"context", "deadline"}
    assert found.known == (({"context": "deadline", "deadline": "context"})[found.keyword],)
    assert "1 ties, 0 siblings, drawn 0 times" in found.why


def test_a_keyword_that_keeps_failing_is_not_expanded_before_one_that_works() -> None:
    graph = graph_with("context, deadline")
    for number in range(3):
        graph.mark_sampled(f"d{number}", make_keywords("context", f"filler {number}"))
    for row in ("a0", "a1", "a2"):
        graph.mark_sampled(row, make_keywords("deadline"))
        graph.mark_accepted(row, make_keywords("deadline"))
    found = thin_region(graph, GO, Random(0))
    assert found is not None
    assert found.keyword == "deadline"


def test_each_keyword_is_expanded_once_and_proposals_lead_no_further() -> None:
    graph = graph_with("context, deadline")
    seen: list[str] = []
    while (found := thin_region(graph, GO, Random(0))) is not None:
        seen.append(found.keyword)
        fresh = Proposal(
            text=f"{found.keyword} value",
            kind=POINT,
            relation="part-of",
            verdict="added",
            why="new",
        )
        graph.record_expansion(found.keyword, [fresh])
    assert sorted(seen) == ["context", "deadline"]
    assert graph.expansions == 2
    graph.add_problem("r9", GO, [Keyword(kind=POINT, text="context value")])
    again = thin_region(graph, GO, Random(0))
    assert again is not None
    assert again.keyword == "context value", "a problem was made of it"


def test_saturated_is_a_graph_whose_keywords_were_all_drawn_often() -> None:
    graph, rules = graph_with("context, deadline"), SamplingRules(saturated_at=2)
    for number, words in enumerate([("context",), ("deadline",), ("context", "deadline")]):
        assert not saturated(graph, GO, Random(0), rules)
        graph.mark_sampled(f"d{number}", make_keywords(*words))
    assert saturated(graph, GO, Random(0), rules)


def test_every_proposal_is_kept_with_its_verdict() -> None:
    vocabulary = Vocabulary(graph_with("hash map, binary search tree, error handling"), AllNear())
    vocabulary.graph.block("goto", "bad taste")
    suggestions = [
        suggest("ordered map"),
        suggest("ordered maps"),
        suggest("BST"),
        suggest("HashMap"),
        suggest("goto"),
        suggest("code"),
        suggest("\u202eevil"),
        suggest("w" * 200),
        suggest(""),
        suggest("bucket", "part-of"),
        suggest("exception handling", "needs"),
    ]
    pair = GreyPair(a="exception handling", b="error handling", similarity=0.7)
    rulings = [Ruling(pair=pair, same=True, why="another word")]
    grown = vocabulary.grow(region("hash map"), suggestions, rulings)
    told = verdicts(grown.proposals)
    assert told["ordered map"] == ("added", "new")
    assert told["ordered maps"] == ("refused", "said twice")
    assert told["BST"] == ("merged", "in the graph already")
    assert told["HashMap"] == ("refused", "the keyword itself")
    assert told["goto"] == ("refused", "blocked")
    assert told["code"] == ("refused", "generic")
    assert told["\u202eevil"] == ("refused", "control-characters")
    assert told["w" * 80] == ("refused", "too-long")
    assert told["bucket"] == ("added", "new")
    assert told["exception handling"] == (
        "merged",
        "another name of 'error handling': another word",
    )
    assert len(told) == len(suggestions) - 1, "an empty one is nothing"
    graph = vocabulary.graph
    assert graph.parents("bucket") == ("hash map",)
    assert graph.needs("hash map") == ("error handling",)
    assert "exception handling" not in graph, "a merged one brings no word of its own"
    assert "ordered map" in vocabulary._index.texts  # type: ignore[attr-defined] # AllNear's


def test_an_expansion_is_rebuilt_from_its_events() -> None:
    vocabulary = Vocabulary(KnowledgeGraph(), AllNear())
    events = list(vocabulary.learn("r0", GO, make_keywords("hash map", "list").keywords, ()))
    events += vocabulary.grow(region("hash map"), [suggest("bucket", "part-of")], ()).events
    rebuilt = rebuild_graph(events)
    assert (rebuilt.expansions, rebuilt.was_expanded("hash map")) == (1, True)
    assert rebuilt.node("bucket").origins == ("expansion",)
    assert rebuilt.parents("bucket") == ("hash map",)


@pytest.mark.parametrize("language", [Language.PYTHON, GO])
def test_proposals_belong_to_the_keywords_languages_only(language: Language) -> None:
    vocabulary = Vocabulary(graph_with("hash map, error handling"), AllNear())
    vocabulary.grow(region("hash map"), [suggest("bucket")], ())
    assert vocabulary.graph.has_role("bucket", language, POINT) is (language is GO)
