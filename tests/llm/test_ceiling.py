import random

from infinite_instruct.llm.ceiling import Ceiling


def round_of(ceiling: Ceiling, calls: int, refused: int) -> None:
    """So many calls at once; the refused ones come back first, as they do."""
    windows = [ceiling.start(number + 1) for number in range(calls)]
    for number, window in enumerate(windows):
        ceiling.end(window, refused=number < refused)


def test_more_than_half_refused_lowers_it_and_fewer_than_a_quarter_raise_it() -> None:
    ceiling = Ceiling(64)
    round_of(ceiling, 64, 33)
    assert ceiling.height == 48
    round_of(ceiling, 48, 16)
    assert ceiling.height == 48, "where a third is refused it bears no more"
    heights = list[int]()
    for _ in range(4):
        round_of(ceiling, ceiling.height, 0)
        heights.append(ceiling.height)
    assert heights == [51, 58, 64, 64], "faster and faster, up to the limit"


def test_one_burst_of_refusals_lowers_once() -> None:
    ceiling = Ceiling(128)
    windows = [ceiling.start(number + 1) for number in range(128)]
    later = [ceiling.start(128) for _ in range(128)]
    lowered = sum(ceiling.end(window, refused=True) for window in [*windows, *later])
    assert (lowered, ceiling.height) == (1, 96)


def test_it_never_falls_below_one_call_and_rises_from_there() -> None:
    ceiling = Ceiling(64)
    for _ in range(100):
        round_of(ceiling, ceiling.height, ceiling.height)
    assert ceiling.height == 1
    for _ in range(20):
        round_of(ceiling, ceiling.height, 0)
    assert ceiling.height == 64


def test_it_falls_from_what_is_on_its_way_not_from_a_limit_that_is_never_reached() -> None:
    ceiling = Ceiling(4_096)
    round_of(ceiling, 16, 16)
    assert ceiling.height == 12


def test_five_percent_refusals_never_lower_it() -> None:
    chance = random.Random(5)
    for limit in (4, 32, 128):
        ceiling = Ceiling(limit)
        for _ in range(500):
            round_of(ceiling, ceiling.height, sum(chance.random() < 0.05 for _ in range(limit)))
            assert ceiling.height == limit
