"""How hard a problem is that needs some keywords: by how many they are, and how rare."""

from collections.abc import Sequence
from random import Random
from statistics import fmean

from infinite_instruct.domain import Difficulty, KeywordKind, Language
from infinite_instruct.tools.closeness import some_of
from infinite_instruct.tools.knowledge import KnowledgeGraph

_COMPARED = 24
"""Other keywords that tell how rare one is."""
_EASY_BELOW, _HARD_FROM = 0.4, 0.6


def difficulty_of(
    graph: KnowledgeGraph,
    language: Language,
    points: Sequence[str],
    bounds: tuple[int, int],
    rng: Random,
) -> Difficulty:
    """The difficulty of a set.

    Args:
        graph: Tells how rare each point is.
        language: The set's language.
        points: The ids of its Knowledge Points.
        bounds: Fewest and most points that a set may have.
        rng: Chooses what the points are compared with.
    """
    fewest, most = bounds
    many = (len(points) - fewest) / (most - fewest) if most > fewest else 0.5
    others = some_of(graph.role(language, KeywordKind.KNOWLEDGE_POINT), _COMPARED, rng)
    frequencies = [len(graph.rows_with(name)) for name in others]
    rare = [_rarity(len(graph.rows_with(name)), frequencies) for name in points]
    score = fmean((many, fmean(rare))) if rare else many
    if score < _EASY_BELOW:
        return Difficulty.EASY
    return Difficulty.MEDIUM if score < _HARD_FROM else Difficulty.HARD


def _rarity(rows: int, frequencies: Sequence[int]) -> float:
    """Share of other keywords that more problems have; equals count half."""
    above = sum(1.0 if other > rows else 0.5 for other in frequencies if other >= rows)
    return above / len(frequencies) if frequencies else 0.5
