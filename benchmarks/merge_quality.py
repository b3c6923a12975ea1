"""How well keywords merge: `python benchmarks/merge_quality.py [PAIRS.jsonl] [--index N]`.

Lines of the file are `{"a", "b", "same"}`, with a `part` or not. Told are, for each part, precision
and recall of the rules alone, and with a model that is right on every grey pair: what a capable one
comes near to. `--model` asks the configured model in its place. `--index N` measures the CPU time
of eight new keywords against an index of N.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from infinite_instruct.assembly.judging import open_opinions
from infinite_instruct.domain import Keyword, KeywordKind, Language
from infinite_instruct.events import nobody
from infinite_instruct.settings import load_settings
from infinite_instruct.tools.embedders import WordLlamaEmbedder
from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.merging import GreyPair, MergeDecision, compare
from infinite_instruct.tools.vectors import ChromaIndex
from infinite_instruct.tools.vocabulary import Vocabulary, index_texts

SHIPPED = Path(__file__).parents[1] / "tests" / "fixtures" / "keyword-pairs.jsonl"
_ROW = 8
_ROWS = 60

Pair = dict[str, str]
Answer = Callable[[Pair], bool]


def main() -> None:
    """Measure, and print a line a part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", nargs="?", type=Path, default=SHIPPED)
    parser.add_argument("--model", action="store_true")
    parser.add_argument("--index", type=int, default=0)
    options = parser.parse_args()
    if options.index:
        _measure_row(options.index)
        return
    parts: dict[str, list[Pair]] = {}
    for line in options.pairs.read_text("utf-8").splitlines():
        pair: Pair = json.loads(line)
        parts.setdefault(pair.get("part", "all"), []).append(pair)
    for name, pairs in parts.items():
        _measure(name, pairs, model=options.model)


def _measure(name: str, pairs: Sequence[Pair], *, model: bool) -> None:
    embedder = WordLlamaEmbedder()
    begun = time.process_time()
    decided = [compare(pair["a"], pair["b"], embedder) for pair in pairs]
    spent = (time.process_time() - begun) / len(pairs)
    _tell(f"{name}, rules", pairs, [each.decision == "same" for each in decided])
    opinions = asyncio.run(_ask(pairs, decided)) if model else [bool(p["same"]) for p in pairs]
    merged = [
        each.decision == "same" or (each.decision == "grey" and opinion)
        for each, opinion in zip(decided, opinions, strict=True)
    ]
    _tell(f"{name}, {'the model' if model else 'a right model'}", pairs, merged)
    grey = sum(each.decision == "grey" for each in decided)
    print(f"  {grey} of {len(pairs)} pairs are grey; {spent * 1e6:.0f} us a pair")


def _tell(name: str, pairs: Sequence[Pair], merged: Sequence[bool]) -> None:
    right = sum(bool(pair["same"]) and each for pair, each in zip(pairs, merged, strict=True))
    found = right / max(1, sum(bool(pair["same"]) for pair in pairs))
    print(f"{name}: precision {right / max(1, sum(merged)):.3f}, recall {found:.3f}")


async def _ask(pairs: Sequence[Pair], decided: Sequence[MergeDecision]) -> list[bool]:
    async with open_opinions(load_settings(None, {}), nobody) as opinions:

        async def opinion(pair: Pair, decision: MergeDecision) -> bool:
            if decision.decision != "grey":
                return False
            grey = GreyPair(a=pair["a"], b=pair["b"], similarity=decision.similarity)
            ruling = await opinions.on(grey)
            return ruling is not None and ruling.same

        return await asyncio.gather(*map(opinion, pairs, decided))


def _measure_row(size: int) -> None:
    rng = random.Random(0)  # noqa: S311 - no secret
    words = sorted({word for line in SHIPPED.open() for word in json.loads(line)["a"].split()})
    with tempfile.TemporaryDirectory() as folder:
        graph = KnowledgeGraph()
        for at in range(0, size, _ROW):
            graph.add_problem(f"r{at}", Language.GO, _keywords(words, rng, _ROW))
        begun = time.perf_counter()
        index = ChromaIndex(Path(folder), WordLlamaEmbedder(), index_texts(graph))
        print(f"{len(index)} keywords indexed in {time.perf_counter() - begun:.0f} s")
        vocabulary = Vocabulary(graph, index)
        spent = sorted(_row(vocabulary, f"n{row}", words, rng) for row in range(_ROWS))
        worst = spent[int(len(spent) * 0.95)]
        print(
            f"{_ROW} new keywords: {median(spent) * 1e3:.1f} ms of CPU (median), "
            f"{worst * 1e3:.1f} (95 %)"
        )
        index.close()


def _row(vocabulary: Vocabulary, row: str, words: Sequence[str], rng: random.Random) -> float:
    keywords = _keywords(words, rng, _ROW)
    begun = time.process_time()
    vocabulary.grey_pairs(keywords)
    vocabulary.learn(row, Language.GO, keywords, ())
    return time.process_time() - begun


def _keywords(words: Sequence[str], rng: random.Random, count: int) -> list[Keyword]:
    texts = (" ".join(rng.sample(words, 3))[:80] for _ in range(count))
    return [Keyword(kind=KeywordKind.KNOWLEDGE_POINT, text=text) for text in texts]


if __name__ == "__main__":
    sys.exit(main())
