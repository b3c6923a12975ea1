import pytest

from infinite_instruct.domain import Keyword, KeywordKind, KeywordSet, Language
from infinite_instruct.tools.graph_events import Word
from infinite_instruct.tools.graph_metrics import (
    Novelty,
    communities,
    community_shares,
    measure,
    novelty,
)
from infinite_instruct.tools.knowledge import KnowledgeGraph

PYTHON = Language.PYTHON
POINT = KeywordKind.KNOWLEDGE_POINT


def points(*texts: str) -> list[Keyword]:
    return [Keyword(kind=POINT, text=text) for text in texts]


def islands() -> KnowledgeGraph:
    graph = KnowledgeGraph()
    graph.add_problem("r1", PYTHON, points("heap", "sorting"))
    graph.add_problem("r2", PYTHON, points("regex", "closure"))
    return graph


def draw(graph: KnowledgeGraph, row: str, *texts: str) -> None:
    keywords = points(*texts)
    drawn = KeywordSet(language=PYTHON, keywords=tuple(keywords), why="test", coherence=0)
    graph.mark_sampled(row, drawn)


def test_stats_of_nothing_are_zero() -> None:
    assert not any(value for _, value in measure(KnowledgeGraph()))


def test_stats_of_two_islands() -> None:
    graph = islands()
    draw(graph, "s", "heap", "regex")
    stats = measure(graph)
    assert (stats.nodes, stats.edges, stats.components, stats.largest_component) == (4, 2, 2, 2)
    assert (stats.coverage, stats.coverage_entropy, stats.coverage_evenness) == (0.5, 1.0, 0.5)
    assert stats.novelty == 1.0
    assert communities(graph) == [["closure", "regular expression"], ["heap", "sorting"]]


def test_entropy_is_full_when_all_are_drawn_equally_often() -> None:
    graph = islands()
    draw(graph, "s", "heap", "regex", "sorting", "closure")
    assert measure(graph).coverage_evenness == pytest.approx(1)


def test_relations_hang_together_what_no_problem_has() -> None:
    graph = islands()
    words = [Word(text="timsort", kind=POINT, language=PYTHON, parents=("sorting",))]
    graph.import_words("course.md", words)
    graph.relate("heap", "closure", "needs", "user")
    stats = measure(graph)
    assert (stats.nodes, stats.relations, stats.components) == (5, 2, 1)


def test_blocked_keywords_count_for_nothing_else() -> None:
    graph = islands()
    draw(graph, "s", "heap", "regex")
    graph.block("heap", "no")
    stats = measure(graph)
    assert (stats.nodes, stats.blocked, stats.edges, stats.largest_component) == (3, 1, 1, 2)
    assert stats.coverage == pytest.approx(1 / 3)
    assert "heap" not in [name for part in communities(graph) for name in part]


def test_the_merge_rate_is_of_all_names() -> None:
    graph = islands()
    graph.merge("heap", "sorting", "alike")
    assert measure(graph).merge_rate == 0.25


def test_novelty_falls_when_problems_repeat_keywords() -> None:
    graph = KnowledgeGraph()
    for number in range(5):
        graph.add_problem(f"r{number}", PYTHON, points("heap", f"word {min(number, 3)}"))
    assert novelty(graph, rows_per_point=2) == [
        Novelty(first=1, rows=1, keywords=2, new=2, pairs=1, new_pairs=1),
        Novelty(first=2, rows=2, keywords=4, new=2, pairs=2, new_pairs=2),
        Novelty(first=4, rows=2, keywords=4, new=1, pairs=2, new_pairs=1),
    ]
    assert novelty(graph, rows_per_point=2)[-1].share == 0.25


def test_a_problem_belongs_to_the_community_of_most_of_its_keywords() -> None:
    graph = islands()
    graph.add_problem("r3", PYTHON, points("heap", "sorting", "closure"))
    graph.add_problem("r4", PYTHON, [])
    parts = community_shares(graph, [["closure", "regular expression"], ["heap", "sorting"]])
    assert [(part.rows, round(part.share, 2)) for part in parts] == [(2, 0.67), (1, 0.33)]
    assert parts[1].keywords == ("closure", "regular expression")
