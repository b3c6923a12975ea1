"""The knowledge graph as one HTML page that opens from the disk and loads nothing.

sigma and graphology (MIT; licences beside them in data/page) are inlined; a content security policy
allows just these scripts, by their hashes. Texts of the graph are JSON data, never markup.
"""

import base64
import hashlib
import json
from importlib.resources import files
from typing import Any

from infinite_instruct.tools.keyword_node import KeywordNode
from infinite_instruct.tools.knowledge import KnowledgeGraph

MAX_NODES = 5_000
MAX_EDGES = 20_000
_MAX_PROBLEMS = 100
_SCRIPTS = (
    "graphology.umd.min.js",
    "graphology-library.min.js",
    "sigma.min.js",
    "page.js",
)


def render_page(graph: KnowledgeGraph) -> str:
    """The page as HTML, the same for the same graph.

    Of larger graphs it shows the keywords that occur most and their strongest edges.
    """
    scripts = [_asset(name) for name in _SCRIPTS]
    # No other "<" may stand in a script: it could end it, or open a comment.
    data = json.dumps(_data(graph), ensure_ascii=True).replace("<", "\\u003c")
    parts = {
        "{{csp}}": _policy(scripts),
        "{{style}}": _asset("page.css"),
        "{{scripts}}": "\n".join(f"<script>{script}</script>" for script in scripts),
        "{{data}}": data,
    }
    page = _asset("page.html")
    for mark, value in parts.items():
        page = page.replace(mark, value, 1)
    return page


def _asset(name: str) -> str:
    path = files("infinite_instruct.tools") / "data" / "page" / name
    return path.read_text("utf-8").strip()


def _policy(scripts: list[str]) -> str:
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    allowed = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _data(graph: KnowledgeGraph) -> dict[str, Any]:
    names = sorted(graph, key=lambda name: (-len(graph.rows_with(name)), name))[:MAX_NODES]
    places = {name: at for at, name in enumerate(names)}
    edges = [edge for edge in graph.edges() if edge[0] in places and edge[1] in places]
    edges = sorted(edges, key=lambda edge: -edge[2])[:MAX_EDGES]
    return {
        "summary": _summary(graph, len(names), len(edges)),
        "nodes": [_node(graph.node(name)) for name in names],
        "edges": [
            [places[one], places[other], count, round(graph.association(one, other), 3)]
            for one, other, count in edges
        ],
    }


def _summary(graph: KnowledgeGraph, nodes: int, edges: int) -> str:
    shown = f"{nodes:,} keywords, {edges:,} pairs, from {graph.rows:,} problems"
    return shown if nodes == len(graph) else f"{shown}; the graph has {len(graph):,} keywords"


def _node(node: KeywordNode) -> dict[str, Any]:
    return {
        "id": node.id,
        "text": node.text,
        "kind": node.kind.value,
        "languages": ", ".join(sorted(language.value for language in node.languages)),
        "surfaces": sorted(node.surfaces),
        "rows": len(node.rows),
        "sampled": node.sampled,
        "accepted": node.accepted,
        "merges": [{"source": merge.source, "why": merge.why} for merge in node.merges],
        "problems": list(node.rows[:_MAX_PROBLEMS]),
    }
