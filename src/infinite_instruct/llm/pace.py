"""How fast calls may begin at one endpoint: limits per minute, and what its headers tell."""

from collections.abc import Mapping

from infinite_instruct.llm.headers import Allowance, read_allowance

_SECONDS = 60.0
_SCARCE = 0.5
"""Of a limit: where more is left, headers slow nothing down."""
_LEAST = 0.05
"""Of a limit: who refills all the time can be tried as often, however little was left."""
_NEWS = 0.1
"""Weight of a call in the mean of their tokens."""


class Bucket:
    """Lets through so much a minute: a second's worth at once, and in no minute more.

    Args:
        per_minute: Above 0.
    """

    def __init__(self, per_minute: float) -> None:
        self._capacity = per_minute / _SECONDS
        self._per_second = (per_minute - self._capacity) / _SECONDS
        self._level = self._capacity
        self._at = 0.0

    def wait(self, now: float) -> float:
        """Seconds until one may go through."""
        short = min(1.0, self._capacity) - self._refilled(now)
        # Sums of floats miss their mark by a little.
        return short / self._per_second if short > self._capacity * 1e-9 else 0.0

    def take(self, amount: float, now: float) -> None:
        """Take out, if need be more than there is; a negative amount is put back."""
        self._level, self._at = self._refilled(now) - amount, max(now, self._at)

    def _refilled(self, now: float) -> float:
        seconds = max(0.0, now - self._at)
        return min(self._capacity, self._level + seconds * self._per_second)


class Spacing:
    """What headers say is left of a limit, spread over the time until it is full again.

    It serves both kinds of limits there are. One that is full again all at once is never used up
    before. One that refills all the time settles at half of it, where the rate is that of the
    refill.
    """

    def __init__(self) -> None:
        self._most = 0.0
        self._seconds = 0.0
        self._until = 0.0
        self._last = 0.0

    def read(self, told: Allowance | None, each: float, now: float) -> None:
        """Take note of one reply's headers; `each` is what a call takes of this limit."""
        if told is None:
            return
        self._most = max(self._most, told.remaining)
        limit = told.limit or self._most
        scarce = told.remaining < _SCARCE * limit or told.remaining < each
        left = max(told.remaining, _LEAST * limit, each)
        self._seconds = each * told.reset / left if scarce else 0.0
        self._until = now + told.reset

    def wait(self, now: float) -> float:
        """Seconds until a call may begin."""
        return max(0.0, self._last + self._seconds - now) if now < self._until else 0.0

    def start(self, now: float) -> None:
        """Take note that a call begins."""
        self._last = now


class Pace:
    """Says when the next call may begin. Times are seconds of any clock that only goes forward.

    Args:
        requests_per_minute: At most; None for no limit of ours.
        tokens_per_minute: Prompt and completion, at most and one call more, since a reply's length
            is known when it is there.
    """

    def __init__(
        self, requests_per_minute: int | None = None, tokens_per_minute: int | None = None
    ) -> None:
        self._requests = Bucket(requests_per_minute) if requests_per_minute else None
        self._tokens = Bucket(tokens_per_minute) if tokens_per_minute else None
        self._of_requests, self._of_tokens = Spacing(), Spacing()
        self._mean = 0.0

    def wait(self, now: float) -> float:
        """Seconds until a call may begin; 0 for at once."""
        buckets = (each.wait(now) for each in (self._requests, self._tokens) if each)
        return max(self._of_requests.wait(now), self._of_tokens.wait(now), *buckets)

    def start(self, most_tokens: int, now: float) -> float:
        """A call begins.

        Args:
            most_tokens: What it may take at most.
            now: The time.

        Returns:
            The tokens that are set aside for it, for `end`: as many as calls take in the mean.
        """
        tokens = self._mean or float(most_tokens)
        self._of_requests.start(now)
        self._of_tokens.start(now)
        if self._requests:
            self._requests.take(1, now)
        if self._tokens:
            self._tokens.take(tokens, now)
        return tokens

    def end(self, set_aside: float, tokens: int, now: float) -> None:
        """A call ended and took so many tokens; 0 where it was refused."""
        if self._tokens:
            self._tokens.take(tokens - set_aside, now)
        if tokens:
            self._mean += (tokens - self._mean) * (_NEWS if self._mean else 1.0)

    def read(self, headers: Mapping[str, str], now: float) -> None:
        """Follow what a reply's headers say of the endpoint's own limits."""
        self._of_requests.read(read_allowance(headers, "requests"), 1.0, now)
        self._of_tokens.read(read_allowance(headers, "tokens"), max(1.0, self._mean), now)
