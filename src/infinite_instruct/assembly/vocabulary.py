"""The knowledge graph of a run, opened to be drawn from and added to."""

from infinite_instruct.runs.folder import RunFolder
from infinite_instruct.runs.store import RunStore
from infinite_instruct.tools.embedders import WordLlamaEmbedder
from infinite_instruct.tools.sampling_rules import SamplingRules
from infinite_instruct.tools.vectors import ChromaIndex
from infinite_instruct.tools.vocabulary import Vocabulary, index_texts, rebuild_graph


def open_vocabulary(folder: RunFolder, store: RunStore, rules: SamplingRules) -> Vocabulary:
    """Rebuild the graph from its events, with its vectors.

    Raises:
        RunFolderError: The folder cannot be written.
    """
    graph = rebuild_graph(text for _, text in store.graph_events())
    # Chroma's folder is a cache: whatever is wrong with it is repaired from the graph.
    index = ChromaIndex(folder.path / "chroma", WordLlamaEmbedder(), index_texts(graph))
    return Vocabulary(graph, index, rules)
