"""The knowledge graph of a run, open to be changed: locked, stored, its files made again."""

import asyncio
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass

from infinite_instruct.assembly.deliverables import deliver_graph
from infinite_instruct.assembly.vocabulary import graph_of
from infinite_instruct.runs.folder import RunFolder
from infinite_instruct.runs.store import RunStore
from infinite_instruct.tools.graph_events import GraphEvent
from infinite_instruct.tools.knowledge import KnowledgeGraph


@dataclass(frozen=True)
class OpenGraph:
    """A graph with the store that keeps its changes. The run's lock is held."""

    graph: KnowledgeGraph
    folder: RunFolder
    store: RunStore

    def keep(self, events: Iterable[GraphEvent]) -> None:
        """Store changes that were made, in one transaction; on disk when this returns.

        Raises:
            RunFolderError: The disk is full, or the store cannot be written.
        """
        texts = [event.model_dump_json() for event in events]
        asyncio.run(self.store.add_graph_events(texts))


@contextmanager
def open_graph(run: RunFolder) -> Generator[OpenGraph]:
    """Lock a run to change its graph; at the end the files that tell of it are made again.

    Raises:
        RunInUseError: A campaign, or another change, goes on there.
        RunFolderError: It is no run, or it is damaged.
    """
    # Its own fingerprint: a change of the graph needs none of the settings.
    with RunFolder.open(run.path, run.fingerprint, store=run.store) as folder:
        with RunStore(folder.ledger) as store:
            graph = graph_of(store)
            yield OpenGraph(graph, folder, store)
        deliver_graph(folder, graph)
