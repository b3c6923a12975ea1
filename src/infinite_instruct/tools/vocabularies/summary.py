"""What became of a vocabulary, every text of it counted once."""

from collections import Counter

from infinite_instruct.domain import KeywordKind, Language, Value
from infinite_instruct.tools.vocabularies.entries import Passed

_EXAMPLES = 3


class ImportSummary(Value):
    """An import in numbers: `read` is the sum of `added`, `merged` and `refused`."""

    source: str
    read: int
    added: int
    merged: dict[str, int]
    """By the ground: `known` before, `repeated` in the vocabulary, or a rule merged it."""
    refused: dict[str, int]
    """By the reason, a short code as those of `junk_reason`."""
    examples: dict[str, tuple[str, ...]]
    """The first texts of each ground and reason."""
    kinds: dict[KeywordKind, int]
    """Of the words that were added."""
    languages: dict[str, int]
    """Of the words that were added; `any` for those that belong to all."""

    @property
    def told(self) -> str:
        """The numbers in a line: `sql: 90 read: 80 added, 6 merged, 4 refused (sentence 4)`."""
        merged, refused = sum(self.merged.values()), sum(self.refused.values())
        parts = (
            f"{self.added:,} added",
            f"{merged:,} merged{_listed(self.merged)}",
            f"{refused:,} refused{_listed(self.refused)}",
        )
        return f"{self.source}: {self.read:,} read: {', '.join(parts)}"


def _listed(counts: dict[str, int]) -> str:
    listed = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    return f" ({listed})" if listed else ""


class Tally:
    """Counts an import as it goes on."""

    def __init__(self, passed: Passed) -> None:
        self.added = 0
        self._passed = passed
        self._merged: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._examples: dict[str, list[str]] = {}
        self._kinds: Counter[KeywordKind] = Counter()
        self._languages: Counter[str] = Counter()

    def add(self, kind: KeywordKind, languages: tuple[Language | None, ...]) -> None:
        """Count a new word."""
        self.added += 1
        self._kinds[kind] += 1
        self._languages.update(language.value if language else "any" for language in languages)

    def merge(self, ground: str, text: str) -> None:
        """Count a word that is another's."""
        self._merged[ground] += 1
        self._show(ground, text)

    def refuse(self, reason: str, text: str) -> None:
        """Count a text that may not enter."""
        self._refused[reason] += 1
        self._show(reason, text)

    def _show(self, reason: str, text: str) -> None:
        shown = self._examples.setdefault(reason, [])
        if len(shown) < _EXAMPLES and text not in shown:
            shown.append(text.encode(errors="replace").decode())  # a note must be UTF-8

    def summary(self, source: str) -> ImportSummary:
        """The numbers so far."""
        refused = self._refused + self._passed.counts
        return ImportSummary(
            source=source,
            read=self.added + self._merged.total() + refused.total(),
            added=self.added,
            merged=dict(self._merged.most_common()),
            refused=dict(refused.most_common()),
            examples={reason: tuple(texts) for reason, texts in self._examples.items()},
            kinds=dict(self._kinds),
            languages=dict(self._languages.most_common()),
        )
