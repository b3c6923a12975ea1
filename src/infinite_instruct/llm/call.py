"""A request on its way to a reply, through all its tries."""

import asyncio
from dataclasses import dataclass, field

from infinite_instruct.llm.faults import Fault, FaultKind
from infinite_instruct.llm.lane import Lane, Ticket
from infinite_instruct.llm.model import ChatRequest

_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds after the first fault of a call, the second, and so on; the last one stays."""
_HICCUPS = (FaultKind.PASSING, FaultKind.BROKEN)
_AFTER_HICCUPS = (0.1, 0.4, 1.6, 6.4, 8.0)
"""Soon at first, as most are over by then; together as long as the others."""
_SHORTEST = 0.05
"""However soon an endpoint wants to be asked again."""


@dataclass(eq=False)
class Call:
    """What a flow knows of one call."""

    number: int
    """Its place in the order in which calls came."""
    request: ChatRequest
    began: float
    turn: asyncio.Future[Ticket]
    """Done when it has a place in a lane."""
    tries: int = 0
    """Those that failed."""
    barred: dict[Lane, float] = field(default_factory=dict[Lane, float])
    """Until when it may not be made again in a lane where it failed; other calls may."""
    _answers: dict[Lane, int] = field(default_factory=dict[Lane, int])
    _hiccups: int = 0

    @property
    def caller(self) -> str:
        """What distinguishes it from others, for a lane."""
        return str(self.number)

    def best(self, free: list[Lane], now: float) -> list[Lane]:
        """Where it may be made: rather where it has not failed yet."""
        allowed = [lane for lane in free if self.barred.get(lane, 0.0) <= now]
        return [lane for lane in allowed if lane not in self.barred] or allowed

    def start(self, lane: Lane, now: float) -> None:
        """Take a place."""
        self._answers.setdefault(lane, lane.health.answers)
        self.turn.set_result(lane.start(self.caller, self.request, now))

    def wait(self, lane: Lane, fault: Fault, chance: float, now: float) -> float:
        """Leave a lane alone, for as long as it told; else for a time that grows with each fault.

        Args:
            lane: Where it failed.
            fault: How.
            chance: From 0 to 1: calls that failed together part by it.
            now: The time.

        Returns:
            Until when.
        """
        told = fault.retry_after
        pause = self._pause(lane, fault) * (1 + chance) / 2 if told is None else told
        self.barred[lane] = now + max(pause, _SHORTEST)
        return self.barred[lane]

    def _pause(self, lane: Lane, fault: Fault) -> float:
        """Short at first where the lane is well: what ended there before was answered."""
        if fault.kind in _HICCUPS and lane.health.faults == 1:
            self._hiccups += 1
            return _AFTER_HICCUPS[min(self._hiccups, len(_AFTER_HICCUPS)) - 1]
        return _PAUSES[min(self.tries, len(_PAUSES)) - 1]

    def is_alone_in_failing(self, lane: Lane) -> bool:
        """Whether a lane has answered other calls since this one's first try there."""
        return lane.health.answers > self._answers[lane]
