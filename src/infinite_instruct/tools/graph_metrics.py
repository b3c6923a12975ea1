"""The knowledge graph in numbers."""

import math
from collections.abc import Sequence

from pydantic import Field

from infinite_instruct.domain import Value
from infinite_instruct.tools.graph_networkx import louvain
from infinite_instruct.tools.knowledge import KnowledgeGraph


class GraphStats(Value):
    """What a report says of the graph."""

    nodes: int
    edges: int
    components: int
    largest_component: int
    """Keywords in the largest component."""
    rows: int
    """Problems whose keywords it holds."""
    merges: int
    sets_drawn: int
    coverage: float = Field(ge=0, le=1)
    """Share of the keywords that were drawn at least once."""
    coverage_evenness: float = Field(ge=0, le=1)
    """Entropy of the draws over the keywords, 1 when all were drawn equally often."""


def measure(graph: KnowledgeGraph) -> GraphStats:
    """Count the graph; linear in its size."""
    sizes = _component_sizes(graph)
    draws = [graph.draws(name) for name in graph]
    return GraphStats(
        nodes=len(graph),
        edges=graph.pairs,
        components=len(sizes),
        largest_component=max(sizes, default=0),
        rows=graph.rows,
        merges=graph.merges,
        sets_drawn=graph.sets_drawn,
        coverage=sum(1 for count in draws if count) / max(1, len(draws)),
        coverage_evenness=_evenness(draws),
    )


def _component_sizes(graph: KnowledgeGraph) -> list[int]:
    """The number of keywords in each part that hangs together."""
    waiting, sizes = set(graph), list[int]()
    while waiting:
        edge = {waiting.pop()}
        size = 0
        while edge:
            size += len(edge)
            edge = {near for name in edge for near in graph.neighbours(name)} & waiting
            waiting -= edge
        sizes.append(size)
    return sizes


def _evenness(draws: Sequence[int]) -> float:
    total = sum(draws)
    if total == 0 or len(draws) == 1:
        return 0.0
    shares = (count / total for count in draws if count)
    entropy = -sum(share * math.log(share) for share in shares)
    return min(1.0, max(0.0, entropy / math.log(len(draws))))


def communities(graph: KnowledgeGraph, seed: int = 0) -> list[list[str]]:
    """The graph's communities by Louvain, largest first; the same for the same seed."""
    return louvain(graph, graph.edges(), seed)
