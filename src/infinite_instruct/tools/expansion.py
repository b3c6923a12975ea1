"""Where the knowledge graph is thin: which keyword to ask a model for more around."""

from collections.abc import Iterator
from random import Random
from typing import Literal

from pydantic import Field

from infinite_instruct.domain import KeywordKind, Language, Value
from infinite_instruct.tools.closeness import near_ones, some_of
from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.sampling_rules import SamplingRules

_LOOKED_AT = 64
"""Keywords of each kind that are weighed: bounds the cost in a large graph."""
_KNOWN = 24
"""Keywords beside it that a model is told, so as not to hear them again."""


class ThinRegion(Value):
    """A keyword around which the graph knows too little."""

    keyword: str
    kind: KeywordKind
    language: Language
    known: tuple[str, ...] = Field(max_length=_KNOWN)
    """What is beside it already."""
    why: str


class Suggestion(Value):
    """What a model proposed around a keyword."""

    text: str
    kind: KeywordKind
    relation: Literal["sibling", "part-of", "needs"]


def thin_region(graph: KnowledgeGraph, language: Language, rng: Random) -> ThinRegion | None:
    """The thinnest of some keywords of a language; None where all of them were expanded.

    Thin is what has few ties, no siblings and few draws. Only keywords of problems and vocabularies
    count, and rather those whose problems were accepted: what was proposed by a model leads no
    further before a problem was made of it, so that expansions do not drift away.
    """
    found = list(dict.fromkeys(_grounded(graph, language, rng)))
    if not found:
        return None
    name, kind = min(found, key=lambda each: _thickness(graph, each[0]))
    return region_around(graph, name, kind, language, rng)


def region_around(
    graph: KnowledgeGraph, name: str, kind: KeywordKind, language: Language, rng: Random
) -> ThinRegion:
    """What a model is asked about one keyword, by its id."""
    near = near_ones(graph, name, _KNOWN, rng)[:_KNOWN]
    ties, siblings = _ties(graph, name), _siblings(graph, name)
    return ThinRegion(
        keyword=graph.text(name),
        kind=kind,
        language=language,
        known=tuple(graph.text(each) for each in near),
        why=f"{ties} ties, {siblings} siblings, drawn {graph.draws(name)} times",
    )


def saturated(graph: KnowledgeGraph, language: Language, rng: Random, rules: SamplingRules) -> bool:
    """Whether, of some keywords of each kind, all were drawn often: only repetition is left."""
    wanted = [kind for kind, (_, most) in rules.bounds.items() if most]
    names = [
        name for kind in wanted for name in some_of(graph.role(language, kind), _LOOKED_AT, rng)
    ]
    return all(graph.draws(name) >= rules.saturated_at for name in names)


def _grounded(
    graph: KnowledgeGraph, language: Language, rng: Random
) -> Iterator[tuple[str, KeywordKind]]:
    for kind in KeywordKind:
        for name in some_of(graph.role(language, kind), _LOOKED_AT, rng):
            if not graph.was_expanded(name) and not graph.only_proposed(name):
                yield name, kind


def _thickness(graph: KnowledgeGraph, name: str) -> float:
    drawn, accepted = graph.draws(name), graph.accepted(name)
    known = (1 + _ties(graph, name)) * (2 if _siblings(graph, name) else 1)
    return known * (1 + drawn) * (1 + drawn) / (1 + accepted)


def _ties(graph: KnowledgeGraph, name: str) -> int:
    return len({*graph.neighbours(name), *graph.related(name)})


def _siblings(graph: KnowledgeGraph, name: str) -> int:
    return sum(len(graph.parts(parent)) - 1 for parent in graph.parents(name))
