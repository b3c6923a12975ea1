"""What snippets served for, whatever their ids look like."""

import hashlib
import tracemalloc

import pytest

from infinite_instruct.domain import ProblemType
from infinite_instruct.graphs.served import Served

ALL = tuple(ProblemType)
CODE, ABOUT, ASKED = ALL
FORMS = [
    "s0123456789ab",
    "s123456789ab",
    "s0123456789aB",
    "S0123456789ab",
    "s1",
    "",
    "s-123456789ab",
]


def hashed(number: int) -> str:
    return f"s{hashlib.sha256(str(number).encode()).hexdigest()[:12]}"


@pytest.mark.parametrize("name", FORMS)
def test_an_id_tells_its_own_snippet_alone(name: str) -> None:
    served = Served()
    assert not served
    for kind in (CODE, ASKED, CODE):
        served.note(name, kind)
    assert served
    assert [each for each in FORMS if each in served] == [name]
    assert (served.free(name, (ASKED, ABOUT, CODE)), served.free("s2", ALL)) == ([ABOUT], [*ALL])


def test_many_snippets_each_have_their_own_types() -> None:
    served = Served()
    kinds = {hashed(number): ALL[number % 3] for number in range(2_000)}
    for name, kind in kinds.items():
        served.note(name, kind)
    left = {name: [each for each in ALL if each is not kind] for name, kind in kinds.items()}
    assert {name: served.free(name, ALL) for name in kinds} == left
    assert not any(hashed(number) in served for number in range(2_000, 4_000))


def test_a_snippet_is_let_as_often_as_its_turn_says_and_for_what_is_left() -> None:
    served = Served()
    served.note("s0123456789ab", CODE)
    asked = [(ALL, 0), (ALL, 1), ((CODE,), 1), ((CODE,), 3)]
    assert [served.lets("s0123456789ab", *each) for each in asked] == [False, True, False, False]


def test_served_snippets_take_little_memory() -> None:
    tracemalloc.start()
    try:
        served = Served()
        for number in range(10_000):
            served.note(hashed(number), CODE)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 20 * 10_000
