"""What the ledger costs a call: looked up, not found, recorded durably; SQLite beside PostgreSQL.

Usage: python benchmarks/ledger.py [--calls 20000] [--flight 128] [--store postgresql://…]

Without --store a server is started on this machine, as the tests do. CPU is this process's, by its
threads; a call's request has 2 KB, its reply 1 KB, and an event is emitted with it.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "runs"))

from postgres_server import PostgresServer

from infinite_instruct.events import Noticed
from infinite_instruct.runs.folder import RunFolder
from infinite_instruct.runs.records import Call
from infinite_instruct.runs.store import RunStore

HEAD = (
    f"{'ledger':12}{'calls':>8}{'CPU ms/call':>13}{'wall ms/call':>14}{'calls/s':>9}{'find ms':>9}"
)


async def course(store: RunStore, calls: int, flight: int) -> tuple[float, float, float]:
    """CPU and wall seconds of all calls, and wall seconds of a lookup alone."""
    room = asyncio.Semaphore(flight)

    async def one(number: int) -> None:
        async with room:
            key = f"{number:064x}"
            assert await store.find(key) is None  # noqa: S101  it is a benchmark
            store.emit(Noticed(message="m" * 200))
            await store.record(
                Call(key=key, role="solver", model="m", request="q" * 2_000, reply="r" * 1_000)
            )

    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(calls)))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    began = time.perf_counter()
    for number in range(1_000):
        await store.find(f"{number:064x}")
    return cpu, wall, (time.perf_counter() - began) / 1_000


def measure(name: str, url: str, asked: argparse.Namespace) -> None:
    """Print the line of one database."""
    with (
        tempfile.TemporaryDirectory() as place,
        RunFolder.create(Path(place) / "run", "", {}, store=url) as folder,
    ):
        with RunStore(folder.ledger) as store:
            cpu, wall, find = asyncio.run(course(store, asked.calls, asked.flight))
        folder.ledger.drop()
    each = 1_000 / asked.calls
    print(
        f"{name:12}{asked.calls:8}{cpu * each:13.3f}{wall * each:14.3f}{asked.calls / wall:9.0f}"
        f"{find * 1_000:9.3f}",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--flight", type=int, default=128, help="calls on their way at once")
    parser.add_argument("--store", help="an existing database")
    asked = parser.parse_args()
    print(HEAD)
    measure("sqlite", "", asked)
    with ExitStack() as stack:
        url = asked.store or stack.enter_context(PostgresServer(sync=True)).url
        measure("postgresql", url, asked)


if __name__ == "__main__":
    main()
