"""The knowledge graph as GraphML, for Gephi, yEd, networkx, igraph.

Written record by record: the writer of networkx holds the whole file as a tree, which is gigabytes
for millions of pairs.
"""

import io
import re
from collections.abc import Mapping
from typing import BinaryIO
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from infinite_instruct.tools.graph_records import (
    EdgeRecord,
    NodeRecord,
    edge_records,
    node_records,
)
from infinite_instruct.tools.knowledge import KnowledgeGraph

_NAMESPACE = "http://graphml.graphdrawing.org/xmlns"
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot say, not even escaped."""

_TYPES = {str: "string", int: "int", float: "double"}
_NODE: Mapping[str, type] = {
    "text": str,
    "kind": str,
    "languages": str,
    "domains": str,
    "origins": str,
    "surfaces": str,
    "rows": int,
    "sampled": int,
    "accepted": int,
    "merged": str,
    "blocked": str,
}
_EDGE: Mapping[str, type] = {"count": int, "npmi": float, "relations": str}

_Facts = Mapping[str, str | int | float]


def render_graphml(graph: KnowledgeGraph) -> bytes:
    """The graph as a file's content."""
    buffer = io.BytesIO()
    write_graphml(graph, buffer)
    return buffer.getvalue()


def write_graphml(graph: KnowledgeGraph, file: BinaryIO) -> None:
    """Write the graph, in an order that depends on nothing but the graph.

    Pairs are undirected edges, at most one a pair; what is part of what, or needs what, stands in
    their `relations`: readers refuse files with both kinds of edges.
    """
    xml = XMLGenerator(file, "utf-8", short_empty_elements=True)
    xml.startDocument()
    xml.startElement("graphml", AttributesImpl({"xmlns": _NAMESPACE}))
    for domain, names in (("node", _NODE), ("edge", _EDGE)):
        for name, kind in names.items():
            key = {"id": f"{domain}-{name}", "for": domain, "attr.name": name}
            _element(xml, "key", key | {"attr.type": _TYPES[kind]})
    xml.startElement("graph", AttributesImpl({"edgedefault": "undirected"}))
    for node in node_records(graph):
        _element(xml, "node", {"id": node.id}, _node_facts(node))
    for edge in edge_records(graph):
        ends = {"source": edge.source, "target": edge.target}
        _element(xml, "edge", ends, _edge_facts(edge))
    xml.endElement("graph")
    xml.endElement("graphml")
    xml.endDocument()


def _node_facts(node: NodeRecord) -> _Facts:
    return {
        "text": node.text,
        "kind": node.kind,
        "languages": " ".join(node.languages),
        "domains": " | ".join(node.domains),
        "origins": " ".join(node.origins),
        "surfaces": " | ".join(node.surfaces),
        "rows": len(node.rows),
        "sampled": node.sampled,
        "accepted": node.accepted,
        "merged": " | ".join(f"{merge.source}: {merge.why}" for merge in node.merges),
        "blocked": node.blocked,
    }


def _edge_facts(edge: EdgeRecord) -> _Facts:
    told = (f"{each.source} {each.relation} {each.target}" for each in edge.relations)
    return {"count": edge.count, "npmi": edge.npmi, "relations": " | ".join(told)}


def _element(
    xml: XMLGenerator, name: str, attributes: Mapping[str, str], facts: _Facts | None = None
) -> None:
    """An element on its own line; facts that are empty texts are left out."""
    xml.ignorableWhitespace("\n")
    sayable = {key: _sayable(value) for key, value in attributes.items()}
    xml.startElement(name, AttributesImpl(sayable))
    for key, value in (facts or {}).items():
        if value != "":
            xml.startElement("data", AttributesImpl({"key": f"{name}-{key}"}))
            xml.characters(_sayable(str(value)))
            xml.endElement("data")
    xml.endElement(name)


def _sayable(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
