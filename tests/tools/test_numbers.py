from random import Random

import pytest

from infinite_instruct.tools.numbers import Numbering, NumberLists, Numbers


@pytest.mark.parametrize("seed", range(5))
def test_numbers_are_a_set_in_order(seed: int) -> None:
    rng = Random(seed)
    numbers, known = Numbers(), set[int]()
    for _ in range(200):
        number = rng.randrange(100)
        numbers.add(number)
        known.add(number)
    assert list(numbers) == sorted(known)
    assert [number in numbers for number in range(-1, 101)] == [n in known for n in range(-1, 101)]


@pytest.mark.parametrize("some", [range(3), range(0, 500, 2)], ids=["few", "many"])
def test_joined_numbers_are_those_of_both(some: range) -> None:
    numbers = Numbers(range(0, 300, 3))
    numbers.join(Numbers(some))
    assert list(numbers) == sorted({*range(0, 300, 3), *some})


def test_lists_are_given_back_as_they_came() -> None:
    lists = NumberLists()
    for each in ([3, 1], [], [2]):
        lists.append(each)
    assert [list(lists[at]) for at in range(len(lists))] == [[3, 1], [], [2]]


def test_a_text_has_one_number_for_good() -> None:
    numbering = Numbering()
    assert [numbering.enter(text) for text in "abacb"] == [0, 1, 0, 2, 1]
    assert [numbering[at] for at in range(len(numbering))] == ["a", "b", "c"]
    with pytest.raises(KeyError):
        numbering.of("d")
