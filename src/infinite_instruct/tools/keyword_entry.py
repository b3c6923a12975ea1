"""The record of one keyword in the knowledge graph: it changes as problems come."""

from collections import Counter
from dataclasses import dataclass, field

from infinite_instruct.domain import KeywordKind, Language
from infinite_instruct.tools.graph_events import RelationKind

Role = tuple[Language | None, KeywordKind]
"""A kind that a keyword has in a language; None stands for every language."""


@dataclass(frozen=True, slots=True)
class Draw:
    """A set that was drawn for a row, or accepted with it, by the names of that time."""

    row: str
    names: frozenset[str]
    difficulty: str


@dataclass(frozen=True, slots=True)
class Relation:
    """That one name is part of, or needs, another."""

    source: str
    target: str
    relation: RelationKind


@dataclass(slots=True)
class Entry:
    """What is known of one name, or of all names of a node. Dicts stand for ordered sets."""

    kinds: Counter[KeywordKind] = field(default_factory=Counter[KeywordKind])
    surfaces: Counter[str] = field(default_factory=Counter[str])
    rows: dict[str, None] = field(default_factory=dict[str, None])
    roles: dict[Role, int] = field(default_factory=dict[Role, int])
    """When each was first seen, as the number of the mention."""
    imported: dict[tuple[str, Role], None] = field(default_factory=dict[tuple[str, Role], None])
    """The vocabularies that have it, and as what."""
    domains: dict[str, None] = field(default_factory=dict[str, None])
    expanded: dict[str, None] = field(default_factory=dict[str, None])
    """The keywords around which a model proposed it."""
    relations: dict[Relation, str] = field(default_factory=dict[Relation, str])
    """Those that it takes part in, on either side, with who said so."""
    drawn: dict[Draw, None] = field(default_factory=dict[Draw, None])
    accepted: dict[Draw, None] = field(default_factory=dict[Draw, None])

    @property
    def text(self) -> str:
        """The surface form seen most often; of equals the shortest, then the first by letters."""
        return min(self.surfaces, key=lambda text: (-self.surfaces[text], len(text), text))

    @property
    def kind(self) -> KeywordKind:
        """The kind seen most often; of equals the first as `KeywordKind` has them."""
        return max(KeywordKind, key=lambda kind: self.kinds[kind])

    def see(self, text: str, role: Role, moment: int) -> None:
        """Count one mention: a surface form, a kind, and the moment if it is the first."""
        self.kinds[role[1]] += 1
        self.surfaces[text] += 1
        self.roles.setdefault(role, moment)

    def absorb(self, other: "Entry") -> None:
        """Take in what is known of another name."""
        self.kinds.update(other.kinds)
        self.surfaces.update(other.surfaces)
        for role, moment in other.roles.items():
            self.roles[role] = min(moment, self.roles.get(role, moment))
        self.rows.update(other.rows)
        self.imported.update(other.imported)
        self.domains.update(other.domains)
        self.expanded.update(other.expanded)
        self.relations.update(other.relations)
        self.drawn.update(other.drawn)
        self.accepted.update(other.accepted)
