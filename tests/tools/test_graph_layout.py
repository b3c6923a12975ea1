import math
import random

import pytest

from infinite_instruct.tools.graph_layout import lay_out
from infinite_instruct.tools.graph_networkx import louvain
from infinite_instruct.tools.graph_view import Tie


def many(count: int) -> list[str]:
    return [f"n{number:04}" for number in range(count)]


def at_random(count: int, ties: int) -> list[Tie]:
    rng = random.Random(1)
    pairs = {tuple(sorted(rng.sample(many(count), 2))) for _ in range(ties)}
    return [(one, other, rng.choice((0, 1, 5))) for one, other in sorted(pairs)]


@pytest.mark.parametrize(
    ("count", "ties"),
    [
        pytest.param(0, [], id="nothing"),
        pytest.param(1, [], id="one"),
        pytest.param(300, [], id="strangers only"),
        pytest.param(700, [("n0000", other, 1) for other in many(700)[1:]], id="a star"),
        pytest.param(
            1_500,
            [
                (f"n{at + a:04}", f"n{at + b:04}", 1)
                for at in range(0, 1_500, 3)
                for a, b in ((0, 1), (0, 2), (1, 2))
            ],
            id="very many small communities",
        ),
        pytest.param(600, at_random(600, 700), id="thin threads"),
    ],
)
def test_every_node_has_a_place_of_its_own_and_always_the_same(count: int, ties: list[Tie]) -> None:
    parts = louvain(many(count), ((one, other, 1 + times) for one, other, times in ties), seed=0)
    places = lay_out(ties, parts)
    assert sorted(places) == many(count)
    assert all(math.isfinite(x) and math.isfinite(y) for x, y in places.values())
    assert len(set(places.values())) == count
    assert lay_out(ties, parts) == places
