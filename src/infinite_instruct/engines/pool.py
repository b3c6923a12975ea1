"""The driver's workers: rows and calls go to the least busy one, and on to others when it dies."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self

from infinite_instruct.domain import RowPlan
from infinite_instruct.engines.channel import Channel
from infinite_instruct.engines.driver import DriverDesk
from infinite_instruct.engines.messages import Begin, MakeTry, Question, Ready, TakeRow
from infinite_instruct.engines.peer import Peer, PeerLostError
from infinite_instruct.errors import EngineError, InfiniteInstructError
from infinite_instruct.events import Noticed
from infinite_instruct.graphs.outcomes import outcome_of
from infinite_instruct.graphs.rows import Finished
from infinite_instruct.graphs.state import Dropped, dropped_state
from infinite_instruct.llm.model import ChatReply, ChatRequest
from infinite_instruct.llm.routing import StopSwitch

Launch = Callable[[], Awaitable[Channel]]
"""Starts a worker; gives the channel to it. Raises ConnectionError where it died at once."""
_MOST_LOSSES = 3
"""Workers that a row may lose before it is dropped: it may be what kills them."""
_MOST_FAILED_STARTS = 3
_SILENCE = 30.0
"""Seconds without any worker after which the user learns what is waited for."""


@dataclass
class _Member:
    """A worker that has begun."""

    peer: Peer
    busy: int = 0
    """Rows and calls that it has."""

    async def ask(self, question: Question) -> Any:  # noqa: ANN401 - `messages` says what answers what
        self.busy += 1
        try:
            return await self.peer.ask(question)
        finally:
            self.busy -= 1


@dataclass(frozen=True)
class _Work:
    begin: Begin
    desk: DriverDesk


class WorkerPool:
    """Keeps workers alive, and hands them rows and calls. A context: leaving it ends them.

    Args:
        launch: Starts one.
        size: How many there are.
        expected: What each must answer to `Begin`.
        switch: Once it is thrown nobody waits for a worker any more.
    """

    def __init__(self, launch: Launch, size: int, expected: Ready, switch: StopSwitch) -> None:
        self._launch = launch
        self._size = size
        self._expected = expected
        self._switch = switch
        self._members: list[_Member] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._keepers: list[asyncio.Task[None]] = []
        self._broken: InfiniteInstructError | None = None
        self._failed_starts = 0

    async def __aenter__(self) -> Self:
        """Start the workers; they load what they need while the driver goes on."""
        self._work: asyncio.Future[_Work] = asyncio.get_running_loop().create_future()
        self._switch.listen(self._tell_waiting)
        self._keepers = [asyncio.create_task(self._keep()) for _ in range(self._size)]
        self._keepers.append(asyncio.create_task(self._tell_if_none_comes()))
        return self

    async def __aexit__(self, *_: object) -> None:
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        self._work.cancel()

    def open(self, begin: Begin, desk: DriverDesk) -> None:
        """Tell the workers what to do, and who answers them."""
        self._work.set_result(_Work(begin, desk))

    async def take(self, plan: RowPlan) -> Finished:
        """Take a row to its end, as `graphs.rows.RowWorker`."""
        desk = (await asyncio.shield(self._work)).desk
        try:
            return await self._take(plan, desk)
        finally:
            desk.forget(plan.id)

    async def make_try(self, place: int, request: ChatRequest) -> ChatReply:
        """Make one try at an endpoint.

        Raises:
            Fault: It brought no reply.
            InfiniteInstructError: There is no worker.
        """
        while True:
            member = await self._least_busy()
            try:
                reply: ChatReply = await member.ask(MakeTry(place=place, request=request))
            except PeerLostError:
                continue
            return reply

    async def _take(self, plan: RowPlan, desk: DriverDesk) -> Finished:
        for _ in range(_MOST_LOSSES):
            member = await self._least_busy()
            try:
                finished: Finished = await member.ask(TakeRow(plan=plan))
            except PeerLostError:
                continue
            return finished
        detail = f"{_MOST_LOSSES} workers died while they had it."
        desk.emit(Noticed(row=plan.id, message=f"A row is dropped: {detail}"))
        state = dropped_state(plan, Dropped(stage="graph", reason="worker-lost", detail=detail))
        return Finished(outcome=outcome_of(plan, state, (), self._expected.pack))

    async def _least_busy(self) -> _Member:
        while not (present := [each for each in self._members if not each.peer.lost]):
            error = self._broken or self._switch.error()
            if error is not None:
                # One of its own for each: they are raised in several tasks.
                raise type(error)(error.cause, remedy=error.remedy)
            waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(waiting)
            await waiting
        return min(present, key=lambda member: member.busy)

    async def _keep(self) -> None:
        """Keep one worker: start it, let it work, and start another one when it dies."""
        while self._broken is None:
            try:
                began = await self._one()
            except InfiniteInstructError as error:
                self._break(error)
            else:
                self._failed_starts = 0 if began else self._failed_starts + 1
                if self._failed_starts >= _MOST_FAILED_STARTS:
                    self._break(_no_worker())

    async def _tell_if_none_comes(self) -> None:
        """A full cluster is waited for, however long: a node may join."""
        await asyncio.sleep(_SILENCE)
        desk = (await asyncio.shield(self._work)).desk
        if not self._members and self._broken is None:
            desk.emit(Noticed(message="No worker has come up yet: room for one is waited for."))

    async def _one(self) -> bool:
        """Start a worker and let it work until it is gone; whether it ever began.

        Raises:
            InfiniteInstructError: It cannot do this work, and no other one could.
        """
        try:
            channel = await self._launch()
        except ConnectionError:
            return False
        try:
            return await self._talk(channel, await asyncio.shield(self._work))
        finally:
            await channel.close()

    async def _talk(self, channel: Channel, work: _Work) -> bool:
        now = asyncio.get_running_loop().time
        peer = Peer(channel, work.desk.answer, lambda news: work.desk.hear(news, now()))
        talking = asyncio.create_task(peer.run())
        try:
            self._check(await peer.ask(work.begin))
            await self._enrol(_Member(peer), talking)
        except PeerLostError:
            return False
        finally:
            talking.cancel()
            await asyncio.gather(talking, return_exceptions=True)
        work.desk.emit(Noticed(message="A worker died: others take up its rows."))
        return True

    async def _enrol(self, member: _Member, talking: asyncio.Task[None]) -> None:
        """Let a worker be among those that get work, until it is gone."""
        self._members.append(member)
        self._failed_starts = 0
        self._tell_waiting()
        try:
            await asyncio.shield(talking)
        finally:
            self._members.remove(member)

    def _check(self, ready: object) -> None:
        if ready != self._expected:
            raise EngineError(
                f"A worker is not like its driver: it has {ready!r}, the driver has "
                f"{self._expected!r}.",
                remedy="Install the same version, and put the same prompt pack, on all machines.",
            )

    def _break(self, error: InfiniteInstructError) -> None:
        self._broken = error
        self._tell_waiting()

    def _tell_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            if not each.done():
                each.set_result(None)


def _no_worker() -> EngineError:
    return EngineError(
        f"No worker comes up: {_MOST_FAILED_STARTS} in a row died before they began.",
        remedy="Look at the messages above, or go on in one process with --workers 1.",
    )
