"""The knowledge graph of a run, opened to be drawn from and added to."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from itertools import takewhile
from threading import Event

from infinite_instruct.assembly.embedding import embedder_of
from infinite_instruct.graphs.preparation import Preparation
from infinite_instruct.runs.folder import RunFolder
from infinite_instruct.runs.reader import RunReader
from infinite_instruct.runs.store import RunStore
from infinite_instruct.sections import GraphSettings
from infinite_instruct.tools.fetched_vectors import FetchedEmbedder
from infinite_instruct.tools.index_process import bring_up_to_date
from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.late_index import LateIndex
from infinite_instruct.tools.sampling_rules import SamplingRules
from infinite_instruct.tools.vectors import ChromaIndex
from infinite_instruct.tools.vocabulary import (
    Vocabulary,
    at_once,
    index_texts,
    read_changes,
    rebuild_graph,
)

_LARGE = 10_000
"""Changes that are loaded in a second."""

_OWN_WAITING = 4_096
"""Vectors in memory of our own embedder. Comparing all of them takes less time than one query of
Chroma, which needs 50 MB; and after a kill they are made again in a moment."""
_OTHERS_WAITING = 512
"""Of others: they cost requests, or seconds."""


def graph_of(reader: RunReader) -> KnowledgeGraph:
    """The knowledge graph of a run."""
    return rebuild_graph(text for _, text in reader.graph_events())


def _load(graph: KnowledgeGraph, folder: RunFolder, given_up: Event) -> None:
    with RunReader(folder.ledger) as reader:
        texts = (text for _, text in reader.graph_events())
        graph.load(read_changes(takewhile(lambda _: not given_up.is_set(), texts)))


@contextmanager
def open_vocabulary(
    settings: GraphSettings,
    folder: RunFolder,
    store: RunStore,
    rules: SamplingRules,
    preparation: Preparation | None = None,
) -> Generator[Vocabulary]:
    """Rebuild the graph from its events, with its vectors.

    Args:
        settings: Of the graph.
        folder: The run's.
        store: The run's.
        rules: Of drawing.
        preparation: Where a large graph is loaded later: it is empty until then.

    Raises:
        RunFolderError: The folder cannot be written.
    """
    graph, ready = KnowledgeGraph(), at_once
    if preparation is not None and store.graph_size() > _LARGE:
        ready = preparation.put_off(lambda given_up: _load(graph, folder, given_up))
    else:
        graph.load(read_changes(text for _, text in store.graph_events()))
    # Chroma's folder is a cache: whatever is wrong with it is repaired from the graph.
    folder_of_vectors, embedder = folder.path / "chroma", embedder_of(settings)
    waiting = _OWN_WAITING if settings.embedder == "wordllama" else _OTHERS_WAITING
    fetched = FetchedEmbedder(embedder)
    quick = settings.embedder == "wordllama"
    index = LateIndex(
        lambda: ChromaIndex(
            folder_of_vectors,
            embedder if quick else fetched,
            index_texts(graph),
            waiting=waiting,
            writer=bring_up_to_date if quick else None,
        )
    )

    async def fetch(texts: Sequence[str]) -> None:
        if not quick:
            await fetched.fetch(texts)
        await index.open()

    try:
        yield Vocabulary(graph, index, rules, fetch, ready)
    finally:
        index.close()
