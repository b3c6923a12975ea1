"""The knowledge graph as two tables, for files: one record a keyword, one an edge."""

from collections.abc import Iterator

from infinite_instruct.domain import Value
from infinite_instruct.tools.knowledge import KeywordNode, KnowledgeGraph

TOGETHER = "together"
"""The relation of keywords that occur in the same problems. It has no direction."""


class MergeRecord(Value):
    """A keyword that became another name."""

    source: str
    why: str


class NodeRecord(Value):
    """A keyword."""

    id: str
    """Its normal form."""
    text: str
    kind: str
    languages: tuple[str, ...]
    surfaces: tuple[str, ...]
    rows: tuple[str, ...]
    """The problems that it occurs in, oldest first."""
    sampled: int
    accepted: int
    merges: tuple[MergeRecord, ...]


class EdgeRecord(Value):
    """What ties two keywords. A pair may have several, each of another relation."""

    source: str
    target: str
    """Of `together`, the source comes first by alphabet."""
    relation: str
    """`together`, `part-of` (the source of the target) or `needs` (the source the target)."""
    count: int
    """Problems that both occur in."""
    association: float
    """Normalised pointwise mutual information, -1 (apart) to 1 (always together)."""
    origin: str
    """Who says so: `rows`, a vocabulary's name, `expansion`, `user`."""


def node_records(graph: KnowledgeGraph) -> Iterator[NodeRecord]:
    """Every keyword, in alphabetical order."""
    return (_record(graph.node(name)) for name in graph)


def edge_records(graph: KnowledgeGraph) -> Iterator[EdgeRecord]:
    """Every edge, in alphabetical order."""
    for one, other, count in graph.edges():
        yield EdgeRecord(
            source=one,
            target=other,
            relation=TOGETHER,
            count=count,
            association=round(graph.association(one, other), 4),
            origin="rows",
        )


def _record(node: KeywordNode) -> NodeRecord:
    return NodeRecord(
        id=node.id,
        text=node.text,
        kind=node.kind.value,
        languages=tuple(sorted(language.value for language in node.languages)),
        surfaces=tuple(sorted(node.surfaces)),
        rows=node.rows,
        sampled=node.sampled,
        accepted=node.accepted,
        merges=tuple(MergeRecord(source=each.source, why=each.why) for each in node.merges),
    )
