import random
from pathlib import Path

import pytest

from infinite_instruct.domain import Keyword, KeywordKind, Language
from infinite_instruct.tools.embedders import WordLlamaEmbedder
from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.vectors import ChromaIndex
from infinite_instruct.tools.vocabulary import (
    GreyPair,
    Ruling,
    Vocabulary,
    index_texts,
    rebuild_graph,
)


def words(*texts: str) -> list[Keyword]:
    return [Keyword(kind=KeywordKind.KNOWLEDGE_POINT, text=text) for text in texts]


@pytest.fixture
def vocabulary(tmp_path: Path) -> Vocabulary:
    return Vocabulary(KnowledgeGraph(), ChromaIndex(tmp_path, WordLlamaEmbedder(), {}))


def same(a: str, b: str) -> Ruling:
    return Ruling(pair=GreyPair(a=a, b=b, similarity=0.7), same=True, why="another wording")


def test_what_a_row_changes_can_be_stored_and_rebuilt(vocabulary: Vocabulary) -> None:
    events = [*vocabulary.learn("r1", Language.GO, words("hash map", "channel"), [])]
    events += vocabulary.learn("r2", Language.GO, words("hashmaps", "select"), [])
    rebuilt = rebuild_graph(events)
    assert index_texts(rebuilt) == index_texts(vocabulary.graph)
    assert rebuilt.node("hash map").rows == ("r1", "r2"), "a plural is no other keyword"


def test_a_grey_pair_merges_on_an_opinion_only(vocabulary: Vocabulary) -> None:
    vocabulary.learn("r1", Language.GO, words("error handling"), [])
    (pair,) = vocabulary.grey_pairs(words("exception handling"))
    assert (pair.a, pair.b) == ("exception handling", "error handling")
    vocabulary.learn("r2", Language.GO, words("exception handling"), [])
    assert len(vocabulary.graph) == 2
    vocabulary.learn(
        "r3",
        Language.GO,
        words("exceptions handled"),
        [same("exception handling", "error handling")],
    )
    assert vocabulary.graph.resolve("exception handling") == vocabulary.graph.resolve(
        "error handling"
    )


def test_two_known_keywords_never_merge_through_a_third(vocabulary: Vocabulary) -> None:
    vocabulary.learn("r1", Language.GO, words("error handling", "fault handling"), [])
    new = "exception handling"
    rulings = [same(new, "error handling"), same(new, "fault handling")]
    vocabulary.learn("r2", Language.GO, words(new), rulings)
    resolve = vocabulary.graph.resolve
    assert resolve(new) == resolve("error handling") != resolve("fault handling")
    near = {pair.b for pair in vocabulary.grey_pairs(words("handling of exceptions"))}
    assert near <= {"error handling", "fault handling", new}


def test_nothing_is_drawn_before_the_graph_has_enough(vocabulary: Vocabulary) -> None:
    vocabulary.learn("r1", Language.GO, words("channel", "select"), [])
    assert vocabulary.draw("r2", Language.GO, random.Random(1)) is None


def test_a_blocked_keyword_comes_back_by_no_problem_and_no_merge(vocabulary: Vocabulary) -> None:
    vocabulary.learn("r1", Language.GO, words("error handling", "channel"), [])
    vocabulary.graph.block("error handling", "too broad")
    new = "exception handling"
    vocabulary.learn("r2", Language.GO, words("Error Handling", new), [same(new, "error handling")])
    assert vocabulary.graph.node("error handling").rows == ("r1",)
    assert vocabulary.graph.resolve(new) == new
    assert vocabulary.unfit(words("error handling")[0], "error handling") == "blocked"
    assert "error handling" not in index_texts(vocabulary.graph)


def test_what_a_person_parted_is_not_merged_again_by_a_ruling(vocabulary: Vocabulary) -> None:
    new, old = "exception handling", "error handling"
    vocabulary.learn("r1", Language.GO, words(old), [])
    vocabulary.learn("r2", Language.GO, words(new), [same(new, old)])
    vocabulary.graph.unmerge(new, "they differ")
    vocabulary.learn("r3", Language.GO, words(new), [same(new, old)])
    assert vocabulary.graph.node(new).rows == ("r2", "r3")
