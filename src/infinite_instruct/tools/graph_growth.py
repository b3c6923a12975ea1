"""How the knowledge graph grew: whether later problems still bring anything new."""

from itertools import combinations

from infinite_instruct.domain import Value
from infinite_instruct.tools.knowledge import KnowledgeGraph

WINDOWS = 40
SMALLEST = 5
"""Problems of a window at least: of fewer, chance has its say."""


class Window(Value):
    """Some problems that came one after the other."""

    first: int
    """The number of its first problem, from 1."""
    last: int
    keywords: int
    """Mentions of keywords in them."""
    new_keywords: int
    """Those that no earlier problem had."""
    pairs: int
    """Pairs of keywords of one problem."""
    new_pairs: int
    """Those that no earlier problem had together."""


def growth(graph: KnowledgeGraph, windows: int = WINDOWS) -> tuple[Window, ...]:
    """The novelty of problems over time, in at most so many windows of one size.

    Merged keywords count as one from the start. Problems without a keyword count, too.
    """
    size = max(SMALLEST, -(-graph.rows // windows))
    seen = _Seen()
    made: list[Window] = []
    for number, (_, names) in enumerate(graph.problems()):
        if number % size == 0:
            made.append(_empty(number + 1))
        made[-1] = seen.add(made[-1], names)
    return tuple(made)


def _empty(first: int) -> Window:
    return Window(first=first, last=first - 1, keywords=0, new_keywords=0, pairs=0, new_pairs=0)


class _Seen:
    """What earlier problems had, keywords as numbers: millions of pairs fit in memory."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._pairs: set[tuple[int, int]] = set()

    def add(self, window: Window, names: list[str]) -> Window:
        """The window with one more problem."""
        known_keywords, known_pairs = len(self._numbers), len(self._pairs)
        numbers = sorted(self._numbers.setdefault(name, len(self._numbers)) for name in names)
        pairs = list(combinations(numbers, 2))
        self._pairs.update(pairs)
        return Window(
            first=window.first,
            last=window.last + 1,
            keywords=window.keywords + len(names),
            new_keywords=window.new_keywords + len(self._numbers) - known_keywords,
            pairs=window.pairs + len(pairs),
            new_pairs=window.new_pairs + len(self._pairs) - known_pairs,
        )
