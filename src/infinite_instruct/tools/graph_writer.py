"""The changes of the knowledge graph: each method makes an event, applies it, and gives it back."""

from collections.abc import Iterable

from infinite_instruct.domain import Keyword, KeywordSet, Language
from infinite_instruct.tools.graph_changes import change
from infinite_instruct.tools.graph_events import (
    Accepted,
    Blocked,
    Expanded,
    GraphEvent,
    KeywordsAdded,
    Merged,
    Proposal,
    Related,
    RelationKind,
    Sampled,
    Unblocked,
    Unmerged,
    Word,
    WordsImported,
)
from infinite_instruct.tools.graph_state import GraphState


class GraphWriter:
    """What a graph can be told. One writer; nothing in it is random."""

    def __init__(self) -> None:
        self._state = GraphState()

    def apply(self, event: GraphEvent) -> None:
        """Change the graph as an event says. What it names and the graph lacks is passed over."""
        change(self._state, event)

    def __contains__(self, keyword: str) -> bool:
        return self._state.spellings.name(keyword) in self._state.names

    def resolve(self, keyword: str) -> str:
        """The id of a keyword in any form, merges followed.

        Raises:
            KeyError: It is not in the graph.
        """
        name = self._state.spellings.name(keyword)
        if name not in self._state.names:
            raise KeyError(keyword)
        return self._state.names.id_of(name)

    def is_blocked(self, text: str) -> bool:
        """Whether a keyword in any form is blocked, in the graph or not."""
        return self._state.spellings.name(text) in self._state.blocked

    def add_problem(
        self, row_id: str, language: Language, keywords: Iterable[Keyword]
    ) -> KeywordsAdded:
        """Enter the keywords of an accepted problem; blocked ones and wordless ones stay out."""
        event = KeywordsAdded(row=row_id, language=language, keywords=tuple(keywords))
        self.apply(event)
        return event

    def import_words(self, source: str, words: Iterable[Word]) -> WordsImported:
        """Enter words of a vocabulary; blocked ones and those without a word stay out.

        Args:
            source: The vocabulary's name.
            words: Best some hundreds at a time: one event is one record in the store. Parents come
                with them or before them.
        """
        event = WordsImported(source=source, words=tuple(words))
        self.apply(event)
        return event

    def relate(self, source: str, target: str, relation: RelationKind, origin: str) -> Related:
        """Note that a keyword is part of another, or needs it.

        Args:
            source: The part, or the one that needs.
            target: The whole, or what is needed.
            relation: Which of both.
            origin: Who says so, for people.

        Raises:
            KeyError: One of them is not in the graph.
        """
        names = self._name_in_graph(source), self._name_in_graph(target)
        event = Related(source=names[0], target=names[1], relation=relation, origin=origin)
        self.apply(event)
        return event

    def record_expansion(self, around: str, proposals: Iterable[Proposal]) -> Expanded:
        """Enter what a model proposed around a keyword, with all that was refused.

        What was added becomes a keyword in the languages of `around`. It and what was merged are
        related to `around`: parts are part of it, it needs its prerequisites, and siblings are
        part of what it is part of.

        Raises:
            KeyError: The keyword is not in the graph.
        """
        event = Expanded(around=self._name_in_graph(around), proposals=tuple(proposals))
        self.apply(event)
        return event

    def merge(self, source: str, target: str, why: str) -> Merged:
        """Make one keyword another name of a second.

        Args:
            source: The keyword that goes, in any form.
            target: The keyword that stays, in any form.
            why: On what grounds, for people.

        Raises:
            KeyError: One of them is not in the graph, or is blocked.
        """
        for keyword in (source, target):
            if self.is_blocked(keyword):
                raise KeyError(keyword)
        event = Merged(source=self.resolve(source), target=self.resolve(target), why=why)
        self.apply(event)
        return event

    def unmerge(self, source: str, why: str) -> Unmerged:
        """Undo a merge: the graph is as if it had not happened.

        Counts, rows, pairs, relations and drawn sets go back to the name that they came with, also
        what came after the merge. What was merged into the source before goes with it. Blocked
        names stay blocked.

        Args:
            source: The keyword that went, in any form.
            why: On what grounds, for people.

        Raises:
            KeyError: It is not another name of a keyword.
        """
        name = self._state.spellings.name(source)
        if self._state.names.merge_of(name) is None:
            raise KeyError(source)
        event = Unmerged(source=name, why=why)
        self.apply(event)
        return event

    def block(self, keyword: str, why: str) -> Blocked:
        """Put a keyword with all its names out, in the graph or not yet.

        It is not drawn, has no neighbours, and comes back by no problem, vocabulary, expansion or
        merge; what is known of it stays told.

        Raises:
            KeyError: The text has no word.
        """
        name = self._state.spellings.name(keyword)
        if not name:
            raise KeyError(keyword)
        event = Blocked(keyword=name, why=why)
        self.apply(event)
        return event

    def unblock(self, keyword: str) -> Unblocked:
        """Let a blocked keyword be used again, with what was known of it when it was blocked.

        Raises:
            KeyError: It is not blocked.
        """
        if not self.is_blocked(keyword):
            raise KeyError(keyword)
        event = Unblocked(keyword=self._state.spellings.name(keyword))
        self.apply(event)
        return event

    def mark_sampled(self, row_id: str, keywords: KeywordSet, difficulty: str = "") -> Sampled:
        """Note that a set was drawn for a row, and how hard a problem was wanted."""
        event = Sampled(row=row_id, keywords=keywords, difficulty=difficulty)
        self.apply(event)
        return event

    def mark_accepted(self, row_id: str, keywords: KeywordSet, difficulty: str = "") -> Accepted:
        """Note that the row composed from a set became a sample."""
        event = Accepted(row=row_id, keywords=keywords, difficulty=difficulty)
        self.apply(event)
        return event

    def _name_in_graph(self, keyword: str) -> str:
        self.resolve(keyword)
        return self._state.spellings.name(keyword)
