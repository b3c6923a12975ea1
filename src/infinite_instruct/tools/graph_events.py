"""What happens to the knowledge graph, as values that are stored: replayed, they rebuild it."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from infinite_instruct.domain import Keyword, KeywordKind, KeywordSet, Language, Value

MAX_TEXT = 80
"""Characters of a keyword, as in `domain.Keyword`."""

RelationKind = Literal["part-of", "needs"]
"""`source` is a part of `target`; `source` needs `target` to be known first."""

Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]


class KeywordsAdded(Value):
    """A problem's keywords entered the graph. A row enters once: a repetition changes nothing."""

    kind: Literal["keywords-added"] = "keywords-added"
    row: str
    language: Language
    keywords: tuple[Keyword, ...]


class Word(Value):
    """A keyword of a vocabulary."""

    text: Text
    kind: KeywordKind
    language: Language | None
    """None where it belongs to every language."""
    domain: str = Field(default="", max_length=MAX_TEXT)
    """A field of knowledge, like `networking`."""
    parents: tuple[Text, ...] = ()
    """What it is a part of; those that the graph lacks are passed over."""


class WordsImported(Value):
    """Words of a vocabulary file entered. Each enters once a source, kind and language."""

    kind: Literal["words-imported"] = "words-imported"
    source: str
    """The vocabulary's name."""
    words: tuple[Word, ...]


class Related(Value):
    """One keyword is part of, or needs, another."""

    kind: Literal["related"] = "related"
    source: str
    target: str
    relation: RelationKind
    origin: str
    """Who says so: a vocabulary's name, `expansion`, `user`."""


class Proposal(Value):
    """What a model proposed around a keyword, and what became of it."""

    text: Text
    kind: KeywordKind
    relation: Literal["sibling", "part-of", "needs"]
    """To the keyword: a sibling of it, a part of it, or what it needs."""
    verdict: Literal["added", "merged", "refused"]
    why: str


class Expanded(Value):
    """A model was asked for siblings, parts and prerequisites of a keyword."""

    kind: Literal["expanded"] = "expanded"
    around: str
    proposals: tuple[Proposal, ...]


class Merged(Value):
    """Two keywords are one thing: from now on `source` is another name of `target`."""

    kind: Literal["merged"] = "merged"
    source: str
    """Normal form of the keyword that goes."""
    target: str
    """Normal form of the one that stays."""
    why: str


class Unmerged(Value):
    """A merge is undone: the graph is as if it had not happened."""

    kind: Literal["unmerged"] = "unmerged"
    source: str
    """Normal form of the keyword that went."""
    why: str


class Blocked(Value):
    """A keyword, with all its names, is out: not drawn, and it never comes back."""

    kind: Literal["blocked"] = "blocked"
    keyword: str
    """Normal form; it need not be in the graph."""
    why: str


class Unblocked(Value):
    """A blocked keyword may be used again."""

    kind: Literal["unblocked"] = "unblocked"
    keyword: str


class Sampled(Value):
    """A set was drawn, for this row; it is never drawn again."""

    kind: Literal["sampled"] = "sampled"
    row: str
    keywords: KeywordSet
    difficulty: str = ""
    """How hard a problem was wanted, in a word; empty where nobody said."""


class Accepted(Value):
    """A row that was composed from a set became a sample."""

    kind: Literal["accepted"] = "accepted"
    row: str
    keywords: KeywordSet
    difficulty: str = ""


GraphEvent = Annotated[
    KeywordsAdded
    | WordsImported
    | Related
    | Expanded
    | Merged
    | Unmerged
    | Blocked
    | Unblocked
    | Sampled
    | Accepted,
    Field(discriminator="kind"),
]
GRAPH_EVENT: TypeAdapter[GraphEvent] = TypeAdapter(GraphEvent)
