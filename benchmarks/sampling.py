"""Drawn keyword sets against sets drawn blindly, on a graph mined from real problems.

Usage: python benchmarks/sampling.py FOLDER [--draws 1000] [--seed 0]
FOLDER holds mbpp.jsonl and HumanEval.jsonl.gz; their keywords are mined by rules, so no model is
asked and the numbers are the same each time, but for the milliseconds. Each draw is told to the
graph, and counts as accepted.
"""

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from mined_problems import mine, mined_graph, read_problems

from infinite_instruct.domain import Keyword, KeywordKind, KeywordSet, Language
from infinite_instruct.tools.closeness import Closeness
from infinite_instruct.tools.graph_metrics import measure
from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.sampling import sample_keywords
from infinite_instruct.tools.sampling_rules import DEFAULT_RULES

Draw = Callable[[KnowledgeGraph, Random], KeywordSet | None]
HEAD = (
    f"{'':10}{'sets':>6}{'coherence':>11}{'loose':>7}{'coverage':>10}{'entropy':>9}"
    f"{'keywords':>10}{'repeated':>10}{'ms':>7}"
)
LANGUAGE = Language.PYTHON
ROWS = 60


def ours(graph: KnowledgeGraph, rng: Random) -> KeywordSet | None:
    """As campaigns draw."""
    return sample_keywords(graph, LANGUAGE, rng)


def blind(graph: KnowledgeGraph, rng: Random) -> KeywordSet:
    """The same numbers of each kind, by chance."""
    drawn: dict[str, KeywordKind] = {}
    for kind, bounds in DEFAULT_RULES.bounds.items():
        free = [name for name in graph.role(LANGUAGE, kind) if name not in drawn]
        drawn |= dict.fromkeys(rng.sample(free, rng.randint(*bounds)), kind)
    words = [Keyword(kind=kind, text=graph.text(name)) for name, kind in drawn.items()]
    return KeywordSet(language=LANGUAGE, keywords=tuple(words), why="chance", coherence=0)


def course(name: str, texts: Sequence[str], draw: Draw, count: int, seed: int) -> str:
    """A line of numbers after so many draws on a new graph."""
    graph, rng = mined_graph(texts), Random(seed)  # noqa: S311  the same each time
    sets: Counter[frozenset[str]] = Counter()
    together: list[float] = []
    seconds: list[float] = []
    for number in range(count):
        began = time.perf_counter()
        drawn = draw(graph, rng)
        seconds.append(time.perf_counter() - began)
        if drawn is None:
            continue
        names = graph.ids_of(drawn)
        sets[names] += 1
        together.append(Closeness(graph).coherence(names))
        graph.mark_sampled(f"d{number}", drawn)
        graph.mark_accepted(f"d{number}", drawn)
    told = measure(graph)
    keywords = len({name for names in sets for name in names})
    loose = sum(each < DEFAULT_RULES.min_coherence for each in together) / len(together)
    return (
        f"{name:10}{sets.total():6}{statistics.fmean(together):11.3f}{loose:7.1%}"
        f"{told.coverage:10.1%}{told.coverage_evenness:9.3f}{keywords:10}"
        f"{sets.total() - len(sets):10}{statistics.median(seconds) * 1_000:7.2f}"
    )


def loop(problems: Sequence[Sequence[Keyword]], rows: int, seed: int) -> str:
    """A campaign in small: half of the rows bring real keywords, half are composed from the graph.

    Composed rows bring their keywords back, as they do in a campaign.
    """
    graph, rng = KnowledgeGraph(), Random(seed)  # noqa: S311  the same each time
    waiting = rng.sample(list(problems), rows // 2)
    mined: set[str] = set()
    used: list[str] = []
    composed = 0
    for number in range(rows):
        drawn = ours(graph, rng) if composed < (number + 1) / 2 or not waiting else None
        keywords = drawn.keywords if drawn else waiting.pop()
        if drawn:
            composed += 1
            graph.mark_sampled(f"r{number}", drawn)
            graph.mark_accepted(f"r{number}", drawn)
        graph.add_problem(f"r{number}", LANGUAGE, keywords)
        names = [graph.resolve(keyword.text) for keyword in keywords]
        used += names if drawn else []
        mined |= set() if drawn else set(names)
    share = len(set(used) & mined) / len(mined)
    return (
        f"{rows} rows, {composed} composed: {len(mined)} keywords mined, {share:.1%} of them used, "
        f"{len(set(used))} different in {len(used)} places"
    )


def main() -> None:
    """Read the arguments, draw, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--draws", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    texts = list(read_problems(asked.folder))
    graph = mined_graph(texts)
    kinds = ", ".join(f"{len(graph.role(LANGUAGE, kind))} {kind}" for kind in KeywordKind)
    print(f"{len(texts)} problems, {len(graph)} keywords ({kinds})")
    print(HEAD)
    print(course("blind", texts, blind, asked.draws, asked.seed), flush=True)
    print(course("ours", texts, ours, asked.draws, asked.seed), flush=True)
    for seed in range(asked.seed, asked.seed + 5):
        print(loop([words for words in mine(texts) if words], ROWS, seed), flush=True)


if __name__ == "__main__":
    main()
