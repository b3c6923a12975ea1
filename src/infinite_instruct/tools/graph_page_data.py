"""What the page of the knowledge graph shows: which keywords, where they stand, what is told."""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from infinite_instruct.tools.graph_layout import lay_out
from infinite_instruct.tools.graph_view import GraphView
from infinite_instruct.tools.keyword_node import KeywordNode
from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.words import clean

_MAX_PROBLEMS = 12
"""Problems told of one keyword, the newest."""
_MAX_TEXTS = 3_000
"""Problems whose beginning is told; of others there is the row's id."""
_MAX_TEXT = 160
_MAX_LABEL = 80
_MAX_TOLD = 20
"""Surface forms, merges and relations told of one keyword."""

T = TypeVar("T")
ProblemOf = Callable[[str], str]
"""The text of a row's problem; empty where it is not known."""


def page_data(graph: KnowledgeGraph, view: GraphView, problem_of: ProblemOf) -> dict[str, Any]:
    """The page's content, the same for the same graph."""
    places = lay_out(view.ties, view.communities)
    at = {name: number for number, name in enumerate(view.names)}
    nodes = [graph.node(name) for name in view.names]
    return {
        "summary": _summary(graph, view),
        "communities": [
            [at[hub], len(part)] for hub, part in zip(view.hubs, view.communities, strict=True)
        ],
        "nodes": [_told(node, view.home[node.id], places[node.id], at) for node in nodes],
        "edges": [
            [at[one], at[other], count, round(100 * graph.association(one, other))]
            for one, other, count in view.ties
        ],
        "problems": _problems(nodes, problem_of),
    }


def _summary(graph: KnowledgeGraph, view: GraphView) -> str:
    nodes, ties = len(view.names), len(view.ties)
    shown = f"{nodes:,} keywords, {ties:,} pairs, from {graph.rows:,} problems"
    return shown if nodes == len(graph) else f"{shown}; the graph has {len(graph):,} keywords"


def _told(
    node: KeywordNode, community: int, place: tuple[float, float], at: Mapping[str, int]
) -> dict[str, Any]:
    return {
        "id": _label(node.id),
        "text": _label(node.text),
        "kind": node.kind.value,
        "community": community,
        "x": round(10 * place[0]),
        "y": round(10 * place[1]),
        "languages": sorted(language.value for language in node.languages),
        "from": [*node.origins, *(_label(name) for name in sorted(node.vocabularies))],
        "surfaces": [_label(text) for text in sorted(node.surfaces)[:_MAX_TOLD]],
        "rows": len(node.rows),
        "sampled": node.sampled,
        "accepted": node.accepted,
        "merges": [
            [_label(each.source), clean(each.why)[:_MAX_TEXT]] for each in _newest(node.merges)
        ],
        "relations": _relations(node, at),
        "problems": list(_newest(node.rows, _MAX_PROBLEMS)),
        "blocked": clean(node.blocked or "")[:_MAX_TEXT] if node.blocked is not None else None,
    }


def _relations(node: KeywordNode, at: Mapping[str, int]) -> list[list[str | int]]:
    """What a keyword is to others, in words, with the other's number."""
    told: list[list[str | int]] = []
    for each in node.relations:
        forward = each.source == node.id
        other = each.target if forward else each.source
        words = ("part of", "has part") if each.relation == "part-of" else ("needs", "needed by")
        if other in at:
            told.append([words[0] if forward else words[1], at[other]])
    return told[:_MAX_TOLD]


def _newest(things: Sequence[T], most: int = _MAX_TOLD) -> Sequence[T]:
    return things[::-1][:most]


def _label(text: str) -> str:
    """A keyword short enough for a line, without marks that turn the text around it."""
    shown = clean(text)
    return shown if len(shown) <= _MAX_LABEL else f"{shown[:_MAX_LABEL]}…"


def _problems(nodes: Sequence[KeywordNode], problem_of: ProblemOf) -> dict[str, str]:
    rows = dict.fromkeys(row for node in nodes for row in _newest(node.rows, _MAX_PROBLEMS))
    texts = ((row, problem_of(row)) for row in islice(rows, _MAX_TEXTS))
    return {row: clean(text[: 2 * _MAX_TEXT])[:_MAX_TEXT] for row, text in texts if text}
