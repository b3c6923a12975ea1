"""Campaigns as a user starts, kills and resumes them, and what can be counted from outside."""

import asyncio
import contextlib
import hashlib
import json
import os
import signal
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from command import SEEDS, Finished
from mock_endpoint import MockEndpoint

KEY = "sk-test-CANARY-0123456789abcdef"
MANY_SEEDS = Path(__file__).parents[2] / "src" / "infinite_instruct" / "tools"
"""Enough snippets for a hundred rows."""


def run_words(
    folder: Path,
    base_url: str,
    *more: object,
    seeds: Path = SEEDS,
    analyzers: str = "fast",
    **model: object,
) -> tuple[object, ...]:
    """The words of a `run` into `folder/run`.

    Args:
        folder: Where the settings are written, too.
        base_url: The endpoint.
        more: More words.
        seeds: Its source code.
        analyzers: `full` for all four of Python's, each time anew; else two that start sooner, and
            what was found before.
        model: Settings of the table [model].
    """
    told = {"name": "mock", "api_key_env": "MOCK_KEY", **model}
    table = "".join(f"{key} = {json.dumps(value)}\n" for key, value in told.items())
    config = folder / "settings.toml"
    cache = json.dumps(analyzers != "full")
    verifier = f'[verifier]\npython = "{analyzers}"\ncache = {cache}\n'
    config.write_text(f"{verifier}[model]\n{table}")
    words = ("run", "--config", config, "--seeds", seeds, "--out", folder / "run")
    return (*words, "--base-url", base_url, "--languages", "python", *more)


def lines(path: Path) -> list[dict[str, Any]]:
    """The records of a JSONL file."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def outcomes(out: Path, *, merging: bool = True) -> dict[str, str]:
    """Of each row in the outputs its id, and the sha256 of all of it but the seconds it took.

    Args:
        out: The run folder.
        merging: Whether to look also at what the questions on alike keywords cost, and that they
            were asked: that depends on which row came first to the graph.
    """
    rows = [row for name in ("samples", "rejections") for row in lines(out / f"{name}.jsonl")]
    hashes = {str(row["id"]): _hash(row, merging=merging) for row in rows}
    assert len(hashes) == len(rows), "a row is there twice"
    return hashes


def ledger(out: Path, query: str) -> list[tuple[Any, ...]]:
    """What a query finds in a run's ledger."""
    with contextlib.closing(sqlite3.connect(out / "ledger.sqlite")) as database:
        return database.execute(query).fetchall()


def paid(out: Path) -> int:
    """How many calls the ledger counts."""
    return int(ledger(out, "SELECT coalesce(sum(times), 0) FROM calls")[0][0])


def assert_adds_up(out: Path, *, unfinished: int = 0) -> None:
    """Every planned row is in the outputs once, or unfinished: in = kept + dropped + unfinished."""
    planned = {str(row) for (row,) in ledger(out, "SELECT id FROM rows")}
    made = outcomes(out).keys()
    assert made <= planned
    assert len(planned - made) == unfinished


async def until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


async def until_asked(mock: MockEndpoint, count: int, process: asyncio.subprocess.Process) -> None:
    """Wait for so many requests in all, or for the end of the process."""
    await until(lambda: len(mock.requests) >= count or process.returncode is not None)


def kill_group(pid: int) -> None:
    """Kill -9 a command with its whole process group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


async def ended(process: asyncio.subprocess.Process, seconds: float = 60) -> Finished:
    """Wait for a command's end."""
    out, err = await asyncio.wait_for(process.communicate(), seconds)
    return Finished(process.returncode or 0, out.decode(), err.decode())


class Running(NamedTuple):
    """A process, told from a later one with the same number by its start."""

    pid: int
    started: str
    name: str


def family(pid: int) -> set[Running]:
    """A process and all that descend from it, now."""
    everyone = {each.pid: (each, parent) for each, parent in _processes()}
    found = {pid}
    while more := {each for each, (_, parent) in everyone.items() if parent in found} - found:
        found |= more
    return {everyone[each][0] for each in found if each in everyone}


def alive(processes: Iterable[Running]) -> set[Running]:
    """Those that still run."""
    return set(processes) & {each for each, _ in _processes()}


def _processes() -> list[tuple[Running, int]]:
    """Every process with its parent; the dead that nobody waited for are none."""
    found: list[tuple[Running, int]] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            name, _, rest = stat.read_text().partition(" (")[2].rpartition(") ")
            fields = rest.split()
            if fields[0] not in "ZX":
                running = Running(int(stat.parent.name), fields[19], name)
                found.append((running, int(fields[1])))
    return found


def _hash(row: dict[str, Any], *, merging: bool) -> str:
    verdicts = [row["verification"], *(attempt["verdict"] for attempt in row["attempts"])]
    for verdict in verdicts:
        (verdict or {}).pop("seconds", None)
    if not merging:
        del row["tokens"], row["lineage"]["prompts"]
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()
