"""Draws found by their sets, as a dict of sets would find them."""

import tracemalloc
from collections import Counter
from random import Random

import pytest

from infinite_instruct.tools.drawn_sets import DrawnSets


@pytest.mark.parametrize("kinds", [1, 40, 5_000], ids=["all alike", "some alike", "most alone"])
def test_sets_are_there_as_long_as_one_of_their_draws(kinds: int) -> None:
    rng, of = Random(kinds), dict[int, bytes]()
    sets, here = DrawnSets(lambda draw: of[draw]), set[int]()
    for _ in range(3_000):
        draw = rng.randrange(800)
        if draw in here:
            sets.remove(draw)
            here.remove(draw)
        else:
            of[draw] = str(rng.randrange(kinds)).encode()
            sets.add(draw)
            here.add(draw)
    known = Counter(of[draw] for draw in here)
    assert len(sets) == len(known)
    asked = [str(each).encode() for each in range(kinds)]
    assert [each in sets for each in asked] == [each in known for each in asked]


def test_draws_take_little_memory() -> None:
    tracemalloc.start()
    try:
        sets = DrawnSets(lambda draw: str(draw).encode())
        for draw in range(10_000):
            sets.add(draw)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 24 * 10_000
