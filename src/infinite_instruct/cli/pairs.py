"""`infinite-instruct graph pairs`: the merging of keywords by itself, on one's own pairs."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from infinite_instruct.agents.opinions import Opinions
from infinite_instruct.assembly.embedding import embedder_of
from infinite_instruct.assembly.judging import open_opinions
from infinite_instruct.cli.flight import Flight
from infinite_instruct.cli.lines import opened, read_lines
from infinite_instruct.cli.terminal import console, plain
from infinite_instruct.events import Event, Noticed
from infinite_instruct.settings import Settings, load_settings
from infinite_instruct.tools.embedders import Embedder
from infinite_instruct.tools.merging import GreyPair, MergeDecision, compare

_FORM = '{"a": "hash map", "b": "hash table"}'


@dataclass(frozen=True)
class Pair:
    """One line of the input."""

    a: str
    b: str
    fault: str = ""
    """What is wrong with the line itself."""


def judge_pairs(where: str, *, model: bool = True) -> None:
    """Decide each pair of a file; a line each on stdout, in order, a summary on stderr.

    Args:
        where: A JSONL file, or `-` for stdin.
        model: Whether the configured model is asked about grey pairs.

    Raises:
        InfiniteInstructError: The file cannot be read, or the model cannot be asked.
    """
    counts: Counter[str] = Counter()
    try:
        asyncio.run(_judge(where, counts, model=model))
    finally:
        told = ", ".join(f"{count} {decision}" for decision, count in sorted(counts.items()))
        console(stderr=True).print(f"{counts.total()} pairs: {told or 'none'}")


async def _judge(where: str, counts: Counter[str], *, model: bool) -> None:
    settings = load_settings(None, {})
    async with _opinions(settings, model=model) as opinions:
        desk = _PairDesk(embedder_of(settings.graph), opinions)
        flight = Flight(desk.decide, lambda pair: len(pair.a) + len(pair.b))
        with opened(where) as stream:
            async for pair, decision in flight.results(_pairs(read_lines(stream))):
                counts["unreadable" if pair.fault else decision.decision] += 1
                _tell(pair, decision)


@asynccontextmanager
async def _opinions(settings: Settings, *, model: bool) -> AsyncGenerator[Opinions | None]:
    if not model:
        yield None
        return
    async with open_opinions(settings, _notice) as opinions:
        yield opinions


def _notice(event: Event) -> None:
    if isinstance(event, Noticed):
        console(stderr=True).print(plain(event.message))


@dataclass(frozen=True)
class _PairDesk:
    embedder: Embedder
    opinions: Opinions | None

    async def decide(self, pair: Pair) -> MergeDecision:
        if pair.fault:
            return MergeDecision(decision="grey", similarity=0, why=pair.fault)
        ruled = compare(pair.a, pair.b, self.embedder)
        if ruled.decision != "grey" or self.opinions is None:
            return ruled
        grey = GreyPair(a=pair.a, b=pair.b, similarity=ruled.similarity)
        ruling = await self.opinions.on(grey)
        if ruling is None:
            return ruled.model_copy(update={"why": "the model gave no opinion"})
        word = "same" if ruling.same else "different"
        return ruled.model_copy(update={"decision": word, "why": f"model: {ruling.why}"})


async def _pairs(lines: AsyncIterator[bytes]) -> AsyncIterator[Pair]:
    number = 0
    async for raw in lines:
        number += 1
        if raw.strip():
            yield read_pair(number, raw)


def read_pair(number: int, line: bytes) -> Pair:
    """Read one line. What is wrong with it is told in its place: a line in, a line out."""
    try:
        row = json.loads(line.decode(errors="replace"))
        a, b = row["a"], row["b"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        return Pair("", "", fault=f"line {number} is not like {_FORM}: {error!r}"[:300])
    if not isinstance(a, str) or not isinstance(b, str):
        return Pair("", "", fault=f"line {number}: 'a' and 'b' must be texts")
    return Pair(a, b)


def _tell(pair: Pair, decision: MergeDecision) -> None:
    told = {
        "a": pair.a,
        "b": pair.b,
        "decision": decision.decision,
        "similarity": round(decision.similarity, 4),
        "why": decision.why,
    }
    sys.stdout.write(json.dumps(told, ensure_ascii=True) + "\n")
    sys.stdout.flush()  # whoever reads our pipe gets each line when it is decided
