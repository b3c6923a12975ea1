"""The knowledge graph as a graph of networkx, for its algorithms and its file formats."""

from collections.abc import Iterable

import networkx as nx

from infinite_instruct.tools.keyword_node import KeywordNode

CountedPair = tuple[str, str, int]


def full_copy(
    nodes: Iterable[KeywordNode], edges: Iterable[tuple[str, str, int, float]]
) -> "nx.Graph[str]":
    """All nodes with their attributes, all edges with count and association."""
    copy: nx.Graph[str] = nx.Graph()
    for node in nodes:
        copy.add_node(node.id, **node.attributes)
    for one, other, count, npmi in edges:
        copy.add_edge(one, other, count=count, npmi=round(npmi, 4))
    return copy


def louvain(names: Iterable[str], pairs: Iterable[CountedPair], seed: int) -> list[list[str]]:
    """Communities by Louvain (Blondel 2008), largest first; the same for the same seed."""
    bare: nx.Graph[str] = nx.Graph()
    bare.add_nodes_from(names)
    bare.add_weighted_edges_from(pairs)
    found = nx.community.louvain_communities(bare, seed=seed)
    return sorted((sorted(part) for part in found), key=lambda part: (-len(part), part))
