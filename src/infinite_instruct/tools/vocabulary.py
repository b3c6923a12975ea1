"""The knowledge graph with its vectors: what the curator writes and the composer draws from."""

import random
from collections.abc import Iterable, Iterator, Sequence

from pydantic import ValidationError

from infinite_instruct.domain import Keyword, KeywordSet, Language, Value
from infinite_instruct.errors import RunFolderError
from infinite_instruct.tools.graph_events import GRAPH_EVENT, GraphEvent
from infinite_instruct.tools.keywords import junk_reason, supported_by
from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.merging import decide
from infinite_instruct.tools.sampling import DEFAULT_RULES, SamplingRules, sample_keywords
from infinite_instruct.tools.vectors import Neighbour, VectorIndex

NEIGHBOURS = 5
"""Known keywords that a new one is compared with."""
GREY_FROM = 0.5
"""Cosine below which a grey pair is not worth an opinion: it stays apart."""
MAX_GREY = 8
"""Grey pairs of one row that are asked about, the nearest ones."""


class GreyPair(Value):
    """Two keywords that rules cannot tell apart or together."""

    a: str
    """The new one."""
    b: str
    """The known one."""
    similarity: float


class Ruling(Value):
    """An opinion on a grey pair."""

    pair: GreyPair
    same: bool
    why: str


class Drawn(Value):
    """A keyword set, and the graph's note of it."""

    keywords: KeywordSet
    events: tuple[str, ...]
    """The graph's changes as JSON, to be stored before the row's first call."""


class Vocabulary:
    """One writer's view of the graph. What it changes comes back as JSON, to be stored."""

    def __init__(
        self, graph: KnowledgeGraph, index: VectorIndex, rules: SamplingRules = DEFAULT_RULES
    ) -> None:
        self.graph = graph
        self._index = index
        self._rules = rules

    def unfit(self, keyword: Keyword, problem: str) -> str | None:
        """Why a mined keyword may not enter: junk, blocked, or not in the problem's text."""
        if self.graph.is_blocked(keyword.text):
            return "blocked"
        junk = junk_reason(keyword.text)
        if junk:
            return junk
        return None if supported_by(keyword.text, problem) else "not in the problem"

    def grey_pairs(self, keywords: Iterable[Keyword]) -> tuple[GreyPair, ...]:
        """Pairs of a new and a known keyword that need an opinion, the nearest first."""
        grey = [
            GreyPair(a=keyword.text, b=self.graph.text(near.id), similarity=near.similarity)
            for keyword in keywords
            for near in self._relatives(keyword)
            if near.similarity >= GREY_FROM and self._decision(keyword, near) == "grey"
        ]
        return tuple(sorted(grey, key=lambda pair: -pair.similarity)[:MAX_GREY])

    def learn(
        self,
        row: str,
        language: Language,
        keywords: Sequence[Keyword],
        rulings: Sequence[Ruling],
        composed_from: KeywordSet | None = None,
    ) -> tuple[str, ...]:
        """Add an accepted row's keywords, merged with what is known. Gives the changes as JSON.

        Args:
            row: The row's id; a row enters once.
            language: Its language.
            keywords: What was mined from its problem.
            rulings: Opinions on its grey pairs.
            composed_from: The drawn set, where the row was composed.
        """
        merges = [*self._sure_merges(keywords), *_ruled_merges(rulings)]
        events: list[GraphEvent] = [self.graph.add_problem(row, language, keywords)]
        merged = [self.graph.merge(a, b, why) for a, b, why in merges if self._apart(a, b)]
        events += merged
        self._index.remove([each.source for each in merged])
        if composed_from is not None:
            events.append(self.graph.mark_accepted(row, composed_from))
        self._follow(keywords)
        return tuple(event.model_dump_json() for event in events)

    def draw(self, row: str, language: Language, rng: random.Random) -> Drawn | None:
        """A set that was never drawn before; None while the graph has not enough."""
        keywords = sample_keywords(self.graph, language, rng, self._rules)
        if keywords is None:
            return None
        event = self.graph.mark_sampled(row, keywords)
        return Drawn(keywords=keywords, events=(event.model_dump_json(),))

    def _relatives(self, keyword: Keyword) -> list[Neighbour]:
        """The known keywords nearest to one that is not known yet."""
        if keyword.text in self.graph:
            return []
        near = self._index.nearest(keyword.text, NEIGHBOURS)
        return [each for each in near if self._is_node(each.id)]

    def _is_node(self, name: str) -> bool:
        """Whether an id is a keyword of its own; a merged one is only another name."""
        return self._usable(name) and self.graph.resolve(name) == name

    def _decision(self, keyword: Keyword, near: Neighbour) -> str:
        return decide(keyword.text, self.graph.text(near.id), near.similarity).decision

    def _sure_merges(self, keywords: Iterable[Keyword]) -> list[tuple[str, str, str]]:
        found: list[tuple[str, str, str]] = []
        for keyword in keywords:
            for near in self._relatives(keyword):
                known = self.graph.text(near.id)
                decision = decide(keyword.text, known, near.similarity)
                if decision.decision == "same":
                    found.append((keyword.text, known, decision.why))
                    break
        return found

    def _apart(self, a: str, b: str) -> bool:
        """Whether both may be merged: known, not blocked, not one already, no merge undone."""
        if not self._usable(a) or not self._usable(b) or self.graph.kept_apart(a, b):
            return False
        return self.graph.resolve(a) != self.graph.resolve(b)

    def _usable(self, keyword: str) -> bool:
        return keyword in self.graph and not self.graph.is_blocked(keyword)

    def _follow(self, keywords: Iterable[Keyword]) -> None:
        ids = {self.graph.resolve(word.text) for word in keywords if self._usable(word.text)}
        self._index.upsert({name: self.graph.text(name) for name in sorted(ids)})


def rebuild_graph(events: Iterable[str]) -> KnowledgeGraph:
    """The graph of a run, from its stored changes.

    Raises:
        RunFolderError: A stored change is none.
    """
    return KnowledgeGraph.replay(read_changes(events))


def read_changes(events: Iterable[str]) -> Iterator[GraphEvent]:
    """The stored changes of a graph, oldest first.

    Raises:
        RunFolderError: A stored change is none.
    """
    return (_read(number, text) for number, text in enumerate(events, start=1))


def _read(number: int, text: str) -> GraphEvent:
    try:
        return GRAPH_EVENT.validate_json(text)
    except ValidationError as error:
        raise RunFolderError(
            f"Change {number} of the run's knowledge graph cannot be read "
            f"({error.errors()[0]['msg']}).",
            remedy="It was damaged or written by another version: read it with that one.",
        ) from error


def index_texts(graph: KnowledgeGraph) -> dict[str, str]:
    """All that a vector index of the graph should hold, by id."""
    return {name: graph.text(name) for name in graph if not graph.is_blocked(name)}


def _ruled_merges(rulings: Iterable[Ruling]) -> list[tuple[str, str, str]]:
    """One merge for each new keyword: with a second, two known ones would merge unseen."""
    first: dict[str, tuple[str, str, str]] = {}
    for each in rulings:
        if each.same:
            first.setdefault(each.pair.a, (each.pair.a, each.pair.b, each.why))
    return list(first.values())
