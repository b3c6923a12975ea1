import asyncio
from collections.abc import Sequence

import pytest

from crew import Workshop, make_plan, say
from infinite_instruct.agents.opinions import Opinions
from infinite_instruct.agents.pair_judge import MAX_PAIRS, PairJudge
from infinite_instruct.errors import EndpointError
from infinite_instruct.tools.merging import GreyPair, Ruling


def grey(*pairs: tuple[str, str]) -> list[GreyPair]:
    return [GreyPair(a=a, b=b, similarity=0.6) for a, b in pairs]


PAIRS = grey(("shopping list", "grocery list"), ("fault handling", "error handling"))


def opinions(said: str) -> str:
    """A reply, by a letter for each pair: s for same, d for different."""
    numbered = enumerate(said, start=1)
    return say(pairs=[{"number": n, "why": f"reason {n}", "same": s == "s"} for n, s in numbered])


async def test_each_opinion_is_kept_with_its_reason() -> None:
    workshop = Workshop([opinions("sdd")])
    rulings = await PairJudge(workshop.desk).rule(make_plan(), PAIRS)
    assert [(ruling.same, ruling.why) for ruling in rulings] == [
        (True, "reason 1"),
        (False, "reason 2"),
    ]
    told = [event.decision for event in workshop.heard if event.kind == "decided"]
    assert told[0] == "merge: shopping list / grocery list"


async def test_a_model_that_merges_anything_is_not_believed() -> None:
    """The last pair of each question is one that is different for certain."""
    workshop = Workshop([opinions("sss")])
    rulings = await PairJudge(workshop.desk).rule(make_plan(), PAIRS)
    assert not any(ruling.same for ruling in rulings)
    assert "it merges anything" in rulings[0].why


async def test_more_pairs_than_fit_are_cut_and_other_numbers_are_passed_over() -> None:
    many = grey(*((f"word {n}", f"term {n}") for n in range(MAX_PAIRS + 5)))
    workshop = Workshop([say(pairs=[{"number": 99, "why": "?", "same": True}])])
    assert await PairJudge(workshop.desk).rule(make_plan(), many) == ()
    assert f"{MAX_PAIRS}. word {MAX_PAIRS - 1} / term" in workshop.said(0)
    assert f"word {MAX_PAIRS} /" not in workshop.said(0)


async def test_no_pair_is_no_question() -> None:
    workshop = Workshop([])
    assert await PairJudge(workshop.desk).rule(make_plan(), ()) == ()
    assert not workshop.model.requests


async def test_pairs_that_come_together_share_a_question() -> None:
    asked: list[int] = []

    async def ask(pairs: Sequence[GreyPair]) -> tuple[Ruling, ...]:
        await asyncio.sleep(0)
        asked.append(len(pairs))
        return tuple(Ruling(pair=pair, same=pair.a == "w3", why="") for pair in pairs[:-1])

    one_by_one = Opinions(ask)
    many = grey(*((f"w{n}", f"t{n}") for n in range(MAX_PAIRS + 2)))
    given = await asyncio.gather(*(one_by_one.on(pair) for pair in many))
    assert asked == [MAX_PAIRS, 2]
    assert [ruling.pair.a for ruling in given if ruling and ruling.same] == ["w3"]
    assert given[-1] is None, "the model left it out"


async def test_whoever_waits_for_an_opinion_hears_of_a_dead_endpoint() -> None:
    async def ask(_pairs: Sequence[GreyPair]) -> tuple[Ruling, ...]:
        raise EndpointError("gone", remedy="come back")

    with pytest.raises(EndpointError, match="gone"):
        await Opinions(ask).on(PAIRS[0])
