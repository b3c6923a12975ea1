"""The knowledge graph as GraphML, for Gephi, yEd, networkx, igraph."""

import io

import networkx as nx

from infinite_instruct.tools.knowledge import KnowledgeGraph


def render_graphml(graph: KnowledgeGraph) -> bytes:
    """The graph as a file's content, in an order that depends on nothing but the graph."""
    buffer = io.BytesIO()
    # The lxml writer of networkx would give other bytes where lxml is installed.
    nx.write_graphml_xml(graph.plain(), buffer, prettyprint=True)
    return buffer.getvalue()
