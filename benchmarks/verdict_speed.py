"""How fast verdicts are: samples per CPU-second (user + system of the whole process tree), warm.

Usage: python benchmarks/verdict_speed.py FOLDER [--language go]... [--count 1000] [--mixed]
FOLDER holds JSONL files of {"language", "fault", "code"}; only the good programs are judged,
with --mixed the faulty ones, too. Each judged text is a new one, so no cache helps. The same
samples are then judged by one process each, and the ratio is printed.
"""

import argparse
import asyncio
import json
import random
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cpu_time import cpu_seconds

from infinite_instruct.domain import Language, Status
from infinite_instruct.tools.analyzers import Analyzer, Batching, Toolbox, builtin_analyzers
from infinite_instruct.tools.analyzers.text.tree_sitter_syntax import TreeSitterSyntax
from infinite_instruct.tools.languages import parse_language
from infinite_instruct.tools.verification import Verifier

AT_ONCE = 2_000
WARM_UP = 500
ONE_BY_ONE = 8
_COMMENTS = {Language.PYTHON: "#", Language.SHELL: "#", Language.SQL: "--"}
_PARSED = frozenset({Language.JAVA, Language.GO, Language.RUST})
HEAD = (
    f"{'what':32}{'n':>6}{'/CPU-s':>9}{'wall s':>8}{'accepted':>9}{'alone /CPU-s':>17}{'ratio':>8}"
)


@dataclass(frozen=True)
class Course:
    """What is measured: some analyzers on some samples."""

    name: str
    samples: Sequence[tuple[str, Language]]
    only: frozenset[str] | None = None
    """The names of the analyzers; None for all."""

    def verifier(self, batching: Batching) -> Verifier:
        """A new verifier with these analyzers."""
        found: tuple[Analyzer, ...] = builtin_analyzers(Toolbox(batching=batching))
        chosen = [each for each in found if self.only is None or each.name in self.only]
        return Verifier(chosen)


def courses(folder: Path, languages: Sequence[str], *, mixed: bool) -> list[Course]:
    """One for each language, and for Python's fast tier, and for the parsers alone."""
    found: list[Course] = []
    parsed: list[tuple[str, Language]] = []
    for path in sorted(folder.glob("*.jsonl")):
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        language = parse_language(rows[0]["language"])
        samples = [(row["code"], language) for row in rows if mixed or row["fault"] == "good"]
        if languages and path.stem not in languages:
            continue
        found.append(Course(path.stem, samples))
        if language is Language.PYTHON:
            found.append(Course("python, ruff + ty", samples, frozenset({"ruff", "ty"})))
        if language in _PARSED:
            parsed += samples
    if parsed:
        found.append(Course("parsers (tree-sitter)", parsed, frozenset({TreeSitterSyntax.name})))
    return found


def fresh(course: Course, count: int, round_: str) -> list[tuple[str, Language]]:
    """So many samples, each a text that was never judged before."""
    chosen = random.Random(7).choices(course.samples, k=count)  # noqa: S311  the same each time
    return [
        (f"{code}\n{_COMMENTS.get(language, '//')} {round_} {number}\n", language)
        for number, (code, language) in enumerate(chosen)
    ]


async def judge(
    verifier: Verifier, samples: Sequence[tuple[str, Language]], at_once: int = AT_ONCE
) -> int:
    """Judge all; how many were accepted."""
    room = asyncio.Semaphore(at_once)

    async def one(code: str, language: Language) -> bool:
        async with room:
            verdict = await verifier.verify_code(code, language)
            return verdict.status is Status.ACCEPTED

    return sum(await asyncio.gather(*(one(*sample) for sample in samples)))


async def measure(course: Course, count: int) -> None:
    """Print one line."""
    verifier = course.verifier(Batching(size=400))
    await judge(verifier, fresh(course, WARM_UP, "warm"))
    began, clock = cpu_seconds(), time.monotonic()
    accepted = await judge(verifier, fresh(course, count, "timed"))
    cpu, wall = cpu_seconds() - began, time.monotonic() - clock
    del verifier
    began = cpu_seconds()
    for sample in fresh(course, ONE_BY_ONE, "alone"):
        await judge(course.verifier(Batching(seconds=0, size=1)), [sample])
    alone = ONE_BY_ONE / (cpu_seconds() - began)
    speed = count / cpu
    numbers = f"{count:6}{speed:9.0f}{wall:8.1f}{accepted:9}{alone:17.2f}{speed / alone:8.0f}"
    print(f"{course.name:32}{numbers}", flush=True)


def main() -> None:
    """Read the arguments and measure each course."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--language", action="append", default=[], help="only these files")
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--mixed", action="store_true", help="faulty programs, too")
    asked = parser.parse_args()
    print(HEAD)
    for course in courses(asked.folder, asked.language, mixed=asked.mixed):
        asyncio.run(measure(course, asked.count))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process: {peak:.0f} MB")


if __name__ == "__main__":
    main()
