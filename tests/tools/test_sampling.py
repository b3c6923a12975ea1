from random import Random

import pytest

from infinite_instruct.domain import Keyword, KeywordKind, KeywordSet, Language
from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.sampling import ready, sample_keywords
from infinite_instruct.tools.sampling_rules import SamplingRules

PYTHON = Language.PYTHON
TASKS = ["parse logs", "merge intervals", "count words", "schedule jobs", "cache results"]
INSTRUCTIONS = ["handle errors", "use recursion", "write a generator", "refactor a loop"]
POINTS = [
    "hash map", "binary search", "closure", "decorator", "priority queue", "regex", "linked list",
    "type hint", "datetime", "context manager",
]  # fmt: skip


def graph_of(rows: int) -> KnowledgeGraph:
    """Problems on topics: each task keeps company with its own points and some of the next."""
    rng, graph = Random(1), KnowledgeGraph()
    for number in range(rows):
        topic = number % len(TASKS)
        points = [POINTS[(topic * 2 + at) % len(POINTS)] for at in rng.sample(range(5), 3)]
        graph.add_problem(
            f"row-{number}",
            PYTHON,
            [
                Keyword(kind=KeywordKind.TASK, text=TASKS[topic]),
                Keyword(
                    kind=KeywordKind.INSTRUCTION, text=INSTRUCTIONS[(topic + rng.randrange(2)) % 4]
                ),
                *(Keyword(kind=KeywordKind.KNOWLEDGE_POINT, text=text) for text in points),
            ],
        )
    return graph


def draws(graph: KnowledgeGraph, count: int) -> list[KeywordSet]:
    found: list[KeywordSet] = []
    for seed in range(count):
        drawn = sample_keywords(graph, PYTHON, Random(seed))
        if drawn is not None:
            graph.mark_sampled(f"draw-{seed}", drawn)
            found.append(drawn)
    return found


def test_a_set_has_one_task_and_the_told_numbers_of_the_others() -> None:
    for drawn in draws(graph_of(40), 30):
        kinds = [keyword.kind for keyword in drawn.keywords]
        assert kinds.count(KeywordKind.TASK) == 1
        assert 1 <= kinds.count(KeywordKind.INSTRUCTION) <= 2
        assert 2 <= kinds.count(KeywordKind.KNOWLEDGE_POINT) <= 4


def test_no_set_is_drawn_twice_and_none_repeats_a_known_problem() -> None:
    graph = graph_of(40)
    sets = [graph.ids_of(drawn) for drawn in draws(graph, 100)]
    assert len(sets) > 50
    assert len(set(sets)) == len(sets)
    for names in sets:
        assert not set.intersection(*(set(graph.rows_with(name)) for name in names))


def test_low_coverage_comes_first() -> None:
    graph = graph_of(40)
    draws(graph, 30)
    counts = [graph.draws(graph.resolve(text)) for text in TASKS]
    assert max(counts) - min(counts) <= 2, "every task gets its turn"
    assert all(graph.draws(name) for name in graph), "no keyword is forgotten"


def test_sets_hang_together_better_than_chance_and_say_why() -> None:
    graph, rng = graph_of(60), Random(0)
    drawn = draws(graph, 40)
    chance = [
        sum(graph.association(a, b) for a in names for b in names if a < b) / 10
        for names in (rng.sample(list(graph), 5) for _ in range(200))
    ]
    mean = sum(one.coherence for one in drawn) / len(drawn)
    assert mean > sum(chance) / len(chance) + 0.05
    assert all(one.coherence >= 0 for one in drawn)
    assert "anchor" in drawn[0].why
    assert "coherence" in drawn[0].why


def test_the_same_seed_draws_the_same_set() -> None:
    graph = graph_of(40)
    assert sample_keywords(graph, PYTHON, Random(7)) == sample_keywords(graph, PYTHON, Random(7))


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_a_graph_with_too_little_gives_none(rows: int) -> None:
    graph = graph_of(rows)
    assert not ready(graph, PYTHON)
    assert sample_keywords(graph, PYTHON, Random(0)) is None


def test_problems_without_common_keywords_still_feed_the_loop() -> None:
    graph = graph_of(0)
    for number in range(4):
        graph.add_problem(
            f"row-{number}",
            PYTHON,
            [
                Keyword(kind=KeywordKind.TASK, text=TASKS[number]),
                Keyword(kind=KeywordKind.INSTRUCTION, text=INSTRUCTIONS[number]),
                Keyword(kind=KeywordKind.KNOWLEDGE_POINT, text=POINTS[2 * number]),
                Keyword(kind=KeywordKind.KNOWLEDGE_POINT, text=POINTS[2 * number + 1]),
            ],
        )
    assert len(draws(graph, 10)) >= 8


def test_other_languages_keep_to_themselves_and_no_new_set_is_none() -> None:
    graph = graph_of(40)
    assert sample_keywords(graph, Language.GO, Random(0)) is None
    strict = SamplingRules(min_coherence=0.99, max_coherence=1.0)
    assert sample_keywords(graph, PYTHON, Random(0), strict) is None
