"""What a run leaves behind, all derived from its store: it can be made again at any time."""

from infinite_instruct.runs.atomic import write_atomically
from infinite_instruct.runs.folder import RunFolder
from infinite_instruct.runs.outputs import Balance, write_outputs
from infinite_instruct.runs.pages import read_sources, write_card, write_report
from infinite_instruct.runs.reader import RunReader
from infinite_instruct.runs.report import Report, make_report
from infinite_instruct.tools.graph_metrics import measure
from infinite_instruct.tools.graph_page import render_page
from infinite_instruct.tools.graphml import render_graphml
from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.vocabulary import rebuild_graph


def deliver(folder: RunFolder) -> Balance:
    """Write data set, graph, report and card from the store, each of them atomically.

    Raises:
        RunFolderError: The store cannot be read, or the folder cannot be written.
    """
    with RunReader(folder.ledger) as reader:
        balance = write_outputs(reader, folder.path)
        graph = graph_of(reader)
        report = report_of(reader, graph)
        sources = read_sources(reader)
    write_atomically(folder.path / "graph.graphml", render_graphml(graph))
    write_atomically(folder.path / "graph.html", render_page(graph))
    write_report(report, folder.report)
    write_card(report, sources, folder.card)
    return balance


def graph_of(reader: RunReader) -> KnowledgeGraph:
    """The knowledge graph of a run."""
    return rebuild_graph(text for _, text in reader.graph_events())


def report_of(reader: RunReader, graph: KnowledgeGraph) -> Report:
    """The report of a run."""
    return make_report(reader, measure(graph).model_dump())
