"""Which keywords the next problem is composed from: related ones, rarely used, never the same set.

The paper does not tell its rule; this one is ours. A Task that was drawn least often anchors the
set; a walk adds Instructions and Knowledge Points that go with what is there. Sets that hang
together too loosely, and sets that only repeat one known problem, are drawn again.
"""

from itertools import combinations
from random import Random
from statistics import fmean

from pydantic import Field

from infinite_instruct.domain import Keyword, KeywordKind, KeywordSet, Language, Value
from infinite_instruct.tools.knowledge import KnowledgeGraph


class SamplingRules(Value):
    """How sets are drawn."""

    instructions: tuple[int, int] = (1, 2)
    """Fewest and most Instructions in a set."""
    knowledge_points: tuple[int, int] = (2, 4)
    """Fewest and most Knowledge Points."""
    min_rows: int = Field(default=3, ge=1)
    """Problems of the language that the graph must know before it gives sets."""
    min_coherence: float = Field(default=0.0, ge=-1, le=1)
    """Below it, a set is too loose: its keywords are strangers."""
    max_coherence: float = Field(default=0.8, ge=-1, le=1)
    """Above it, too tight: its keywords always come together, nothing new can follow."""
    explore: float = Field(default=0.2, ge=0, le=1)
    """Chance of a step that jumps to a keyword without a known association."""
    pool: int = Field(default=24, ge=2)
    """Candidates weighed at each step: bounds the cost of a step in a large graph."""
    tries: int = Field(default=40, ge=1)
    """Sets drawn before giving up."""


DEFAULT_RULES = SamplingRules()


def ready(graph: KnowledgeGraph, language: Language, rules: SamplingRules = DEFAULT_RULES) -> bool:
    """Whether the graph knows enough of a language to give sets."""
    needed = {
        KeywordKind.TASK: 1,
        KeywordKind.INSTRUCTION: rules.instructions[0],
        KeywordKind.KNOWLEDGE_POINT: rules.knowledge_points[0],
    }
    enough = all(len(graph.role(language, kind)) > least for kind, least in needed.items())
    # A graph without any problem has its words from vocabularies.
    return enough and (graph.rows_of(language) >= rules.min_rows or not graph.rows)


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
    walk = _Walk(graph, language, rng, rules)
    for attempt in range(1, rules.tries + 1):
        drawn = walk.draw()
        coherence = _coherence(graph, list(drawn))
        if _fits(graph, drawn, coherence, rules):
            return KeywordSet(
                language=language,
                keywords=tuple(Keyword(kind=drawn[n], text=graph.text(n)) for n in drawn),
                why=_why(graph, list(drawn), attempt, coherence),
                coherence=coherence,
            )
    return None


def _fits(
    graph: KnowledgeGraph,
    drawn: dict[str, KeywordKind],
    coherence: float,
    rules: SamplingRules,
) -> bool:
    least = 1 + rules.instructions[0] + rules.knowledge_points[0]
    return (
        len(drawn) >= least
        and rules.min_coherence <= coherence <= rules.max_coherence
        and not graph.was_drawn(frozenset(drawn))
        and not _repeats_a_problem(graph, list(drawn))
    )


def _repeats_a_problem(graph: KnowledgeGraph, names: list[str]) -> bool:
    fewest, *others = sorted((graph.rows_with(name) for name in names), key=len)
    return any(all(row in rows for rows in others) for row in fewest)


def _coherence(graph: KnowledgeGraph, names: list[str]) -> float:
    pairs = [graph.association(one, other) for one, other in combinations(names, 2)]
    return round(fmean(pairs), 4) if pairs else 0.0


def _why(graph: KnowledgeGraph, names: list[str], attempt: int, coherence: float) -> str:
    anchor, *rest = names
    path = " → ".join(graph.text(name) for name in rest)
    return (
        f"anchor '{graph.text(anchor)}' (drawn {graph.draws(anchor)} times before), "
        f"walk {path}; coherence {coherence:.2f}, draw {attempt}"
    )


class _Walk:
    """One way through the graph, from a Task along associations."""

    def __init__(
        self, graph: KnowledgeGraph, language: Language, rng: Random, rules: SamplingRules
    ) -> None:
        self._graph = graph
        self._language = language
        self._rng = rng
        self._rules = rules

    def draw(self) -> dict[str, KeywordKind]:
        """A set with the kind that each keyword plays in it; too small where no step was left."""
        drawn: dict[str, KeywordKind] = {self._anchor(): KeywordKind.TASK}
        for kind in self._shape():
            step = self._step(list(drawn), kind)
            if step is not None:
                drawn[step] = kind
        return drawn

    def _shape(self) -> list[KeywordKind]:
        instructions = self._rng.randint(*self._rules.instructions)
        points = self._rng.randint(*self._rules.knowledge_points)
        return [KeywordKind.INSTRUCTION] * instructions + [KeywordKind.KNOWLEDGE_POINT] * points

    def _anchor(self) -> str:
        """Of some Tasks the one drawn least: low coverage comes first, without a scan of all."""
        some = self._some(KeywordKind.TASK)
        return min(some, key=self._graph.draws)

    def _some(self, kind: KeywordKind) -> list[str]:
        names = self._graph.role(self._language, kind)
        return self._rng.sample(names, min(len(names), self._rules.pool))

    def _step(self, drawn: list[str], kind: KeywordKind) -> str | None:
        near = [] if self._rng.random() < self._rules.explore else self._near(drawn, kind)
        candidates = near or [name for name in self._some(kind) if name not in drawn]
        if not candidates:
            return None
        weights = [self._weight(name, drawn) for name in candidates]
        return self._rng.choices(candidates, weights)[0]

    def _near(self, drawn: list[str], kind: KeywordKind) -> list[str]:
        """Keywords of a kind that occur with some that are drawn, at most a pool of them."""
        found = {
            neighbour: None
            for name in drawn
            for neighbour in self._graph.neighbours(name)
            if self._graph.has_role(neighbour, self._language, kind)
        }
        names = [name for name in found if name not in drawn]
        return self._rng.sample(names, min(len(names), self._rules.pool))

    def _weight(self, name: str, drawn: list[str]) -> float:
        """Mean association with the set, from 0 to 1, over how often it was drawn before."""
        near = fmean(self._graph.association(name, other) for other in drawn)
        return (0.05 + (near + 1) / 2) / (1 + self._graph.draws(name))
