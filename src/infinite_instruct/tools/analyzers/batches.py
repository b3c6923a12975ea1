"""Collect single requests into batches: a type checker's start costs a hundred samples."""

import asyncio
import contextlib
import math
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from pydantic import Field

from infinite_instruct.domain import Value
from infinite_instruct.tools.analyzers.base import Findings

PARTS = 8
"""Into so many a batch is taken apart that fails as a whole."""

Run = Callable[[Sequence[str]], Awaitable[Sequence[Findings]]]


class Batching(Value):
    """How long to wait for company, and how much of it."""

    seconds: float = Field(default=0.25, ge=0)
    """The longest wait."""
    pause: float = Field(default=0.05, ge=0)
    """When nobody came for so long, nobody is waited for."""
    size: int = Field(default=50, ge=1)


class Batcher:
    """One batch at a time; what comes meanwhile is the next batch.

    Args:
        run: Judges a batch; gives one Findings for each text, in order.
        batching: How large a batch may be and how long it is waited for.
        probe: A text that can be judged; see `judge_apart`.
    """

    def __init__(self, run: Run, batching: Batching, probe: str = "") -> None:
        self._run = run
        self._batching = batching
        self._probe = probe
        self._waiting: deque[tuple[str, asyncio.Future[Findings]]] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._full = asyncio.Event()

    async def submit(self, text: str) -> Findings:
        """Judge one text, together with others."""
        loop = asyncio.get_running_loop()
        if self._worker is None or self._worker.done() or self._worker.get_loop() is not loop:
            self._waiting.clear()  # of a loop that is gone
            self._full = asyncio.Event()
            self._worker = loop.create_task(self._work())
        future: asyncio.Future[Findings] = loop.create_future()
        self._waiting.append((text, future))
        if len(self._waiting) >= self._batching.size:
            self._full.set()
        return await future

    async def _work(self) -> None:
        await self._gather_company()
        while self._waiting:
            count = min(len(self._waiting), self._batching.size)
            batch = [self._waiting.popleft() for _ in range(count)]
            await self._settle([item for item in batch if not item[1].done()])

    async def _gather_company(self) -> None:
        """Wait until the batch is full, the longest wait is over, or nobody came for a pause."""
        ends = asyncio.get_running_loop().time() + self._batching.seconds
        present = 0
        while present < len(self._waiting) and not self._full.is_set():
            present = len(self._waiting)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(min(ends, _later(self._batching.pause))):
                    await self._full.wait()
            if _later(0) >= ends:
                return

    async def _settle(self, batch: list[tuple[str, asyncio.Future[Findings]]]) -> None:
        try:
            results = await judge_apart(self._run, [text for text, _ in batch], self._probe)
        except Exception as fault:  # noqa: BLE001  a fault of ours must not leave callers waiting
            results = [Findings(fault=f"{type(fault).__name__}: {fault}") for _ in batch]
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)


def _later(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


async def judge_apart(run: Run, texts: Sequence[str], probe: str = "") -> list[Findings]:
    """Judge a batch; where it fails as a whole, find the texts that fail it, part by part.

    Eight parts rather than halves: a text that hangs costs a limit on each level.

    Args:
        run: Judges a batch.
        texts: The batch.
        probe: A text that can be judged: where it fails, too, the tool is broken, no text of it.
    """
    results = list(await run(texts)) if texts else []
    if len(texts) <= 1 or not all(result.fault for result in results):
        return results
    if probe and (await run([probe]))[0].fault:
        return results
    size = math.ceil(len(texts) / PARTS)
    parts = [texts[start : start + size] for start in range(0, len(texts), size)]
    return [result for part in parts for result in await judge_apart(run, part)]
