"""How often verdicts are right: false rejects, catch rate per fault, and company's influence.

Usage: python benchmarks/verdict_accuracy.py FOLDER [--language go]... [--alone 300] [--strict]
FOLDER holds JSONL files of {"id", "language", "fault", "expected", "code"}; `fault` is `good` for
untouched programs, `expected` is `accepted`, `rejected`, `not rejected` or `any`.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from infinite_instruct.domain import Status, Verdict
from infinite_instruct.tools.analyzers import Batching, Policy, Toolbox, builtin_analyzers
from infinite_instruct.tools.languages import parse_language
from infinite_instruct.tools.process import Slots
from infinite_instruct.tools.verification import Verifier

Row = dict[str, str]

AT_ONCE = 800
SHOWN_REASONS = 4
HEAD = f"{'fault':20}{'n':>6}{'accepted':>10}{'rejected':>10}{'unverif.':>10}{'as expected %':>15}"


async def judge(rows: Sequence[Row], verifier: Verifier, at_once: int = AT_ONCE) -> list[Verdict]:
    """Judge all rows, hundreds at a time, as `infinite-instruct verify` does."""
    room = asyncio.Semaphore(at_once)

    async def one(row: Row) -> Verdict:
        async with room:
            return await verifier.verify_code(row["code"], parse_language(row["language"]))

    return list(await asyncio.gather(*(one(row) for row in rows)))


def is_expected(row: Row, verdict: Verdict) -> bool:
    """Whether the verdict is what the data say of the program."""
    if row["expected"] == "not rejected":
        return verdict.status is not Status.REJECTED
    return row["expected"] in {"any", verdict.status.value}


def report(name: str, rows: Sequence[Row], judged: Sequence[Verdict], seconds: float) -> None:
    """Print the table of a language, then its good programs that were not accepted."""
    groups: dict[str, list[tuple[Row, Verdict]]] = defaultdict(list)
    for pair in zip(rows, judged, strict=True):
        groups[pair[0]["fault"]].append(pair)
    print(f"\n== {name}: {len(rows)} samples in {seconds:.0f} s\n{HEAD}  reasons")
    for fault in sorted(groups, key=lambda each: (each != "good", each)):
        print(_line(fault, groups[fault]))
    for row, verdict in groups.get("good", []):
        if verdict.status is not Status.ACCEPTED:
            print(f"  {row['id']}: {verdict.status} {verdict.reason}: {verdict.detail[:150]}")


def _line(fault: str, pairs: Sequence[tuple[Row, Verdict]]) -> str:
    by_status = Counter(verdict.status for _, verdict in pairs)
    counts = [by_status[each] for each in (Status.ACCEPTED, Status.REJECTED, Status.UNVERIFIABLE)]
    right = 100 * sum(is_expected(*pair) for pair in pairs) / len(pairs)
    reasons = Counter(verdict.reason for _, verdict in pairs if not verdict.accepted)
    told = ", ".join(f"{reason} {n}" for reason, n in reasons.most_common(SHOWN_REASONS))
    numbers = "".join(f"{count:10}" for count in counts)
    return f"{fault:20}{len(pairs):6}{numbers}{right:15.1f}  {told}"


def compare_company(name: str, rows: Sequence[Row], policy: Policy) -> None:
    """Judge the same rows together, reversed by one worker, shuffled by four, and each alone."""
    batches = Toolbox(batching=Batching(size=AT_ONCE))
    together = asyncio.run(judge(rows, Verifier(builtin_analyzers(batches, policy), policy)))
    shuffled = list(rows)
    random.Random(7).shuffle(shuffled)  # noqa: S311  the same order each time
    one_worker = Toolbox(batching=Batching(size=50), slots=Slots(1))
    four = Toolbox(batching=Batching(size=120), slots=Slots(4))
    alone = Toolbox(batching=Batching(seconds=0, size=1))
    ways = (("reversed, 1 worker", list(reversed(rows)), one_worker, AT_ONCE),
            ("shuffled, 4 workers", shuffled, four, AT_ONCE),
            ("each alone", list(rows), alone, 1))  # fmt: skip
    expected = {row["id"]: _essence(each) for row, each in zip(rows, together, strict=True)}
    for way, order, toolbox, at_once in ways:
        verifier = Verifier(builtin_analyzers(toolbox, policy), policy)
        found = asyncio.run(judge(order, verifier, at_once))
        other = [
            f"{row['id']}: {_essence(verdict)} against {expected[row['id']]}"
            for row, verdict in zip(order, found, strict=True)
            if _essence(verdict) != expected[row["id"]]
        ]
        print(f"{name}, {way}: {len(rows) - len(other)} of {len(rows)} verdicts the same")
        print("".join(f"  {each}\n" for each in other[:10]), end="")


def _essence(verdict: Verdict) -> tuple[str, str, tuple[tuple[str, str, int], ...]]:
    found = tuple((each.tool, each.rule, each.line) for each in verdict.diagnostics)
    return verdict.status.value, verdict.reason, found


def main() -> None:
    """Read the arguments and judge each file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--language", action="append", default=[], help="only these files")
    parser.add_argument("--alone", type=int, default=0, help="compare so many alone and together")
    parser.add_argument("--strict", action="store_true", help="the policy of campaigns")
    asked = parser.parse_args()
    policy = Policy.load(strict=asked.strict)
    for path in sorted(asked.folder.glob("*.jsonl")):
        if asked.language and path.stem not in asked.language:
            continue
        rows: list[Row] = [json.loads(line) for line in path.read_text().splitlines()]
        if asked.alone:
            chosen = random.Random(7).sample(rows, min(asked.alone, len(rows)))  # noqa: S311
            compare_company(path.stem, chosen, policy)
        else:
            started = time.monotonic()
            toolbox = Toolbox(batching=Batching(size=AT_ONCE))
            judged = asyncio.run(judge(rows, Verifier(builtin_analyzers(toolbox, policy), policy)))
            report(path.stem, rows, judged, time.monotonic() - started)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
