import numpy as np
import pytest

from infinite_instruct.tools.fresh_vectors import FreshVectors


def some(count: int) -> FreshVectors:
    fresh = FreshVectors()
    for number in range(count):
        fresh.put(f"n{number}", [float(number), 1.0])
    return fresh


@pytest.mark.parametrize("count", [1, 63, 64, 65, 300])
def test_the_nearest_are_found_among_few_and_many(count: int) -> None:
    (found,) = some(count).nearest([[1.0, 0.0]], 2)
    assert {name for name, _ in found} == {f"n{number}" for number in range(count)[-2:]}


def test_name_that_is_put_again_has_its_new_vector() -> None:
    fresh = some(3)
    fresh.put("n0", [9.0, 9.0])
    assert len(fresh) == 3
    assert fresh.nearest([[0.0, 1.0]], 1) == [[("n0", 9.0)]]


def test_dropped_names_are_gone_and_the_others_keep_their_vectors() -> None:
    fresh = some(70)
    for number in range(0, 70, 2):
        fresh.drop(f"n{number}")
    fresh.drop("n0")
    assert len(fresh) == 35
    assert "n0" not in fresh
    (found,) = fresh.nearest([[1.0, 0.0]], 35)
    assert dict(found) == {f"n{number}": float(number) for number in range(1, 70, 2)}


def test_the_oldest_are_those_put_first() -> None:
    fresh = some(4)
    fresh.put("n0", [0.0, 0.0])
    fresh.drop("n1")
    assert [name for name, _ in fresh.oldest(2)] == ["n2", "n3"]
    assert np.array_equal(fresh.oldest(1)[0][1], [2.0, 1.0])


def test_similarity_does_not_depend_on_what_else_is_asked() -> None:
    chance = np.random.default_rng(0)
    fresh = FreshVectors()
    for number, vector in enumerate(chance.normal(size=(200, 256))):
        fresh.put(str(number), vector.tolist())
    asked = chance.normal(size=(5, 256)).tolist()
    assert fresh.nearest(asked, 5) == [fresh.nearest([each], 5)[0] for each in asked]
