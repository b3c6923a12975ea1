"""The campaign: rows in flight until N are accepted, or a limit or the user stops it."""

import asyncio
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from infinite_instruct.domain import Outcome, RowPlan, Sample
from infinite_instruct.errors import BudgetExhaustedError, InfiniteInstructError, StoppedError
from infinite_instruct.graphs.planner import NewExpansion, NewRow, Planner
from infinite_instruct.graphs.rows import RowRunner


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


@dataclass
class Campaign:
    """Keeps rows in flight.

    A row is only started while accepted rows and rows in flight together are fewer than the
    target: so exactly `target` rows are accepted, never one too many.
    """

    runner: RowRunner
    planner: Planner
    target: int
    row_limit: int
    concurrency: int
    accepted: int = 0
    tried: int = 0
    _flying: set[asyncio.Task[Outcome]] = field(default_factory=set[asyncio.Task[Outcome]])
    _growing: asyncio.Task[None] | None = None
    """The graph's growth: no row is planned until it is done, as the plan depends on it."""
    _error: InfiniteInstructError | None = None

    async def run(self, unfinished: Iterable[RowPlan] = ()) -> Ending:
        """Run until the end; first the rows that an earlier session left unfinished."""
        waiting = list(unfinished)
        try:
            while True:
                self._fill(waiting)
                if not self._flying and self._growing is None:
                    return self._ending()
                await self._wait()
        finally:
            await self._abandon()

    async def _wait(self) -> None:
        """Until a row has ended, or the graph has grown."""
        await asyncio.wait(self._tasks(), return_when=asyncio.FIRST_COMPLETED)
        done = {task for task in self._flying if task.done()}
        self._flying -= done
        for task in done:
            self._settle(task)
        if self._growing is not None and self._growing.done():
            self._settle_growth(self._growing)
            self._growing = None

    async def _abandon(self) -> None:
        """Let no row go on behind a store that is closed, where the campaign itself is ended."""
        tasks = self._tasks()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _tasks(self) -> set[asyncio.Task[Any]]:
        """All that goes on: rows, and the graph's growth."""
        return {*self._flying, *([self._growing] if self._growing else [])}

    def _fill(self, waiting: list[RowPlan]) -> None:
        while self._may_start():
            row = self.runner.run(waiting.pop(0)) if waiting else self._new_row()
            if row is None:
                return
            self._flying.add(asyncio.create_task(row))

    def _new_row(self) -> Coroutine[None, None, Outcome] | None:
        if self.tried + len(self._flying) >= self.row_limit:
            return None
        match self.planner.next():
            case NewRow() as row:
                return self.runner.begin(row)
            case NewExpansion() as expansion:
                self._growing = asyncio.create_task(self.runner.expand(expansion))
            case None:
                pass
        return None

    def _may_start(self) -> bool:
        flying = len(self._flying)
        return (
            self._error is None
            and self._growing is None
            and flying < self.concurrency
            and self.accepted + flying < self.target
        )

    def _settle_growth(self, task: asyncio.Task[None]) -> None:
        try:
            task.result()
        except InfiniteInstructError as error:
            self._error = self._error or error

    def _settle(self, task: asyncio.Task[Outcome]) -> None:
        try:
            outcome = task.result()
        except InfiniteInstructError as error:
            # The first one tells the cause; rows that follow only drain.
            self._error = self._error or error
            return
        self.tried += 1
        self.accepted += isinstance(outcome, Sample)

    def _ending(self) -> Ending:
        return Ending(self._reason(), self.accepted, self.tried, self.target, self._error)

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
