"""What happens to the knowledge graph, as values that are stored: replayed, they rebuild it."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from infinite_instruct.domain import Keyword, KeywordSet, Language, Value


class KeywordsAdded(Value):
    """A problem's keywords entered the graph. A row enters once: a repetition changes nothing."""

    kind: Literal["keywords-added"] = "keywords-added"
    row: str
    language: Language
    keywords: tuple[Keyword, ...]


class Merged(Value):
    """Two keywords are one thing: from now on `source` is another name of `target`."""

    kind: Literal["merged"] = "merged"
    source: str
    """Normal form of the keyword that goes."""
    target: str
    """Normal form of the one that stays."""
    why: str


class Sampled(Value):
    """A set was drawn, for this row; it is never drawn again."""

    kind: Literal["sampled"] = "sampled"
    row: str
    keywords: KeywordSet


class Accepted(Value):
    """A row that was composed from a set became a sample."""

    kind: Literal["accepted"] = "accepted"
    row: str
    keywords: KeywordSet


GraphEvent = Annotated[
    KeywordsAdded | Merged | Sampled | Accepted,
    Field(discriminator="kind"),
]
GRAPH_EVENT: TypeAdapter[GraphEvent] = TypeAdapter(GraphEvent)
