"""Snippets in the order in which they serve: by language where quotas tell languages apart."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from threading import Event

from infinite_instruct.domain import Language, ProblemType, Snippet

_LAST_TURN = len(ProblemType) - 1


@dataclass
class _Pile:
    """The snippets of one label."""

    fresh: deque[Snippet] = field(default_factory=deque[Snippet])
    """Read, never looked at."""
    kept: list[Snippet] = field(default_factory=list[Snippet])
    """For a second and third use."""
    turn: int = 1
    """How often a snippet may have served to be taken again."""
    at: int = 0
    """How far this turn is."""
    barren: frozenset[ProblemType] = frozenset()
    """Types for which nothing is left."""


class Shelf:
    """Gives each snippet once for each problem type, and all of them once before one comes again.

    Args:
        snippets: Read as far as they are needed, in this order.
        label_of: The label of a language: snippets are taken by label.
        most: How many snippets of a label are kept for a second and third use.
    """

    def __init__(
        self, snippets: Iterable[Snippet], label_of: Callable[[Language], str], most: int
    ) -> None:
        self.read_all = False
        """Whether the snippets are read to their end."""
        self.held = False
        """Whether another thread reads: nothing can be taken now."""
        self._stream = iter(snippets)
        self._label_of = label_of
        self._most = most
        self._piles: defaultdict[str, _Pile] = defaultdict(_Pile)
        self._used: set[tuple[str, ProblemType]] = set()

    def use(self, snippet: Snippet, kind: ProblemType) -> None:
        """Note that a snippet served."""
        self._used.add((snippet.id, kind))

    def remember(self, used: Iterable[tuple[str, ProblemType]]) -> None:
        """Note snippets that served in earlier sessions, by their id."""
        self._used.update(used)

    def catch_up(self, given_up: Event) -> None:
        """Read over the snippets that served in earlier sessions, up to the first new one."""
        try:
            self._catch_up({name for name, _ in self._used}, given_up)
        finally:
            self.held = False

    def _catch_up(self, served: set[str], given_up: Event) -> None:
        while served and not given_up.is_set():
            snippet = next(self._stream, None)
            if snippet is None:
                self.read_all = True
                return
            pile = self._piles[self._label_of(snippet.language)]
            if snippet.id not in served:
                pile.fresh.append(snippet)
                return
            if len(pile.kept) < self._most:
                pile.kept.append(snippet)

    def free(self, snippet: Snippet, types: Sequence[ProblemType]) -> list[ProblemType]:
        """The types of these for which a snippet has not served, in their order."""
        return [kind for kind in types if (snippet.id, kind) not in self._used]

    def take(self, label: str, types: Sequence[ProblemType], ahead: int) -> Snippet | None:
        """The next snippet that can serve for one of these types.

        Args:
            label: Of its language.
            types: What is wanted.
            ahead: How many snippets are read at most until one of the label comes.
        """
        pile = self._piles[label]
        found = self._new(label, pile, types, ahead)
        if found is None and self.read_all:
            found = self._again(pile, types) or self._passed_over(pile, types)
        return found

    def _new(
        self, label: str, pile: _Pile, types: Sequence[ProblemType], ahead: int
    ) -> Snippet | None:
        while pile.fresh or self.read(label, ahead):
            snippet = pile.fresh.popleft()
            if len(pile.kept) < self._most:
                pile.kept.append(snippet)
            if self._serves(snippet, types, 0):
                return snippet
        return None

    def read(self, label: str, ahead: int) -> bool:
        """Read until a snippet of the label came, but no more than so many; whether it came."""
        for _ in range(ahead):
            snippet = next(self._stream, None)
            if snippet is None:
                self.read_all = True
                return False
            its_own = self._label_of(snippet.language)
            pile = self._piles[its_own]
            if its_own == label or len(pile.fresh) + len(pile.kept) < self._most:
                pile.fresh.append(snippet)
            if its_own == label:
                return True
        return False

    def _again(self, pile: _Pile, types: Sequence[ProblemType]) -> Snippet | None:
        while pile.turn <= _LAST_TURN:
            while pile.at < len(pile.kept):
                snippet = pile.kept[pile.at]
                pile.at += 1
                if self._serves(snippet, types, pile.turn):
                    return snippet
            pile.turn, pile.at = pile.turn + 1, 0
        return None

    def _passed_over(self, pile: _Pile, types: Sequence[ProblemType]) -> Snippet | None:
        """A snippet whose types had no room when its turn came."""
        wanted = frozenset(types)
        if wanted <= pile.barren:
            return None
        for snippet in pile.kept:
            if self.free(snippet, types):
                return snippet
        pile.barren |= wanted
        return None

    def _serves(self, snippet: Snippet, types: Sequence[ProblemType], turn: int) -> bool:
        served = len(ProblemType) - len(self.free(snippet, tuple(ProblemType)))
        return served <= turn and bool(self.free(snippet, types))
