import random

import pytest

from infinite_instruct.events import ModelCalled, RowEnded, RowStarted
from infinite_instruct.runs.estimates import Trials, estimate


def call(row: str, tokens: int, usd: float | None, *, replayed: bool = False) -> ModelCalled:
    return ModelCalled(
        row=row,
        agent="solver",
        purpose="solve",
        model="m",
        key="k",
        prompt_tokens=tokens,
        completion_tokens=tokens // 2,
        cost_usd=usd,
        seconds=1,
        replayed=replayed,
    )


def tried(*rows: tuple[bool, int], usd: float | None = 0.01) -> Trials:
    """Rows with one call each: accepted or not, and prompt tokens; each took 10 seconds."""
    trials = Trials()
    for number, (accepted, tokens) in enumerate(rows):
        name = f"r{number}"
        trials(RowStarted(row=name, at=100, origin="reverse", language="go"))
        trials(call(name, tokens, usd))
        trials(RowEnded(row=name, at=110, accepted=accepted, reason=""))
    return trials


def test_estimate_is_the_tries_that_are_needed_times_what_a_try_takes() -> None:
    told = estimate(tried(*[(True, 100)] * 6, *[(False, 100)] * 2), 900, concurrency=30)
    assert told.tried.likely == pytest.approx(1_200)
    assert told.calls.likely == pytest.approx(1_200)
    assert told.prompt_tokens.likely == pytest.approx(120_000)
    assert told.completion_tokens.likely == pytest.approx(60_000)
    assert told.usd is not None
    assert told.usd.likely == pytest.approx(12.0)
    assert told.hours.likely == pytest.approx(1_200 * 10 / 30 / 3600)
    assert (told.cost.calls, told.cost.prompt_tokens, told.cost.usd) == (8, 800, 0.08)


def test_more_trials_narrow_the_range() -> None:
    few, many = (
        estimate(tried(*[(True, 50), (False, 150), (True, 100), (True, 100)] * times), 100, 4)
        for times in (2, 50)
    )
    assert few.prompt_tokens.high is not None
    assert many.prompt_tokens.high is not None
    assert few.prompt_tokens.likely == many.prompt_tokens.likely
    assert few.prompt_tokens.low < many.prompt_tokens.low
    assert many.prompt_tokens.high < few.prompt_tokens.high


@pytest.mark.parametrize(("share", "sigma"), [(0.9, 0.3), (0.5, 0.6), (0.75, 1.0)])
def test_truth_lies_in_the_range_as_often_as_told(share: float, sigma: float) -> None:
    rng, hits, games = random.Random(3), 0, 400
    mean = 1_000 * 2.718281828 ** (sigma * sigma / 2)
    truth = 1_000 / share * mean
    for _ in range(games):
        rows = [(rng.random() < share, int(1_000 * rng.lognormvariate(0, sigma))) for _ in range(8)]
        told = estimate(tried(*rows), 1_000, 8).prompt_tokens
        hits += told.low <= truth <= (told.high or float("inf"))
    assert hits >= 0.9 * games


def test_without_an_accepted_row_nothing_is_made_up() -> None:
    told = estimate(tried(*[(False, 100)] * 8), 100, 8)
    assert (told.tried.likely, told.tried.high) == (None, None)
    assert told.tried.low > 100, "at least so many, even then"
    assert told.cost.calls == 8


def test_unknown_price_is_told_by_the_models_name() -> None:
    told = estimate(tried(*[(True, 100)] * 4, usd=None), 100, 8)
    assert (told.usd, told.unpriced) == (None, ("m",))


def test_replayed_calls_and_rows_that_did_not_end_are_counted_as_what_they_are() -> None:
    trials = tried((True, 100), (True, 100))
    trials(RowStarted(row="x", origin="reverse", language="go"))
    trials(call("x", 40, 0.5))
    trials(call("x", 40, 0.0, replayed=True))
    told = estimate(trials, 10, 4)
    assert told.trials == 2
    assert told.prompt_tokens.likely == pytest.approx(1_000), "its tokens tell nothing of a row"
    assert (told.cost.calls, told.cost.prompt_tokens) == (3, 240), "but they were paid"
