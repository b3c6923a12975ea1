"""The knowledge graph as two tables, for files: a record for each keyword, one for each pair."""

from collections import defaultdict
from collections.abc import Iterator

from infinite_instruct.domain import Value
from infinite_instruct.tools.knowledge import KnowledgeGraph

Pair = tuple[str, str]


class MergeRecord(Value):
    """One keyword that became another name of a second."""

    source: str
    target: str
    why: str


class CoverageRecord(Value):
    """How often problems of one difficulty were composed from a keyword."""

    difficulty: str
    """Empty where nobody said."""
    sampled: int
    accepted: int


class NodeRecord(Value):
    """A keyword."""

    id: str
    """Its normal form."""
    text: str
    """The surface form seen most often."""
    kind: str
    languages: tuple[str, ...]
    domains: tuple[str, ...]
    origins: tuple[str, ...]
    """Of `rows`, `vocabulary`, `expansion`."""
    vocabularies: tuple[str, ...]
    expanded_from: tuple[str, ...]
    surfaces: tuple[str, ...]
    rows: tuple[str, ...]
    """The problems that it occurs in, oldest first."""
    sampled: int
    accepted: int
    coverage: tuple[CoverageRecord, ...]
    merges: tuple[MergeRecord, ...]
    """Those that went into it, oldest first."""
    blocked: str
    """Why it is blocked; empty where it is not."""


class RelationRecord(Value):
    """One keyword is part of, or needs, another."""

    source: str
    target: str
    relation: str
    """`part-of`: the source is a part of the target; `needs`: it needs the target."""
    origin: str
    """Who says so: a vocabulary's name, `expansion`, `user`."""


class EdgeRecord(Value):
    """What ties two keywords. There is one for a pair; the pair itself has no direction."""

    source: str
    """The first of both by alphabet."""
    target: str
    count: int
    """Problems that both occur in; 0 where only a relation ties them."""
    npmi: float
    """Association: normalised pointwise mutual information, -1 (apart) to 1 (always together)."""
    relations: tuple[RelationRecord, ...]


def node_records(graph: KnowledgeGraph) -> Iterator[NodeRecord]:
    """Every keyword, in alphabetical order."""
    return (_record(graph, name) for name in graph)


def edge_records(graph: KnowledgeGraph) -> Iterator[EdgeRecord]:
    """Every pair: those that occur together in alphabetical order, then those only related."""
    related = _relations(graph)
    for one, other, count in graph.edges():
        yield _edge(graph, (one, other), count, related.pop((one, other), []))
    for pair in sorted(related):
        yield _edge(graph, pair, 0, related[pair])


def _edge(
    graph: KnowledgeGraph, pair: Pair, count: int, relations: list[RelationRecord]
) -> EdgeRecord:
    return EdgeRecord(
        source=pair[0],
        target=pair[1],
        count=count,
        npmi=round(graph.association(*pair), 4),
        relations=tuple(relations),
    )


def _relations(graph: KnowledgeGraph) -> dict[Pair, list[RelationRecord]]:
    found: defaultdict[Pair, list[RelationRecord]] = defaultdict(list)
    for each in graph.relations():
        pair = min(each.source, each.target), max(each.source, each.target)
        found[pair].append(RelationRecord(**each.model_dump()))
    return found


def _record(graph: KnowledgeGraph, name: str) -> NodeRecord:
    node = graph.node(name)
    return NodeRecord(
        id=node.id,
        text=node.text,
        kind=node.kind.value,
        languages=tuple(sorted(language.value for language in node.languages)),
        domains=tuple(sorted(node.domains)),
        origins=node.origins,
        vocabularies=tuple(sorted(node.vocabularies)),
        expanded_from=tuple(sorted(node.expanded_from)),
        surfaces=tuple(sorted(node.surfaces)),
        rows=node.rows,
        sampled=node.sampled,
        accepted=node.accepted,
        coverage=tuple(
            CoverageRecord(difficulty=difficulty, **tried.model_dump())
            for difficulty, tried in sorted(node.coverage.items())
        ),
        merges=tuple(
            MergeRecord(source=each.source, target=each.target, why=each.why)
            for each in node.merges
        ),
        blocked=node.blocked or "",
    )
