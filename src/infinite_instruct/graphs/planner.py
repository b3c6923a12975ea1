"""What the next row is made of: origin, material, problem type and direction, all in balance."""

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import TypeVar

from infinite_instruct.domain import (
    Difficulty,
    Direction,
    KeywordSet,
    Language,
    Origin,
    ProblemType,
    RowKind,
    RowPlan,
    Snippet,
    Value,
)
from infinite_instruct.graphs.quotas import Dimension, Quotas
from infinite_instruct.graphs.shelf import Shelf
from infinite_instruct.graphs.targets import REST
from infinite_instruct.tools.expansion import ThinRegion
from infinite_instruct.tools.row_numbers import row_id
from infinite_instruct.tools.vocabulary import Vocabulary

_AHEAD = 200
"""Snippets that are read to find one of the neediest language, before another one is served."""

_TO_GROW = 5
"""Reverse rows after which a language's graph has probably enough to compose of it."""


class NewRow(Value):
    """A planned row, with what its plan changed in the graph."""

    plan: RowPlan
    graph_events: tuple[str, ...] = ()


class NewExpansion(Value):
    """A place where the graph has to grow before rows are composed from it again."""

    region: ThinRegion
    seed: int


class Unread(Value):
    """More seeds have to be read before a row can be planned."""

    label: str
    """Of the language that is looked for."""


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
    """Of rows without a quota for their origin."""
    seed: int
    max_snippets: int = 20_000
    """How many snippets are kept for a second and third use."""
    expansions: int = 0
    """How often the graph may be expanded, with those that it has behind it."""
    quotas: Quotas = field(default_factory=lambda: Quotas({}))
    """What is wanted; where it leaves a dimension free, rows are in balance there."""
    rows: int = 0
    """How many are wanted in all."""
    at_hand: Callable[[], bool] = lambda: False
    """Whether the next snippet is there: to read it takes no time. It changes no plan."""
    growing: bool = False
    """Whether the graph is growing: only rows of snippets are planned, no more than their share."""
    _count: int = 0
    _origins: Counter[Origin] = field(default_factory=Counter[Origin])
    _types: Counter[ProblemType] = field(default_factory=Counter[ProblemType])
    _directions: Counter[Direction] = field(default_factory=Counter[Direction])
    _languages: set[Language] = field(default_factory=set[Language])
    _composed: Counter[Language] = field(default_factory=Counter[Language])
    _reversed: Counter[str] = field(default_factory=Counter[str])
    _looked_at: int = 0
    """Snippets that were read for the next row."""

    def __post_init__(self) -> None:
        """Open the snippets; the place is kept between rows."""
        labels = len(self.quotas.targets.get(Dimension.LANGUAGE, (REST,)))
        most = max(1, self.max_snippets // labels)
        self._shelf = Shelf(self.snippets, self._label, most)

    def know(self, languages: Iterable[Language]) -> None:
        """Let rows be composed in languages in which there is no row yet."""
        self._languages.update(languages)

    def remember(self, kind: RowKind, rows: int) -> None:
        """Count rows of earlier sessions, so that a resume goes on from there."""
        self._note(kind, rows)

    def remember_snippets(self, used: Iterable[tuple[str, ProblemType]]) -> None:
        """Note the snippets of earlier sessions, by their id, with what they served for."""
        self._shelf.remember(used)

    def hold_snippets(self) -> None:
        """Plan composed rows only, until `catch_up` has ended on another thread."""
        self._shelf.held = True

    def catch_up(self, given_up: Event) -> None:
        """Read over the snippets that served: cutting them takes 10 ms each.

        Args:
            given_up: Ends it wherever it is.
        """
        self._shelf.catch_up(given_up)

    def next(self) -> NewRow | NewExpansion | None:
        """As `plan`, with the reading done."""
        while isinstance(planned := self.plan(), Unread):
            self.read(planned)
        return planned

    def plan(self) -> NewRow | NewExpansion | Unread | None:
        """The next row's inputs, or what has to be done before there are any. It reads nothing.

        None when there is nothing to make a row of at this moment.
        """
        composes = Origin.BACKFEED in (wanted := self._origins_wanted())
        is_next = wanted[:1] == [Origin.BACKFEED]
        if is_next and self._saturated() and (expansion := self._expansion()):
            return expansion
        planned = self._row() or self._unread()
        if isinstance(planned, NewRow):
            self._looked_at = 0
            self._note(planned.plan)
            if planned.plan.snippet:
                self._shelf.use(planned.plan.snippet, planned.plan.problem_type)
        if planned is None and composes and not self._shelf.held:
            return self._expansion()
        return planned

    def read(self, unread: Unread) -> None:
        """Read a snippet. Nothing else may be asked of this planner meanwhile."""
        self._looked_at += 1
        self._shelf.read(unread.label, 1)

    def _unread(self) -> Unread | None:
        """Where to read on; None where that gives no row."""
        wanted = Origin.REVERSE in self._origins_wanted() and self._levels()
        done = self._shelf.read_all or self._shelf.held
        if done or not wanted or not self.quotas.types_for(Origin.REVERSE):
            return None
        return next((Unread(label=label) for label in self._labels_to_reverse()), None)

    def _row(self) -> NewRow | Unread | None:
        """A row of what is read, or where to look for the neediest language first."""
        levels = self._levels()
        if not levels:
            return None
        for origin in self._origins_wanted():
            reverse = origin is Origin.REVERSE
            row = self._reverse(levels[0]) if reverse else self._backfeed(levels[0])
            if row is not None:
                return row
        return None

    def _levels(self) -> list[Difficulty]:
        free = Dimension.DIFFICULTY not in self.quotas.targets
        return self.quotas.by_need(
            Dimension.DIFFICULTY, (Difficulty.MEDIUM,) if free else tuple(Difficulty)
        )

    def _origins_wanted(self) -> list[Origin]:
        wanted = self._origins_by_need()
        if not self.growing:
            return wanted
        share = (1 - self.backfeed_share) * self.rows
        has_room = Dimension.ORIGIN in self.quotas.targets or self._origins[Origin.REVERSE] < share
        return [Origin.REVERSE] if has_room and Origin.REVERSE in wanted else []

    def _origins_by_need(self) -> list[Origin]:
        if Dimension.ORIGIN in self.quotas.targets:
            return self.quotas.by_need(Dimension.ORIGIN, tuple(Origin))
        if self._origins[Origin.BACKFEED] < self.backfeed_share * (self._count + 1):
            return [Origin.BACKFEED, Origin.REVERSE]
        return [Origin.REVERSE, Origin.BACKFEED] if self.backfeed_share > 0 else [Origin.REVERSE]

    def _reverse(self, level: Difficulty) -> NewRow | Unread | None:
        types = () if self._shelf.held else self.quotas.types_for(Origin.REVERSE)
        for label in self._labels_to_reverse() if types else ():
            snippet = self._shelf.take(label, types, 0)
            if snippet is not None:
                kind = self._type_of(snippet.language, self._shelf.free(snippet, types))
                plan = self._plan(Origin.REVERSE, kind, snippet.language, level, snippet=snippet)
                return NewRow(plan=plan)
            if self._looked_at < _AHEAD and not self._shelf.read_all:
                return Unread(label=label)
        return None

    def _labels_to_reverse(self) -> list[str]:
        """The neediest first; before all, those whose graph has to grow to compose of it."""
        labels = self.quotas.languages()
        if self.backfeed_share == 0 and Dimension.ORIGIN not in self.quotas.targets:
            return labels
        composed = {self._label(language) for language in self._composed}
        return sorted(
            labels, key=lambda label: (label in composed, self._reversed[label] >= _TO_GROW)
        )

    def _backfeed(self, level: Difficulty) -> NewRow | None:
        types = self.quotas.types_for(Origin.BACKFEED)
        for language in self._languages_to_compose() if types else ():
            drawn = self.vocabulary.draw(self._id, language, self._chance())
            if drawn is not None:
                kind, keywords = self._type_of(language, types), drawn.keywords
                # Where nobody asks for a difficulty, a row is as hard as its keywords.
                free = Dimension.DIFFICULTY not in self.quotas.targets
                wanted = keywords.difficulty if free else level
                plan = self._plan(Origin.BACKFEED, kind, language, wanted, keywords=keywords)
                return NewRow(plan=plan, graph_events=drawn.events)
        return None

    def _saturated(self) -> bool:
        """Whether all keywords of all languages were drawn often."""
        languages = self._languages_to_compose()
        return bool(languages) and all(
            self.vocabulary.saturated(language, self._chance()) for language in languages
        )

    def _expansion(self) -> NewExpansion | None:
        done = self.vocabulary.graph.expansions
        has_room = self._levels() and self.quotas.types_for(Origin.BACKFEED)
        if done >= self.expansions or not has_room:
            return None
        for language in self._languages_to_compose():
            region = self.vocabulary.thin_region(language, self._chance())
            if region is not None:
                return NewExpansion(region=region, seed=self._row_seed + done)
        return None

    def _chance(self) -> random.Random:
        return random.Random(self._row_seed)  # noqa: S311 (no secret)

    def _languages_to_compose(self) -> list[Language]:
        asked = self.quotas.targets.get(Dimension.LANGUAGE, {})
        known = self._languages | {Language(name) for name in asked if name != REST}
        balanced = sorted(known, key=lambda language: (self._composed[language], language))
        return self.quotas.by_need(Dimension.LANGUAGE, balanced)

    def _type_of(self, language: Language, types: Sequence[ProblemType]) -> ProblemType:
        """The neediest of these types, or where their shares are free the one used least."""
        if Dimension.TYPE in self.quotas.targets:
            return self.quotas.neediest_type(language, types)
        return _rarest(self._types, types)

    def _plan(
        self,
        origin: Origin,
        kind: ProblemType,
        language: Language,
        level: Difficulty,
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
            difficulty=level,
            snippet=snippet,
            keywords=keywords,
            seed=self._row_seed,
        )

    def _note(self, kind: RowKind, rows: int = 1) -> None:
        self._count += rows
        self._origins[kind.origin] += rows
        self._types[kind.problem_type] += rows
        self._directions.update(dict.fromkeys(kind.directions, rows))
        self._languages.add(kind.language)
        if kind.origin is Origin.REVERSE:
            self._reversed[self._label(kind.language)] += rows
        else:
            self._composed[kind.language] += rows

    def _label(self, language: Language) -> str:
        return self.quotas.label(Dimension.LANGUAGE, language)

    @property
    def _id(self) -> str:
        return row_id(self._count + 1)

    @property
    def _row_seed(self) -> int:
        digest = hashlib.sha256(f"{self.seed}:{self._id}".encode()).digest()
        return int.from_bytes(digest[:4]) >> 1


def _rarest(used: Counter[T], choices: Sequence[T]) -> T:
    """The choice that was used least; the first of equals."""
    return min(choices, key=lambda choice: used[choice])
