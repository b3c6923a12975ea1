"""How near keywords of the graph are to each other, and which are wanted next."""

from collections.abc import Collection, Iterator, Sequence
from itertools import combinations
from random import Random
from statistics import fmean

from infinite_instruct.tools.knowledge import KnowledgeGraph

RELATED = 0.5
"""Closeness of a keyword and what it is part of, or needs: as if they came together often."""
KIN = 0.3
"""Closeness of two parts of one thing, and of a keyword and one that was proposed around it."""


class Closeness:
    """How much keywords belong together, while the graph stays as it is."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self._graph = graph
        self._above: dict[str, frozenset[str]] = {}
        self._parents: dict[str, frozenset[str]] = {}
        self._around: dict[str, frozenset[str]] = {}

    def of(self, one: str, other: str) -> float:
        """From -1 (never together) to 1 (always): their association, or a relation if stronger."""
        return max(self._graph.association(one, other), self._relation(one, other))

    def coherence(self, names: Collection[str]) -> float:
        """Mean closeness of all pairs of a set; 0 for less than a pair."""
        pairs = [self.of(one, other) for one, other in combinations(names, 2)]
        return round(fmean(pairs), 4) if pairs else 0.0

    def _relation(self, one: str, other: str) -> float:
        for name in (one, other):
            if name not in self._above:
                self._look(name)
        if other in self._above[one] or one in self._above[other]:
            return RELATED
        kin = other in self._around[one] or one in self._around[other]
        return KIN if kin or self._parents[one] & self._parents[other] else -1.0

    def _look(self, name: str) -> None:
        self._parents[name] = frozenset(self._graph.parents(name))
        self._above[name] = self._parents[name] | frozenset(self._graph.needs(name))
        self._around[name] = frozenset(self._graph.proposed_around(name))


def near_ones(graph: KnowledgeGraph, name: str, most: int, rng: Random) -> list[str]:
    """Some ids with a tie to one: by common problems, by relations, by a common parent."""
    met = some_of(graph.neighbours(name), most, rng)
    related = some_of(list(dict.fromkeys(_related(graph, name))), most, rng)
    return list(dict.fromkeys((*met, *related)))


def _related(graph: KnowledgeGraph, name: str) -> Iterator[str]:
    yield from graph.related(name)
    yield from graph.proposed_around(name)
    for parent in graph.parents(name):
        yield from (part for part in graph.parts(parent) if part != name)


def need(graph: KnowledgeGraph, name: str) -> float:
    """How much a keyword is wanted: 1 where it was never drawn, less with each draw.

    Draws whose problems were accepted weigh once, the others twice: what keeps failing is drawn
    less. Rows in flight count as not accepted until they end.
    """
    drawn = 1 + graph.draws(name)
    return (1 + graph.accepted(name)) / (drawn * drawn)


def some_of(names: Sequence[str], count: int, rng: Random) -> list[str]:
    """At most so many of the names, by chance."""
    return rng.sample(names, min(len(names), count))
