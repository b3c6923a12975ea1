"""What a campaign costs beside its model calls, against a mock endpoint in a process of its own.

Usage: python benchmarks/campaign.py [COURSE ...] [--rows N] [--set KEY=VALUE ...]
Each course prints its goals below its numbers; without a name all but `grown` are run. `filled` is
the share of the calls that may be in flight which were, from the first request until the last row
began: a row's calls come one after the other, so that the last ones cannot fill all places.

  steady  1,000 rows, 128 in flight, 0.5 s; beside it as many calls by the bare OpenAI SDK. Every
          answer is taken: the numbers are those of graph, agents, structured output, ledger and
          trace alone
  workers the same rows in as many worker processes as there are cores
  faulty  as steady; 2.5 % of the replies are 429, 2.5 % are 500, 2 % are cut in half
  slow    12,000 rows, 512 in flight, lognormal latency (median 4 s, sigma 0.5), with analyzers:
          ten minutes. In less the last replies count: 15,000 calls that wait for nothing but one
          of 512 places end at 1.11 of the ideal, 60,000 at 1.02
  grown   50,000 rows, no latency: memory beside that of `steady`

CPU counts from the first request on, of all processes that are there at the end, and for calls that
were answered; MB is that of the largest process. `--set` hands a setting on to the campaign:
`--set verifier.python=fast`.
"""

import argparse
import asyncio
import contextlib
import gc
import json
import math
import os
import resource
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infinite_instruct.assembly.processes import Processes
    from infinite_instruct.settings import Settings

ROOT = Path(__file__).parents[1]
_MANY = 1_500
_VERY_MANY = 15_000
COLUMNS = ("rows", "calls", "CPU ms/call", "wall s", "wall/ideal", "filled", "MB", "first s")
HEAD = f"{'what':12}" + "".join(f"{name:>13}" for name in COLUMNS)


@dataclass(frozen=True)
class Course:
    """What is asked of whom, and what is hoped for."""

    rows: int = 1_000
    flight: int = 128
    latency: float = 0.5
    sigma: float = 0.0
    faults: bool = False
    analyzers: bool = False
    workers: int = 1
    goals: tuple[str, ...] = ("all", "", "3.0", "", "", "", "200", "1.5")

    @property
    def mean(self) -> float:
        """Seconds that a reply takes on average."""
        return self.latency * math.exp(self.sigma**2 / 2)


COURSES = {
    "steady": Course(),
    "workers": Course(
        workers=os.cpu_count() or 2, goals=("all", "", "3.0", "", "1.12", "", "200", "1.5")
    ),
    "faulty": Course(faults=True, goals=("all", "", "", "", "1.30", "", "", "")),
    "slow": Course(
        12_000, 512, 4.0, 0.5, analyzers=True, goals=("all", "", "", "", "1.05", "", "", "")
    ),
    "grown": Course(50_000, 128, 0.0, goals=("all", "", "", "", "", "", "1.1 x steady", "")),
}


@contextmanager
def mock_endpoint(course: Course) -> Generator[str]:
    """The tests' endpoint with the scripted author, in a child; gives its URL."""
    program = ROOT / "tests" / "llm" / "mock_endpoint.py"
    paths = [str(ROOT / name) for name in ("benchmarks", "tests", "tests/cli", "tests/llm", "src")]
    told = {"MEDIAN": course.latency, "SIGMA": course.sigma, "FAULTS": int(course.faults)}
    child = subprocess.Popen(  # noqa: S603  our own program
        [sys.executable, str(program), "--replies", "campaign_replies:reply"],
        env=os.environ
        | {name: str(value) for name, value in told.items()}
        | {"PYTHONPATH": os.pathsep.join(paths)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield (child.stdout.readline() if child.stdout else "").strip()
    finally:
        child.kill()
        child.wait()


def cpu_seconds() -> float:
    """CPU time of this process and of all that it started and that is there (Linux)."""
    return time.process_time() + sum(map(_seconds_of, _below(os.getpid())))


def _below(process: int) -> list[int]:
    """The processes that a process has started, and those that they have."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for child in Path(f"/proc/{process}/task/{process}/children").read_text().split():
            found += [int(child), *_below(int(child))]
    return found


def _most_megabytes(process: int) -> float:
    """The memory that a process had at its largest."""
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    return 0.0


def _seconds_of(process: int) -> float:
    with contextlib.suppress(OSError):
        stat = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")  # both times: proc(5)
    return 0.0


class Stopwatch:
    """CPU and wall time of this process since its first request."""

    def __init__(self) -> None:
        self.first: float | None = None
        self.answered = 0
        self.rows = 0
        self.filled = 0.0
        self._in_flight = 0
        self._changed = 0.0
        self._busy = 0.0

    def call(self) -> None:
        """A request is about to be sent."""
        if self.first is None:
            self.first, self.cpu, self.wall = time.time(), cpu_seconds(), time.monotonic()
            self._changed = self.wall
        self._count(1)

    def ended(self) -> None:
        """A request was answered, or failed."""
        self._count(-1)

    def row(self, flight: int) -> None:
        """A row begins: up to the last one, how many of the places were filled?"""
        if self.first is not None:
            self._count(0)
            self.filled = self._busy / flight / max(1e-6, time.monotonic() - self.wall)

    def _count(self, more: int) -> None:
        now = time.monotonic()
        self._busy += self._in_flight * (now - self._changed)
        self._in_flight, self._changed = self._in_flight + more, now

    def stop(self) -> None:
        """The last reply is used; workers are still there."""
        self.cpu, self.wall = cpu_seconds() - self.cpu, time.monotonic() - self.wall
        self.others = max(map(_most_megabytes, _below(os.getpid())), default=0.0)

    def told(self, started: float) -> dict[str, float]:
        """All numbers."""
        return {
            "rows": self.rows,
            "calls": self.answered,
            "filled": self.filled,
            "cpu": self.cpu,
            "wall": self.wall,
            "mb": max(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, self.others),
            "first": (self.first or 0.0) - started,
        }


async def run_campaign(url: str, course: Course, extra: list[str], watch: Stopwatch) -> None:
    """A campaign of so many rows in a new folder."""
    gc.set_threshold(600_000, 20, 50)  # as the command line does
    from infinite_instruct.settings import load_settings  # noqa: PLC0415  timed

    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        told = {
            "out": Path(folder) / "run",
            "rows": course.rows,
            "model.concurrency": course.flight,
            "workers": course.workers,
            "seeds.paths": _seeds(course.rows),
            "seeds.min_lines": 2,
            "seeds.languages": ["python"],
            "model.base_url": url,
            "model.name": "mock",
        }
        told |= {
            key: json_or_text(value) for key, _, value in (each.partition("=") for each in extra)
        }
        settings = load_settings(None, told)
        processes = _open_processes(settings, course, stack)
        from infinite_instruct.assembly import campaign as assembly  # noqa: PLC0415
        from infinite_instruct.assembly.memory import spare_the_collector  # noqa: PLC0415

        _watch(watch, course.flight)
        if not course.analyzers and not processes.nursery:
            from campaign_worker import take_all  # noqa: PLC0415

            take_all()
        async with assembly.open_campaign(settings, processes=processes) as opened:
            spare_the_collector()  # as the command line does
            ending = await opened.campaign.run()
            watch.stop()
        watch.rows = ending.accepted
        sys.stderr.write(f"{ending.reason}: {ending.accepted} of {ending.tried} rows\n")


def _open_processes(
    settings: "Settings", course: Course, stack: contextlib.ExitStack
) -> "Processes":
    """As the command line does, but for who judges the answers."""
    from infinite_instruct.assembly.processes import open_processes  # noqa: PLC0415  timed

    if course.analyzers:
        return open_processes(settings, stack)
    alone = open_processes(settings.model_copy(update={"workers": 1}), stack)
    if settings.workers == 1:
        return alone
    from infinite_instruct.engines.local import Nursery  # noqa: PLC0415  timed

    return alone._replace(nursery=stack.enter_context(Nursery("campaign_worker:serve")))


def json_or_text(value: str) -> object:
    """A setting's value as the environment gives it."""
    try:
        return json.loads(value)
    except ValueError:
        return value


def _watch(watch: Stopwatch, flight: int) -> None:
    """Let the stopwatch see every row, request and reply."""
    from infinite_instruct.graphs.rows import RowRunner  # noqa: PLC0415
    from infinite_instruct.llm.lane import Lane  # noqa: PLC0415

    start, answered, end = Lane.start, Lane.answered, getattr(Lane, "_end")  # noqa: B009
    begin = RowRunner.begin

    def ended(lane: Lane, *words: Any, **named: Any) -> None:  # noqa: ANN401
        watch.ended()
        end(lane, *words, **named)

    async def begun(runner: RowRunner, *words: Any) -> object:  # noqa: ANN401
        watch.row(flight)
        return await begin(runner, *words)

    def started(lane: Lane, *words: Any) -> object:  # noqa: ANN401
        watch.call()
        return start(lane, *words)

    def counted(lane: Lane, *words: Any) -> None:  # noqa: ANN401
        watch.answered += 1
        answered(lane, *words)

    setattr(Lane, "start", started)  # noqa: B010  only watched
    setattr(Lane, "answered", counted)  # noqa: B010  only watched
    setattr(Lane, "_end", ended)  # noqa: B010  only watched
    setattr(RowRunner, "begin", begun)  # noqa: B010  only watched


def _seeds(rows: int) -> list[str]:
    """Our own source; for many rows Python's, too, and for very many all packages installed."""
    paths = sysconfig.get_paths()
    more = ["stdlib"] * (rows > _MANY) + ["purelib"] * (rows > _VERY_MANY)
    return [str(ROOT / "src"), *(paths[name] for name in more)]


async def run_sdk(url: str, course: Course, calls: int, watch: Stopwatch) -> None:
    """The same number of calls by the bare SDK with its aiohttp client."""
    from openai import AsyncOpenAI, DefaultAioHttpClient  # noqa: PLC0415  timed

    room = asyncio.Semaphore(course.flight)
    turns = [
        {"role": "system", "content": "You answer."},
        {"role": "user", "content": "What is a list? " * 60},
    ]
    async with AsyncOpenAI(
        base_url=url, api_key="none", http_client=DefaultAioHttpClient()
    ) as client:

        async def one(number: int) -> None:
            async with room:
                watch.call()
                await client.chat.completions.create(model="mock", messages=turns, seed=number)  # type: ignore[call-overload]  # plain dicts
                watch.answered += 1

        await asyncio.gather(*(one(number) for number in range(calls)))


def child(asked: argparse.Namespace) -> None:
    """Run one course in this process, and print its numbers."""
    watch, course = Stopwatch(), _course(asked.child, asked.rows)
    if asked.calls:
        asyncio.run(run_sdk(asked.url, course, asked.calls, watch))
        watch.stop()
    else:
        asyncio.run(run_campaign(asked.url, course, asked.set, watch))
    sys.stdout.write(json.dumps(watch.told(asked.started)))


def measure(name: str, asked: argparse.Namespace, calls: int = 0) -> int:
    """Run a course in a child and print its line; gives the number of its calls.

    Args:
        name: The course.
        asked: The arguments.
        calls: So many calls by the bare SDK, in place of the campaign.
    """
    course = _course(name, asked.rows)
    with mock_endpoint(course) as url:
        words = ["--child", name, "--url", url, "--calls", str(calls), "--rows", str(asked.rows)]
        words += [word for each in asked.set for word in ("--set", each)]
        # An installed package has its bytecode.
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPATH"] = os.pathsep.join((str(Path(__file__).parent), str(ROOT / "src")))
        done = subprocess.run(  # noqa: S603  ourselves
            [sys.executable, __file__, *words, "--started", str(time.time())],
            env=environment,
            stdout=subprocess.PIPE,
            check=True,
        )
    told = json.loads(done.stdout)
    _print_line("bare SDK" if calls else name, course, told)
    return int(told["calls"])


def _print_line(name: str, course: Course, told: dict[str, float]) -> None:
    ideal = told["calls"] * course.mean / course.flight
    numbers = (
        f"{told['rows']:.0f}" if told["rows"] else "",
        f"{told['calls']:.0f}",
        f"{told['cpu'] / told['calls'] * 1000:.2f}",
        f"{told['wall']:.1f}",
        f"{told['wall'] / ideal:.2f}" if ideal else "",
        f"{told['filled']:.1%}" if told["filled"] and ideal else "",
        f"{told['mb']:.0f}",
        f"{told['first']:.2f}",
    )
    print(f"{name:12}" + "".join(f"{number:>13}" for number in numbers), flush=True)
    if told["rows"]:
        print(f"{'  goal':12}" + "".join(f"{goal:>13}" for goal in course.goals), flush=True)


def _course(name: str, rows: int) -> Course:
    course = COURSES[name]
    return Course(**{**vars(course), "rows": rows}) if rows else course


def main() -> None:
    """Read the arguments and run the courses, the bare SDK beside the first."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("courses", nargs="*", choices=[*COURSES, []], help="all but grown")
    parser.add_argument("--rows", type=int, default=0, help="in place of a course's own")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--child", choices=COURSES, help=argparse.SUPPRESS)
    parser.add_argument("--url", default="", help=argparse.SUPPRESS)
    parser.add_argument("--calls", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--started", type=float, default=0.0, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        child(asked)
        return
    print(HEAD)
    for name in asked.courses or [name for name in COURSES if name != "grown"]:
        calls = measure(name, asked)
        if name == "steady":
            measure(name, asked, calls)


if __name__ == "__main__":
    main()
