"""Which compiler judges which sample: those with the same headers go to one that has them."""

import os
from collections import Counter
from collections.abc import Sequence

from infinite_instruct.tools.analyzers.gcc_worker import GccWorker
from infinite_instruct.tools.analyzers.toolbox import Toolbox
from infinite_instruct.tools.process import Ran

_Key = tuple[str, frozenset[str]]

WORTH = 3
"""Headers are parsed beforehand when they are asked for so often: it costs three samples."""
MOST = 16
"""So many sets of headers are kept, the most asked for; each costs a compiler's memory."""
_CROWD = 40
"""A second worker for the same headers pays when so many samples wait for the first."""


class GccPool:
    """Long-lived compilers, by standard and headers.

    Args:
        compiler: gcc or g++ with its flags, without a standard.
        sample: What each text is called: `sample.cpp`.
        toolbox: Jail and limits.
    """

    def __init__(self, compiler: Sequence[str], sample: str, toolbox: Toolbox) -> None:
        self._compiler = tuple(compiler)
        self._sample = sample
        self._toolbox = toolbox
        self._asked: Counter[_Key] = Counter()
        self._workers: dict[_Key, list[GccWorker]] = {}

    async def compile(self, text: str, headers: frozenset[str], standard: str) -> Ran:
        """Compile a text that begins with these headers and whatever else it includes.

        Raises:
            WorkerFault: The compiler is gone, late, or does not find faults.
        """
        worker = self._worker((standard, headers))
        worker.waiting += 1
        try:
            async with self._toolbox.slots.one():
                return await worker.compile(text)
        finally:
            worker.waiting -= 1

    def _worker(self, key: _Key) -> GccWorker:
        self._asked[key] += 1
        if key not in self._workers and not self._makes_room(key):
            key = (key[0], frozenset())  # the compiler that has no headers yet parses them
        workers = self._workers.setdefault(key, [])
        least = min(workers, key=lambda worker: worker.waiting, default=None)
        if least is None or (least.waiting >= _CROWD and len(workers) < (os.cpu_count() or 1)):
            compiler = [*self._compiler, f"-std={key[0]}"]
            least = GccWorker(compiler, key[1], self._sample, self._toolbox)
            workers.append(least)
        return least

    def _makes_room(self, key: _Key) -> bool:
        """Whether headers shall be parsed beforehand; the least asked for go for them."""
        if self._asked[key] < WORTH:
            return False
        with_headers = [each for each in self._workers if each[1]]
        if len(with_headers) >= MOST:
            least = min(with_headers, key=lambda each: self._asked[each])
            if self._asked[least] >= self._asked[key]:
                return False
            del self._workers[least]
        return True
