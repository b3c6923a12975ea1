"""Vocabularies on their way into the graph of a run."""

from collections.abc import Sequence
from pathlib import Path

from infinite_instruct.assembly.vocabulary import graph_of
from infinite_instruct.domain import KeywordKind, Language
from infinite_instruct.events import Emit, Noticed
from infinite_instruct.runs.store import RunStore
from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.vocabularies.formats import read_entries
from infinite_instruct.tools.vocabularies.importing import MAX_NEW, Given, VocabularyImport
from infinite_instruct.tools.vocabularies.shipped import vocabulary_name, vocabulary_path
from infinite_instruct.tools.vocabularies.summary import ImportSummary

_NOTE = "vocabulary "
"""Begins the notes of the store that tell which vocabularies were imported to their end."""
_ANY_LANGUAGE = Given()


async def import_vocabulary(
    graph: KnowledgeGraph,
    store: RunStore,
    path: Path,
    given: Given = _ANY_LANGUAGE,
    limit: int = MAX_NEW,
) -> ImportSummary:
    """Enter a vocabulary, streaming, and keep the changes. A second time changes nothing.

    Args:
        graph: The graph that the store has.
        store: Of the run; what came before a fault or a kill is kept, and can be done again.
        path: As `vocabulary_path` gives it.
        given: Holds for words that do not tell it themselves.
        limit: New words at most.

    Raises:
        VocabularyError: The file cannot be read.
        RunFolderError: The store cannot be written.
    """
    entering = VocabularyImport(graph, vocabulary_name(path), given, limit)
    for events in entering.take(read_entries(path, entering.passed)):
        await store.add_graph_events([event.model_dump_json() for event in events])
    return entering.summary


async def import_vocabularies(names: Sequence[str], store: RunStore, emit: Emit) -> None:
    """Enter the vocabularies that a run begins with, each once, whatever came between.

    Raises:
        VocabularyError: One is missing, or cannot be read.
    """
    done = store.notes()
    missing = [name for name in dict.fromkeys(names) if _NOTE + name not in done]
    graph = graph_of(store) if missing else KnowledgeGraph()
    for name in missing:
        summary = await import_vocabulary(graph, store, vocabulary_path(name))
        await store.note(_NOTE + name, summary.model_dump_json())
        emit(Noticed(message=summary.told))


def vocabulary_languages(graph: KnowledgeGraph) -> tuple[Language, ...]:
    """The languages that keywords of the graph are told for, without those of all languages."""
    return tuple(
        language
        for language in Language
        if any(
            len(graph.role(language, kind)) > len(graph.role(None, kind)) for kind in KeywordKind
        )
    )
