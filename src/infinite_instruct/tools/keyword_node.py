"""One keyword of the graph, as it is told to people and to other modules."""

from collections import Counter
from typing import Literal

from infinite_instruct.domain import KeywordKind, Language, Value
from infinite_instruct.tools.graph_events import Merged, RelationKind

WhereFrom = Literal["rows", "vocabulary", "expansion"]


class Tried(Value):
    """How often problems were composed from a keyword."""

    sampled: int = 0
    """Sets drawn with it."""
    accepted: int = 0
    """Samples that came of them."""


class KeywordRelation(Value):
    """One keyword is part of, or needs, another: both by their present ids."""

    source: str
    target: str
    relation: RelationKind
    origin: str
    """Who says so: a vocabulary's name, `expansion`, `user`."""


class KeywordNode(Value):
    """One keyword of the graph, as it is now."""

    id: str
    """Its normal form."""
    text: str
    """The surface form seen most often."""
    kind: KeywordKind
    """The kind seen most often."""
    kinds: dict[KeywordKind, int]
    surfaces: dict[str, int]
    languages: dict[Language, int]
    """In how many problems of each; 0 where only a vocabulary or an expansion says so."""
    domains: tuple[str, ...]
    """Fields of knowledge, as vocabularies say."""
    origins: tuple[WhereFrom, ...]
    vocabularies: tuple[str, ...]
    """The names of those that have it."""
    expanded_from: tuple[str, ...]
    """The keywords around which a model proposed it."""
    rows: tuple[str, ...]
    """The rows in whose problems it occurs, oldest first."""
    sampled: int
    accepted: int
    coverage: dict[str, Tried]
    """Sampled and accepted by the difficulty that was wanted; "" where nobody said."""
    relations: tuple[KeywordRelation, ...]
    merges: tuple[Merged, ...]
    """The merges that went into it, oldest first."""
    blocked: str | None
    """Why it is blocked; None where it is not."""

    @property
    def attributes(self) -> dict[str, str | int]:
        """What a file of the graph says of it: numbers and texts only."""
        return {
            "text": self.text,
            "kind": self.kind.value,
            "languages": " ".join(sorted(language.value for language in self.languages)),
            "domains": " | ".join(sorted(self.domains)),
            "origins": " ".join(self.origins),
            "surfaces": " | ".join(sorted(self.surfaces)),
            "rows": len(self.rows),
            "sampled": self.sampled,
            "accepted": self.accepted,
            "merged": " | ".join(f"{merge.source}: {merge.why}" for merge in self.merges),
            "blocked": self.blocked or "",
        }


def tried_by_difficulty(drawn: Counter[str], accepted: Counter[str]) -> dict[str, Tried]:
    """Two counts by difficulty as one table."""
    return {
        name: Tried(sampled=drawn[name], accepted=accepted[name])
        for name in sorted({*drawn, *accepted})
    }
