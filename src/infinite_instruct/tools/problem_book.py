"""The problems whose keywords entered the knowledge graph."""

from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from infinite_instruct.domain import Language
from infinite_instruct.tools.keyword_names import NameBook
from infinite_instruct.tools.numbers import NumberLists, Numbers
from infinite_instruct.tools.row_numbers import RowNumbers

_LANGUAGES = tuple(Language)


class ProblemBook:
    """Problems by numbers, from 0 on in the order in which they entered."""

    def __init__(self, names: NameBook) -> None:
        self._names = names
        self._rows = RowNumbers()
        self._languages = bytearray()
        self._keywords = NumberLists()
        self._count_of = Counter[Language]()

    def __contains__(self, row: str) -> bool:
        return row in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, row: str, language: Language, names: Iterable[str]) -> int:
        """Enter a new row's problem with the names of its keywords; gives its number."""
        self._languages.append(_LANGUAGES.index(language))
        self._keywords.append(self._names.number(name) for name in names)
        self._count_of[language] += 1
        return self._rows.enter(row)

    def names(self, number: int) -> list[str]:
        """The names of a problem's keywords, without those that were blocked at that time."""
        return [self._names.name(each) for each in self._keywords[number]]

    def language(self, number: int) -> Language:
        """The language of a problem."""
        return _LANGUAGES[self._languages[number]]

    def count(self, language: Language) -> int:
        """How many problems of a language there are."""
        return self._count_of[language]

    def row(self, number: int) -> str:
        """The row of a problem."""
        return self._rows[number]

    def number(self, row: str) -> int:
        """The number of a row's problem.

        Raises:
            KeyError: It has none.
        """
        return self._rows.of(row)


class Rows(AbstractSet[str]):
    """The rows of numbered problems, oldest first; a view that changes with them."""

    def __init__(self, numbers: Numbers, problems: ProblemBook) -> None:
        self._some = numbers
        self._problems = problems

    @classmethod
    def _from_iterable(cls, it: Iterable[str]) -> frozenset[str]:  # type: ignore[override]
        """What `&` and its like give: a set of its own."""
        return frozenset(it)

    def __contains__(self, row: object) -> bool:
        if not isinstance(row, str) or row not in self._problems:
            return False
        return self._problems.number(row) in self._some

    def __iter__(self) -> Iterator[str]:
        return (self._problems.row(number) for number in self._some)

    def __len__(self) -> int:
        return len(self._some)
