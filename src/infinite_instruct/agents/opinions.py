"""Single pairs from many sides, gathered into few questions."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from infinite_instruct.agents.pair_judge import MAX_PAIRS
from infinite_instruct.tools.merging import GreyPair, Ruling

PAUSE = 0.05
"""Seconds that a pair waits for company."""

Ask = Callable[[Sequence[GreyPair]], Awaitable[tuple[Ruling, ...]]]


class Opinions:
    """Gives an opinion on one pair; pairs that come close together share a question.

    Args:
        ask: Rules on at most MAX_PAIRS pairs.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._waiting: list[tuple[GreyPair, asyncio.Future[Ruling | None]]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._asking: set[asyncio.Task[None]] = set()

    async def on(self, pair: GreyPair) -> Ruling | None:
        """The opinion on a pair; None where the model gave none.

        Raises:
            InfiniteInstructError: The model cannot be asked at all.
        """
        loop = asyncio.get_running_loop()
        opinion: asyncio.Future[Ruling | None] = loop.create_future()
        self._waiting.append((pair, opinion))
        if len(self._waiting) >= MAX_PAIRS:
            self._send()
        elif self._timer is None:
            self._timer = loop.call_later(PAUSE, self._send)
        return await opinion

    def _send(self) -> None:
        batch, self._waiting = self._waiting, []
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        task = asyncio.ensure_future(self._settle(batch))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _settle(self, batch: list[tuple[GreyPair, "asyncio.Future[Ruling | None]"]]) -> None:
        try:
            rulings = await self._ask([pair for pair, _ in batch])
        except Exception as error:  # noqa: BLE001 - whoever waits gets it
            for _, opinion in batch:
                if not opinion.done():
                    opinion.set_exception(error)
            return
        given = {(ruling.pair.a, ruling.pair.b): ruling for ruling in rulings}
        for pair, opinion in batch:
            if not opinion.done():
                opinion.set_result(given.get((pair.a, pair.b)))
