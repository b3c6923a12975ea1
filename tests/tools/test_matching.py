from pathlib import Path

import pytest

from crew import AllNear
from infinite_instruct.domain import Keyword, KeywordKind, Language
from infinite_instruct.tools.embedders import WordLlamaEmbedder
from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.matching import MAX_RULED, Matcher
from infinite_instruct.tools.merging import GreyPair, Ruling
from infinite_instruct.tools.vectors import ChromaIndex
from infinite_instruct.tools.vocabulary import Vocabulary


def words(*texts: str) -> list[Keyword]:
    return [Keyword(kind=KeywordKind.KNOWLEDGE_POINT, text=text) for text in texts]


def same(a: str, b: str) -> Ruling:
    return Ruling(pair=GreyPair(a=a, b=b, similarity=0.7), same=True, why="says the model")


def matcher(*known: str) -> Matcher:
    graph = KnowledgeGraph()
    graph.add_problem("r0", Language.GO, words(*known))
    return Matcher(graph, AllNear())


def merged(found: Matcher, *rulings: Ruling) -> list[tuple[str, str]]:
    return [(merge.source, merge.target) for merge in found.ruled_merges(rulings)]


@pytest.mark.parametrize(
    ("new", "known"),
    [
        pytest.param("max heap", "min heap", id="opposites"),
        pytest.param("HTTP POST", "HTTP GET", id="siblings"),
        pytest.param("smart pointer", "pointer", id="a kind"),
        pytest.param("never seen", "not in the graph", id="unknown"),
    ],
)
def test_rules_overrule_a_model_that_merges_everything(new: str, known: str) -> None:
    assert merged(matcher("min heap", "HTTP GET", "pointer"), same(new, known)) == []


def test_no_chain_of_merges_joins_what_rules_keep_apart() -> None:
    """`A = B` and `B = C` must not make `A = C` where A and C are opposites."""
    graph = KnowledgeGraph()
    graph.add_problem("r0", Language.GO, words("ordering", "ascending order"))
    graph.merge("ascending order", "ordering", "a ruling")
    assert merged(Matcher(graph, AllNear()), same("descending order", "ordering")) == []
    two = matcher("traversal")
    rulings = same("preorder walk", "traversal"), same("postorder walk", "traversal")
    assert merged(two, *rulings) == [("preorder walk", "traversal")]


def test_a_row_merges_few_keywords_on_opinions() -> None:
    known = matcher(*(f"thing {letter}" for letter in "abcdefgh"))
    rulings = [same(f"stuff {letter}", f"thing {letter}") for letter in "abcdefgh"]
    assert len(merged(known, *rulings)) == MAX_RULED


def test_bounded_whatever_keywords_are(tmp_path: Path) -> None:
    vocabulary = Vocabulary(KnowledgeGraph(), ChromaIndex(tmp_path, WordLlamaEmbedder(), {}))
    odd = ["Python", "python ", "\u202eevil", "!!!", "a" * 80, "İ", "C", "c++", "数据库", "🙂"]
    vocabulary.learn("r1", Language.GO, words(*odd), ())
    vocabulary.grey_pairs(words(*odd, "PYTHON", "a" * 79))
    vocabulary.learn("r2", Language.GO, words(*odd), ())
    assert vocabulary.graph.resolve("PYTHON") == "python"
    assert vocabulary.graph.resolve("C") != vocabulary.graph.resolve("c++")
