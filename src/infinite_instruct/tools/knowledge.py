"""The knowledge graph: keywords, how they occur together in problems, and how they depend.

Every change is an event, made by a method that also applies it (`GraphWriter`). A replay of the
events gives the same graph; an event applied twice changes nothing, so a store may repeat its last.
"""

import gc
import math
from collections.abc import Generator, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager

from infinite_instruct.domain import KeywordKind, KeywordSet, Language
from infinite_instruct.tools.graph_events import GraphEvent, RelationKind
from infinite_instruct.tools.graph_writer import GraphWriter
from infinite_instruct.tools.keyword_entry import Entry
from infinite_instruct.tools.keyword_node import (
    KeywordNode,
    KeywordRelation,
    node_of,
    relations_of,
)
from infinite_instruct.tools.problem_book import Rows

_SMOOTHING = 1.0
"""Rows that every pair is thought to share, or not, before anything was seen."""


class KnowledgeGraph(GraphWriter):
    """Keywords with their associations and relations. An *id* is a node's normal form."""

    @classmethod
    def replay(cls, events: Iterable[GraphEvent]) -> "KnowledgeGraph":
        """Rebuild the graph from all its events, in their order."""
        graph = cls()
        graph.load(events)
        return graph

    def load(self, events: Iterable[GraphEvent]) -> None:
        """Change an empty graph by all its events, in their order."""
        with _no_collection():
            for event in events:
                self.apply(event)

    def __len__(self) -> int:
        return len(self._state.names)

    def __iter__(self) -> Iterator[str]:
        """The ids of all keywords, the blocked ones too, in alphabetical order."""
        return iter(sorted(self._state.names))

    def _entry(self, name: str) -> Entry:
        return self._state.names.all_of(name)

    def ids_of(self, keywords: KeywordSet) -> frozenset[str]:
        """The ids of a set's keywords, without those that the graph lacks."""
        return self._state.names.ids_of(self._state.known(keywords))

    def node(self, keyword: str) -> KeywordNode:
        """All that is known of a keyword, in any form.

        Raises:
            KeyError: It is not in the graph.
        """
        return node_of(self._state, self.resolve(keyword))

    def text(self, name: str) -> str:
        """The surface form of an id that was seen most often."""
        return self._entry(name).text

    def draws(self, name: str) -> int:
        """How often an id was drawn."""
        return len(self._entry(name).drawn)

    def accepted(self, name: str) -> int:
        """How many samples were composed from an id."""
        return len(self._entry(name).accepted)

    def rows_with(self, name: str) -> AbstractSet[str]:
        """The rows in whose problems an id occurs, oldest first."""
        return Rows(self._entry(name).rows, self._state.problems)

    def met(self, names: Iterable[str]) -> bool:
        """Whether some ids ever occurred all in one problem."""
        fewest, *others = sorted((self._entry(name).rows for name in names), key=len)
        return any(all(problem in rows for rows in others) for problem in fewest)

    def together(self, one: str, other: str) -> int:
        """In how many problems two ids occur together; 0 where one is blocked."""
        return self._state.pairs.count(one, other)

    def neighbours(self, name: str) -> tuple[str, ...]:
        """The ids that occur together with an id, in the order in which they came."""
        return tuple(self._state.pairs.of(name))

    def parents(self, name: str) -> tuple[str, ...]:
        """The ids that an id is part of; like the three below, without blocked ones."""
        return self._ends(name, "part-of", forward=True)

    def parts(self, name: str) -> tuple[str, ...]:
        """The ids that are part of an id."""
        return self._ends(name, "part-of", forward=False)

    def needs(self, name: str) -> tuple[str, ...]:
        """The ids that an id needs."""
        return self._ends(name, "needs", forward=True)

    def needed_by(self, name: str) -> tuple[str, ...]:
        """The ids that need an id."""
        return self._ends(name, "needs", forward=False)

    def related(self, name: str) -> tuple[str, ...]:
        """The ids that stand in any of these four to an id."""
        found = self._entry(name).relations
        ends = self._state.names.ids_of(end for each in found for end in (each.source, each.target))
        return tuple(sorted(end for end in ends - {name} if end not in self._state.blocked))

    def proposed_around(self, name: str) -> tuple[str, ...]:
        """The ids around which a model proposed an id, without blocked ones."""
        id_of, blocked = self._state.names.id_of, self._state.blocked
        found = dict.fromkeys(id_of(around) for around in self._entry(name).expanded)
        return tuple(each for each in found if each != name and each not in blocked)

    def only_proposed(self, name: str) -> bool:
        """Whether an id is known from expansions alone: no problem and no vocabulary has it."""
        entry = self._entry(name)
        return not entry.rows and not entry.imported

    def was_expanded(self, name: str) -> bool:
        """Whether a model was asked for more around an id, or around one of its names."""
        return any(each in self._state.expansions for each in self._state.names.names(name))

    @property
    def expansions(self) -> int:
        """Around how many keywords a model was asked for more."""
        return len(self._state.expansions)

    def _ends(self, name: str, kind: RelationKind, *, forward: bool) -> tuple[str, ...]:
        id_of, found = self._state.names.id_of, dict[str, None]()
        for relation in self._entry(name).relations:
            near, far = relation.source, relation.target
            if not forward:
                near, far = far, near
            if relation.relation == kind and id_of(near) == name:
                found[id_of(far)] = None
        return tuple(end for end in found if end != name and end not in self._state.blocked)

    def has_role(self, name: str, language: Language | None, kind: KeywordKind) -> bool:
        """Whether an id was seen as this kind in this language, or in all, and is not blocked."""
        if name in self._state.blocked:
            return False
        roles = self._entry(name).roles
        return (language, kind) in roles or (None, kind) in roles

    def role(self, language: Language | None, kind: KeywordKind) -> Sequence[str]:
        """The ids with this kind in this language, then those that belong to all languages.

        Oldest first, without blocked ones; a view for reading. None gives the second half only.
        """
        return self._state.roles.of((language, kind), (None, kind))

    def edges(self) -> Iterator[tuple[str, str, int]]:
        """All pairs that occur together, with their count, in alphabetical order."""
        return iter(sorted(self._state.pairs))

    def relations(self) -> Iterator[KeywordRelation]:
        """All relations, each once, in alphabetical order of their sources."""
        for name in self:
            yield from (each for each in relations_of(self._state, name) if each.source == name)

    def problems(self) -> Iterator[tuple[str, list[str]]]:
        """Each row with the ids of its keywords, oldest first, without blocked ones."""
        problems = self._state.problems
        return ((problems.row(at), self._state.ids_in(at)) for at in range(len(problems)))

    def blocked(self) -> dict[str, str]:
        """The blocked names with the reasons, those outside the graph too, oldest first."""
        return dict(self._state.blocked)

    def kept_apart(self, one: str, other: str) -> bool:
        """Whether a merge of two keywords was undone: no rule should merge them again."""
        return self._state.kept_apart(
            self._state.spellings.name(one), self._state.spellings.name(other)
        )

    @property
    def merges(self) -> int:
        """How many keywords are another name of a second."""
        return self._state.names.merged

    @property
    def pairs(self) -> int:
        """How many pairs occur together."""
        return len(self._state.pairs)

    @property
    def rows(self) -> int:
        """How many problems the graph knows."""
        return len(self._state.problems)

    @property
    def sets_drawn(self) -> int:
        """How many different sets were drawn."""
        return len(self._state.draws)

    def rows_of(self, language: Language) -> int:
        """How many problems of a language the graph knows."""
        return self._state.problems.count(language)

    def was_drawn(self, names: frozenset[str]) -> bool:
        """Whether exactly this set of ids was drawn before."""
        return names in self._state.draws

    def association(self, one: str, other: str) -> float:
        """Normalised pointwise mutual information of two ids, smoothed: -1 (apart) to 1 (always).

        The pair's count and the count expected of strangers both get one more row, so that one
        common row of two rare words says little, and many rows say much (Bouma 2009 for NPMI).
        """
        rows = len(self._state.problems) + _SMOOTHING
        expected = len(self._entry(one).rows) * len(self._entry(other).rows) / rows
        seen = self.together(one, other) + _SMOOTHING
        pmi = math.log(seen / (expected + _SMOOTHING))
        return max(-1.0, min(1.0, pmi / -math.log(seen / (rows + _SMOOTHING))))


@contextmanager
def _no_collection() -> Generator[None]:
    """Pause Python's search for cycles: in a growing graph it finds none, for 40 % of the time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
