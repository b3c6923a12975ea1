"""The part of the knowledge graph that people look at, with its communities."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from infinite_instruct.tools.graph_networkx import louvain
from infinite_instruct.tools.knowledge import KnowledgeGraph

MAX_NODES = 5_000
MAX_EDGES = 50_000

Tie = tuple[str, str, int]
"""Two keywords and in how many problems they occur together; 0 where they are only related."""


@dataclass(frozen=True)
class GraphView:
    """Keywords with what ties them; bounded, since a page and its communities need to be."""

    names: list[str]
    """Those that occur most, most frequent first."""
    ties: list[Tie]
    """The strongest between them, strongest first."""
    communities: list[list[str]]
    """By Louvain, largest first; each keyword is in one."""

    @cached_property
    def home(self) -> dict[str, int]:
        """The number of each keyword's community."""
        return {name: at for at, part in enumerate(self.communities) for name in part}

    @cached_property
    def hubs(self) -> list[str]:
        """The keyword that each community is called by: the one that occurs most."""
        rank = {name: at for at, name in enumerate(self.names)}
        return [min(part, key=lambda name: rank[name]) for part in self.communities]


def view_of(graph: KnowledgeGraph) -> GraphView:
    """The keywords that occur most, at most MAX_NODES, with at most MAX_EDGES of their ties."""
    names = heapq.nsmallest(MAX_NODES, graph, key=lambda name: (-len(graph.rows_with(name)), name))
    ties = _ties(graph, frozenset(names))
    return GraphView(names, ties, louvain(names, ((a, b, 1 + n) for a, b, n in ties), seed=0))


def _ties(graph: KnowledgeGraph, names: frozenset[str]) -> list[Tie]:
    together = ((a, b, count) for a, b, count in graph.edges() if a in names and b in names)
    ties = heapq.nsmallest(MAX_EDGES, together, key=lambda tie: (-tie[2], tie))
    known = {(a, b) for a, b, _ in ties}
    related = dict.fromkeys(pair for pair in _related(graph, names) if pair not in known)
    return ties + [(a, b, 0) for a, b in islice(related, MAX_EDGES - len(ties))]


def _related(graph: KnowledgeGraph, names: frozenset[str]) -> Iterator[tuple[str, str]]:
    for each in graph.relations():
        if each.source in names and each.target in names:
            yield min(each.source, each.target), max(each.source, each.target)
