"""Which compiler judges which sample: those with the same headers go to one that has them."""

import os
from collections import Counter
from collections.abc import Sequence

from infinite_instruct.tools.analyzers.c.gcc_worker import GccWorker
from infinite_instruct.tools.analyzers.toolbox import Toolbox
from infinite_instruct.tools.process import Ran

_Key = tuple[tuple[str, ...], frozenset[str]]

WORTH = 3
"""Headers are parsed beforehand when they are asked for so often: it costs three samples."""
_MUCH_WORTH = 12
"""The same where most of them are parsed already: the others cost less than all."""
MOST = 24
"""So many sets of headers are kept, the most asked for; each costs a compiler's memory."""
_CROWD = 40
"""A second worker for the same headers pays when so many samples wait for the first."""


class GccPool:
    """Long-lived compilers, by flags and headers.

    Args:
        compiler: gcc or g++ with the flags that are always the same.
        sample: What each text is called: `sample.cpp`.
        toolbox: Jail and limits.
    """

    def __init__(self, compiler: Sequence[str], sample: str, toolbox: Toolbox) -> None:
        self._compiler = tuple(compiler)
        self._sample = sample
        self._toolbox = toolbox
        self._asked: Counter[_Key] = Counter()
        self._workers: dict[_Key, list[GccWorker]] = {}

    async def compile(self, text: str, headers: frozenset[str], flags: tuple[str, ...]) -> Ran:
        """Compile a text that begins with these headers and whatever else it includes.

        Raises:
            WorkerFault: The compiler is gone, late, or does not find faults.
        """
        self._workers.setdefault((flags, frozenset()), [])
        worker = self._worker(self._choose((flags, headers)))
        worker.waiting += 1
        try:
            async with self._toolbox.slots.one():
                return await worker.compile(text)
        finally:
            worker.waiting -= 1

    def _worker(self, key: _Key) -> GccWorker:
        workers = self._workers.setdefault(key, [])
        least = min(workers, key=lambda worker: worker.waiting, default=None)
        if least is None or (least.waiting >= _CROWD and len(workers) < (os.cpu_count() or 1)):
            compiler = (*self._compiler, *key[0])
            least = GccWorker(compiler, key[1], self._sample, self._toolbox)
            workers.append(least)
        return least

    def _choose(self, wanted: _Key) -> _Key:
        """The headers that a compiler has parsed, or shall parse now, of those that are wanted.

        Whatever they are, the verdict is the same: the text includes the others itself.
        """
        flags, headers = wanted
        nearest = max((each for each in self._workers if _serves(each, wanted)), key=_size)
        if nearest == wanted:
            self._asked[wanted] += 1
            return wanted
        if nearest[1]:
            self._asked[nearest] += 1
            has_most = 2 * len(nearest[1]) >= len(headers)
            times = _MUCH_WORTH if has_most else WORTH
            return wanted if self._is_worth(wanted, times) else nearest
        if self._is_worth(wanted, WORTH):
            return wanted
        singles = [(flags, frozenset({each})) for each in sorted(headers)]
        worth = [each for each in singles if self._is_worth(each, WORTH)]
        return max(worth, key=lambda each: self._asked[each], default=nearest)

    def _is_worth(self, key: _Key, times: int) -> bool:
        """Whether these headers are asked for often; the least asked for make room for them."""
        self._asked[key] += 1
        if self._asked[key] < times:
            return False
        parsed = [each for each in self._workers if each[1]]
        if len(parsed) >= MOST:
            least = min(parsed, key=lambda each: self._asked[each])
            if self._asked[least] >= self._asked[key]:
                return False
            del self._workers[least]
        return True


def _serves(key: _Key, wanted: _Key) -> bool:
    return key[0] == wanted[0] and key[1] <= wanted[1]


def _size(key: _Key) -> int:
    return len(key[1])
