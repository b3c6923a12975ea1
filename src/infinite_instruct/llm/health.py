"""Whether an endpoint is there: it is left alone in growing pauses while it is not."""

import math

from infinite_instruct.errors import EndpointError
from infinite_instruct.llm.faults import Fault, FaultKind

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 60.0
_FAILING_CALLS = 3
_FAILING_SECONDS = 3.0
"""So many calls fail for so long, and none is answered: it is not the calls' fault."""


class Health:
    """Up, down for now, or gone for good.

    While it is down one call at a time is let through, after a pause that doubles; the first
    answer, even to a call from before, ends that.
    """

    def __init__(self) -> None:
        self.error: EndpointError | None = None
        """Why it is down or gone."""
        self.since = 0.0
        """When it went down."""
        self.answers = 0
        self.faults = 0
        """Since the last answer."""
        self.gone = False
        """Whether no waiting will help."""
        self._trying = False
        self._pause = 0.0
        self._again = 0.0
        self._failing: dict[str, float] = {}

    @property
    def down(self) -> bool:
        """Whether it is down or gone."""
        return self.error is not None

    def wait(self, now: float) -> float:
        """Seconds until a call may be tried; infinite while that is not known."""
        if not self.down:
            return 0.0
        return math.inf if self.gone or self._trying else max(0.0, self._again - now)

    def start(self) -> bool:
        """A call begins; whether it is the one that tries an endpoint which is down."""
        self._trying = self.down
        return self.down

    def answered(self) -> bool:
        """It answered; whether it was down before."""
        was_down = self.down and not self.gone
        self.answers += 1
        self.faults = 0
        self._failing.clear()
        if was_down:
            self.error, self._trying, self._pause = None, False, 0.0
        return was_down

    def failed(
        self, caller: str, fault: Fault, now: float, *, trial: bool, alone: bool = True
    ) -> bool:
        """A call failed.

        Args:
            caller: What distinguishes it from others; its next tries have the same.
            fault: How it failed.
            now: The time.
            trial: Whether it was the one that tried an endpoint which is down.
            alone: Whether no other call is on its way there.

        Returns:
            Whether the endpoint went down by that.
        """
        self.faults += 1
        if trial:
            self._trying = False
        if self.gone or (self.down and not trial):
            return False
        if fault.kind is FaultKind.USELESS:
            self.gone = True
        if self.down or self.gone or self._is_dead(caller, fault, now, alone=alone):
            return self.fall(fault, now)
        return False

    def fall(self, fault: Fault, now: float) -> bool:
        """Go down, or down again for longer; whether it was up before."""
        was_up = not self.down
        self.since = now if was_up else self.since
        self.error = EndpointError(fault.error.cause, remedy=fault.error.remedy)
        self._pause = min(_LONGEST_PAUSE, self._pause * 2) or _FIRST_PAUSE
        self._again = now + max(self._pause, fault.retry_after or 0.0)
        return was_up

    def abandoned(self, *, trial: bool) -> None:
        """A call was given up by its caller, and tells nothing."""
        if trial:
            self._trying = False

    def lost_at(self, patience: float, retries: int) -> float:
        """When there is no hope any more; infinite while there is."""
        if self.gone:
            return 0.0
        return self.since + patience if self.down and self.faults > retries else math.inf

    def _is_dead(self, caller: str, fault: Fault, now: float, *, alone: bool) -> bool:
        if fault.kind is FaultKind.UNREACHABLE:
            return True
        calls = self._failing
        calls.setdefault(caller, now)
        long = len(calls) >= _FAILING_CALLS and now - min(calls.values()) >= _FAILING_SECONDS
        # Who refuses some because others are being answered is well.
        return long and (alone or fault.kind is not FaultKind.REFUSED)
