"""What the page of the knowledge graph shows: which keywords, where they stand, what is told."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import networkx as nx

from infinite_instruct.tools.graph_layout import lay_out
from infinite_instruct.tools.knowledge import KeywordNode, KnowledgeGraph
from infinite_instruct.tools.words import clean

MAX_NODES = 5_000
MAX_EDGES = 50_000
_MAX_PROBLEMS = 12
"""Problems told of one keyword, the newest."""
_MAX_TEXTS = 3_000
"""Problems whose beginning is told; of others there is the row's id."""
_MAX_TEXT = 160
_MAX_LABEL = 80
_MAX_TOLD = 20
"""Surface forms and merges told of one keyword."""

T = TypeVar("T")
ProblemOf = Callable[[str], str]
"""The text of a row's problem; empty where it is not known."""


def page_data(graph: KnowledgeGraph, problem_of: ProblemOf) -> dict[str, Any]:
    """The page's content, the same for the same graph.

    Of larger graphs it has the keywords that occur most and the pairs that occur together most.
    """
    names = sorted(graph, key=lambda name: (-len(graph.rows_with(name)), name))[:MAX_NODES]
    edges = _strongest(graph, set(names))
    shown = _shown(names, edges)
    communities = _communities(shown)
    places = lay_out(shown, communities)
    home = {name: at for at, part in enumerate(communities) for name in part}
    at = {name: number for number, name in enumerate(names)}
    nodes = [graph.node(name) for name in names]
    return {
        "summary": _summary(graph, len(names), len(edges)),
        "communities": [[at[_hub(shown, part)], len(part)] for part in communities],
        "nodes": [
            _told(node, home[node.id], *(round(10 * each) for each in places[node.id]))
            for node in nodes
        ],
        "edges": [
            [at[one], at[other], count, round(100 * graph.association(one, other))]
            for one, other, count in edges
        ],
        "problems": _problems(nodes, problem_of),
    }


def _strongest(graph: KnowledgeGraph, names: set[str]) -> list[tuple[str, str, int]]:
    edges = [edge for edge in graph.edges() if edge[0] in names and edge[1] in names]
    return sorted(edges, key=lambda edge: (-edge[2], edge))[:MAX_EDGES]


def _shown(names: Sequence[str], edges: Sequence[tuple[str, str, int]]) -> "nx.Graph[str]":
    shown: nx.Graph[str] = nx.Graph()
    shown.add_nodes_from(names)
    shown.add_weighted_edges_from(edges, weight="count")
    return shown


def _communities(shown: "nx.Graph[str]") -> list[list[str]]:
    """Those of the keywords shown, by Louvain, largest first."""
    found = nx.community.louvain_communities(shown, weight="count", seed=0)
    return sorted((sorted(part) for part in found), key=lambda part: (-len(part), part))


def _hub(shown: "nx.Graph[str]", part: Sequence[str]) -> str:
    """The keyword that a community is called by: tied most to the others."""
    within = set(part)

    def ties(name: str) -> int:
        return sum(edge["count"] for other, edge in shown[name].items() if other in within)

    return max(part, key=ties)


def _summary(graph: KnowledgeGraph, nodes: int, edges: int) -> str:
    shown = f"{nodes:,} keywords, {edges:,} pairs, from {graph.rows:,} problems"
    return shown if nodes == len(graph) else f"{shown}; the graph has {len(graph):,} keywords"


def _told(node: KeywordNode, community: int, x: int, y: int) -> dict[str, Any]:
    return {
        "id": _label(node.id),
        "text": _label(node.text),
        "kind": node.kind.value,
        "community": community,
        "x": x,
        "y": y,
        "languages": sorted(language.value for language in node.languages),
        "surfaces": [_label(text) for text in sorted(node.surfaces)[:_MAX_TOLD]],
        "rows": len(node.rows),
        "sampled": node.sampled,
        "accepted": node.accepted,
        "merges": [[_label(each.source), each.why[:_MAX_TEXT]] for each in _newest(node.merges)],
        "problems": list(_newest(node.rows, _MAX_PROBLEMS)),
        "relations": [],
    }


def _newest(things: Sequence[T], most: int = _MAX_TOLD) -> Sequence[T]:
    return things[::-1][:most]


def _label(text: str) -> str:
    """A keyword short enough for a line, without marks that turn the text around it."""
    shown = clean(text)
    return shown if len(shown) <= _MAX_LABEL else f"{shown[:_MAX_LABEL]}…"


def _problems(nodes: Sequence[KeywordNode], problem_of: ProblemOf) -> dict[str, str]:
    rows = dict.fromkeys(row for node in nodes for row in _newest(node.rows, _MAX_PROBLEMS))
    texts = ((row, problem_of(row)) for row in list(rows)[:_MAX_TEXTS])
    return {row: " ".join(text[: 2 * _MAX_TEXT].split())[:_MAX_TEXT] for row, text in texts if text}
