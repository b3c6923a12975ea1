"""What the knowledge graph gains from a row: told to workers, which have no graph."""

from infinite_instruct.domain import Keyword, Value


class Curated(Value):
    """What a problem added to the graph."""

    keywords: tuple[Keyword, ...] = ()
    events: tuple[str, ...] = ()
    """The graph's changes as JSON, to be stored with the row."""
