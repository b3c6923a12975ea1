"""Rows as numbers: whatever their ids look like, each is told from all others."""

import tracemalloc
from random import Random

import pytest

from infinite_instruct.tools.row_numbers import RowNumbers, count_of, row_id

FORMS = [
    "r1",
    "r000001",
    "r0000001",
    "r000000",
    "R000001",
    "d000001",
    "",
    " r000001",
    "r00000\N{ARABIC-INDIC DIGIT ONE}",
]
FAR = ["r999999999", "r9999999999", "r16385", "r016385", "r1000000", "r0999999"]


@pytest.mark.parametrize("count", [0, 1, 999_999, 1_000_000, 999_999_999])
def test_a_count_gives_an_id_that_gives_the_count(count: int) -> None:
    assert count_of(row_id(count)) == count


def test_each_id_is_a_row_of_its_own_and_comes_back_as_it_was() -> None:
    rows, ids = RowNumbers(), [*FORMS, *FAR]
    assert [rows.enter(row) for row in [*ids, *reversed(ids)]] == [
        *range(len(ids)),
        *reversed(range(len(ids))),
    ]
    assert ([rows[number] for number in range(len(rows))], len(rows)) == (ids, len(ids))
    assert [rows.of(row) for row in ids] == list(range(len(ids)))


def test_who_asks_enters_nothing() -> None:
    rows = RowNumbers()
    rows.enter("r000007")
    assert [row in rows for row in ("r000007", "r000006", "r000008", "r7")] == [True, *[False] * 3]
    for row in ("r000006", "r000008", "r7"):
        with pytest.raises(KeyError, match=row):
            rows.of(row)
    assert len(rows) == 1


def test_a_row_that_came_far_ahead_keeps_its_number_when_others_have_come_as_far() -> None:
    rows = RowNumbers()
    far = rows.enter("r020000")
    for count in range(1, 21_000):
        rows.enter(row_id(count))
    assert (rows.of("r020000"), rows[far], len(rows)) == (far, "r020000", 20_999)
    assert rows.of("r020999") == 20_998


def test_rows_in_any_order_take_little_memory() -> None:
    ids = [row_id(count) for count in range(1, 20_001)]
    Random(1).shuffle(ids)
    assert _memory_of(ids) < 20 * len(ids)


def test_rows_that_lie_far_apart_take_no_more_than_their_texts() -> None:
    apart = [row_id(count) for count in range(1_000_000, 900_000_000, 1_000_000)]
    assert _memory_of(apart) < 400 * len(apart)


def _memory_of(ids: list[str]) -> int:
    tracemalloc.start()
    try:
        rows = RowNumbers()
        for row in ids:
            rows.enter(row)
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
