"""The words of a vocabulary enter the knowledge graph: judged, typed, merged where a rule is sure.

No model is asked and no vector compared: words that no rule merges stay apart.
"""

from collections.abc import Iterable, Iterator

from infinite_instruct.domain import KeywordKind, Language, Value
from infinite_instruct.tools.graph_events import MAX_TEXT, GraphEvent, Word
from infinite_instruct.tools.keywords import normal_form
from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.languages import language_of_tag
from infinite_instruct.tools.vocabularies.entries import Entry, Passed
from infinite_instruct.tools.vocabularies.kin import Kin
from infinite_instruct.tools.vocabularies.summary import ImportSummary, Tally
from infinite_instruct.tools.vocabularies.wording import (
    guess_kind,
    kind_given,
    place_of,
    refusal,
    tidy,
)
from infinite_instruct.tools.words import clean

MAX_NEW = 200_000
"""New words that one vocabulary may bring: what the graph is measured with."""
_ANY = frozenset(("any", "all", "*"))
_BATCH = 500
"""Words of one event: it is one record in the store."""


class Given(Value):
    """What the user says of a vocabulary's words that do not tell it themselves."""

    kind: KeywordKind | None = None
    language: Language | None = None
    domain: str = ""


class VocabularyImport:
    """One vocabulary on its way into a graph.

    Args:
        graph: Is changed; its changes come back to be stored.
        source: The vocabulary's name.
        given: Holds for words that do not tell it themselves.
        limit: New words at most; those above are counted as refused.
    """

    def __init__(
        self,
        graph: KnowledgeGraph,
        source: str,
        given: Given = Given(),  # noqa: B008 (frozen)
        limit: int = MAX_NEW,
    ) -> None:
        self.passed = Passed()
        """For the reader of the entries to count in."""
        self._graph = graph
        self._source = clean(source)
        self._given = given
        self._limit = limit
        self._kin = Kin(graph)
        self._tally = Tally(self.passed)
        self._batch: list[Word] = []
        self._merges: list[tuple[str, str, str]] = []
        self._facts: set[tuple[str, Language | None, KeywordKind, tuple[str, ...]]] = set()
        self._new: set[str] = set()

    def take(self, entries: Iterable[Entry]) -> Iterator[tuple[GraphEvent, ...]]:
        """Enter the words as they are read. Gives the changes, some hundred words at a time."""
        for entry in entries:
            self._enter(entry)
            if len(self._batch) >= _BATCH:
                yield self._flush()
        if self._batch:
            yield self._flush()

    @property
    def summary(self) -> ImportSummary:
        """What became of the words so far."""
        return self._tally.summary(self._source)

    def _enter(self, entry: Entry) -> None:
        text = tidy(entry.text)
        name = normal_form(text)
        if reason := refusal(text) or self._excluded(name, entry):
            self._tally.refuse(reason, text or entry.text)
            return
        words = self._words(entry, text)
        if name in self._new:
            self._tally.merge("repeated", text)
        elif name in self._graph:
            self._tally.merge("known", text)
        else:
            self._new.add(name)
            self._meet(name, text, words)
        self._keep(name, words)

    def _excluded(self, name: str, entry: Entry) -> str | None:
        """Why a sound word may not enter this graph now."""
        if self._graph.is_blocked(name):
            return "blocked"
        if entry.languages and not _languages_named(entry):
            return "unknown-language"
        if entry.kind and kind_given(entry.kind) is None:
            return "unknown-kind"
        full = len(self._new) >= self._limit and name not in self._new
        return "over-the-limit" if full and name not in self._graph else None

    def _words(self, entry: Entry, text: str) -> list[Word]:
        """The word in each of its languages, with all that is told of it."""
        place = place_of(entry.path)
        told = kind_given(entry.kind) if entry.kind else place.kind
        also = (tidy(parent) for parent in entry.also)
        parents = (place.parent, *(parent for parent in also if refusal(parent) is None))
        return [
            Word(
                text=text,
                kind=told or self._given.kind or guess_kind(text),
                language=language,
                domain=clean(entry.domain or self._given.domain)[:MAX_TEXT],
                parents=tuple(filter(None, parents)),
            )
            for language in _languages_named(entry) or [place.language or self._given.language]
        ]

    def _meet(self, name: str, text: str, words: list[Word]) -> None:
        """Count a new word: one of its own, or another name of a known one."""
        known, why = self._kin.same(text, name)
        if known:
            self._tally.merge("by-rule", f"{text} = {known}")
            self._merges.append((text, known, why))
            return
        self._kin.add(name, text)
        self._tally.add(words[0].kind, tuple(word.language for word in words))

    def _keep(self, name: str, words: list[Word]) -> None:
        """Keep what is not known yet of a word."""
        for word in words:
            fact = (name, word.language, word.kind, word.parents)
            if fact not in self._facts and not (name not in self._new and self._told(name, word)):
                self._facts.add(fact)
                self._batch.append(word)

    def _told(self, name: str, word: Word) -> bool:
        """Whether this vocabulary told the graph this before: a second import changes nothing."""
        node = self._graph.node(name)
        parents = {self._graph.resolve(each) for each in word.parents if each in self._graph}
        return (
            self._source in node.vocabularies
            and self._graph.has_role(node.id, word.language, word.kind)
            and parents - {node.id} <= set(self._graph.parents(node.id))
        )

    def _flush(self) -> tuple[GraphEvent, ...]:
        events: list[GraphEvent] = [self._graph.import_words(self._source, self._batch)]
        events += [
            self._graph.merge(new, known, why)
            for new, known, why in self._merges
            if self._graph.resolve(new) != self._graph.resolve(known)
        ]
        self._batch, self._merges = [], []
        return tuple(events)


def _languages_named(entry: Entry) -> list[Language | None]:
    """The languages that an entry names, without those unknown here; None for all languages."""
    named = [name.strip().lower() for name in entry.languages]
    anywhere: list[Language | None] = [None for name in named if name in _ANY]
    return anywhere or [found for name in named if (found := language_of_tag(name))]
