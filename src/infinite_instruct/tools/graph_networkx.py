"""The knowledge graph as a graph of networkx, for its algorithms and its file formats."""

from collections.abc import Iterable

import networkx as nx

CountedPair = tuple[str, str, int]


def louvain(names: Iterable[str], pairs: Iterable[CountedPair], seed: int) -> list[list[str]]:
    """Communities by Louvain (Blondel 2008), largest first; the same for the same seed."""
    bare: nx.Graph[str] = nx.Graph()
    bare.add_nodes_from(names)
    bare.add_weighted_edges_from(pairs)
    found = nx.community.louvain_communities(bare, seed=seed)
    return sorted((sorted(part) for part in found), key=lambda part: (-len(part), part))
