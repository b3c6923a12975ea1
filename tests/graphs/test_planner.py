from collections import Counter
from collections.abc import Iterable
from itertools import islice

import pytest

from crew import AllNear, make_plan, make_snippet
from infinite_instruct.domain import (
    Direction,
    Keyword,
    KeywordKind,
    Language,
    Origin,
    ProblemType,
    RowPlan,
    Snippet,
)
from infinite_instruct.graphs.planner import NewExpansion, NewRow, Planner
from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.vocabulary import Vocabulary

KINDS = (KeywordKind.TASK, KeywordKind.INSTRUCTION, KeywordKind.KNOWLEDGE_POINT)


def vocabulary(rows: int = 0) -> Vocabulary:
    """A graph that knows some problems, five keywords each, some of them shared."""
    known = Vocabulary(KnowledgeGraph(), AllNear())
    for row in range(rows):
        keywords = [
            Keyword(kind=kind, text=f"{kind.value} {(row * step) % 7} letter")
            for kind, step in zip((*KINDS, *KINDS[1:]), (1, 2, 3, 4, 5), strict=True)
        ]
        known.learn(f"k{row}", Language.JAVASCRIPT, keywords, ())
    return known


def planner(
    snippets: Iterable[Snippet], share: float = 0.0, *, rows: int = 0, seed: int = 0
) -> Planner:
    return Planner(snippets, vocabulary(rows), backfeed_share=share, seed=seed)


def exhausted(expansions: int) -> Planner:
    """A planner whose snippets are used up and whose graph has no set to give."""
    known = Vocabulary(KnowledgeGraph(), AllNear())
    known.learn("k0", Language.JAVASCRIPT, [Keyword(kind=KINDS[0], text="one task")], ())
    planning = Planner([], known, backfeed_share=0.5, seed=0, expansions=expansions)
    planning.remember(make_plan(), 1)
    return planning


def plans(planning: Planner, count: int = 1_000) -> list[RowPlan]:
    made = (planning.next() for _ in range(count))
    return [row.plan for row in made if isinstance(row, NewRow)]


def test_snippet_serves_once_for_each_problem_type() -> None:
    made = plans(planner([make_snippet(number) for number in range(4)]))
    used = Counter((plan.snippet.id, plan.problem_type) for plan in made if plan.snippet)
    assert len(used) == 4 * len(ProblemType)
    assert set(used.values()) == {1}


def test_every_snippet_comes_once_before_one_comes_again() -> None:
    made = plans(planner([make_snippet(number) for number in range(6)]), 12)
    names = [plan.snippet.id for plan in made if plan.snippet]
    assert len(set(names[:6])) == len(set(names[6:])) == 6


def test_types_and_directions_are_balanced() -> None:
    made = plans(planner([make_snippet(number) for number in range(60)]), 60)
    assert Counter(plan.direction for plan in made) == dict.fromkeys(Direction, 10)
    assert Counter(plan.problem_type for plan in made) == dict.fromkeys(ProblemType, 20)


def test_row_ids_and_seeds_are_all_different_and_follow_the_seed() -> None:
    snippets = [make_snippet(number) for number in range(9)]
    first, again, other = (plans(planner(snippets, seed=seed), 9) for seed in (1, 1, 2))
    assert first == again
    assert len({plan.id for plan in first}) == len({plan.seed for plan in first}) == 9
    assert not {plan.seed for plan in first} & {plan.seed for plan in other}


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5])
def test_composed_rows_have_their_share_once_the_graph_has_enough(share: float) -> None:
    snippets = (make_snippet(number) for number in range(40))
    planning = planner(snippets, share, rows=12)
    made = plans(planning, 20)
    origins = Counter(plan.origin for plan in made)
    assert made[0].origin is Origin.REVERSE, "no language is known before the first row"
    assert origins[Origin.BACKFEED] == pytest.approx(share * 20, abs=1)


def test_composed_rows_never_repeat_a_set_and_ask_no_question_on_code() -> None:
    planning = planner((make_snippet(number) for number in range(40)), 0.5, rows=12)
    composed = [plan for plan in plans(planning, 20) if plan.keywords]
    sets = {frozenset(plan.keywords.keywords) for plan in composed if plan.keywords}
    assert len(sets) == len(composed) > 5
    assert ProblemType.CODE_UNDERSTANDING not in {plan.problem_type for plan in composed}


def test_without_a_graph_all_rows_are_reverse() -> None:
    made = plans(planner((make_snippet(number) for number in range(9)), 0.9), 9)
    assert {plan.origin for plan in made} == {Origin.REVERSE}


def test_when_the_snippets_are_used_up_keywords_go_on() -> None:
    planning = planner([make_snippet()], 0.1, rows=12)
    made = plans(planning, 10)
    origins = [plan.origin for plan in made]
    assert (len(origins), origins.count(Origin.REVERSE)) == (10, 3)
    assert set(origins[5:]) == {Origin.BACKFEED}


def test_resumed_planner_goes_on_where_the_first_one_ended() -> None:
    snippets = [make_snippet(number) for number in range(8)]
    whole = plans(planner(snippets), 20)
    resumed = planner(snippets)
    for plan in whole[:9]:
        resumed.remember(plan, 1)
    served = [(plan.snippet.id, plan.problem_type) for plan in whole[:9] if plan.snippet]
    resumed.remember_snippets(served)
    rest = plans(resumed, 11)
    assert [plan.id for plan in rest] == [plan.id for plan in whole[9:]]
    used = [(plan.snippet.id, plan.problem_type) for plan in whole[:9] + rest if plan.snippet]
    assert len(used) == len(set(used))


def test_only_so_many_snippets_are_kept_for_a_second_use() -> None:
    planning = Planner(
        (make_snippet(number) for number in range(50)),
        vocabulary(),
        backfeed_share=0,
        seed=0,
        max_snippets=5,
    )
    assert len(plans(planning)) == 50 + 2 * 5


def test_snippets_are_read_only_as_far_as_they_are_needed() -> None:
    endless = (make_snippet(number) for number in iter(int, 1))
    numbered = (make_snippet(number) for number, _ in enumerate(endless))
    assert len(list(islice(plans(planner(numbered), 7), 7))) == 7


def test_a_graph_that_gives_no_set_is_to_grow_first_but_not_for_ever() -> None:
    planning = exhausted(expansions=1)
    expansion = planning.next()
    assert isinstance(expansion, NewExpansion)
    assert (expansion.region.keyword, expansion.region.language) == ("one task", "javascript")
    planning.vocabulary.grow(expansion.region, (), ())
    assert planning.next() is None, "its one expansion is behind it"


def test_expansions_of_earlier_sessions_count() -> None:
    planning = exhausted(expansions=1)
    planning.vocabulary.graph.record_expansion("one task", ())
    assert planning.next() is None


def test_no_expansion_without_leave() -> None:
    assert exhausted(expansions=0).next() is None


def test_snippets_come_before_expansions() -> None:
    planning = exhausted(expansions=1)
    planning.snippets = [make_snippet()]
    planning.__post_init__()
    assert isinstance(planning.next(), NewRow)


def test_a_graph_drawn_often_is_to_grow_before_it_is_drawn_again() -> None:
    planning = planner([make_snippet(number) for number in range(99)], 0.9, rows=12)
    planning.expansions = 1
    made = [planning.next() for _ in range(90)]
    assert any(isinstance(each, NewExpansion) for each in made)
    drawn = [each for each in made if isinstance(each, NewRow) and each.plan.keywords]
    graph = planning.vocabulary.graph
    assert len(drawn) > 5
    assert min(graph.draws(name) for name in graph) >= 3, "it was saturated"


def test_a_mix_without_snippets_composes_all_rows() -> None:
    planning = planner([], 1.0, rows=12)
    planning.remember(make_plan(), 1)
    assert {plan.origin for plan in plans(planning, 10)} == {Origin.BACKFEED}
