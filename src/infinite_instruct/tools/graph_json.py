"""The knowledge graph as JSON in networkx's node-link form, which D3 reads, too."""

import json
from collections.abc import Iterable
from typing import BinaryIO

from infinite_instruct.domain import Value
from infinite_instruct.tools.graph_records import edge_records, node_records
from infinite_instruct.tools.knowledge import KnowledgeGraph


def write_json(graph: KnowledgeGraph, file: BinaryIO) -> None:
    """Write the graph, a record a line; `networkx.node_link_graph(json.load(file))` reads it."""
    file.write(b'{"directed": false, "multigraph": false, "graph": {},\n"nodes": [')
    _write_records(node_records(graph), file)
    file.write(b'],\n"edges": [')
    _write_records(edge_records(graph), file)
    file.write(b"]}\n")


def _write_records(records: Iterable[Value], file: BinaryIO) -> None:
    before = b"\n"
    for record in records:
        text = json.dumps(record.model_dump(mode="json"), ensure_ascii=False)
        file.write(before + text.encode(errors="replace"))
        before = b",\n"
