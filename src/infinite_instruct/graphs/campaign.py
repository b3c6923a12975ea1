"""The campaign: rows in flight until N are accepted, or a limit or the user stops it."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar

from infinite_instruct.domain import Outcome, RowPlan, Sample
from infinite_instruct.errors import BudgetExhaustedError, InfiniteInstructError, StoppedError
from infinite_instruct.graphs.planner import NewExpansion, NewRow, Planner, Unread
from infinite_instruct.graphs.preparation import Preparation
from infinite_instruct.graphs.quotas import Shortfall
from infinite_instruct.graphs.rows import RowRunner
from infinite_instruct.tools.beside import begin, done

_PATIENCE = 0.1
"""Seconds for reading seeds before the first row begins; later, reading holds up no call."""

T = TypeVar("T")
_Begun = tuple[RowPlan, Coroutine[None, None, Outcome]]


class EndReason(StrEnum):
    """Why a campaign ended."""

    DONE = "done"
    ROW_LIMIT = "row-limit"
    BUDGET = "budget"
    NO_MATERIAL = "no-material"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True)
class Ending:
    """How a campaign ended. All but `done` can be resumed."""

    reason: EndReason
    accepted: int
    tried: int
    target: int
    error: InfiniteInstructError | None = None
    short: tuple[Shortfall, ...] = ()
    """The quotas that are not met."""


@dataclass
class Campaign:
    """Keeps rows in flight.

    A row is only started while accepted rows and rows in flight together are fewer than the
    target: so exactly `target` rows are accepted, never one too many. The same holds for each of
    the planner's quotas.
    """

    runner: RowRunner
    planner: Planner
    target: int
    row_limit: int
    concurrency: int
    accepted: int = 0
    tried: int = 0
    last: int = 0
    """The last so many rows may be in flight together: a row's calls come one after the other, so
    that few rows begun late would leave endpoints idle at the end."""
    preparation: Preparation = field(default_factory=Preparation)
    """Goes on beside the rows of an earlier session."""
    _preparing: asyncio.Task[None] | None = None
    _loading: asyncio.Task[None] | None = None
    """The graph's: no row is planned until it is there."""
    _reading: asyncio.Task[None] | None = None
    """Of more seeds: no row is planned until it is done, as the plan depends on it."""
    _growing: asyncio.Task[None] | None = None
    """The graph's growth: no row is composed until it is done; rows from snippets go on."""
    _flying: dict[asyncio.Task[Outcome], RowPlan] = field(
        default_factory=dict[asyncio.Task[Outcome], RowPlan]
    )
    _ended: deque[asyncio.Task[Outcome]] = field(default_factory=deque[asyncio.Task[Outcome]])
    """Rows that came to an end since the last look at them."""
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _error: InfiniteInstructError | None = None

    async def run(self, unfinished: Iterable[RowPlan] = ()) -> Ending:
        """Run until the end; first the rows that an earlier session left unfinished."""
        waiting = list(unfinished)
        self.preparation.begin()
        self._loading = self._begin(self.planner.vocabulary.ready())
        self._preparing = self._begin(self.preparation.done())
        try:
            while True:
                self._fill(waiting)
                if self._is_over():
                    return self._ending()
                await self._wait()
        finally:
            await self._abandon()

    def _begin(
        self, work: Coroutine[None, None, T], *heard: Callable[[asyncio.Task[T]], None]
    ) -> asyncio.Task[T]:
        """A task whose end wakes the campaign. Waiting for all of them would cost their number."""
        task = asyncio.create_task(work)
        for hear in heard:
            task.add_done_callback(hear)
        task.add_done_callback(lambda _: self._woken.set())
        return task

    async def _wait(self) -> None:
        """Until a row has ended, one more can be planned, or all is prepared."""
        await self._woken.wait()
        self._woken.clear()
        while self._ended:
            self._settle(self._ended.popleft())
        self._reading = self._unless_done(self._reading)
        self._growing = self._unless_done(self._growing)
        self.planner.growing = self._growing is not None
        self._loading = self._unless_done(self._loading)
        self._preparing = self._unless_done(self._preparing)

    def _is_over(self) -> bool:
        """Whether nothing goes on, and what is being prepared can change nothing."""
        if self._flying or self._reading is not None or self._growing is not None:
            return False
        may_go_on = self._may_start() and self.tried < self.row_limit
        return self._preparing is None or not may_go_on

    async def _abandon(self) -> None:
        """Let no row go on behind a store that is closed, where the campaign itself is ended."""
        self.preparation.give_up()
        tasks = self._tasks()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _tasks(self) -> set[asyncio.Task[Any]]:
        """All that goes on: rows, what the next one waits for, and what is being prepared."""
        beside = (self._reading, self._growing, self._loading, self._preparing)
        return {*self._flying, *(task for task in beside if task is not None)}

    def _fill(self, waiting: list[RowPlan]) -> None:
        patience = 0.0 if self._flying or self.tried else time.monotonic() + _PATIENCE
        while self._may_start():
            begun = self._again(waiting) or self._anew(patience)
            if begun is None:
                return
            plan, row = begun
            self.planner.quotas.begin(plan)
            self._flying[self._begin(row, self._ended.append)] = plan
            patience = 0.0

    def _again(self, waiting: list[RowPlan]) -> _Begun | None:
        """A row of an earlier session; one whose quota is full waits for room."""
        for at, plan in enumerate(waiting):
            if self.planner.quotas.has_room(plan):
                del waiting[at]
                return plan, self.runner.run(plan)
        return None

    def _anew(self, patience: float) -> _Begun | None:
        if self._loading is not None or self.tried + len(self._flying) >= self.row_limit:
            return None
        match self._planned(patience):
            case NewRow() as row:
                return row.plan, self.runner.begin(row)
            case NewExpansion() as expansion:
                self._growing = self._begin(self.runner.expand(expansion))
                self.planner.growing = True
                return self._anew(patience)
            case Future() as reading:
                self._reading = self._begin(_finished(reading))
            case None:
                pass
        return None

    def _planned(self, patience: float) -> NewRow | NewExpansion | Future[None] | None:
        """The next row, or the reading that it waits for when there is no more patience."""
        while isinstance(planned := self.planner.plan(), Unread):
            start = done if self.planner.at_hand() else begin
            reading = start(partial(self.planner.read, planned))
            if wait([reading], max(0.0, patience - time.monotonic())).not_done:
                return reading
            if reading.exception():
                return reading
        return planned

    def _may_start(self) -> bool:
        flying, left = len(self._flying), self.target - self.accepted
        return (
            self._error is None
            and self._reading is None
            and flying < left
            and (flying < self.concurrency or left <= self.last)
        )

    def _unless_done(self, task: asyncio.Task[None] | None) -> asyncio.Task[None] | None:
        """A task that still goes on; one that ended may have an error to be noted."""
        if task is None or not task.done():
            return task
        try:
            task.result()
        except InfiniteInstructError as error:
            self._error = self._error or error
        return None

    def _settle(self, task: asyncio.Task[Outcome]) -> None:
        plan = self._flying.pop(task)
        self.planner.quotas.leave(plan)
        try:
            outcome = task.result()
        except InfiniteInstructError as error:
            # The first one tells the cause; rows that follow only drain.
            self._error = self._error or error
            return
        accepted = isinstance(outcome, Sample)
        self.planner.quotas.remember(plan, accepted=accepted)
        self.tried += 1
        self.accepted += accepted

    def _ending(self) -> Ending:
        short = self.planner.quotas.shortfalls()
        return Ending(self._reason(), self.accepted, self.tried, self.target, self._error, short)

    def _reason(self) -> EndReason:
        if isinstance(self._error, StoppedError):
            return EndReason.STOPPED
        if isinstance(self._error, BudgetExhaustedError):
            return EndReason.BUDGET
        if self._error is not None:
            return EndReason.FAILED
        if self.accepted >= self.target:
            return EndReason.DONE
        return EndReason.ROW_LIMIT if self.tried >= self.row_limit else EndReason.NO_MATERIAL


async def _finished(reading: Future[None]) -> None:
    await asyncio.wrap_future(reading)
