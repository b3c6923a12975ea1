"""What the next row is made of: origin, material, problem type and direction, all in balance."""

import hashlib
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

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
from infinite_instruct.tools.expansion import ThinRegion
from infinite_instruct.tools.vocabulary import Vocabulary

COMPOSED_TYPES = (ProblemType.CODE_GENERATION, ProblemType.KNOWLEDGE_QUESTION)
"""Our choice: a question on code needs code that was checked, and keywords bring none."""


class NewRow(Value):
    """A planned row, with what its plan changed in the graph."""

    plan: RowPlan
    graph_events: tuple[str, ...] = ()


class NewExpansion(Value):
    """A place where the graph has to grow before rows are composed from it again."""

    region: ThinRegion
    seed: int


T = TypeVar("T")


@dataclass
class Planner:
    """Plans rows one after the other; the same seeds and the same history give the same plan.

    A snippet serves at most once for each problem type.
    """

    snippets: Iterable[Snippet]
    """Read as far as they are needed, in this order."""
    vocabulary: Vocabulary
    backfeed_share: float
    seed: int
    max_snippets: int = 20_000
    """How many snippets are kept for a second and third use."""
    expansions: int = 0
    """How often the graph may be expanded, with those that it has behind it."""
    _count: int = 0
    _origins: Counter[Origin] = field(default_factory=Counter[Origin])
    _types: Counter[ProblemType] = field(default_factory=Counter[ProblemType])
    _directions: Counter[Direction] = field(default_factory=Counter[Direction])
    _languages: set[Language] = field(default_factory=set[Language])
    _composed: Counter[Language] = field(default_factory=Counter[Language])
    _used: set[tuple[str, ProblemType]] = field(default_factory=set[tuple[str, ProblemType]])

    def __post_init__(self) -> None:
        """Open the snippets; the place is kept between rows."""
        self._queue = self._open_snippets()

    def know(self, languages: Iterable[Language]) -> None:
        """Let rows be composed in languages in which there is no row yet."""
        self._languages.update(languages)

    def remember(self, plans: Iterable[RowPlan]) -> None:
        """Count the rows of an earlier session, so that a resume goes on from there."""
        for plan in plans:
            self._note(plan)

    def next(self) -> NewRow | NewExpansion | None:
        """The next row's inputs, or where the graph has to grow before there are any.

        None when there is nothing to make a row of at this moment.
        """
        wants_backfeed = self._origins[Origin.BACKFEED] < self.backfeed_share * (self._count + 1)
        if wants_backfeed and self._saturated() and (expansion := self._expansion()):
            return expansion
        row = self._backfeed() if wants_backfeed else None
        row = row or self._reverse()
        if row is None and not wants_backfeed and self.backfeed_share > 0:
            row = self._backfeed()
        if row is None:
            return self._expansion() if self.backfeed_share > 0 else None
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
        for language in self._by_need():
            drawn = self.vocabulary.draw(self._id, language, self._chance())
            if drawn is not None:
                kind = _rarest(self._types, COMPOSED_TYPES)
                plan = self._plan(Origin.BACKFEED, kind, language, keywords=drawn.keywords)
                return NewRow(plan=plan, graph_events=drawn.events)
        return None

    def _saturated(self) -> bool:
        """Whether all keywords of all languages were drawn often."""
        languages = self._by_need()
        return bool(languages) and all(
            self.vocabulary.saturated(language, self._chance()) for language in languages
        )

    def _expansion(self) -> NewExpansion | None:
        done = self.vocabulary.graph.expansions
        if done >= self.expansions:
            return None
        for language in self._by_need():
            region = self.vocabulary.thin_region(language, self._chance())
            if region is not None:
                return NewExpansion(region=region, seed=self._row_seed + done)
        return None

    def _by_need(self) -> list[Language]:
        """The languages, first the one that fewest rows were composed in."""
        return sorted(self._languages, key=lambda language: (self._composed[language], language))

    def _chance(self) -> random.Random:
        return random.Random(self._row_seed)  # noqa: S311 (no secret)

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
        self._languages.add(plan.language)
        if plan.snippet:
            self._used.add((plan.snippet.id, plan.problem_type))
        else:
            self._composed[plan.language] += 1

    def _open_snippets(self) -> Iterator[tuple[Snippet, int]]:
        """Each snippet once a turn, with the turn's number."""
        kept: list[Snippet] = []
        for snippet in self.snippets:
            if len(kept) < self.max_snippets:
                kept.append(snippet)
            yield snippet, 0
        for turn in range(1, len(ProblemType)):
            yield from ((snippet, turn) for snippet in kept)

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
