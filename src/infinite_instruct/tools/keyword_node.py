"""One keyword of the graph, as it is told to people and to other modules."""

from collections import Counter
from collections.abc import Iterator
from typing import Literal

from infinite_instruct.domain import KeywordKind, Language, Value
from infinite_instruct.tools.graph_events import Merged, RelationKind
from infinite_instruct.tools.graph_state import GraphState
from infinite_instruct.tools.keyword_entry import Entry
from infinite_instruct.tools.problem_book import Rows

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


def node_of(graph: GraphState, name: str) -> KeywordNode:
    """All that a graph knows of an id."""
    entry = graph.names.all_of(name)
    return KeywordNode(
        id=name,
        text=entry.text,
        kind=entry.kind,
        kinds=entry.kinds,
        surfaces=dict(entry.surfaces),
        languages=_languages(graph, entry),
        domains=entry.domains,
        origins=tuple(_origins(entry)),
        vocabularies=tuple(dict.fromkeys(source for source, _ in entry.imported)),
        expanded_from=entry.expanded,
        rows=tuple(Rows(entry.rows, graph.problems)),
        sampled=len(entry.drawn),
        accepted=len(entry.accepted),
        coverage=_coverage(graph, entry),
        relations=tuple(relations_of(graph, name)),
        merges=graph.names.merges_into(name),
        blocked=graph.blocked.get(name),
    )


def relations_of(graph: GraphState, name: str) -> Iterator[KeywordRelation]:
    """The relations of an id by the present ids, those within itself left out."""
    for relation, origin in graph.names.all_of(name).relations.items():
        source, target = (graph.names.id_of(end) for end in (relation.source, relation.target))
        if source != target:
            yield KeywordRelation(
                source=source, target=target, relation=relation.relation, origin=origin
            )


def _languages(graph: GraphState, entry: Entry) -> dict[Language, int]:
    counts = {language: 0 for language, _ in entry.roles if language is not None}
    for problem in entry.rows:
        counts[graph.problems.language(problem)] += 1
    return counts


def _origins(entry: Entry) -> Iterator[WhereFrom]:
    if entry.rows:
        yield "rows"
    if entry.imported:
        yield "vocabulary"
    if entry.expanded:
        yield "expansion"


def _coverage(graph: GraphState, entry: Entry) -> dict[str, Tried]:
    drawn = Counter(map(graph.draws.difficulty, entry.drawn))
    accepted = Counter(map(graph.draws.difficulty, entry.accepted))
    return {
        name: Tried(sampled=drawn[name], accepted=accepted[name])
        for name in sorted({*drawn, *accepted})
    }
