"""The knowledge graph: keywords, and how they occur together in problems.

Every change is an event, made by a method that also applies it. `KnowledgeGraph.replay(events)`
gives the same graph again; an event applied twice changes nothing, so a store may repeat its last.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, KeysView
from itertools import combinations

import networkx as nx

from infinite_instruct.domain import Keyword, KeywordKind, KeywordSet, Language, Value
from infinite_instruct.tools.graph_events import (
    Accepted,
    GraphEvent,
    KeywordsAdded,
    Merged,
    Sampled,
)
from infinite_instruct.tools.keyword_entry import Entry
from infinite_instruct.tools.keywords import normal_form

_SMOOTHING = 1.0
"""Rows that every pair is thought to share, or not, before anything was seen."""


class KeywordNode(Value):
    """One keyword of the graph, as it is now."""

    id: str
    """Its normal form."""
    text: str
    """The surface form seen most often."""
    kind: KeywordKind
    """The kind seen most often."""
    kinds: dict[KeywordKind, int]
    surfaces: dict[str, int]
    languages: dict[Language, int]
    rows: tuple[str, ...]
    """The rows in whose problems it occurs, oldest first."""
    sampled: int
    accepted: int
    merges: tuple[Merged, ...]
    """The merges that went into it."""


class KnowledgeGraph:
    """Keywords with their associations. One writer; nothing in it is random."""

    def __init__(self) -> None:
        self._graph: nx.Graph[str] = nx.Graph()
        self._aliases: dict[str, str] = {}
        self._rows: dict[str, Language] = {}
        self._rows_of: dict[Language, int] = {}
        self._accepted_rows: set[str] = set()
        self._sets: dict[frozenset[str], int] = {}
        self._roles: dict[tuple[Language, KeywordKind], list[str]] = {}

    @classmethod
    def replay(cls, events: Iterable[GraphEvent]) -> "KnowledgeGraph":
        """Rebuild the graph from all its events, in their order."""
        graph = cls()
        for event in events:
            graph.apply(event)
        return graph

    def add_problem(
        self, row_id: str, language: Language, keywords: Iterable[Keyword]
    ) -> KeywordsAdded:
        """Enter the keywords of an accepted problem; those without a word are left out."""
        event = KeywordsAdded(row=row_id, language=language, keywords=tuple(keywords))
        self.apply(event)
        return event

    def merge(self, source: str, target: str, why: str) -> Merged:
        """Make one keyword another name of a second.

        Args:
            source: The keyword that goes, in any form.
            target: The keyword that stays, in any form.
            why: On what grounds, for people.

        Raises:
            KeyError: One of them is not in the graph.
        """
        event = Merged(source=self.resolve(source), target=self.resolve(target), why=why)
        self.apply(event)
        return event

    def mark_sampled(self, row_id: str, keywords: KeywordSet) -> Sampled:
        """Note that a set was drawn for a row."""
        event = Sampled(row=row_id, keywords=keywords)
        self.apply(event)
        return event

    def mark_accepted(self, row_id: str, keywords: KeywordSet) -> Accepted:
        """Note that the row composed from a set became a sample."""
        event = Accepted(row=row_id, keywords=keywords)
        self.apply(event)
        return event

    def apply(self, event: GraphEvent) -> None:
        """Change the graph as an event says. What it names and the graph lacks is passed over."""
        match event:
            case KeywordsAdded():
                self._add(event)
            case Merged():
                self._merge(event)
            case Sampled():
                self._count_draw(event)
            case Accepted():
                self._count_accepted(event)

    def _add(self, event: KeywordsAdded) -> None:
        if event.row in self._rows:
            return
        self._rows[event.row] = event.language
        self._rows_of[event.language] = self._rows_of.get(event.language, 0) + 1
        ids: dict[str, None] = {}
        for keyword in event.keywords:
            if name := self._name(keyword.text):
                self._entry_for(name).see(keyword, event.row)
                self._take_role(name, event.language, keyword.kind)
                ids[name] = None
        for one, other in combinations(ids, 2):
            count = self._graph.edges[one, other]["count"] if self.together(one, other) else 0
            self._graph.add_edge(one, other, count=count + 1)

    def _entry_for(self, name: str) -> Entry:
        if name not in self._graph:
            self._graph.add_node(name, entry=Entry())
        return self._entry(name)

    def _entry(self, name: str) -> Entry:
        entry: Entry = self._graph.nodes[name]["entry"]
        return entry

    def _take_role(self, name: str, language: Language, kind: KeywordKind) -> None:
        roles = self._entry(name).roles
        if (language, kind) not in roles:
            roles[language, kind] = None
            self._roles.setdefault((language, kind), []).append(name)

    def _merge(self, event: Merged) -> None:
        source, target = self._name(event.source), self._name(event.target)
        if source == target or source not in self._graph or target not in self._graph:
            return
        self._redraw_sets(source, target)
        going, staying = self._entry(source), self._entry(target)
        staying.absorb(going, event)
        for role in going.roles:
            self._roles[role].remove(source)
            self._take_role(target, *role)
        neighbours = {*self._graph[source], *self._graph[target]} - {source, target}
        self._graph.remove_node(source)
        for other in sorted(neighbours):
            shared = len(staying.rows.keys() & self._entry(other).rows.keys())
            self._graph.add_edge(target, other, count=shared)
        self._aliases[source] = target

    def _redraw_sets(self, source: str, target: str) -> None:
        """Sets drawn with one name count as drawn with the other."""
        for old in list(self._entry(source).sets):
            new = frozenset(old - {source} | {target})
            self._sets[new] = self._sets.get(new, 0) + self._sets.pop(old)
            for name in old:
                self._entry(name).sets.pop(old, None)
            for name in new:
                self._entry(name).sets[new] = None

    def _count_draw(self, event: Sampled) -> None:
        names = self.ids_of(event.keywords)
        if not names or names in self._sets:
            return
        self._sets[names] = 1
        for name in names:
            entry = self._entry(name)
            entry.sampled += 1
            entry.sets[names] = None

    def _count_accepted(self, event: Accepted) -> None:
        if event.row in self._accepted_rows:
            return
        self._accepted_rows.add(event.row)
        for name in self.ids_of(event.keywords):
            self._entry(name).accepted += 1

    def __contains__(self, keyword: str) -> bool:
        return self._name(keyword) in self._graph

    def __len__(self) -> int:
        return self._graph.number_of_nodes()

    def __iter__(self) -> Iterator[str]:
        """The ids of all keywords, in alphabetical order."""
        return iter(sorted(self._graph))

    def _name(self, keyword: str) -> str:
        """The id of a keyword in any form, merges followed; in the graph or not."""
        name = normal_form(keyword)
        while name in self._aliases:
            name = self._aliases[name]
        return name

    def resolve(self, keyword: str) -> str:
        """The id of a keyword in any form, merges followed.

        Raises:
            KeyError: It is not in the graph.
        """
        name = self._name(keyword)
        if name not in self._graph:
            raise KeyError(keyword)
        return name

    def ids_of(self, keywords: KeywordSet) -> frozenset[str]:
        """The ids of a set's keywords, without those that the graph lacks."""
        names = (self._name(keyword.text) for keyword in keywords.keywords)
        return frozenset(name for name in names if name in self._graph)

    def node(self, keyword: str) -> KeywordNode:
        """All that is known of a keyword, in any form.

        Raises:
            KeyError: It is not in the graph.
        """
        name = self.resolve(keyword)
        entry = self._entry(name)
        return KeywordNode(
            id=name,
            text=entry.text,
            kind=entry.kind,
            kinds=dict(entry.kinds),
            surfaces=dict(entry.surfaces),
            languages=Counter(self._rows[row] for row in entry.rows),
            rows=tuple(entry.rows),
            sampled=entry.sampled,
            accepted=entry.accepted,
            merges=tuple(entry.merges),
        )

    def text(self, name: str) -> str:
        """The surface form of an id that was seen most often."""
        return self._entry(name).text

    def draws(self, name: str) -> int:
        """How often an id was drawn."""
        return self._entry(name).sampled

    def accepts(self, name: str) -> int:
        """How many problems composed with an id were accepted."""
        return self._entry(name).accepted

    def rows_with(self, name: str) -> KeysView[str]:
        """The rows in whose problems an id occurs, oldest first."""
        return self._entry(name).rows.keys()

    def together(self, one: str, other: str) -> int:
        """In how many problems two ids occur together."""
        count: int = (
            self._graph.edges[one, other]["count"] if self._graph.has_edge(one, other) else 0
        )
        return count

    def neighbours(self, name: str) -> tuple[str, ...]:
        """The ids that occur together with an id, in the order in which they came."""
        return tuple(self._graph[name])

    def has_role(self, name: str, language: Language, kind: KeywordKind) -> bool:
        """Whether an id was seen as this kind in this language."""
        return (language, kind) in self._entry(name).roles

    def edges(self) -> Iterator[tuple[str, str, int]]:
        """All pairs that occur together, with their count, in alphabetical order."""
        pairs = (tuple(sorted(pair)) for pair in self._graph.edges)
        for one, other in sorted(pairs):
            yield one, other, self.together(one, other)

    def role(self, language: Language, kind: KeywordKind) -> list[str]:
        """The ids seen as this kind in this language, oldest first; for reading only."""
        return self._roles.get((language, kind), [])

    @property
    def merges(self) -> int:
        """How many keywords became another name of a second."""
        return len(self._aliases)

    @property
    def rows(self) -> int:
        """How many problems the graph knows."""
        return len(self._rows)

    @property
    def sets_drawn(self) -> int:
        """How many different sets were drawn."""
        return sum(self._sets.values())

    def rows_of(self, language: Language) -> int:
        """How many problems of a language the graph knows."""
        return self._rows_of.get(language, 0)

    def was_drawn(self, names: frozenset[str]) -> bool:
        """Whether exactly this set of ids was drawn before."""
        return names in self._sets

    def association(self, one: str, other: str) -> float:
        """Normalised pointwise mutual information of two ids, smoothed: -1 (apart) to 1 (always).

        The pair's count and the count expected of strangers both get one more row, so that one
        common row of two rare words says little, and many rows say much (Bouma 2009 for NPMI).
        """
        rows = len(self._rows) + _SMOOTHING
        expected = len(self._entry(one).rows) * len(self._entry(other).rows) / rows
        seen = self.together(one, other) + _SMOOTHING
        pmi = math.log(seen / (expected + _SMOOTHING))
        return max(-1.0, min(1.0, pmi / -math.log(seen / (rows + _SMOOTHING))))

    def plain(self) -> "nx.Graph[str]":
        """A copy as a plain networkx graph, in alphabetical order, to measure or to write."""
        copy: nx.Graph[str] = nx.Graph()
        for name in self:
            copy.add_node(name, **_attributes(self.node(name)))
        for one, other, count in self.edges():
            copy.add_edge(one, other, count=count, npmi=round(self.association(one, other), 4))
        return copy


def _attributes(node: KeywordNode) -> dict[str, str | int]:
    return {
        "text": node.text,
        "kind": node.kind.value,
        "languages": " ".join(sorted(language.value for language in node.languages)),
        "surfaces": " | ".join(sorted(node.surfaces)),
        "rows": len(node.rows),
        "sampled": node.sampled,
        "accepted": node.accepted,
        "merged": " | ".join(f"{merge.source}: {merge.why}" for merge in node.merges),
    }
