"""One endpoint as the flow sees it: how many calls it takes, how fast, and whether it is there."""

import math
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from infinite_instruct.events import Emit, Noticed
from infinite_instruct.llm.ceiling import Ceiling
from infinite_instruct.llm.faults import Fault, FaultKind
from infinite_instruct.llm.health import Health
from infinite_instruct.llm.model import ChatReply, ChatRequest
from infinite_instruct.llm.pace import Pace
from infinite_instruct.llm.wire import tokens_of

Ask = Callable[[ChatRequest], Awaitable[ChatReply]]
"""Makes one try; raises Fault, and nothing else that an endpoint could cause."""


@dataclass(frozen=True)
class Ticket:
    """A call's place in a lane, to be given back when it ends."""

    lane: "Lane"
    caller: str
    set_aside: float
    window: int
    trial: bool


class Lane:
    """Keeps the accounts of the calls to one endpoint. It makes none and waits for nothing.

    Args:
        name: How to call the endpoint before the user.
        ask: Makes one try.
        ceiling: How many calls may be on their way.
        pace: How fast they may begin.
        emit: Hears when the endpoint goes down, comes back, or refuses most calls.
    """

    def __init__(self, name: str, ask: Ask, ceiling: Ceiling, pace: Pace, emit: Emit) -> None:
        self.name = name
        self.ask = ask
        self.pace = pace
        self.health = Health()
        self._ceiling = ceiling
        self._emit = emit
        self._in_flight = 0
        self._listeners: deque[Callable[[], None]] = deque()
        self._said_refusing = False

    @property
    def load(self) -> float:
        """How full it is: 1 where no call more is taken."""
        return self._in_flight / self._ceiling.height

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever there may be more room."""
        self._listeners.append(listener)

    def wait(self, now: float) -> float:
        """Seconds until it takes a call; infinite until something changes."""
        if self._in_flight >= self._ceiling.height and not self.health.down:
            return math.inf
        return max(self.health.wait(now), self.pace.wait(now))

    def start(self, caller: str, request: ChatRequest, now: float) -> Ticket:
        """A call begins."""
        self._in_flight += 1
        prompt = sum(tokens_of(turn.content) for turn in request.messages)
        return Ticket(
            lane=self,
            caller=caller,
            set_aside=self.pace.start(prompt + request.max_tokens, now),
            window=self._ceiling.start(self._in_flight),
            trial=self.health.start(),
        )

    def answered(self, ticket: Ticket, tokens: int, now: float) -> None:
        """A call was answered, by so many tokens of prompt and reply."""
        seconds = now - self.health.since
        if self.health.answered():
            self._say(f"{self.name} answers again, after {seconds:.0f} s.")
        self._end(ticket, tokens, now, refused=False)

    def failed(self, ticket: Ticket, fault: Fault, now: float) -> None:
        """A call failed."""
        if fault.kind is FaultKind.REQUEST:
            self.answered(ticket, 0, now)
            return
        alone = self._in_flight == 1
        if self.health.failed(ticket.caller, fault, now, trial=ticket.trial, alone=alone):
            self._tell_fall(fault)
        self._end(ticket, 0, now, refused=fault.kind is FaultKind.REFUSED)

    def fall(self, fault: Fault, now: float) -> None:
        """Leave it alone for a while: a call has tried often enough."""
        if self.health.fall(fault, now):
            self._tell_fall(fault)

    def abandoned(self, ticket: Ticket, now: float) -> None:
        """A call was given up by its caller."""
        self.health.abandoned(trial=ticket.trial)
        self._end(ticket, 0, now, refused=False)

    def _end(self, ticket: Ticket, tokens: int, now: float, *, refused: bool) -> None:
        self._in_flight -= 1
        self.pace.end(ticket.set_aside, tokens, now)
        if self._ceiling.end(ticket.window, refused=refused) and not self._said_refusing:
            self._said_refusing = True
            self._say(
                f"{self.name} refuses most calls (429, 503): fewer are made at once, as long as "
                "it does."
            )
        # Another one first each time: flows that share a lane are to have the same chance.
        self._listeners.rotate()
        for listener in self._listeners:
            listener()

    def _tell_fall(self, fault: Fault) -> None:
        useless = fault.kind is FaultKind.USELESS
        then = "It is left out." if useless else "It is tried again, in growing pauses."
        self._say(f"{fault.error.cause} {then}")

    def _say(self, message: str) -> None:
        self._emit(Noticed(message=message))
