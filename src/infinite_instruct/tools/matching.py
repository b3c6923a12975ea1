"""New keywords against the known ones: which merge for sure, which are asked about, which may not.

A model may say "same" to anything. So rules speak first, and again for each other name that a
keyword goes by: no chain of merges joins what rules keep apart.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from infinite_instruct.domain import Keyword, Value
from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.merging import (
    GreyPair,
    MergeDecision,
    Ruling,
    decide,
    embedded_form,
)
from infinite_instruct.tools.vectors import Neighbour, VectorIndex

NEIGHBOURS = 5
"""Known keywords that a new one is compared with."""
GREY_FROM = 0.4
"""Cosine below which a grey pair is not worth an opinion: it stays apart."""
MAX_GREY = 8
"""Grey pairs of one row that are asked about, the nearest ones."""
MAX_RULED = 4
"""Merges of one row on a model's opinion."""
_RELATED_FROM = 0.3
"""Cosine below which even rules find nothing the same."""
_NAMES = 12
"""Other names of a keyword, the most frequent ones, that a new one is held against."""


class Merge(Value):
    """A new keyword that is another name of a known one, or of one that came along."""

    source: str
    target: str
    why: str


@dataclass(frozen=True)
class _Compared:
    """A new keyword with its nearest known ones, nearest first."""

    text: str
    near: tuple[tuple[str, MergeDecision], ...]


class Matcher:
    """Compares keywords that the graph does not know yet with their nearest known ones."""

    def __init__(self, graph: KnowledgeGraph, index: VectorIndex) -> None:
        self._graph = graph
        self._index = index
        self._last: tuple[object, list[_Compared]] = (None, [])

    def grey_pairs(self, keywords: Iterable[Keyword]) -> tuple[GreyPair, ...]:
        """Pairs that need an opinion, the nearest first, at most MAX_GREY."""
        grey = [
            GreyPair(a=new.text, b=known, similarity=decided.similarity)
            for new in self._compared(keywords)
            if not any(decided.decision == "same" for _, decided in new.near)
            for known, decided in new.near
            if decided.decision == "grey" and decided.similarity >= GREY_FROM
        ]
        return tuple(sorted(grey, key=lambda pair: (-pair.similarity, pair.a, pair.b))[:MAX_GREY])

    def sure_merges(self, keywords: Iterable[Keyword]) -> list[Merge]:
        """Merges that rules are sure of: each new keyword with the nearest known one."""
        found: list[Merge] = []
        for new in self._compared(keywords):
            for known, decided in new.near:
                if decided.decision == "same" and not self._clash(new.text, known):
                    found.append(Merge(source=new.text, target=known, why=decided.why))
                    break
        return found

    def ruled_merges(self, rulings: Sequence[Ruling]) -> list[Merge]:
        """Merges on opinions: one for each new keyword, else two known ones would merge unseen."""
        merged: dict[str, Merge] = {}
        joined: dict[str, list[str]] = {}
        for ruling in rulings:
            new, known = ruling.pair.a, ruling.pair.b
            if not ruling.same or new in merged or len(merged) == MAX_RULED:
                continue
            others = joined.setdefault(known, [])
            if self._clash(new, known) or any(_differ(new, other) for other in others):
                continue
            merged[new] = Merge(source=new, target=known, why=ruling.why)
            others.append(new)
        return list(merged.values())

    def _compared(self, keywords: Iterable[Keyword]) -> list[_Compared]:
        new = tuple(word.text for word in keywords if word.text not in self._graph)
        # A row's keywords are asked for twice: for their grey pairs, and when they enter.
        asked = (new, len(self._index), self._graph.merges)
        if self._last[0] != asked:
            near = self._index.nearest_many([embedded_form(text) for text in new], NEIGHBOURS)
            compared = [self._compare(*each) for each in zip(new, near, strict=True)]
            self._last = (asked, compared)
        return self._last[1]

    def _compare(self, text: str, near: Sequence[Neighbour]) -> _Compared:
        related = (each for each in near if each.similarity >= _RELATED_FROM)
        known = ((self._graph.text(each.id), each) for each in related if self._is_node(each.id))
        decided = ((name, decide(text, name, each.similarity)) for name, each in known)
        return _Compared(text, tuple(decided))

    def _is_node(self, name: str) -> bool:
        """Whether an id is a keyword of its own; a merged one is only another name."""
        usable = name in self._graph and not self._graph.is_blocked(name)
        return usable and self._graph.resolve(name) == name

    def _clash(self, text: str, known: str) -> bool:
        """Whether rules keep a text apart from a keyword or from another name of it."""
        if known not in self._graph:
            return True
        surfaces = Counter(self._graph.node(known).surfaces)
        return any(_differ(text, name) for name, _ in surfaces.most_common(_NAMES))


def _differ(a: str, b: str) -> bool:
    # What rules say, without what a low similarity says.
    return decide(a, b, 1.0).decision == "different"
