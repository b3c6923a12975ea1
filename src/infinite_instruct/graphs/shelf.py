"""Snippets in the order in which they serve: by language where quotas tell languages apart."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from threading import Event

from infinite_instruct.domain import Language, ProblemType, Snippet
from infinite_instruct.graphs.packed import PackedSnippets
from infinite_instruct.graphs.served import Served

_LAST_TURN = len(ProblemType) - 1


@dataclass
class _Pile:
    """The snippets of one label."""

    kept: PackedSnippets = field(default_factory=PackedSnippets)
    """For all their uses."""
    looked_at: int = 0
    """How many of them were taken, or passed over, at their first turn."""
    more: deque[Snippet] = field(default_factory=deque[Snippet])
    """Read when enough were kept: for one use."""
    turn: int = 1
    """How often a snippet may have served to be taken again."""
    at: int = 0
    """How far this turn is."""
    barren: dict[frozenset[ProblemType], int] = field(
        default_factory=dict[frozenset[ProblemType], int]
    )
    """How many from the first on have nothing left for all of these types."""

    @property
    def has_fresh(self) -> bool:
        """Whether there is one that was never looked at."""
        return self.looked_at < len(self.kept) or bool(self.more)

    def pop(self) -> Snippet:
        """The oldest that was never looked at; now it was."""
        if self.looked_at == len(self.kept):
            return self.more.popleft()
        self.looked_at += 1
        return self.kept[self.looked_at - 1]


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
        self._served = Served()

    def use(self, snippet: Snippet, kind: ProblemType) -> None:
        """Note that a snippet served."""
        self._served.note(snippet.id, kind)

    def remember(self, used: Iterable[tuple[str, ProblemType]]) -> None:
        """Note snippets that served in earlier sessions, by their id."""
        for name, kind in used:
            self._served.note(name, kind)

    def catch_up(self, given_up: Event) -> None:
        """Read over the snippets that served in earlier sessions, up to the first new one.

        It may run on another thread: while that holds the shelf, nobody else notes what served.
        """
        try:
            self._catch_up(given_up)
        finally:
            self.held = False

    def _catch_up(self, given_up: Event) -> None:
        while self._served and not given_up.is_set():
            snippet = next(self._stream, None)
            if snippet is None:
                self.read_all = True
                return
            pile = self._piles[self._label_of(snippet.language)]
            self._put(pile, snippet)
            if snippet.id not in self._served:
                return
            pile.pop()

    def free(self, snippet: Snippet, types: Sequence[ProblemType]) -> list[ProblemType]:
        """The types of these for which a snippet has not served, in their order."""
        return self._served.free(snippet.id, types)

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
        while pile.has_fresh or self.read(label, ahead):
            snippet = pile.pop()
            if self._served.lets(snippet.id, types, 0):
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
            if its_own == label or len(pile.kept) < self._most:
                self._put(pile, snippet)
            if its_own == label:
                return True
        return False

    def _put(self, pile: _Pile, snippet: Snippet) -> None:
        if len(pile.kept) < self._most:
            pile.kept.append(snippet)
        else:
            pile.more.append(snippet)

    def _again(self, pile: _Pile, types: Sequence[ProblemType]) -> Snippet | None:
        while pile.turn <= _LAST_TURN:
            while pile.at < len(pile.kept):
                pile.at += 1
                if self._served.lets(pile.kept.id(pile.at - 1), types, pile.turn):
                    return pile.kept[pile.at - 1]
            pile.turn, pile.at = pile.turn + 1, 0
        return None

    def _passed_over(self, pile: _Pile, types: Sequence[ProblemType]) -> Snippet | None:
        """A snippet whose types had no room when its turn came."""
        wanted = frozenset(types)
        for at in range(pile.barren.get(wanted, 0), len(pile.kept)):
            if self._served.free(pile.kept.id(at), types):
                pile.barren[wanted] = at
                return pile.kept[at]
        pile.barren[wanted] = len(pile.kept)
        return None
