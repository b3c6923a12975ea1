"""Print how often the verifier is right: false rejects of good programs, catch rate per fault.

Usage: python benchmarks/verify_accuracy.py FILE.jsonl...
Lines: {"id", "language", "fault", "expected", "code"}; `fault` is `good` for untouched programs.
"""

import asyncio
import json
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

from infinite_instruct.domain import Status, Verdict
from infinite_instruct.tools.analyzers import Batching, Toolbox, builtin_analyzers
from infinite_instruct.tools.languages import parse_language
from infinite_instruct.tools.verification import Verifier

AT_ONCE = 200
SHOWN = 5
_COLUMNS = f"{'n':>6}{'accepted':>10}{'rejected':>10}{'unverif.':>10}{'rejected %':>12}"
HEAD = f"{'fault':20}{_COLUMNS}  reasons"


async def verdicts(rows: list[dict[str, str]]) -> list[Verdict]:
    """Judge all rows, several hundred at a time, as a run of the pipeline does."""
    verifier = Verifier(builtin_analyzers(Toolbox(batching=Batching(size=AT_ONCE))))
    room = asyncio.Semaphore(AT_ONCE * 2)

    async def judge(row: dict[str, str]) -> Verdict:
        async with room:
            return await verifier.verify_code(row["code"], parse_language(row["language"]))

    return list(await asyncio.gather(*(judge(row) for row in rows)))


def report(rows: list[dict[str, str]], judged: list[Verdict], seconds: float) -> None:
    """Print the table, then the verdicts that are not as expected."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for row, verdict in zip(rows, judged, strict=True):
        counts[row["fault"]][verdict.status.value] += 1
        if verdict.status is not Status.ACCEPTED:
            reasons[row["fault"]][verdict.reason] += 1
    print(HEAD)
    for fault, count in sorted(counts.items(), key=lambda item: (item[0] != "good", item[0])):
        n = count.total()
        share = 100 * count["rejected"] / n
        numbers = f"{n:6}{count['accepted']:10}{count['rejected']:10}{count['unverifiable']:10}"
        told = ", ".join(f"{name} {times}" for name, times in reasons[fault].most_common(SHOWN))
        print(f"{fault:20}{numbers}  {share:10.1f}  {told}")
    print(f"{len(rows)} samples in {seconds:.1f} s: {len(rows) / seconds:.0f}/s")
    for row, verdict in zip(rows, judged, strict=True):
        if row["fault"] == "good" and verdict.status is not Status.ACCEPTED:
            print(f"  {row['id']}: {verdict.status.value} {verdict.reason}: {verdict.detail[:160]}")


def main(paths: list[str]) -> None:
    """Judge each file."""
    for path in paths:
        rows = [json.loads(line) for line in Path(path).read_text().splitlines()]
        started = time.monotonic()
        judged = asyncio.run(verdicts(rows))
        print(f"\n== {path}")
        report(rows, judged, time.monotonic() - started)


if __name__ == "__main__":
    main(sys.argv[1:])
