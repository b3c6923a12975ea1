"""Which keywords the next problem is composed from: related ones, rarely used, never the same set.

The paper does not tell its rule; this one is ours. The keyword that needs it most anchors the set:
of some of each kind the one drawn least, and accepted often enough. A walk adds a Task,
Instructions and Knowledge Points that go with what is there. Sets that hang together too loosely
or too tightly, and sets that only repeat one known problem, are drawn again. Nothing here looks at
all keywords: a draw costs the same in a large graph.
"""

from random import Random
from statistics import fmean

from infinite_instruct.domain import Keyword, KeywordKind, KeywordSet, Language
from infinite_instruct.tools.closeness import Closeness, near_ones, need, some_of
from infinite_instruct.tools.difficulty import difficulty_of
from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.sampling_rules import DEFAULT_RULES, SamplingRules

_NEIGHBOURS = 96
"""Neighbours of a drawn keyword that are looked at: a hub may have thousands."""
_FLOOR = 0.005
"""What a candidate without any tie weighs beside one that is always there (1)."""
_TIES, _NEED = 2, 3
"""Powers of closeness and need in a candidate's weight, found on a graph of 1,138 real problems:
the first raises coherence by a third, the second costs little of it and evens out coverage."""


def ready(graph: KnowledgeGraph, language: Language, rules: SamplingRules = DEFAULT_RULES) -> bool:
    """Whether the graph knows enough of a language to give sets."""
    return all(
        len(graph.role(language, kind)) >= least + rules.variety
        for kind, (least, most) in rules.bounds.items()
        if most
    )


def sample_keywords(
    graph: KnowledgeGraph, language: Language, rng: Random, rules: SamplingRules = DEFAULT_RULES
) -> KeywordSet | None:
    """Draw a set that was never drawn before. The caller marks it with `graph.mark_sampled`.

    Args:
        graph: Read, not changed.
        language: Its keywords only.
        rng: All that is random here: the same graph and state give the same set.
        rules: Numbers and bounds.

    Returns:
        The set; None where the graph has not enough, or no new set was found in `rules.tries`.
    """
    if not ready(graph, language, rules):
        return None
    closeness = Closeness(graph)
    for attempt in range(1, rules.tries + 1):
        walk = _Walk(graph, closeness, language, rng, rules)
        walk.go()
        together = closeness.coherence(walk.drawn)
        if _fits(graph, walk.drawn, together, rules):
            return walk.keyword_set(together, attempt)
    return None


def _fits(
    graph: KnowledgeGraph, drawn: dict[str, KeywordKind], together: float, rules: SamplingRules
) -> bool:
    kinds = list(drawn.values())
    return (
        all(kinds.count(kind) >= least for kind, (least, _) in rules.bounds.items())
        and rules.min_coherence <= together <= rules.max_coherence
        and not graph.was_drawn(frozenset(drawn))
        and not graph.met(drawn)
    )


class _Walk:
    """One way through the graph, from the neediest keyword along its ties."""

    def __init__(
        self,
        graph: KnowledgeGraph,
        closeness: Closeness,
        language: Language,
        rng: Random,
        rules: SamplingRules,
    ) -> None:
        self.drawn: dict[str, KeywordKind] = {}
        """The set with the kind that each keyword plays in it; too small where no step was left."""
        self._near: dict[str, list[str]] = {}
        self._graph = graph
        self._closeness = closeness
        self._language = language
        self._rng = rng
        self._rules = rules

    def go(self) -> None:
        """Draw a set."""
        anchor, kind = self._anchor()
        self._take(anchor, kind)
        shape = self._shape()
        if kind in shape:
            shape.remove(kind)
        for wanted in shape:
            step = self._step(wanted)
            if step is not None:
                self._take(step, wanted)

    def keyword_set(self, together: float, attempt: int) -> KeywordSet:
        """What was drawn, as a prompt tells it: the Task first, then how, then with what."""
        points = [name for name in self.drawn if self.drawn[name] is KeywordKind.KNOWLEDGE_POINT]
        return KeywordSet(
            language=self._language,
            keywords=tuple(
                Keyword(kind=kind, text=self._graph.text(name))
                for kind in KeywordKind
                for name in self.drawn
                if self.drawn[name] is kind
            ),
            why=f"{self._told()}; coherence {together:.2f}, draw {attempt}",
            coherence=together,
            difficulty=difficulty_of(
                self._graph, self._language, points, self._rules.knowledge_points, self._rng
            ),
        )

    def _told(self) -> str:
        """How the set came about."""
        anchor, *rest = self.drawn
        path = " → ".join(self._graph.text(name) for name in rest)
        times = f"drawn {self._graph.draws(anchor)} times, accepted {self._graph.accepted(anchor)}"
        return f"anchor '{self._graph.text(anchor)}' ({times}), walk {path}"

    def _shape(self) -> list[KeywordKind]:
        bounds = self._rules.bounds
        return [kind for kind in bounds for _ in range(self._rng.randint(*bounds[kind]))]

    def _anchor(self) -> tuple[str, KeywordKind]:
        """The neediest of some keywords of each kind: low coverage first, without a scan of all."""
        kinds = [kind for kind, (_, most) in self._rules.bounds.items() if most]
        some = [(name, kind) for kind in kinds for name in self._some(kind)]
        self._rng.shuffle(some)
        return max(some, key=lambda each: need(self._graph, each[0]))

    def _some(self, kind: KeywordKind) -> list[str]:
        names = self._graph.role(self._language, kind)
        return some_of(names, self._rules.pool, self._rng)

    def _take(self, name: str, kind: KeywordKind) -> None:
        self.drawn[name] = kind
        self._near[name] = near_ones(self._graph, name, _NEIGHBOURS, self._rng)

    def _step(self, kind: KeywordKind) -> str | None:
        jump = self._rng.random() < self._rules.explore
        candidates = [] if jump else self._neighbours(kind)
        if not candidates:
            strangers = [name for name in self._some(kind) if name not in self.drawn]
            return max(strangers, key=self._weight, default=None)
        weights = [self._weight(name) for name in candidates]
        return self._rng.choices(candidates, weights)[0]

    def _neighbours(self, kind: KeywordKind) -> list[str]:
        """Keywords of a kind with a tie to one that is drawn, at most a pool of them."""
        found = {
            name: None
            for near in self._near.values()
            for name in near
            if name not in self.drawn and self._graph.has_role(name, self._language, kind)
        }
        return some_of(list(found), self._rules.pool, self._rng)

    def _weight(self, name: str) -> float:
        """How well a keyword goes with the set, times how much it is wanted."""
        near = fmean([self._closeness.of(name, other) for other in self.drawn])
        return (_FLOOR + max(0.0, near)) ** _TIES * need(self._graph, name) ** _NEED
