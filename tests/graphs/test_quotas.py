import pytest

from crew import make_keywords, make_plan
from infinite_instruct.domain import Difficulty, Language, Origin, ProblemType, RowPlan
from infinite_instruct.graphs.quotas import Dimension, Quotas, kind_of
from infinite_instruct.graphs.targets import REST

CODE, ABOUT, KNOWLEDGE = ProblemType
JS, PY = Language.JAVASCRIPT, Language.PYTHON


def plan(kind: ProblemType = CODE, language: Language = JS, *, composed: bool = False) -> RowPlan:
    return make_plan(kind, language=language, keywords=make_keywords("a") if composed else None)


def accept(quotas: Quotas, count: int, row: RowPlan) -> None:
    for _ in range(count):
        quotas.remember(row, accepted=True)


def test_row_begins_only_while_accepted_and_flying_are_below_its_quota() -> None:
    quotas = Quotas({Dimension.LANGUAGE: {"javascript": 2, REST: 1}})
    accept(quotas, 1, plan())
    assert quotas.has_room(plan())
    quotas.begin(plan())
    assert not quotas.has_room(plan()), "both might be accepted"
    assert quotas.has_room(plan(language=PY)), "another language has room"
    quotas.leave(plan())
    quotas.remember(plan(), accepted=False)
    assert quotas.has_room(plan()), "a rejected row is made up for"


def test_every_dimension_has_a_say() -> None:
    quotas = Quotas({Dimension.TYPE: {CODE: 1, REST: 9}, Dimension.DIFFICULTY: {"medium": 2}})
    accept(quotas, 1, plan(CODE))
    assert not quotas.has_room(plan(CODE))
    assert quotas.has_room(plan(KNOWLEDGE))
    accept(quotas, 1, plan(KNOWLEDGE))
    assert not quotas.has_room(plan(KNOWLEDGE)), "no row of this difficulty is wanted any more"


def test_value_furthest_from_its_quota_comes_first() -> None:
    quotas = Quotas({Dimension.LANGUAGE: {"javascript": 10, "python": 4}})
    assert quotas.languages() == ["javascript", "python"]
    accept(quotas, 4, plan())
    assert quotas.languages() == ["python", "javascript"], "0 of 4 is less than 4 of 10"
    accept(quotas, 4, plan(language=PY))
    assert quotas.languages() == ["javascript"], "what is full is left out"


def test_rows_in_flight_count_by_the_yield_of_those_before() -> None:
    quotas = Quotas({Dimension.LANGUAGE: {"javascript": 10, "python": 10}})
    for number in range(8):
        quotas.remember(plan(), accepted=number < 2)
        quotas.remember(plan(language=PY), accepted=number < 2)
    for _ in range(6):
        quotas.remember(plan(language=PY), accepted=False)
    for _ in range(4):
        quotas.begin(plan())
        quotas.begin(plan(language=PY))
    assert quotas.languages()[0] == "python", "less is to be hoped of its rows in flight"


def test_free_dimension_keeps_the_given_order() -> None:
    quotas = Quotas({Dimension.LANGUAGE: {"python": 1, REST: 1}})
    assert quotas.by_need(Dimension.TYPE, (KNOWLEDGE, CODE)) == [KNOWLEDGE, CODE]
    assert Quotas({}).languages() == [REST]
    assert Quotas({}).has_room(plan())


def test_reverse_rows_are_kept_for_questions_on_code() -> None:
    quotas = Quotas(
        {
            Dimension.ORIGIN: {Origin.REVERSE: 3, Origin.BACKFEED: 3},
            Dimension.TYPE: {CODE: 2, ABOUT: 2, KNOWLEDGE: 2},
        }
    )
    assert set(quotas.types_for(Origin.REVERSE)) == {CODE, ABOUT, KNOWLEDGE}
    assert set(quotas.types_for(Origin.BACKFEED)) == {CODE, KNOWLEDGE}
    accept(quotas, 1, plan(CODE))
    assert quotas.types_for(Origin.REVERSE) == [ABOUT], "else both quotas could not be met"


def test_kinds_join_origin_and_type() -> None:
    quotas = Quotas({Dimension.KIND: {kind_of(Origin.REVERSE, CODE): 1}})
    assert quotas.types_for(Origin.REVERSE) == [CODE]
    assert quotas.types_for(Origin.BACKFEED) == []


def test_dialect_counts_for_its_family_unless_it_has_a_quota_of_its_own() -> None:
    quotas = Quotas({Dimension.LANGUAGE: {"sql": 1, "mysql": 1}})
    named = [quotas.label(Dimension.LANGUAGE, each) for each in ("postgresql", "mysql", "go")]
    assert named == ["sql", "mysql", REST]


def test_what_is_short_is_told_by_name_and_number() -> None:
    quotas = Quotas({Dimension.LANGUAGE: {"javascript": 2, REST: 3}})
    accept(quotas, 2, plan())
    accept(quotas, 1, plan(language=PY))
    assert [str(each) for each in quotas.shortfalls()] == ["other languages by 2 (1 of 3)"]


def test_what_earlier_sessions_had_too_much_of_is_told_and_gets_no_more() -> None:
    quotas = Quotas({Dimension.LANGUAGE: {"javascript": 1, REST: 3}})
    accept(quotas, 2, plan())
    assert [str(each) for each in quotas.surpluses()] == ["javascript by 1 (2 of 1)"]
    assert quotas.languages() == [REST]


@pytest.mark.parametrize(
    ("difficulty", "steps"),
    [(Difficulty.EASY, 0), (Difficulty.MEDIUM, 1), (Difficulty.HARD, 2)],
)
def test_difficulty_decides_how_often_a_problem_is_made_harder(
    difficulty: Difficulty, steps: int
) -> None:
    row = make_plan().model_copy(update={"difficulty": difficulty})
    assert len(set(row.directions)) == len(row.directions) == steps
    assert row.directions[:1] in ((), (row.direction,))
