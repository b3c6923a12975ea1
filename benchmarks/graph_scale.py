"""What a large knowledge graph costs: memory, and the times of all that a campaign does with it.

Usage: python benchmarks/graph_scale.py [--sizes 1000 10000 100000 200000] [--vectors]

For each size one process writes the events of a campaign with that many keywords and ten pairs a
keyword (words by a Zipf-like law, some merged away, a set drawn for every fourth row, all from a
seed), and a fresh one loads and measures them. `add row` is one problem of 8 keywords, one of them
merged; with --vectors its neighbours are found and its merges decided, too (no model): what the
curator does with a row. Times are CPU of the process (user and system), median and 99th percentile;
`save` is until it is on the disk. `memory` is what the loaded graph adds.
"""

import argparse
import asyncio
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from infinite_instruct.domain import Keyword, KeywordKind, KeywordSet, Language
from infinite_instruct.runs.reader import RunReader
from infinite_instruct.runs.sqlite import SqliteLedger
from infinite_instruct.runs.store import RunStore
from infinite_instruct.tools.embedders import WordLlamaEmbedder
from infinite_instruct.tools.graph_events import GraphEvent
from infinite_instruct.tools.graph_metrics import measure
from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.sampling import sample_keywords
from infinite_instruct.tools.vectors import ChromaIndex
from infinite_instruct.tools.vocabulary import Vocabulary, index_texts, rebuild_graph

SIZES = (1_000, 10_000, 100_000, 200_000)
PAIRS_PER_KEYWORD = 10
NEW_IN_A_ROW = 2
MERGES = 0.03
LANGUAGES = (Language.PYTHON, Language.SQL, Language.GO)
TASK, INSTRUCTION, POINT = KeywordKind
KINDS = (TASK, INSTRUCTION, INSTRUCTION, POINT, POINT, POINT, POINT, POINT)
T = TypeVar("T")
BATCH = 1_000
REPEATS = 400
HEAD = f"{'keywords':>9}{'pairs':>11}{'rows':>9}{'memory':>10}{'load':>9}{'metrics':>9}" + "".join(
    f"{name:>20}" for name in ("add row ms", "draw ms", "unmerge ms", "save ms")
)


@dataclass
class Author:
    """Writes problems: each with some new keywords, and with known ones, old ones most often."""

    seed: int = 0
    known: int = 0
    rows: int = 0
    rng: random.Random = field(init=False)

    def __post_init__(self) -> None:
        """Start its random numbers."""
        self.rng = random.Random(f"{self.seed}:{self.rows}")  # noqa: S311 (no secret)

    def problem(self, new: int = NEW_IN_A_ROW) -> tuple[str, Language, list[Keyword]]:
        """The row, its language and its keywords."""
        new = new if self.known else len(KINDS)
        numbers = {self.known + at: None for at in range(new)}
        self.known += new
        while len(numbers) < len(KINDS):
            numbers[int(self.known ** self.rng.random()) - 1] = None
        self.rows += 1
        words = [Keyword(kind=KINDS[each % len(KINDS)], text=self._spelt(each)) for each in numbers]
        return f"r{self.rows:06d}", self.rng.choice(LANGUAGES), words

    def _spelt(self, number: int) -> str:
        """A keyword as models write it: `bako timun`, `Bako Timun`, `bako-timun`, `bako timuns`."""
        text = word(number)
        return self.rng.choice([text, text, text.title(), text.replace(" ", "-"), f"{text}s"])


def word(number: int) -> str:
    """Two words of two syllables each, another pair for each number: `bako timu`."""
    high, low = divmod(number, 10_000)
    return f"{_syllables(high)} {_syllables(low)}"


def _syllables(number: int) -> str:
    pairs = [consonant + vowel for consonant in "bcdfghklmnprtvwz" for vowel in "aeiouy"]
    rest, last = divmod(number, len(pairs))
    return f"{pairs[rest % len(pairs)]}{pairs[last]}{pairs[rest // len(pairs)]}n"


def history(size: int) -> Iterator[GraphEvent]:
    """The events of a campaign, until the graph has that many keywords and ten pairs a keyword."""
    graph, author = KnowledgeGraph(), Author()
    while len(graph) < size or graph.pairs < PAIRS_PER_KEYWORD * size:
        new = NEW_IN_A_ROW if len(graph) < size else 0
        row, language, words = author.problem(new)
        yield graph.add_problem(row, language, words)
        if new and author.rng.random() < MERGES * new:
            yield graph.merge(words[0].text, words[-1].text, "alike")
        if author.rows % 4 == 0:
            yield graph.mark_sampled(row, keyword_set(language, words[:5]), "hard")


def keyword_set(language: Language, words: list[Keyword]) -> KeywordSet:
    """A set as if drawn."""
    return KeywordSet(language=language, keywords=tuple(words), why="anchor, walk", coherence=0.3)


def write(size: int, ledger: Path) -> None:
    """Write a campaign's events into a new ledger."""
    SqliteLedger(ledger).create({})

    async def store() -> None:
        book, batch = RunStore(ledger), list[str]()
        for event in history(size):
            batch.append(event.model_dump_json())
            if len(batch) == BATCH:
                await book.add_graph_events(batch)
                batch.clear()
        await book.add_graph_events(batch)
        book.close()

    asyncio.run(store())


def show(ledger: Path, *, vectors: bool) -> None:
    """Load a campaign's graph and print what it costs."""
    before = _memory()
    load, graph = _timed(lambda: _load(ledger))
    memory = _memory() - before
    author = Author(known=len(graph) + graph.merges, rows=graph.rows)
    print(
        f"{len(graph):>9,}{graph.pairs:>11,}{graph.rows:>9,}{memory / 2**20:>7,.0f} MB"
        f"{load:>7.1f} s",
        end="",
        flush=True,
    )
    print(f"{_timed(lambda: measure(graph))[0]:>7.2f} s", end="", flush=True)
    learn = _learner(graph, ledger.parent) if vectors else _adder(graph)
    merged = [author.problem() for _ in range(REPEATS)]
    _print([_timed(lambda p=problem: learn(*p))[0] for problem in merged])
    _print([_timed(lambda: _draw(graph, author.rng))[0] for _ in range(REPEATS)])
    gone = [merge for name in graph for merge in graph.node(name).merges][:REPEATS]
    _print([_timed(lambda m=merge: graph.unmerge(m.source, ""))[0] for merge in gone])
    _print(asyncio.run(_saves(ledger)))
    print()


def _load(ledger: Path) -> KnowledgeGraph:
    with RunReader(ledger) as reader:
        return rebuild_graph(text for _, text in reader.graph_events())


def _adder(graph: KnowledgeGraph) -> Callable[[str, Language, list[Keyword]], object]:
    def add(row: str, language: Language, words: list[Keyword]) -> None:
        graph.add_problem(row, language, words).model_dump_json()
        graph.merge(words[0].text, words[-1].text, "alike").model_dump_json()

    return add


def _learner(
    graph: KnowledgeGraph, folder: Path
) -> Callable[[str, Language, list[Keyword]], object]:
    index = ChromaIndex(folder / "chroma", WordLlamaEmbedder(), index_texts(graph))
    vocabulary = Vocabulary(graph, index)

    def learn(row: str, language: Language, words: list[Keyword]) -> None:
        vocabulary.grey_pairs(words)
        vocabulary.learn(row, language, words, ())

    return learn


def _draw(graph: KnowledgeGraph, rng: random.Random) -> None:
    drawn = sample_keywords(graph, rng.choice(LANGUAGES), rng)
    if drawn:
        graph.mark_sampled(f"draw {graph.sets_drawn}", drawn)


async def _saves(ledger: Path) -> list[float]:
    """Seconds until the events of one row are on the disk."""
    store, author, seconds = RunStore(ledger), Author(), list[float]()
    for _ in range(REPEATS // 4):
        events = [KnowledgeGraph().add_problem(*author.problem()).model_dump_json()]
        start = time.perf_counter()
        await store.add_graph_events(events)
        seconds.append(time.perf_counter() - start)
    store.close()
    return seconds


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    start = time.process_time()
    done = work()
    return time.process_time() - start, done


def _print(seconds: list[float]) -> None:
    ordered = sorted(each * 1000 for each in seconds)
    worst = ordered[len(ordered) * 99 // 100]
    print(f"{statistics.median(ordered):>11.2f} /{worst:>7.2f}", end="", flush=True)


def _memory() -> int:
    """The most bytes that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """Print the table, or do one step of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--vectors", action="store_true")
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--show", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.write:
        write(asked.sizes[0], asked.write)
    elif asked.show:
        show(asked.show, vectors=asked.vectors)
    else:
        print(HEAD, flush=True)
        for size in asked.sizes:
            _measure(size, vectors=asked.vectors)


def _measure(size: int, *, vectors: bool) -> None:
    """One line, by processes of its own: no size feels the memory of another."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = Path(folder) / "ledger.sqlite"
        itself = [sys.executable, __file__, "--sizes", str(size)]
        subprocess.run([*itself, "--write", str(ledger)], check=True)  # noqa: S603 (itself)
        more = ["--vectors"] if vectors else []
        subprocess.run([*itself, "--show", str(ledger), *more], check=True)  # noqa: S603 (itself)


if __name__ == "__main__":
    main()
