"""The knowledge graph as GraphML, for Gephi, yEd, networkx, igraph."""

import io
from pathlib import Path

import networkx as nx

from infinite_instruct.tools.atomic import write_atomically
from infinite_instruct.tools.knowledge import KnowledgeGraph


def write_graphml(graph: KnowledgeGraph, path: Path) -> None:
    """Write the graph, in an order that depends on nothing but the graph.

    Raises:
        OSError: The file cannot be written; an older one is left as it is.
    """
    buffer = io.BytesIO()
    # The lxml writer of networkx would give other bytes where lxml is installed.
    nx.write_graphml_xml(graph.plain(), buffer, prettyprint=True)
    write_atomically(path, buffer.getvalue())
