"""How near keywords of the graph are to each other, and which are wanted next."""

from collections.abc import Collection, Sequence
from itertools import combinations
from random import Random
from statistics import fmean

from infinite_instruct.tools.knowledge import KnowledgeGraph


def closeness(graph: KnowledgeGraph, one: str, other: str) -> float:
    """How much two ids belong together, -1 (never) to 1 (always)."""
    return graph.association(one, other)


def coherence(graph: KnowledgeGraph, names: Collection[str]) -> float:
    """Mean closeness of all pairs of a set; 0 for less than a pair."""
    pairs = [closeness(graph, one, other) for one, other in combinations(names, 2)]
    return round(fmean(pairs), 4) if pairs else 0.0


def need(graph: KnowledgeGraph, name: str) -> float:
    """How much a keyword is wanted: 1 where it was never drawn, less with each draw.

    Draws whose problems were accepted weigh once, the others twice: what keeps failing is drawn
    less. Rows in flight count as not accepted until they end.
    """
    drawn = 1 + graph.draws(name)
    return (1 + graph.accepts(name)) / (drawn * drawn)


def some_of(names: Sequence[str], count: int, rng: Random) -> list[str]:
    """At most so many of the names, by chance."""
    return rng.sample(names, min(len(names), count))
