"""What a campaign costs beside its model calls, against a mock endpoint in a process of its own.

Usage: python benchmarks/campaign.py [--rows 1000] [--flight 128] [--latency 0.5] [--analyzers]
Prints CPU per model call, wall / ideal, peak memory and the time to the first request, and for the
same number of calls the bare OpenAI SDK under asyncio. Without --analyzers every answer is taken:
then the numbers are those of graph, agents, structured output, ledger and trace alone.
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "src" / "infinite_instruct"
HEAD = (
    f"{'what':28}{'calls':>8}{'CPU ms/call':>13}{'wall s':>9}{'wall/ideal':>12}{'MB':>6}"
    f"{'first s':>9}"
)


@contextmanager
def mock_endpoint(latency: float) -> Generator[str]:
    """The tests' endpoint with the scripted author, in a child; gives its URL."""
    program = ROOT / "tests" / "llm" / "mock_endpoint.py"
    words = ["--replies", "authored_endpoint:reply", "--latency", str(latency)]
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


class Stopwatch:
    """CPU and wall time of this process since its first request."""

    def __init__(self) -> None:
        self.first: float | None = None
        self.calls = 0

    def call(self) -> None:
        """A request is about to be sent."""
        self.calls += 1
        if self.first is None:
            self.first, self.cpu, self.wall = time.time(), time.process_time(), time.monotonic()

    def told(self, started: float) -> dict[str, float]:
        """All numbers, at the end."""
        return {
            "calls": self.calls,
            "cpu": time.process_time() - self.cpu,
            "wall": time.monotonic() - self.wall,
            "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "first": (self.first or 0.0) - started,
        }


async def run_campaign(url: str, asked: argparse.Namespace, watch: Stopwatch) -> None:
    """A campaign of so many rows in a new folder."""
    from infinite_instruct.assembly import campaign as assembly  # noqa: PLC0415  timed
    from infinite_instruct.cli.campaigns import spare_the_collector  # noqa: PLC0415
    from infinite_instruct.domain import Status, Verdict  # noqa: PLC0415
    from infinite_instruct.llm import endpoint  # noqa: PLC0415
    from infinite_instruct.settings import Settings  # noqa: PLC0415
    from infinite_instruct.tools.verification import Verifier  # noqa: PLC0415

    async def take(*_: object, **__: object) -> Verdict:
        return Verdict(status=Status.ACCEPTED, reason="clean", tools=("none",))

    ask = endpoint.EndpointModel.ask

    async def counted(model: endpoint.EndpointModel, *words: Any) -> object:  # noqa: ANN401
        watch.call()
        return await ask(model, *words)

    setattr(endpoint.EndpointModel, "ask", counted)  # noqa: B010  only watched
    if not asked.analyzers:
        setattr(Verifier, "verify", take)  # noqa: B010  what is measured here is the rest
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.model_validate(
            {
                "out": Path(folder) / "run",
                "rows": asked.rows,
                "concurrency": asked.flight,
                "seeds": {"paths": [str(SEEDS)], "languages": ["python"], "min_lines": 2},
                "model": {"base_url": url, "name": "mock"},
                "mix": {"reverse": 1, "backfeed": 1},
            }
        )
        async with assembly.open_campaign(settings) as opened:
            spare_the_collector()  # as the command line does
            ending = await opened.campaign.run()
        sys.stderr.write(f"{ending.reason}: {ending.accepted} of {ending.tried} rows\n")


async def run_sdk(url: str, asked: argparse.Namespace, watch: Stopwatch) -> None:
    """The same number of calls by the bare SDK with its aiohttp client."""
    from openai import AsyncOpenAI, DefaultAioHttpClient  # noqa: PLC0415  timed

    room = asyncio.Semaphore(asked.flight)
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

        await asyncio.gather(*(one(number) for number in range(asked.calls)))


def child(asked: argparse.Namespace) -> None:
    """Run one course in this process, and print its numbers."""
    watch = Stopwatch()
    course = run_campaign if asked.child == "campaign" else run_sdk
    asyncio.run(course(asked.url, asked, watch))
    sys.stdout.write(json.dumps(watch.told(asked.started)))


def measure(course: str, asked: argparse.Namespace, calls: int = 0) -> int:
    """Run a course in a child, print its line; gives the number of calls it made."""
    with mock_endpoint(asked.latency) as url:
        words = ["--child", course, "--url", url, "--started", str(time.time())]
        words += ["--rows", str(asked.rows), "--flight", str(asked.flight), "--calls", str(calls)]
        words += ["--analyzers"] if asked.analyzers else []
        done = subprocess.run(  # noqa: S603  ourselves
            [sys.executable, __file__, *words], stdout=subprocess.PIPE, check=True
        )
    told = json.loads(done.stdout)
    ideal = told["calls"] * asked.latency / asked.flight
    print(
        f"{course:28}{told['calls']:8}{told['cpu'] / told['calls'] * 1000:13.2f}{told['wall']:9.1f}"
        f"{told['wall'] / ideal:12.2f}{told['mb']:6.0f}{told['first']:9.2f}",
        flush=True,
    )
    return int(told["calls"])


def main() -> None:
    """Read the arguments; measure the campaign, then the SDK with as many calls."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rows", type=int, default=1_000)
    parser.add_argument("--flight", type=int, default=128, help="rows in flight")
    parser.add_argument("--latency", type=float, default=0.5, help="seconds of each reply")
    parser.add_argument("--analyzers", action="store_true", help="judge the answers, too")
    parser.add_argument("--child", choices=["campaign", "sdk"], help=argparse.SUPPRESS)
    parser.add_argument("--url", default="", help=argparse.SUPPRESS)
    parser.add_argument("--calls", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--started", type=float, default=0.0, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        child(asked)
        return
    print(HEAD)
    calls = measure("campaign", asked)
    measure("sdk", asked, calls)


if __name__ == "__main__":
    main()
