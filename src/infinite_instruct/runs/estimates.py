"""What a campaign would cost and take, from a few rows of it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist, fmean, stdev

from infinite_instruct.domain import Value
from infinite_instruct.events import Event, ModelCalled, RowEnded, RowStarted

CONFIDENCE = 0.9
"""How often the truth lies between the ends of a range, or oftener."""
_OF_EACH = 1 - (1 - CONFIDENCE) / 2
"""How often that of each factor does: so both do together (Bonferroni)."""


class Trial(Value):
    """What one row took."""

    accepted: bool = False
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float = 0.0
    unpriced: tuple[str, ...] = ()
    """Models whose price is not known."""
    seconds: float = 0.0
    """From its start to its end."""


class Range(Value):
    """A quantity that is not known exactly. None: the few rows do not tell."""

    likely: float | None
    low: float
    high: float | None


class Estimate(Value):
    """A campaign foretold."""

    rows: int
    """Accepted rows that are wanted."""
    trials: int
    """Rows that were tried for this."""
    accepted: int
    in_flight: int
    """Rows at a time, if the endpoint answers so many as quickly as it did here."""
    tried: Range
    calls: Range
    prompt_tokens: Range
    completion_tokens: Range
    usd: Range | None
    """None where a price is not known."""
    unpriced: tuple[str, ...]
    """The models whose price is not known."""
    hours: Range
    cost: Trial
    """What the trials themselves took, all together."""
    confidence: float = CONFIDENCE


@dataclass
class Trials:
    """Measures rows: a listener of events."""

    ended: list[Trial] = field(default_factory=list[Trial])
    _open: dict[str, Trial] = field(default_factory=dict[str, Trial])
    _began: dict[str, float] = field(default_factory=dict[str, float])

    def __call__(self, event: Event) -> None:
        """Take note of an event."""
        match event:
            case RowStarted():
                self._open[event.row], self._began[event.row] = Trial(), event.at
            case ModelCalled() if event.row in self._open:
                self._open[event.row] = _sum(self._open[event.row], _of_call(event))
            case RowEnded():
                seconds = event.at - self._began[event.row]
                taken = {"accepted": event.accepted, "seconds": max(0.0, seconds)}
                self.ended.append(self._open.pop(event.row).model_copy(update=taken))
            case _:
                pass

    @property
    def total(self) -> Trial:
        """All of it, rows that did not end included: what was paid."""
        total = Trial()
        for trial in (*self.ended, *self._open.values()):
            total = _sum(total, trial)
        return total


def estimate(trials: Trials, rows: int, concurrency: int) -> Estimate:
    """Foretell a campaign: the tries that its rows need, times what a try takes.

    The yield's range is Wilson's, that of a try's mean is Student's; both ends are multiplied, so
    that a range is rather too wide than too narrow.

    Args:
        trials: At least two rows that ended.
        rows: Accepted rows that are wanted.
        concurrency: Rows at a time.
    """
    ended, total = trials.ended, trials.total
    accepted = sum(trial.accepted for trial in ended)
    tried = _tries(accepted, len(ended), rows)
    in_flight = min(concurrency, max(rows, 1))

    def of(take: Callable[[Trial], float]) -> Range:
        return _product(tried, _mean([take(trial) for trial in ended]))

    return Estimate(
        rows=rows,
        trials=len(ended),
        accepted=accepted,
        in_flight=in_flight,
        tried=tried,
        calls=of(lambda trial: trial.calls),
        prompt_tokens=of(lambda trial: trial.prompt_tokens),
        completion_tokens=of(lambda trial: trial.completion_tokens),
        usd=None if total.unpriced else of(lambda trial: trial.usd),
        unpriced=total.unpriced,
        hours=of(lambda trial: trial.seconds / in_flight / 3600),
        cost=total,
    )


def _tries(accepted: int, tried: int, rows: int) -> Range:
    """How many rows have to be tried, from the share that was accepted (Wilson's interval)."""
    z = NormalDist().inv_cdf((1 + _OF_EACH) / 2)
    share, spread = accepted / tried, z * z / tried
    middle = share + spread / 2
    width = math.sqrt(spread * share * (1 - share) + spread * spread / 4)
    low, high = (middle - width) / (1 + spread), (middle + width) / (1 + spread)
    return Range(
        likely=rows / share if accepted else None,
        low=rows / min(high, 1.0),
        high=rows / low if accepted else None,
    )


def _mean(values: Sequence[float]) -> Range:
    """The mean of all rows, from that of a few (Student's interval)."""
    mean = fmean(values)
    width = _student(len(values) - 1) * stdev(values) / math.sqrt(len(values))
    return Range(likely=mean, low=max(0.0, mean - width), high=mean + width)


def _student(freedom: int) -> float:
    """Student's quantile by the expansion around the normal one; exact to 2 % from 3 on."""
    z = NormalDist().inv_cdf((1 + _OF_EACH) / 2)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3


def _product(a: Range, b: Range) -> Range:
    return Range(
        likely=None if a.likely is None or b.likely is None else a.likely * b.likely,
        low=a.low * b.low,
        high=None if a.high is None or b.high is None else a.high * b.high,
    )


def _of_call(call: ModelCalled) -> Trial:
    if call.replayed:
        return Trial()
    return Trial(
        calls=1,
        prompt_tokens=call.prompt_tokens,
        completion_tokens=call.completion_tokens,
        usd=call.cost_usd or 0.0,
        unpriced=(call.model,) if call.cost_usd is None else (),
    )


def _sum(a: Trial, b: Trial) -> Trial:
    return Trial(
        calls=a.calls + b.calls,
        prompt_tokens=a.prompt_tokens + b.prompt_tokens,
        completion_tokens=a.completion_tokens + b.completion_tokens,
        usd=a.usd + b.usd,
        unpriced=tuple(dict.fromkeys((*a.unpriced, *b.unpriced))),
        seconds=a.seconds + b.seconds,
    )
