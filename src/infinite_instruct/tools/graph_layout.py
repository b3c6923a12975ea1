"""Where the keywords of a graph stand on a page: communities as discs, side by side.

A force layout of the whole graph is slow at thousands of nodes and shows one grey ball. Here every
community is laid out alone, its hubs inside, and then gets a place beside those that it is tied to.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import count

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from infinite_instruct.tools.graph_view import Tie

_GOLDEN = math.pi * (3 - math.sqrt(5))
"""The angle at which a sunflower sets its seeds: no two in a line, all equally dense."""
_DISCS = 60
"""Communities that get a disc, the largest; the others stand in rings around them."""
_PARTS = 30
"""Parts of a community that are placed one by one: of more, it has no structure to show."""
_SMALL = 3
"""Communities below this many keywords stand in the rings, too."""
_SPRING = 200
"""Nodes up to which springs are quick: each iteration looks at every pair."""
_ITERATIONS = 40
_MARGIN = 0.5
"""Free space around a disc, in distances between neighbours."""
_CLOSEST = 0.8
"""Neighbours nearer than this are pushed apart."""
_PUSHES = 15

_SPOTS = 64
"""Spots of a spiral that are looked at together."""

_Floats = NDArray[np.float64]
Place = tuple[float, float]


def lay_out(
    ties: Sequence[Tie], communities: Sequence[Sequence[str]], seed: int = 0
) -> dict[str, Place]:
    """Give every node a place; neighbours in a community are about 1 apart.

    Args:
        ties: Pairs of nodes with a weight, 0 or more.
        communities: A partition of all nodes, largest first.
        seed: The same gives the same places.
    """
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(name for part in communities for name in part)
    graph.add_weighted_edges_from((one, other, math.log1p(1 + times)) for one, other, times in ties)
    large = [part for part in communities[:_DISCS] if len(part) >= _SMALL]
    small = [name for part in communities[len(large) :] for name in part]
    places = _discs(graph, large, seed)
    reach = max((math.hypot(*place) for place in places.values()), default=0.0)
    return places | dict(zip(small, _rings(reach + _MARGIN), strict=False))


def _discs(graph: "nx.Graph[str]", parts: Sequence[Sequence[str]], seed: int) -> dict[str, Place]:
    """Each part as a disc, all of them close together without touching."""
    centres = _pack([_radius(len(part)) for part in parts], _ties(graph, parts))
    places: dict[str, Place] = {}
    for part, (x, y) in zip(parts, centres, strict=True):
        inside = _inside(graph.subgraph(part), seed)
        places |= {name: (x + dx, y + dy) for name, (dx, dy) in inside.items()}
    return places


def _radius(nodes: int) -> float:
    return 1.1 * math.sqrt(nodes) / 2 + _MARGIN


def _ties(graph: "nx.Graph[str]", parts: Sequence[Sequence[str]]) -> _Floats:
    """How strongly the parts are tied to each other."""
    home = {name: at for at, part in enumerate(parts) for name in part}
    ties = np.zeros((len(parts), len(parts)))
    for one, other, weight in _weighted(graph):
        if one in home and other in home:
            ties[home[one], home[other]] += weight
            ties[home[other], home[one]] += weight
    return ties


def _pack(radii: Sequence[float], ties: _Floats) -> list[Place]:
    """A centre for each disc: near those it is tied to, at the first free place outwards."""
    centres = np.zeros((len(radii), 2))
    sizes = np.array(radii)
    for at, radius in enumerate(radii):
        placed, weight = centres[:at], ties[at, :at]
        wanted = weight @ placed / weight.sum() if weight.sum() else np.zeros(2)
        centres[at] = _free(wanted, radius, placed, sizes[:at])
    return [(float(x), float(y)) for x, y in centres]


def _free(wanted: _Floats, radius: float, placed: _Floats, sizes: _Floats) -> _Floats:
    """The first spot on a spiral around the wanted one where a disc touches no other."""
    for first in count(step=_SPOTS):
        turns = np.arange(first, first + _SPOTS)
        reach, angle = radius / 2 * np.sqrt(turns), turns * _GOLDEN
        spots = wanted + np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=1)
        gaps = np.linalg.norm(spots[:, None, :] - placed[None, :, :], axis=2) - sizes - radius
        free = np.flatnonzero((gaps >= 0).all(axis=1))
        if free.size:
            spot: _Floats = spots[free[0]]
            return spot
    raise AssertionError  # count() does not end, and a spiral leaves every disc behind


def _inside(part: "nx.Graph[str]", seed: int) -> dict[str, Place]:
    """Places within a disc around 0. What springs cannot move in time is split again."""
    if len(part) <= _SPRING:
        return _springs(part, seed)
    parts = nx.community.louvain_communities(part, weight="weight", resolution=2, seed=seed)
    if len(parts) > _PARTS or max(map(len, parts)) > len(part) / 2:
        return _sunflower(part)
    ordered = sorted((sorted(each) for each in parts), key=lambda each: (-len(each), each))
    # Springs put each sub-community in order; the disc as a whole is filled from its centre.
    return _filled(_discs(part, ordered, seed))


def _springs(part: "nx.Graph[str]", seed: int) -> dict[str, Place]:
    names = sorted(part)
    ordered: nx.Graph[str] = nx.Graph()
    ordered.add_nodes_from(names)
    ordered.add_weighted_edges_from(_weighted(part))
    found = nx.spring_layout(ordered, iterations=_ITERATIONS, seed=seed, method="force")
    return _filled({name: (float(x), float(y)) for name, (x, y) in found.items()})


def _weighted(graph: "nx.Graph[str]") -> Iterator[tuple[str, str, float]]:
    """The edges in alphabetical order: the order of a sub-graph's differs from run to run."""
    for one, other in sorted((min(pair), max(pair)) for pair in graph.edges):
        yield one, other, graph.edges[one, other]["weight"]


def _filled(places: dict[str, Place]) -> dict[str, Place]:
    """Spread places evenly over a disc: angle and order outwards stay, crowds are opened."""
    outwards = sorted(places, key=lambda name: (math.hypot(*places[name]), name))
    spread = [
        _polar(math.sqrt(at + 0.25) / 2, math.atan2(places[name][1], places[name][0]))
        for at, name in enumerate(outwards)
    ]
    return dict(zip(outwards, _pushed_apart(spread), strict=True))


def _pushed_apart(places: Sequence[Place]) -> list[Place]:
    """Move what overlaps, each of a pair by half; in few rounds, so some still touch."""
    at = np.array(places)
    for _ in range(_PUSHES if len(places) <= _SPRING else 0):
        apart = at[:, None, :] - at[None, :, :]
        gaps = np.hypot(apart[..., 0], apart[..., 1])
        np.fill_diagonal(gaps, np.inf)
        lack = np.clip(_CLOSEST - gaps, 0, None) / np.maximum(gaps, 1e-9)
        at += (apart * lack[..., None]).sum(axis=1) / 2
    return [(float(x), float(y)) for x, y in at]


def _sunflower(part: "nx.Graph[str]") -> dict[str, Place]:
    """The best connected in the middle, for what has no parts."""
    names = sorted(part, key=lambda name: (-len(part[name]), name))
    return {name: _polar(math.sqrt(at) / 2, at * _GOLDEN) for at, name in enumerate(names)}


def _rings(reach: float) -> Iterator[Place]:
    """Places around a disc, ring by ring: those in a row are neighbours."""
    for ring in count(1):
        radius = reach + ring
        seats = int(math.tau * radius)
        yield from (_polar(radius, math.tau * seat / seats) for seat in range(seats))


def _polar(radius: float, angle: float) -> Place:
    return radius * math.cos(angle), radius * math.sin(angle)
