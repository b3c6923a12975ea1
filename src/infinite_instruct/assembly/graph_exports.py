"""The knowledge graph as files for other programs."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from infinite_instruct.errors import SettingsError
from infinite_instruct.runs.atomic import replacing
from infinite_instruct.runs.parquet import parquet_file
from infinite_instruct.tools.graph_json import write_json
from infinite_instruct.tools.graph_records import (
    EdgeRecord,
    NodeRecord,
    edge_records,
    node_records,
)
from infinite_instruct.tools.graphml import write_graphml
from infinite_instruct.tools.knowledge import KnowledgeGraph

_WRITERS: Mapping[str, Callable[[KnowledgeGraph, BinaryIO], None]] = {
    "graphml": write_graphml,
    "json": write_json,
}
GRAPH_FORMATS = (*_WRITERS, "parquet")


def export_graph(graph: KnowledgeGraph, form: str, destination: Path) -> tuple[Path, ...]:
    """Write the graph in a format, atomically; the same graph gives the same bytes.

    Args:
        graph: Read, not changed.
        form: One of GRAPH_FORMATS.
        destination: The file to write. For `parquet` there are two beside each other, with
            `-nodes` and `-edges` after the name.

    Returns:
        The files written.

    Raises:
        SettingsError: The format is not known.
        RunFolderError: The destination cannot be written.
    """
    if form == "parquet":
        return _write_parquet(graph, destination)
    if form not in _WRITERS:
        raise SettingsError(
            f"'{form}' is no format of a graph.", remedy=f"There are: {', '.join(GRAPH_FORMATS)}."
        )
    with replacing(destination) as temporary, temporary.open("wb") as file:
        _WRITERS[form](graph, file)
    return (destination,)


def _write_parquet(graph: KnowledgeGraph, destination: Path) -> tuple[Path, ...]:
    nodes, edges = (
        destination.with_name(f"{destination.stem}-{part}.parquet") for part in ("nodes", "edges")
    )
    with ExitStack() as stack:
        node_file = stack.enter_context(replacing(nodes))
        edge_file = stack.enter_context(replacing(edges))
        with parquet_file(node_file, NodeRecord) as table:
            for node in node_records(graph):
                table.add(node)
        with parquet_file(edge_file, EdgeRecord) as table:
            for edge in edge_records(graph):
                table.add(edge)
    return nodes, edges
