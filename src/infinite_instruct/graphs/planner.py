"""What the next row is made of: origin, material, problem type and direction, all in balance."""

import hashlib
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from infinite_instruct.domain import (
    Direction,
    KeywordSet,
    Language,
    Origin,
    ProblemType,
    RowPlan,
    Snippet,
    Value,
)

COMPOSED_TYPES = (ProblemType.CODE_GENERATION, ProblemType.KNOWLEDGE_QUESTION)
"""Our choice: a question on code needs code that was checked, and keywords bring none."""


class Drawn(Value):
    """A keyword set, and the graph's note of it."""

    keywords: KeywordSet
    events: tuple[str, ...]
    """The graph's changes as JSON, to be stored before the row's first call."""


class KeywordSource(Protocol):
    """Draws keyword sets from the knowledge graph."""

    def draw(self, row: str, language: Language, rng: random.Random) -> Drawn | None:
        """A set that was never drawn before; None while the graph has not enough."""
        ...


class NewRow(Value):
    """A planned row, with what its plan changed in the graph."""

    plan: RowPlan
    graph_events: tuple[str, ...] = ()


T = TypeVar("T")


@dataclass
class Planner:
    """Plans rows one after the other; the same seeds and the same history give the same plan.

    A snippet serves at most once for each problem type.
    """

    snippets: Sequence[Snippet]
    """In the order in which they are used."""
    keywords: KeywordSource
    backfeed_share: float
    seed: int
    languages: tuple[Language, ...] = ()
    """Languages of composed problems; empty for those of the snippets."""
    _count: int = 0
    _origins: Counter[Origin] = field(default_factory=Counter[Origin])
    _types: Counter[ProblemType] = field(default_factory=Counter[ProblemType])
    _directions: Counter[Direction] = field(default_factory=Counter[Direction])
    _composed: Counter[Language] = field(default_factory=Counter[Language])
    _used: set[tuple[str, ProblemType]] = field(default_factory=set[tuple[str, ProblemType]])

    def __post_init__(self) -> None:
        """Compose in the languages of the snippets, unless told otherwise."""
        if not self.languages:
            self.languages = tuple(dict.fromkeys(snippet.language for snippet in self.snippets))
        self._queue = self._open_snippets()

    def remember(self, plans: Iterable[RowPlan]) -> None:
        """Count the rows of an earlier session, so that a resume goes on from there."""
        for plan in plans:
            self._note(plan)

    def next(self) -> NewRow | None:
        """The next row's inputs; None when there is nothing to make one of at this moment."""
        wants_backfeed = self._origins[Origin.BACKFEED] < self.backfeed_share * (self._count + 1)
        row = self._backfeed() if wants_backfeed else None
        row = row or self._reverse()
        if row is None and not wants_backfeed and self.backfeed_share > 0:
            row = self._backfeed()
        if row is not None:
            self._note(row.plan)
        return row

    def _reverse(self) -> NewRow | None:
        for snippet, turn in self._queue:
            free = [kind for kind in ProblemType if (snippet.id, kind) not in self._used]
            if len(ProblemType) - len(free) > turn or not free:
                continue
            kind = _rarest(self._types, free)
            return NewRow(plan=self._plan(Origin.REVERSE, kind, snippet.language, snippet=snippet))
        return None

    def _backfeed(self) -> NewRow | None:
        for language in sorted(self.languages, key=lambda language: self._composed[language]):
            drawn = self.keywords.draw(self._id, language, random.Random(self._row_seed))  # noqa: S311 (no secret)
            if drawn is not None:
                kind = _rarest(self._types, COMPOSED_TYPES)
                plan = self._plan(Origin.BACKFEED, kind, language, keywords=drawn.keywords)
                return NewRow(plan=plan, graph_events=drawn.events)
        return None

    def _plan(
        self,
        origin: Origin,
        kind: ProblemType,
        language: Language,
        *,
        snippet: Snippet | None = None,
        keywords: KeywordSet | None = None,
    ) -> RowPlan:
        return RowPlan(
            id=self._id,
            origin=origin,
            problem_type=kind,
            direction=_rarest(self._directions, tuple(Direction)),
            language=language,
            snippet=snippet,
            keywords=keywords,
            seed=self._row_seed,
        )

    def _note(self, plan: RowPlan) -> None:
        self._count += 1
        self._origins[plan.origin] += 1
        self._types[plan.problem_type] += 1
        self._directions[plan.direction] += 1
        if plan.snippet:
            self._used.add((plan.snippet.id, plan.problem_type))
        else:
            self._composed[plan.language] += 1

    def _open_snippets(self) -> Iterable[tuple[Snippet, int]]:
        """Each snippet once a turn; a generator, so that the place is kept between rows."""
        for turn in range(len(ProblemType)):
            for snippet in self.snippets:
                yield snippet, turn

    @property
    def _id(self) -> str:
        return f"r{self._count + 1:06d}"

    @property
    def _row_seed(self) -> int:
        digest = hashlib.sha256(f"{self.seed}:{self._id}".encode()).digest()
        return int.from_bytes(digest[:4]) >> 1


def _rarest(used: Counter[T], choices: Sequence[T]) -> T:
    """The choice that was used least; the first of equals."""
    return min(choices, key=lambda choice: used[choice])
