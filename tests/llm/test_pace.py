from collections.abc import Callable

import pytest

from infinite_instruct.llm.pace import Pace


def starts(pace: Pace, seconds: float, *, tokens: int = 0) -> list[float]:
    """When calls begin that are always wanted, and answered at once."""
    began, now = list[float](), 0.0
    while now < seconds and len(began) < 20_000:
        if wait := pace.wait(now):
            now += wait
            continue
        began.append(now)
        pace.end(pace.start(1_000, now), tokens, now)
    return began


@pytest.mark.parametrize("limit", [1, 2, 7, 60, 600, 2_000])
def test_no_minute_has_more_requests_than_the_limit_and_few_are_lost(limit: int) -> None:
    began = starts(Pace(requests_per_minute=limit), 180)
    assert all(later - began[place] >= 60 for place, later in enumerate(began[limit:]))
    assert len(began) >= 0.95 * 3 * limit - 1


def test_requests_do_not_come_all_at_once() -> None:
    began = starts(Pace(requests_per_minute=600), 10)
    assert sum(at < 1 for at in began) <= 20


def test_idle_time_is_not_saved_up() -> None:
    pace = Pace(requests_per_minute=600)
    now, begun = 3_600.0, 0
    while pace.wait(now) == 0:
        pace.end(pace.start(10, now), 0, now)
        begun += 1
    assert begun == 10, "a second's worth, however long nothing was asked"


def test_first_call_may_be_larger_than_the_limit_and_is_counted_by_what_it_took() -> None:
    pace = Pace(tokens_per_minute=600)
    assert pace.wait(0) == 0
    aside = pace.start(50_000, 0)
    assert pace.wait(0) > 60, "what it may take is set aside while it is on its way"
    pace.end(aside, 18, 1)
    assert pace.wait(1) < 2


def test_refused_calls_take_no_tokens() -> None:
    pace = Pace(tokens_per_minute=600)
    for _ in range(50):
        pace.end(pace.start(5_000, 0), 0, 0)
    assert pace.wait(0.5) == 0


def told(remaining: object, limit: object, reset: object, of: str = "requests") -> dict[str, str]:
    return {
        f"x-ratelimit-remaining-{of}": str(remaining),
        f"x-ratelimit-limit-{of}": str(limit),
        f"x-ratelimit-reset-{of}": str(reset),
    }


def served(pace: Pace, seconds: float, left: Callable[[float, int], dict[str, str]]) -> list[float]:
    """When calls begin, where each reply tells what is left after so many calls."""
    began, now = list[float](), 0.0
    while now < seconds and len(began) < 10_000:
        if wait := pace.wait(now):
            now += wait
            continue
        began.append(now)
        pace.end(pace.start(100, now), 100, now)
        pace.read(left(now, len(began)), now)
        now += 0.001
    return began


def test_limit_that_is_full_again_at_once_is_not_used_up_before() -> None:
    began = served(Pace(), 59, lambda now, calls: told(max(0, 100 - calls), 100, f"{60 - now}s"))
    # The first half at once, then ever slower: nobody is refused, and others find some left.
    assert 75 <= len(began) <= 100


def test_limit_that_refills_all_the_time_is_used_whole() -> None:
    level, last = 600.0, 0.0

    def left(now: float, _calls: int) -> dict[str, str]:
        nonlocal level, last
        level, last = min(600.0, level + (now - last) * 10) - 1, now
        assert level >= 0, "it would have refused"
        return told(int(level), 600, f"{(600 - level) / 10}s")

    began = served(Pace(), 300, left)
    assert sum(at > 240 for at in began) == pytest.approx(600, rel=0.05)


def test_plenty_slows_nothing_down() -> None:
    pace = Pace()
    pace.read(told(900, 1_000, "60s"), 0)
    pace.start(1, 0)
    assert pace.wait(0) == 0


def test_nothing_left_of_the_tokens_slows_down_until_they_are_back() -> None:
    pace = Pace()
    pace.end(pace.start(1_000, 0), 1_000, 0)
    pace.read(told(0, 10_000, "30s", "tokens"), 0)
    assert pace.wait(0.01) == pytest.approx(30, abs=0.1)
    assert pace.wait(31) == 0


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(told("nan", 100, "1s"), id="nan"),
        pytest.param(told(-5, 100, "1s"), id="negative"),
        pytest.param(told(0, 100, "for ever"), id="words"),
        pytest.param(told(0, 100, "-3"), id="negative-reset"),
        pytest.param(told("9" * 10_000, 1, "9" * 10_000), id="long"),
        pytest.param(told("\x00", "\u202e", "1e999"), id="controls"),
        pytest.param({"x-ratelimit-remaining-requests": "0"}, id="no-reset"),
        pytest.param({}, id="none"),
    ],
)
def test_useless_headers_are_passed_over(headers: dict[str, str]) -> None:
    pace = Pace()
    pace.read(headers, 0)
    pace.start(1, 0)
    assert pace.wait(0) == 0


def test_no_header_holds_a_call_longer_than_a_minute() -> None:
    pace = Pace()
    pace.read(told(0, 0, "8760h"), 0)
    pace.start(1, 0)
    assert pace.wait(0) <= 60
