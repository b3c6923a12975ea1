"""Graphs of any size, with communities, as a campaign would grow them."""

import random

from infinite_instruct.domain import Keyword, KeywordKind, KeywordSet, Language
from infinite_instruct.tools.knowledge import KnowledgeGraph

_KINDS = (
    *(KeywordKind.TASK, KeywordKind.INSTRUCTION, KeywordKind.INSTRUCTION),
    *(KeywordKind.KNOWLEDGE_POINT, KeywordKind.KNOWLEDGE_POINT, KeywordKind.KNOWLEDGE_POINT),
)
_TOPICS = (
    *("sort", "hash map", "binary tree", "socket", "parser", "matrix", "queue", "regex"),
    *("thread", "cache", "string", "date", "json", "file", "stream", "lock", "heap", "trie"),
)


def grown_graph(
    keywords: int, rows: int, topics: int = len(_TOPICS), seed: int = 1
) -> KnowledgeGraph:
    """A graph of about so many keywords: rows draw most of theirs from one topic."""
    rng = random.Random(seed)
    pools = [_pool(topic, keywords // topics) for topic in range(topics)]
    weights = [1 / (at + 10) ** 0.5 for at in range(keywords // topics)]
    graph = KnowledgeGraph()
    for row in range(rows):
        pool = pools[row % topics]
        drawn = dict.fromkeys(rng.choices(pool, weights, k=7))
        drawn |= dict.fromkeys(rng.choices(rng.choice(pools), weights, k=row % 2))
        graph.add_problem(f"r{row:06d}", Language.PYTHON, list(drawn))
        if row % 3 == 0:
            some = KeywordSet(
                language=Language.PYTHON, keywords=tuple(drawn)[:4], why="", coherence=0
            )
            graph.mark_sampled(f"d{row:06d}", some)
    return graph


def _pool(topic: int, size: int) -> list[Keyword]:
    name = _TOPICS[topic % len(_TOPICS)]
    return [
        Keyword(kind=_KINDS[at % len(_KINDS)], text=f"{name} {topic}x{at}") for at in range(size)
    ]
