"""The record of one keyword in the knowledge graph: it changes as problems come."""

from collections import Counter
from dataclasses import dataclass, field

from infinite_instruct.domain import Keyword, KeywordKind, Language
from infinite_instruct.tools.graph_events import Merged
from infinite_instruct.tools.words import clean


@dataclass(slots=True)
class Entry:
    """Counts of one keyword. Dicts stand for sets where order must repeat."""

    kinds: Counter[KeywordKind] = field(default_factory=Counter[KeywordKind])
    surfaces: Counter[str] = field(default_factory=Counter[str])
    rows: dict[str, None] = field(default_factory=dict[str, None])
    roles: dict[tuple[Language, KeywordKind], None] = field(
        default_factory=dict[tuple[Language, KeywordKind], None]
    )
    sets: dict[frozenset[str], None] = field(default_factory=dict[frozenset[str], None])
    """The sets that were drawn with it."""
    sampled: int = 0
    accepted: int = 0
    merges: list[Merged] = field(default_factory=list[Merged])

    @property
    def text(self) -> str:
        """The surface form seen most often; of equals the shortest, then the first by letters."""
        return min(self.surfaces, key=lambda text: (-self.surfaces[text], len(text), text))

    @property
    def kind(self) -> KeywordKind:
        """The kind seen most often; of equals the one seen first."""
        return max(self.kinds, key=lambda kind: self.kinds[kind])

    def see(self, keyword: Keyword, row: str) -> None:
        """Count one mention in a problem."""
        self.kinds[keyword.kind] += 1
        self.surfaces[clean(keyword.text)] += 1
        self.rows[row] = None

    def absorb(self, other: "Entry", why: Merged) -> None:
        """Take over what another keyword had; its roles and sets are the graph's to move."""
        self.kinds.update(other.kinds)
        self.surfaces.update(other.surfaces)
        self.rows.update(other.rows)
        self.sampled += other.sampled
        self.accepted += other.accepted
        self.merges += [*other.merges, why]
