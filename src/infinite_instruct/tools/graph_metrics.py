"""The knowledge graph in numbers."""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import combinations

from pydantic import Field

from infinite_instruct.domain import Value
from infinite_instruct.tools.graph_networkx import louvain
from infinite_instruct.tools.knowledge import KnowledgeGraph

ROWS_PER_POINT = 100
"""Rows that one point of the novelty's course sums up."""


class GraphStats(Value):
    """What a report says of the graph. Blocked keywords count in `blocked` only."""

    nodes: int
    edges: int
    """Pairs that occur together."""
    relations: int
    """Part-of and needs."""
    components: int
    """Parts that hang together by pairs or relations."""
    largest_component: int
    """Keywords in the largest component."""
    blocked: int
    rows: int
    """Problems whose keywords it holds."""
    merges: int
    merge_rate: float = Field(ge=0, le=1)
    """Share of all names ever entered that became another name of a keyword."""
    sets_drawn: int
    coverage: float = Field(ge=0, le=1)
    """Share of the keywords that were drawn at least once."""
    coverage_entropy: float = Field(ge=0)
    """Entropy of the draws over the keywords, in bits."""
    coverage_evenness: float = Field(ge=0, le=1)
    """The same as a share of its maximum: 1 when all were drawn equally often."""
    novelty: float = Field(ge=0, le=1)
    """Share of the keywords of the last hundred problems that no earlier problem had."""


class Novelty(Value):
    """How much was new in some problems that followed each other."""

    first: int = Field(ge=1)
    """The place of the first of them among all."""
    rows: int
    keywords: int
    """Keywords of each of them, summed up."""
    new: int
    """Those of them that no earlier problem had."""
    pairs: int
    """Pairs of keywords in each of them, summed up."""
    new_pairs: int
    """Those of them that no earlier problem had together."""

    @property
    def share(self) -> float:
        """Of the keywords, how many were new, 0 to 1."""
        return self.new / self.keywords if self.keywords else 0.0

    @property
    def last(self) -> int:
        """The place of the last of them."""
        return self.first + self.rows - 1


class Community(Value):
    """Keywords that occur together more than with others, and the problems about them."""

    keywords: tuple[str, ...]
    """Their ids, those with most problems first."""
    rows: int
    """Problems that have more keywords of it than of any other."""
    share: float = Field(ge=0, le=1)
    """Of all problems with a keyword."""


def measure(graph: KnowledgeGraph) -> GraphStats:
    """Count the graph; linear in its size."""
    names = [name for name in graph if not graph.is_blocked(name)]
    sizes = _component_sizes(graph, names)
    draws = [graph.draws(name) for name in names]
    entropy = _entropy(draws)
    course = novelty(graph)
    return GraphStats(
        nodes=len(names),
        edges=graph.pairs,
        relations=sum(len(graph.parents(name)) + len(graph.needs(name)) for name in names),
        components=len(sizes),
        largest_component=max(sizes, default=0),
        blocked=len(graph) - len(names),
        rows=graph.rows,
        merges=graph.merges,
        merge_rate=graph.merges / max(1, graph.merges + len(graph)),
        sets_drawn=graph.sets_drawn,
        coverage=sum(1 for count in draws if count) / max(1, len(draws)),
        coverage_entropy=entropy,
        coverage_evenness=min(1.0, entropy / math.log2(len(draws))) if len(draws) > 1 else 0.0,
        novelty=course[-1].share if course else 0.0,
    )


def _component_sizes(graph: KnowledgeGraph, names: Sequence[str]) -> list[int]:
    """The number of keywords in each part that hangs together."""
    seen, sizes = set[str](), list[int]()
    for name in names:
        if name not in seen:
            seen.add(name)
            part = [name]
            for each in part:
                near = {*graph.neighbours(each), *graph.related(each)} - seen
                seen |= near
                part += near
            sizes.append(len(part))
    return sizes


def _entropy(counts: Sequence[int]) -> float:
    """Of shares of a whole, in bits."""
    total = sum(counts)
    shares = (count / total for count in counts if count)
    return max(0.0, -sum(share * math.log2(share) for share in shares))


def novelty(graph: KnowledgeGraph, rows_per_point: int = ROWS_PER_POINT) -> list[Novelty]:
    """How much of the problems was new, over time, by today's merges.

    Args:
        graph: Read only; linear in its problems.
        rows_per_point: How many problems each point sums up, counted back from the last one, so
            that the last point is as good as the others; the first has what is left.
    """
    problems = [ids for _, ids in graph.problems()]
    seen, course = _Seen(), list[Novelty]()
    for end in range(len(problems) % rows_per_point, len(problems) + 1, rows_per_point):
        if some := problems[max(0, end - rows_per_point) : end]:
            course.append(seen.add(some, first=end - len(some) + 1))
    return course


class _Seen:
    """What problems had so far; keywords as numbers, so that millions of pairs fit in memory."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._pairs: set[tuple[int, int]] = set()

    def add(self, problems: Sequence[Sequence[str]], first: int) -> Novelty:
        """Look at some more problems."""
        words, pairs = len(self._numbers), len(self._pairs)
        total, total_pairs = 0, 0
        for ids in problems:
            numbers = sorted(self._numbers.setdefault(name, len(self._numbers)) for name in ids)
            self._pairs.update(combinations(numbers, 2))
            total += len(ids)
            total_pairs += math.comb(len(ids), 2)
        return Novelty(
            first=first,
            rows=len(problems),
            keywords=total,
            new=len(self._numbers) - words,
            pairs=total_pairs,
            new_pairs=len(self._pairs) - pairs,
        )


def communities(graph: KnowledgeGraph, seed: int = 0) -> list[list[str]]:
    """The graph's communities by Louvain, largest first; the same for the same seed.

    Minutes for millions of pairs: nothing calls it unasked on a large graph.
    """
    names = [name for name in graph if not graph.is_blocked(name)]
    return louvain(names, graph.edges(), seed)


def community_shares(graph: KnowledgeGraph, found: Sequence[Sequence[str]]) -> list[Community]:
    """How the problems are shared out among communities, those with most problems first.

    Args:
        graph: Read only.
        found: What `communities` gave. A problem counts for the one that has most of its keywords,
            the larger one of equals.
    """
    place = {name: at for at, part in enumerate(found) for name in part}
    rows = Counter[int]()
    for _, ids in graph.problems():
        votes = Counter(sorted(place[name] for name in ids if name in place))
        rows.update(at for at, _ in votes.most_common(1))
    parts = [
        Community(
            keywords=tuple(sorted(part, key=lambda name: (-len(graph.rows_with(name)), name))),
            rows=rows[at],
            share=rows[at] / max(1, rows.total()),
        )
        for at, part in enumerate(found)
    ]
    return sorted(parts, key=lambda part: -part.rows)
