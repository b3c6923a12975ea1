"""The record of one keyword in the knowledge graph: it changes as problems come."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

from infinite_instruct.domain import KeywordKind, Language
from infinite_instruct.tools.graph_events import RelationKind
from infinite_instruct.tools.numbers import Numbers

Role = tuple[Language | None, KeywordKind]
"""A kind that a keyword has in a language; None stands for every language."""

_KINDS = tuple(KeywordKind)

T = TypeVar("T")


@cache
def role_of(language: Language | None, kind: KeywordKind) -> Role:
    """A role, as one object for all keywords that have it."""
    return language, kind


@dataclass(frozen=True, slots=True)
class Relation:
    """That one name is part of, or needs, another."""

    source: str
    target: str
    relation: RelationKind


@dataclass(slots=True)
class Entry:
    """What is known of one name, or of all names of a node.

    A large graph has hundreds of thousands: problems and draws are told by their numbers, and what
    most keywords lack takes no room. Dicts and tuples stand for ordered sets.
    """

    mentions: list[int] = field(default_factory=lambda: [0] * len(_KINDS))
    """How often it was seen as each kind, in the order of `KeywordKind`."""
    surfaces: dict[str, int] = field(default_factory=dict[str, int])
    rows: Numbers = field(default_factory=Numbers)
    """The numbers of the problems that it occurs in."""
    roles: dict[Role, int] = field(default_factory=dict[Role, int])
    """When each was first seen, as the number of the mention."""
    imported: tuple[tuple[str, Role], ...] = ()
    """The vocabularies that have it, and as what."""
    domains: tuple[str, ...] = ()
    expanded: tuple[str, ...] = ()
    """The keywords around which a model proposed it."""
    relations: dict[Relation, str] = field(default_factory=dict[Relation, str])
    """Those that it takes part in, on either side, with who said so."""
    drawn: Numbers = field(default_factory=Numbers)
    """The numbers of the draws that it was in."""
    accepted: Numbers = field(default_factory=Numbers)
    """The numbers of those that came to a sample."""

    @property
    def text(self) -> str:
        """The surface form seen most often; of equals the shortest, then the first by letters."""
        return min(self.surfaces, key=lambda text: (-self.surfaces[text], len(text), text))

    @property
    def kinds(self) -> dict[KeywordKind, int]:
        """How often it was seen as each kind that it was seen as."""
        seen = zip(_KINDS, self.mentions, strict=True)
        return {kind: times for kind, times in seen if times}

    @property
    def kind(self) -> KeywordKind:
        """The kind seen most often; of equals the first as `KeywordKind` has them."""
        return _KINDS[self.mentions.index(max(self.mentions))]

    def see(self, text: str, role: Role, moment: int) -> None:
        """Count one mention: a surface form, a kind, and the moment if it is the first."""
        self.mentions[_KINDS.index(role[1])] += 1
        self.surfaces[text] = self.surfaces.get(text, 0) + 1
        self.roles.setdefault(role, moment)

    def note_import(self, source: str, role: Role, domain: str) -> None:
        """Note that a vocabulary has it, and of which domain it says it is, if any."""
        self.imported = _with(self.imported, [(source, role)])
        if domain:
            self.domains = _with(self.domains, [domain])

    def note_proposal(self, around: str) -> None:
        """Note that a model proposed it around a keyword."""
        self.expanded = _with(self.expanded, [around])

    def absorb(self, other: "Entry") -> None:
        """Take in what is known of another name."""
        pairs = zip(self.mentions, other.mentions, strict=True)
        self.mentions = [own + more for own, more in pairs]
        for text, times in other.surfaces.items():
            self.surfaces[text] = self.surfaces.get(text, 0) + times
        for role, moment in other.roles.items():
            self.roles[role] = min(moment, self.roles.get(role, moment))
        self.rows.join(other.rows)
        self.imported = _with(self.imported, other.imported)
        self.domains = _with(self.domains, other.domains)
        self.expanded = _with(self.expanded, other.expanded)
        self.relations.update(other.relations)
        self.drawn.join(other.drawn)
        self.accepted.join(other.accepted)


def _with(some: tuple[T, ...], more: Iterable[T]) -> tuple[T, ...]:
    """Some things and more, each once."""
    return tuple(dict.fromkeys((*some, *more)))
