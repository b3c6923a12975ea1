"""Vocabulary files written down and read, for tests."""

from collections.abc import Iterator
from pathlib import Path

from infinite_instruct.tools.graph_events import GraphEvent
from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.vocabularies.entries import Entry, Passed
from infinite_instruct.tools.vocabularies.formats import read_entries
from infinite_instruct.tools.vocabularies.importing import MAX_NEW, Given, VocabularyImport
from infinite_instruct.tools.vocabularies.summary import ImportSummary


def entries(folder: Path, name: str, text: str, passed: Passed | None = None) -> list[Entry]:
    """What a file with this name and text holds."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return list(read_entries(path, passed or Passed()))


def paths(folder: Path, name: str, text: str) -> list[str]:
    """The entries as `outer > inner > text`."""
    return [" > ".join((*entry.path, entry.text)) for entry in entries(folder, name, text)]


def enter(
    graph: KnowledgeGraph,
    found: Iterator[Entry] | list[Entry],
    given: Given | None = None,
    limit: int = MAX_NEW,
    source: str = "words",
) -> tuple[ImportSummary, list[GraphEvent]]:
    """Import entries; gives the numbers and the events."""
    entering = VocabularyImport(graph, source, given or Given(), limit)
    events = [event for batch in entering.take(found) for event in batch]
    return entering.summary, events
