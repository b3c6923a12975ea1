"""`infinite-instruct graph`: the knowledge graph in numbers, or one keyword of it."""

from pathlib import Path

import typer

from infinite_instruct.assembly.deliverables import graph_of
from infinite_instruct.cli.terminal import console, plain, table
from infinite_instruct.errors import SettingsError
from infinite_instruct.runs.folder import RunFolder
from infinite_instruct.runs.reader import RunReader
from infinite_instruct.tools.graph_metrics import measure
from infinite_instruct.tools.knowledge import KnowledgeGraph

_NAMED = 20


def show_graph(directory: Path) -> None:
    """Print the graph's numbers and its most frequent keywords."""
    graph = _graph(directory)
    numbers = table("", "#", title="Knowledge graph")
    for name, value in measure(graph):
        numbers.add_row(
            name.replace("_", " "), f"{value:.2f}" if isinstance(value, float) else str(value)
        )
    console().print(numbers)
    words = table("keyword", "kind", "#rows", "#drawn", "also", title="Most frequent")
    nodes = sorted((graph.node(name) for name in graph), key=lambda node: -len(node.rows))
    for node in nodes[:_NAMED]:
        also = ", ".join(text for text in node.surfaces if text != node.text)
        words.add_row(
            plain(node.text), node.kind, str(len(node.rows)), str(node.sampled), plain(also)
        )
    console().print(words)


def show_keyword(directory: Path, keyword: str) -> None:
    """Print one keyword with its neighbours, rows and merges."""
    graph = _graph(directory)
    try:
        node = graph.node(keyword)
    except KeyError:
        raise SettingsError(
            f"The graph does not know '{keyword}'.",
            remedy=f"`infinite-instruct graph {directory}` names the most frequent keywords.",
        ) from None
    typer.echo(plain(f"{node.text} ({node.kind}): {len(node.rows)} rows: {', '.join(node.rows)}"))
    typer.echo(f"drawn {node.sampled} times, accepted {node.accepted} times")
    for merge in node.merges:
        typer.echo(plain(f"merged: {merge.source} → {merge.target}: {merge.why}"))
    near = sorted(graph.neighbours(node.id), key=lambda name: -graph.together(node.id, name))
    for name in near[:_NAMED]:
        typer.echo(plain(f"  with {graph.text(name)}: {graph.together(node.id, name)} rows"))


def _graph(directory: Path) -> KnowledgeGraph:
    with RunReader(RunFolder.look(directory).ledger) as reader:
        return graph_of(reader)
