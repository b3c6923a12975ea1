"""The flow of calls to endpoints: each to one with room, and again where a try failed."""

import asyncio
import itertools
import math
import random
from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from typing import Literal

from infinite_instruct.domain import Value
from infinite_instruct.errors import EndpointError, ModelReplyError
from infinite_instruct.llm.call import Call
from infinite_instruct.llm.faults import Fault, FaultKind
from infinite_instruct.llm.lane import Lane, Ticket
from infinite_instruct.llm.model import ChatReply, ChatRequest
from infinite_instruct.llm.routing import StopSwitch

_SLACK = 0.001
"""Seconds after a pause: a loop's clock may wake us some nanoseconds before it is over."""

Guard = Callable[[ChatRequest], None]
"""Raises where a request may not be sent any more."""


def let_pass(_request: ChatRequest) -> None:
    """Let every request pass."""


def _order(call: Call) -> int:
    """First come, first served: a call that is made again keeps its place."""
    return call.number


class FlowRules(Value):
    """How hard a flow tries."""

    retries: int = 5
    """Failed tries after which a call is given up, or its endpoint."""
    patience: float = 0.0
    """Seconds that are waited for endpoints when none is left."""
    choice: Literal["room", "order"] = "room"
    """Which endpoint is asked: the one with most free room for its size, or the first one that has
    any."""


class Flow:
    """Sends each request to an endpoint that has room, first come, first served.

    A call that waits, for whatever, holds no place that another one could use.

    Args:
        lanes: The endpoints, in the order of preference; other flows may share them.
        rules: How hard it tries.
        switch: Once it is thrown no try is made any more; those on their way are finished.
        guard: Asked before every try; what it raises ends the call. A budget may be spent while a
            call waits.
        jitter: Gives a number from 0 to 1, a new one each time.
    """

    def __init__(
        self,
        lanes: Sequence[Lane],
        rules: FlowRules,
        switch: StopSwitch | None = None,
        guard: Guard = let_pass,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._lanes = tuple(lanes)
        self._rules = rules
        self._switch = switch or StopSwitch()
        self._switch.listen(self._pump)
        self._guard = guard
        self._jitter = jitter
        self._waiting: list[Call] = []
        self._timer: asyncio.TimerHandle | None = None
        self._count = itertools.count()
        for lane in self._lanes:
            lane.listen(self._pump)

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Answer one request.

        Raises:
            EndpointError: No endpoint can be used, for longer than our patience.
            ModelReplyError: This request gets no usable reply.
            StoppedError: The switch was thrown before the request could be sent.
            InfiniteInstructError: The guard's.
        """
        loop = asyncio.get_running_loop()
        call = Call(next(self._count), request, loop.time(), loop.create_future())
        while True:
            ticket = await self._turn(call)
            try:
                self._guard(request)
                reply = await ticket.lane.ask(request)
            except Fault as fault:
                self._note_fault(call, ticket, fault)
            except BaseException:
                ticket.lane.abandoned(ticket, loop.time())
                raise
            else:
                tokens = reply.prompt_tokens + reply.completion_tokens
                ticket.lane.answered(ticket, tokens, loop.time())
                return reply

    async def _turn(self, call: Call) -> Ticket:
        """Wait for a place in a lane."""
        call.turn = asyncio.get_running_loop().create_future()
        insort(self._waiting, call, key=_order)
        self._pump()
        try:
            return await call.turn
        except asyncio.CancelledError:
            if call.turn.done() and not call.turn.cancelled() and not call.turn.exception():
                ticket = call.turn.result()
                ticket.lane.abandoned(ticket, asyncio.get_running_loop().time())
            raise
        finally:
            del self._waiting[bisect_left(self._waiting, _order(call), key=_order)]

    def _note_fault(self, call: Call, ticket: Ticket, fault: Fault) -> None:
        """Decide whether a call is made again.

        Raises:
            InfiniteInstructError: It is not.
        """
        now, lane = asyncio.get_running_loop().time(), ticket.lane
        lane.failed(ticket, fault, now)
        if fault.kind is FaultKind.REQUEST:
            raise fault.error
        if lane.health.down:
            return
        call.tries += 1
        if call.tries > self._rules.retries:
            self._give_up(call, lane, fault, now)
        again = call.wait(lane, fault, self._jitter(), now)
        asyncio.get_running_loop().call_at(again + _SLACK, self._pump)

    def _give_up(self, call: Call, lane: Lane, fault: Fault, now: float) -> None:
        """The call or the endpoint is to blame: whichever of them others get on with.

        Raises:
            InfiniteInstructError: The call is.
        """
        if fault.kind is not FaultKind.PASSING and not call.is_alone_in_failing(lane):
            lane.fall(fault, now)
        elif fault.kind is not FaultKind.REFUSED or now - call.began >= self._rules.patience:
            raise ModelReplyError(fault.error.cause, remedy=fault.error.remedy)

    def _pump(self) -> None:
        """Let those begin who can, in their order; end their waiting where it is in vain."""
        if not self._waiting:
            return
        now = asyncio.get_running_loop().time()
        error = self._switch.error() or self._lost(now)
        for call in self._waiting:
            if call.turn.done():  # begun, or cancelled: its own task takes it out
                continue
            if error is not None:
                # One of its own for each: they are raised in several tasks.
                call.turn.set_exception(type(error)(error.cause, remedy=error.remedy))
            elif not self._start(call, now):
                break
        self._wake_later(now)

    def _start(self, call: Call, now: float) -> bool:
        """Let a call begin, if it can; whether there was room for one."""
        free = [lane for lane in self._lanes if lane.wait(now) <= 0]
        if best := call.best(free, now):
            call.start(self._chosen(best), now)
        return bool(free)

    def _chosen(self, lanes: list[Lane]) -> Lane:
        return lanes[0] if self._rules.choice == "order" else min(lanes, key=lambda it: it.load)

    def _lost(self, now: float) -> EndpointError | None:
        """The error that ends the waiting, where every endpoint is down for too long."""
        rules = self._rules
        if any(lane.health.lost_at(rules.patience, rules.retries) > now for lane in self._lanes):
            return None
        errors = [lane.health.error for lane in self._lanes if lane.health.error]
        hoped = rules.patience > 0 and not all(lane.health.gone for lane in self._lanes)
        waited = f" None came back within {rules.patience:g} s." if hoped else ""
        return EndpointError(
            " ".join(dict.fromkeys(error.cause for error in errors)) + waited,
            remedy=errors[0].remedy,
        )

    def _wake_later(self, now: float) -> None:
        """Pump again when a lane can go on by itself."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        times = (time for time in self._times_of_lanes(now) if now < time < math.inf)
        soonest = min(times, default=math.inf)
        if self._waiting and soonest < math.inf:
            self._timer = asyncio.get_running_loop().call_at(soonest, self._pump)

    def _times_of_lanes(self, now: float) -> list[float]:
        patience, retries = self._rules.patience, self._rules.retries
        lost = [lane.health.lost_at(patience, retries) for lane in self._lanes]
        return [now + lane.wait(now) for lane in self._lanes] + lost
