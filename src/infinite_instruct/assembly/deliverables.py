"""What a run leaves behind, all derived from its store: it can be made again at any time."""

from infinite_instruct.assembly.graph_exports import export_graph
from infinite_instruct.assembly.vocabulary import graph_of
from infinite_instruct.runs.atomic import write_atomically
from infinite_instruct.runs.folder import RunFolder
from infinite_instruct.runs.outputs import Balance, write_outputs
from infinite_instruct.runs.pages import read_sources, write_card, write_report
from infinite_instruct.runs.reader import RunReader
from infinite_instruct.runs.report import GraphReport, Report, Share, make_report
from infinite_instruct.tools.graph_metrics import (
    GraphStats,
    community_shares,
    measure,
    novelty,
)
from infinite_instruct.tools.graph_page import render_page
from infinite_instruct.tools.graph_view import GraphView, view_of
from infinite_instruct.tools.knowledge import KnowledgeGraph

_COMMUNITIES = 12
"""Communities that a report names, the ones with most problems."""
_POINTS = 40
"""Points of the novelty's course, at most."""
_ROWS_PER_POINT = 5
"""Problems of a point at least: of fewer, chance has its say."""


def deliver(folder: RunFolder) -> Balance:
    """Write data set, graph, report and card from the store, each of them atomically.

    Raises:
        RunFolderError: The store cannot be read, or the folder cannot be written.
    """
    with RunReader(folder.ledger) as reader:
        balance = write_outputs(reader, folder.path)
        report = _deliver_graph(folder, reader, graph_of(reader))
        write_card(report, read_sources(reader), folder.card)
    return balance


def deliver_graph(folder: RunFolder, graph: KnowledgeGraph) -> None:
    """Write what tells of the graph: its files, and the report.

    Raises:
        RunFolderError: The store cannot be read, or the folder cannot be written.
    """
    with RunReader(folder.ledger) as reader:
        _deliver_graph(folder, reader, graph)


def _deliver_graph(folder: RunFolder, reader: RunReader, graph: KnowledgeGraph) -> Report:
    view = view_of(graph)
    report = make_report(reader, graph_report(graph, view))
    page = render_page(graph, view, lambda row: _problem(reader, row))
    write_atomically(folder.path / "graph.html", page)
    export_graph(graph, "graphml", folder.path / "graph.graphml")
    write_report(report, folder.report)
    return report


def report_of(reader: RunReader, graph: KnowledgeGraph) -> Report:
    """The report of a run."""
    return make_report(reader, graph_report(graph, view_of(graph)))


def graph_report(graph: KnowledgeGraph, view: GraphView) -> GraphReport:
    """The graph in numbers, its communities, and what was new over time."""
    course = novelty(graph, max(_ROWS_PER_POINT, -(-graph.rows // _POINTS)))
    names = [f"{some.first}-{some.last}" for some in course]
    return GraphReport(
        facts=_facts(measure(graph)),
        communities=_communities(graph, view),
        new_keywords=tuple(
            Share(name=name, part=some.new, whole=some.keywords)
            for name, some in zip(names, course, strict=True)
        ),
        new_pairs=tuple(
            Share(name=name, part=some.new_pairs, whole=some.pairs)
            for name, some in zip(names, course, strict=True)
        ),
    )


def _facts(stats: GraphStats) -> tuple[tuple[str, str | int], ...]:
    """Names and values of a graph's numbers, for people."""
    return (
        ("keywords", stats.nodes),
        ("pairs that occur together", stats.edges),
        ("relations (part of, needs)", stats.relations),
        ("components", stats.components),
        ("keywords in the largest component", stats.largest_component),
        ("problems", stats.rows),
        ("merges", stats.merges),
        ("merge rate (of all names)", f"{stats.merge_rate:.1%}"),
        ("blocked keywords", stats.blocked),
        ("sets drawn", stats.sets_drawn),
        ("coverage (drawn at least once)", f"{stats.coverage:.1%}"),
        ("coverage entropy, in bits", f"{stats.coverage_entropy:.2f}"),
        ("coverage evenness (1: all equally often)", f"{stats.coverage_evenness:.3f}"),
    )


def _communities(graph: KnowledgeGraph, view: GraphView) -> tuple[Share, ...]:
    """The communities with most problems; what is left of the problems comes last."""
    found = community_shares(graph, view.communities)[:_COMMUNITIES]
    named = [
        Share(name=graph.text(part.keywords[0]), part=part.rows, whole=graph.rows)
        for part in found
        if part.rows
    ]
    rest = graph.rows - sum(share.part for share in named)
    others = [Share(name="all others", part=rest, whole=graph.rows)] if rest else []
    return (*named, *others)


def _problem(reader: RunReader, row: str) -> str:
    outcome = reader.outcome(row)
    return outcome.prompt if outcome else ""
