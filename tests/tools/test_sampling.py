from collections.abc import Iterator
from random import Random

import pytest
from pydantic import ValidationError

from infinite_instruct.domain import Difficulty, Keyword, KeywordKind, KeywordSet, Language
from infinite_instruct.tools.difficulty import difficulty_of
from infinite_instruct.tools.graph_events import Word
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


def test_what_keeps_failing_is_drawn_less() -> None:
    graph = graph_of(60)
    failing = graph.resolve("hash map")
    for seed in range(200):
        drawn = sample_keywords(graph, PYTHON, Random(seed))
        if drawn is not None:
            graph.mark_sampled(f"draw-{seed}", drawn)
            if failing not in graph.ids_of(drawn):
                graph.mark_accepted(f"draw-{seed}", drawn)
    others = [graph.draws(graph.resolve(text)) for text in POINTS if text != "hash map"]
    assert 0 < graph.draws(failing) < min(others)


def test_words_of_a_vocabulary_are_drawn_with_their_kin() -> None:
    graph = graph_of(40)
    heading = Word(text="async io", kind=KeywordKind.KNOWLEDGE_POINT, language=PYTHON)
    parts = [
        Word(text=text, kind=KeywordKind.KNOWLEDGE_POINT, language=None, parents=("async io",))
        for text in ("event loop", "task group", "future")
    ]
    tasks = [
        Word(text=text, kind=KeywordKind.TASK, language=PYTHON, parents=("async io",))
        for text in ("await replies", "cancel jobs")
    ]
    graph.import_words("topics", [heading, *parts, *tasks])
    found = [graph.ids_of(drawn) for drawn in draws(graph, 40)]
    for word in ("event loop", "future", "await reply"):
        assert any(word in names for names in found), word
    kin = [names for names in found if "await reply" in names]
    topic = {"async io", "event loop", "task group", "future", "cancel job"}
    assert any(names & topic for names in kin), "not only with strangers"


def test_a_vocabulary_alone_gives_sets() -> None:
    graph = KnowledgeGraph()
    kinds = {KeywordKind.TASK: 6, KeywordKind.INSTRUCTION: 4, KeywordKind.KNOWLEDGE_POINT: 12}
    words = [
        Word(
            text=f"{kind.value} {chr(97 + at) * 3}", kind=kind, language=PYTHON, parents=("topic",)
        )
        for kind, count in kinds.items()
        for at in range(count)
    ]
    top = Word(text="topic", kind=KeywordKind.KNOWLEDGE_POINT, language=PYTHON)
    graph.import_words("words", [top, *words])
    assert len(draws(graph, 10)) == 10


def test_blocked_keywords_are_not_drawn() -> None:
    graph = graph_of(40)
    graph.block("hash map", "worn out")
    assert all("hash map" not in graph.ids_of(drawn) for drawn in draws(graph, 60))


def test_a_pack_may_want_other_numbers_of_each_kind() -> None:
    graph = graph_of(60)
    rules = SamplingRules(
        tasks=(2, 2), instructions=(0, 0), knowledge_points=(3, 3), min_coherence=-1
    )
    for seed in range(20):
        drawn = sample_keywords(graph, PYTHON, Random(seed), rules)
        assert drawn is not None
        kinds = [keyword.kind for keyword in drawn.keywords]
        assert (kinds.count(KeywordKind.TASK), len(kinds)) == (2, 5)
        assert kinds == sorted(kinds, key=list(KeywordKind).index), "the Task comes first"


@pytest.mark.parametrize(
    ("rules", "fault"),
    [
        pytest.param({"tasks": (2, 1)}, "fewest to most", id="turned"),
        pytest.param({"knowledge_points": (2, 99)}, "0 to 8", id="too-many"),
        pytest.param({"instructions": (0, 1), "knowledge_points": (0, 4)}, "two", id="alone"),
        pytest.param({"min_coherence": 0.9}, "below max_coherence", id="no-room"),
        pytest.param({"tempo": 1}, "Extra inputs", id="unknown"),
    ],
)
def test_rules_that_cannot_be_are_refused(rules: dict[str, object], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        SamplingRules.model_validate(rules)


def test_many_and_rare_points_are_hard_few_and_common_ones_easy() -> None:
    graph = graph_of(60)
    for row in range(40):
        common = Keyword(kind=KeywordKind.KNOWLEDGE_POINT, text="loop")
        graph.add_problem(f"more-{row}", PYTHON, [common])
    rare = [f"{letter * 3} transform" for letter in "abcd"]
    words = [Keyword(kind=KeywordKind.KNOWLEDGE_POINT, text=text) for text in rare]
    graph.add_problem("rare", PYTHON, words)
    names = [graph.resolve(text) for text in rare]
    hard = difficulty_of(graph, PYTHON, names, (2, 4), Random(0))
    easy = difficulty_of(graph, PYTHON, [graph.resolve("loop")] * 2, (2, 4), Random(0))
    assert (easy, hard) == (Difficulty.EASY, Difficulty.HARD)


def test_drawn_sets_differ_in_difficulty() -> None:
    assert {drawn.difficulty for drawn in draws(graph_of(60), 60)} == set(Difficulty)


class Watched(KnowledgeGraph):
    """Counts what a draw asks, and allows no look at all keywords."""

    asked = 0

    def association(self, one: str, other: str) -> float:
        self.asked += 1
        return super().association(one, other)

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("a draw went through all keywords")


@pytest.mark.parametrize("keywords", [200, 5_000])
def test_a_draw_asks_no_more_of_a_large_graph_with_hubs(keywords: int) -> None:
    graph = Watched()
    hub = Keyword(kind=KeywordKind.KNOWLEDGE_POINT, text="hub")
    kinds = [*KeywordKind, KeywordKind.KNOWLEDGE_POINT]
    for row in range(keywords // 4):
        words = [Keyword(kind=kind, text=f"w{row} n{at}") for at, kind in enumerate(kinds)]
        graph.add_problem(f"row-{row}", PYTHON, [hub, *words])
    graph.asked = 0
    rules = SamplingRules(tries=1)
    sample_keywords(graph, PYTHON, Random(1), rules)
    steps = sum(most for _, most in rules.bounds.values())
    assert graph.asked <= rules.pool * steps * steps
