"""A request on its way to a reply, through all its tries."""

import asyncio
from dataclasses import dataclass, field

from infinite_instruct.llm.lane import Lane, Ticket
from infinite_instruct.llm.model import ChatRequest

_FIRST_BACKOFF = 0.5
_LONGEST_BACKOFF = 8.0
_SHORTEST = 0.05
"""However soon an endpoint wants to be asked again."""
_MOST_DOUBLINGS = 10


@dataclass(eq=False)
class Call:
    """What a flow knows of one call."""

    caller: str
    """What distinguishes it from others."""
    request: ChatRequest
    began: float
    turn: asyncio.Future[Ticket]
    """Done when it has a place in a lane."""
    tries: int = 0
    """Those that failed."""
    barred: dict[Lane, float] = field(default_factory=dict[Lane, float])
    """Until when it may not be made again in a lane where it failed; other calls may."""
    _answers: dict[Lane, int] = field(default_factory=dict[Lane, int])

    def best(self, free: list[Lane], now: float) -> list[Lane]:
        """Where it may be made: rather where it has not failed yet."""
        allowed = [lane for lane in free if self.barred.get(lane, 0.0) <= now]
        return [lane for lane in allowed if lane not in self.barred] or allowed

    def start(self, lane: Lane, now: float) -> None:
        """Take a place."""
        self._answers.setdefault(lane, lane.health.answers)
        self.turn.set_result(lane.start(self.caller, self.request, now))

    def wait(self, lane: Lane, told: float | None, chance: float, now: float) -> float:
        """Leave a lane alone, for as long as it told; else for a time that doubles with each try.

        Args:
            lane: Where it failed.
            told: Seconds, if the endpoint told them.
            chance: From 0 to 1: calls that failed together part by it.
            now: The time.

        Returns:
            Until when.
        """
        doubled = _FIRST_BACKOFF * 2 ** min(self.tries - 1, _MOST_DOUBLINGS)
        backoff = min(_LONGEST_BACKOFF, doubled) * (1 + chance) / 2
        self.barred[lane] = now + (backoff if told is None else max(told, _SHORTEST))
        return self.barred[lane]

    def is_alone_in_failing(self, lane: Lane) -> bool:
        """Whether a lane has answered other calls since this one's first try there."""
        return lane.health.answers > self._answers[lane]
