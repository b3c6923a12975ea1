"""How long a resume takes to its first request, by the size of the run.

Usage: python benchmarks/resume.py [--calls 1000 100000 1000000] [--keep FOLDER]

A real campaign against the tests' endpoint is killed in the middle of its first rows. Its ledger is
filled up with rows of five calls and twelve events each, three of five accepted with eight keywords
in the graph, half of them composed. Then it is resumed as a user does, in a new process. `first` is
the time from its start to the first request at the endpoint (`CPU` what the process used until
then), `new row` to the first row that was not in flight before. Files are in the system's cache.
"""

import argparse
import json
import os
import secrets
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
from graph_scale import Author, keyword_set

from infinite_instruct.domain import Direction, Language, Origin, ProblemType
from infinite_instruct.events import Noticed
from infinite_instruct.tools.graph_events import GraphEvent, KeywordsAdded, Merged, Sampled
from infinite_instruct.tools.minhash import SIZE, SketchStore

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "src" / "infinite_instruct"
CALLS_PER_ROW = 5
EVENTS_PER_ROW = 12
HEAD = f"{'calls':>10}{'rows':>9}{'problems':>10}{'ledger MB':>11}{'first s':>9}{'CPU s':>7}"
HEAD += f"{'new row s':>11}"
REQUEST, REPLY, PLAN, OUTCOME = ("x" * size for size in (900, 500, 900, 2_500))
EVENT = Noticed(message="x" * 200).model_dump_json()
WAIT = 180.0


@contextmanager
def mock_endpoint(log: Path) -> Generator[str]:
    """The tests' endpoint with the scripted author, in a child that logs; gives its URL."""
    program = ROOT / "tests" / "llm" / "mock_endpoint.py"
    words = ["--replies", "authored_endpoint:reply", "--latency", "0.3", "--log", str(log)]
    paths = [str(ROOT / name) for name in ("tests", "tests/cli", "tests/llm", "src")]
    child = subprocess.Popen(  # noqa: S603  our own program
        [sys.executable, str(program), *words],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield (child.stdout.readline() if child.stdout else "").strip()
    finally:
        child.kill()
        child.wait()


def command(*words: object) -> subprocess.Popen[bytes]:
    """Start the command line."""
    return subprocess.Popen(  # noqa: S603  our own program
        [sys.executable, "-m", "infinite_instruct.cli", *map(str, words)],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


def stop(child: subprocess.Popen[bytes]) -> None:
    """End a command with all that it started."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def requests(log: Path) -> list[float]:
    """When requests came."""
    lines = log.read_text().splitlines() if log.exists() else []
    told = [json.loads(line) for line in lines if line.endswith("}")]
    return [each["at"] for each in told if each["what"] == "request"]


def begin(out: Path, url: str, log: Path) -> None:
    """Run a campaign until its first rows are under way, and kill it."""
    words = ("run", "--seeds", SEEDS, "--languages", "python", "--out", out, "--base-url", url)
    child = command(*words, "--model", "mock", "-n", 1_000_000, "--concurrency", 32)
    while len(requests(log)) < 100 and child.poll() is None:  # noqa: PLR2004  all rows are begun
        time.sleep(0.05)
    stop(child)


def fill(out: Path, calls: int) -> int:
    """Add what a long campaign would have left; gives the number of its problems."""
    rows = calls // CALLS_PER_ROW
    with closing(sqlite3.connect(out / "ledger.sqlite", isolation_level=None)) as database:
        database.execute("PRAGMA synchronous = OFF")
        database.execute("PRAGMA cache_size = -500000")
        database.execute("BEGIN")
        first = 1 + int(database.execute("SELECT count(*) FROM rows").fetchone()[0])
        ids = [f"r{first + number:06d}" for number in range(rows)]
        database.executemany(
            "INSERT INTO calls (key, role, model, prompt_tokens, completion_tokens, seconds, at, "
            "request, reply) VALUES (?, 'solver', 'mock', 300, 200, 1.0, 0.0, ?, ?)",
            ((secrets.token_hex(32), REQUEST, REPLY) for _ in range(calls)),
        )
        database.execute(
            "UPDATE spending SET calls = calls + ?, prompt_tokens = prompt_tokens + ?", (calls,) * 2
        )
        database.executemany(
            "INSERT INTO rows (id, state, plan, outcome, planned_at, origin, problem_type, "
            "direction, language, difficulty, snippet) "
            "VALUES (?, ?, ?, ?, 0.0, ?, ?, ?, 'python', 'medium', ?)",
            (row_of(number, row) for number, row in enumerate(ids)),
        )
        database.executemany(
            "INSERT INTO events (row, kind, json) VALUES (?, 'noticed', ?)",
            ((row, EVENT) for row in ids for _ in range(EVENTS_PER_ROW)),
        )
        database.executemany(
            "INSERT INTO graph_events (row, json) VALUES ('', ?)",
            ((event.model_dump_json(),) for event in graph_events(ids)),
        )
        database.execute("COMMIT")
    fill_problems(out, [row for number, row in enumerate(ids) if accepted(number)])
    return sum(accepted(number) for number in range(rows))


def accepted(number: int) -> bool:
    """Three rows of five."""
    return number % 5 < 3  # noqa: PLR2004


def row_of(number: int, row: str) -> tuple[str, ...]:
    """A row's columns."""
    composed = number % 2 == 0
    kinds, directions = tuple(ProblemType), tuple(Direction)
    return (
        row,
        "sample" if accepted(number) else "rejected",
        PLAN,
        OUTCOME,
        (Origin.BACKFEED if composed else Origin.REVERSE).value,
        kinds[number % 3].value,
        directions[number % 6].value,
        "" if composed else f"s{number:012x}",
    )


def graph_events(rows: list[str]) -> Iterator[GraphEvent]:
    """What they did to the graph: one new keyword in each problem, sets drawn, words merged."""
    author = Author()
    for number, row in enumerate(rows):
        _, _, words = author.problem(new=1)
        if number % 2 == 0:
            yield Sampled(row=row, keywords=keyword_set(Language.PYTHON, words[:5]))
        if accepted(number):
            yield KeywordsAdded(row=row, language=Language.PYTHON, keywords=tuple(words))
            if number % 25 == 0:
                yield Merged(source=words[0].text, target=words[-1].text, why="alike")


def fill_problems(out: Path, rows: list[str]) -> None:
    """The sketches of the accepted problems, as a run keeps them."""
    rng, store = np.random.default_rng(0), SketchStore(out / "problems.sqlite")
    for row in rows:
        store.add(row, rng.integers(0, 2**32, SIZE, dtype=np.uint32))
    store.close()


def measure(out: Path, url: str, log: Path) -> tuple[float, float, float]:
    """Resume; gives the seconds to the first request, wall and CPU, and to the first new row."""
    began, asked = time.time(), len(requests(log))
    known = newest(out)
    child = command("resume", out, "--base-url", url)
    first = cpu = new = float("nan")
    while time.time() - began < WAIT and child.poll() is None and new != new:  # noqa: PLR0124 (nan)
        time.sleep(0.02)
        times = requests(log)
        if len(times) > asked and first != first:  # noqa: PLR0124 (nan)
            first, cpu = times[asked] - began, cpu_of(child.pid)
        if newest(out) > known:
            new = time.time() - began
    stop(child)
    return first, cpu, new


def cpu_of(process: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def newest(out: Path) -> int:
    """The position of the youngest row."""
    with closing(sqlite3.connect(f"file:{out}/ledger.sqlite?mode=ro", uri=True)) as database:
        return int(database.execute("SELECT max(position) FROM rows").fetchone()[0])


def course(calls: int, folder: Path) -> None:
    """Make a run of so many calls, resume it, and print its line."""
    log, out = folder / "requests.jsonl", folder / f"run-{calls}"
    with mock_endpoint(log) as url:
        begin(out, url, log)
        problems = fill(out, calls)
        size = sum(path.stat().st_size for path in out.glob("ledger*")) / 1e6
        print(f"{calls:>10,}{calls // CALLS_PER_ROW:>9,}{problems:>10,}{size:>11,.0f}", end="")
        first, cpu, new = measure(out, url, log)
        print(f"{first:>9.2f}{cpu:>7.2f}{new:>11.2f}", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--calls", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--keep", type=Path, help="where the runs are kept, to look at them")
    asked = parser.parse_args()
    print(HEAD, flush=True)
    for calls in asked.calls:
        with tempfile.TemporaryDirectory() as folder:
            place = asked.keep or Path(folder)
            place.mkdir(parents=True, exist_ok=True)
            course(calls, place)


if __name__ == "__main__":
    main()
