"""How many accepted rows of each kind are wanted, and how far each is: what may begin next."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from infinite_instruct.domain import Language, Origin, ProblemType, RowKind, Value
from infinite_instruct.graphs.targets import REST
from infinite_instruct.tools.languages import family_of

COMPOSED_TYPES = (ProblemType.CODE_GENERATION, ProblemType.KNOWLEDGE_QUESTION)
"""Our choice: a question on code needs code that was checked, and keywords bring none."""


class Dimension(StrEnum):
    """What rows are told apart by."""

    LANGUAGE = "language"
    TYPE = "type"
    ORIGIN = "origin"
    DIFFICULTY = "difficulty"
    KIND = "kind"
    """Origin and problem type together: `reverse/code_generation`."""


Targets = Mapping[Dimension, Mapping[str, int]]
"""Accepted rows by value; a dimension that is not there is free, REST is all other values."""
Cell = tuple[Dimension, str]


class Shortfall(Value):
    """A quota that is not met, or was met by too many before it was lowered."""

    dimension: Dimension
    name: str
    """The value; empty for all that no quota names."""
    target: int
    accepted: int

    def __str__(self) -> str:
        name = self.name or f"other {self.dimension}s"
        return f"{name} by {abs(self.missing)} ({self.accepted} of {self.target})"

    @property
    def missing(self) -> int:
        """Rows that are short; below 0 where there are too many."""
        return self.target - self.accepted


S = TypeVar("S", bound=StrEnum)


class Quotas:
    """Counts rows by cell, a value of a dimension.

    A row may begin while the accepted rows and the rows in flight of each of its cells are
    together fewer than its target: so no accepted row is ever one too many.
    """

    def __init__(self, targets: Targets) -> None:
        self.targets = {dimension: dict(of) for dimension, of in targets.items() if of}
        self._accepted = Counter[Cell]()
        self._ended = Counter[Cell]()
        self._flying = Counter[Cell]()
        self._pairs_ended = Counter[tuple[str, ProblemType]]()
        self._pairs_accepted = Counter[tuple[str, ProblemType]]()

    def remember(self, kind: RowKind, *, accepted: bool, rows: int = 1) -> None:
        """Count rows of a kind that ended."""
        cells = dict.fromkeys(self._cells(kind), rows)
        pair = (self.label(Dimension.LANGUAGE, kind.language), kind.problem_type)
        self._ended.update(cells)
        self._pairs_ended[pair] += rows
        if accepted:
            self._accepted.update(cells)
            self._pairs_accepted[pair] += rows

    def begin(self, plan: RowKind) -> None:
        """Count a row that goes on its way."""
        self._flying.update(self._cells(plan))

    def leave(self, plan: RowKind) -> None:
        """Count a row that is no longer on its way."""
        self._flying.subtract(self._cells(plan))

    def has_room(self, plan: RowKind) -> bool:
        """Whether a row may begin."""
        return all(self._left(cell) > 0 for cell in self._cells(plan))

    def by_need(self, dimension: Dimension, values: Sequence[S]) -> list[S]:
        """The values that have room, the one furthest from its quota first; all where free."""
        if dimension not in self.targets:
            return list(values)
        cells = {value: (dimension, self.label(dimension, value)) for value in values}
        roomy = [value for value in values if self._left(cells[value]) > 0]
        return sorted(roomy, key=lambda value: self._progress(cells[value]))

    def label(self, dimension: Dimension, value: str) -> str:
        """The name under which a value is counted; REST where no quota names it."""
        named = self.targets.get(dimension, ())
        if dimension is Dimension.LANGUAGE and value not in named:
            value = family_of(Language(value))
        return value if value in named else REST

    def languages(self) -> list[str]:
        """The labels of languages that have room, the one furthest from its quota first."""
        cells: list[Cell] = [(Dimension.LANGUAGE, name) for name in self._named_languages()]
        roomy = [cell for cell in cells if self._left(cell) > 0]
        return [name for _, name in sorted(roomy, key=self._progress)]

    def types_for(self, origin: Origin) -> list[ProblemType]:
        """The problem types that a row of this origin may have now, the neediest first."""
        made = tuple(ProblemType) if origin is Origin.REVERSE else COMPOSED_TYPES
        types = [
            kind
            for kind in self.by_need(Dimension.TYPE, made)
            if self._left((Dimension.KIND, kind_of(origin, kind))) > 0
        ]
        if origin is Origin.REVERSE and self._reverse_is_reserved():
            return [kind for kind in types if kind is ProblemType.CODE_UNDERSTANDING]
        return types

    def neediest_type(self, language: Language, types: Sequence[ProblemType]) -> ProblemType:
        """The type from which most is to be won: far from its quota, and accepted in this language.

        Where a model fails at one type in one language, the type's rows come from other languages.
        """
        label = self.label(Dimension.LANGUAGE, language)

        def gain(kind: ProblemType) -> float:
            pair = (label, kind)
            observed = _yield(self._pairs_accepted[pair], self._pairs_ended[pair])
            lack = 1 - self._progress((Dimension.TYPE, self.label(Dimension.TYPE, kind)))
            return lack * observed

        return max(types, key=gain)

    def shortfalls(self) -> tuple[Shortfall, ...]:
        """The quotas that are not met."""
        return tuple(each for each in self._all() if each.missing > 0)

    def surpluses(self) -> tuple[Shortfall, ...]:
        """The quotas that earlier sessions passed, before they were lowered."""
        return tuple(each for each in self._all() if each.missing < 0)

    def _all(self) -> Iterator[Shortfall]:
        for dimension, of in self.targets.items():
            for name, target in of.items():
                yield Shortfall(
                    dimension=dimension,
                    name=name,
                    target=target,
                    accepted=self._accepted[dimension, name],
                )

    def _named_languages(self) -> list[str]:
        return list(self.targets.get(Dimension.LANGUAGE, (REST,)))

    def _cells(self, plan: RowKind) -> Iterator[Cell]:
        values: dict[Dimension, str] = {
            Dimension.LANGUAGE: plan.language,
            Dimension.TYPE: plan.problem_type,
            Dimension.ORIGIN: plan.origin,
            Dimension.DIFFICULTY: plan.difficulty,
            Dimension.KIND: kind_of(plan.origin, plan.problem_type),
        }
        return ((each, self.label(each, values[each])) for each in self.targets)

    def _left(self, cell: Cell) -> float:
        """Rows that may still begin; endless where free, 0 where nothing of the kind is wanted."""
        dimension, name = cell
        if dimension not in self.targets:
            return float("inf")
        target = self.targets[dimension].get(name, 0)
        return target - self._accepted[cell] - self._flying[cell]

    def _progress(self, cell: Cell) -> float:
        """How far a cell is, 0 to 1. Rows in flight count by what came of earlier ones."""
        dimension, name = cell
        target = self.targets.get(dimension, {}).get(name, 0)
        observed = _yield(self._accepted[cell], self._ended[cell])
        expected = self._accepted[cell] + observed * self._flying[cell]
        return expected / target if target else 1.0

    def _reverse_is_reserved(self) -> bool:
        """Whether all reverse rows that are left are needed for questions on code.

        Those can be nothing else: spent on other types, both quotas could not be met together.
        """
        both = {Dimension.ORIGIN, Dimension.TYPE} <= self.targets.keys()
        asked = self.targets.get(Dimension.TYPE, {}).get(ProblemType.CODE_UNDERSTANDING)
        if not both or asked is None:
            return False
        questions = self._left((Dimension.TYPE, ProblemType.CODE_UNDERSTANDING))
        return questions >= self._left((Dimension.ORIGIN, Origin.REVERSE))


def _yield(accepted: int, ended: int) -> float:
    """The share that is accepted, as far as one knows: half before the first row."""
    return (accepted + 1) / (ended + 2)


def kind_of(origin: Origin, kind: ProblemType) -> str:
    """The value of the dimension `kind`."""
    return f"{origin.value}/{kind.value}"
