"""What is lost or damaged beside the ledger is made again: the result is as if nothing had been."""

import asyncio
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import ormsgpack
import pytest
from authored_endpoint import reply
from campaign_runs import MANY_SEEDS, assert_adds_up, kill_group, outcomes, run_words
from command import ending, finish, fork
from langgraph.checkpoint.serde.jsonplus import EXT_CONSTRUCTOR_SINGLE_ARG
from mock_endpoint import MockEndpoint

ROWS = 14
CANARY = "canary-of-a-forged-checkpoint"
Damage = Callable[[Path], None]


class Runs(NamedTuple):
    """A run that was killed on its way, and one that was not."""

    killed: Path
    calm: Path


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    folder = tmp_path_factory.mktemp("runs")
    for name in Runs._fields:
        (folder / name).mkdir()
    asyncio.run(_make_runs(folder))
    return Runs(*(folder / name / "run" for name in Runs._fields))


async def _make_runs(folder: Path) -> None:
    async with MockEndpoint(reply, latency=0.01) as mock:

        def words(name: str) -> tuple[object, ...]:
            # These need no analyzers.
            options = ("--quota", "knowledge_question=1.0", "--concurrency", 1, "--checkpoint")
            return run_words(folder / name, mock.base_url, *options, "-n", seeds=MANY_SEEDS)

        await _well(*words("calm"), ROWS)
        await _well(*words("killed"), ROWS // 2)
        before = len(mock.requests)
        resumed = fork("resume", folder / "killed" / "run", "-n", ROWS)
        while len(mock.requests) < before + 12:
            await asyncio.sleep(0.005)
        kill_group(resumed.pid)
        await ending(resumed)


async def _well(*words: object) -> None:
    done = await finish(*words)
    assert done.code == 0, done.err


def _tear(run: Path) -> None:
    """Cut the last bytes of what is appended to, and leave zeros behind, as some disks do."""
    torn = [*run.glob("*.jsonl"), run / "log.txt", run / "ledger.sqlite-wal"]
    assert len(torn) > 4
    for at, path in enumerate(torn):
        data = path.read_bytes()
        path.write_bytes(data[: len(data) - 3 * at - 1] + bytes(100))


def _lose_copies(run: Path) -> None:
    """Leave the ledger alone, as a kill may where the folder was just made."""
    for path in run.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif not path.name.startswith("ledger.sqlite"):
            path.unlink()


def _scramble(run: Path) -> None:
    """Random bytes in place of every file of the caches."""
    chance = random.Random(1)
    for path in [*(run / "chroma").rglob("*"), run / "problems.sqlite"]:
        if path.is_file():
            path.write_bytes(chance.randbytes(path.stat().st_size))


def _scramble_inside(run: Path) -> None:
    """Databases that open, but cannot be read."""
    chance = random.Random(2)
    for path in [*(run / "chroma").rglob("*.sqlite3"), run / "problems.sqlite"]:
        data = path.read_bytes()
        path.write_bytes(data[:4096] + chance.randbytes(len(data) - 4096))


def _of_another_version(run: Path) -> None:
    """Caches as another version might leave them: whole, with other tables."""
    for path in [*(run / "chroma").rglob("*.sqlite3"), run / "problems.sqlite"]:
        path.unlink()
        with sqlite3.connect(path) as database:
            database.execute("CREATE TABLE others (word TEXT)")
            database.execute("PRAGMA user_version = 99")
        database.close()


def _forge_checkpoints(run: Path) -> None:
    """Checkpoints that run a command where they are read by LangGraph's own settings."""
    called = ("os", "system", f"touch {run / CANARY}")
    forged = ormsgpack.packb(ormsgpack.Ext(EXT_CONSTRUCTOR_SINGLE_ARG, ormsgpack.packb(called)))
    with sqlite3.connect(run / "checkpoints.sqlite") as database:
        database.execute("UPDATE checkpoints SET type = 'msgpack', checkpoint = ?", (forged,))
        database.execute("UPDATE writes SET type = 'msgpack', value = ?", (forged,))
    database.close()


@pytest.mark.parametrize(
    "damage",
    [_tear, _lose_copies, _scramble, _scramble_inside, _of_another_version, _forge_checkpoints],
)
async def test_a_resume_ends_as_if_nothing_had_been_damaged(
    tmp_path: Path, runs: Runs, damage: Damage
) -> None:
    run = tmp_path / "copy"
    shutil.copytree(runs.killed, run)
    damage(run)
    async with MockEndpoint(reply) as mock:
        done = await finish("resume", run, "--base-url", mock.base_url, "-n", ROWS)
    assert done.code == 0, done.err
    assert outcomes(run) == outcomes(runs.calm)
    assert_adds_up(run)
    assert not (run / CANARY).exists()


async def test_checkpoints_that_cannot_be_read_are_named(tmp_path: Path, runs: Runs) -> None:
    run = tmp_path / "copy"
    shutil.copytree(runs.killed, run)
    for path in run.glob("checkpoints.sqlite*"):
        path.write_bytes(random.Random(3).randbytes(40_000))
    async with MockEndpoint(reply) as mock:
        done = await finish("resume", run, "--base-url", mock.base_url, "-n", ROWS)
    assert done.code == 74, done.err
    assert f"{run / 'checkpoints.sqlite'}: file is not a database" in done.err
    assert "Traceback" not in done.err
