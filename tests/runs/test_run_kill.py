"""kill -9 in the middle: nothing that was acknowledged is lost, nothing is doubled."""

import subprocess
import sys
from pathlib import Path

import pytest
from postgres_server import PASSWORD

from infinite_instruct.runs.folder import RunFolder
from infinite_instruct.runs.reader import RunReader

ROWS = 150
WORKER = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, "tests/runs")
from run_rows import make_plan, make_sample
from infinite_instruct.events import Noticed, RowStarted
from infinite_instruct.runs.folder import RunFolder
from infinite_instruct.runs.records import Call
from infinite_instruct.runs.store import RunStore

def say(*words):
    print(*words, flush=True)

async def work(store, plan, slots):
    async with slots:
        store.emit(RowStarted(row=plan.id, origin="reverse", language="python"))
        for step in ("pose", "solve"):
            key = f"{plan.id}-{step}"
            if await store.find(key) is None:
                say("paying", key)
                await store.record(Call(key=key, role="solver", model="m", reply="{}"))
                say("paid", key)
        store.emit(Noticed(row=plan.id, message="done"))
        await store.finish_row(make_sample(plan.id), [plan.id])
        say("finished", plan.id)

async def main(folder):
    with RunStore(folder.ledger) as store:
        slots = asyncio.Semaphore(8)
        left = list(store.unfinished())
        for number in range(store.counts().planned, int(sys.argv[2])):
            plan = make_plan(f"r{number}")
            await store.plan_row(plan)
            left.append(plan)
        await asyncio.gather(*(work(store, plan, slots) for plan in left))

with RunFolder.open(Path(sys.argv[1]), {"seed": "1"}) as folder:
    asyncio.run(main(folder))
"""


def start(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", WORKER, str(folder), str(ROWS)],
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": "src", "PGPASSWORD": PASSWORD},
    )


@pytest.mark.parametrize("lines", [3, 170, 400], ids=["early", "middle", "late"])
def test_kill_and_resume(tmp_path: Path, store_url: str, lines: int) -> None:
    path = tmp_path / "run"
    folder = RunFolder.create(path, "", {"seed": "1"}, store=store_url)
    folder.close()
    said: list[str] = []
    with start(path) as first:
        assert first.stdout is not None
        said += [next(first.stdout) for _ in range(lines)]
        first.kill()
        said += first.stdout.readlines()

    with RunReader(folder.ledger) as reader:
        finished = {outcome.id for outcome in reader.outcomes()}
        assert {line.split()[1] for line in said if line.startswith("finished")} <= finished
        paid = {line.split()[1] for line in said if line.startswith("paid")}
        assert all(reader.call(key) for key in paid)

    with start(path) as second:
        assert second.stdout is not None
        again = [line.split()[1] for line in second.stdout if line.startswith("paying")]
    assert second.returncode == 0
    assert not paid & set(again), "a finished call was paid again"

    with RunReader(folder.ledger) as reader:
        expected = [f"r{number}" for number in range(ROWS)]
        assert [outcome.id for outcome in reader.outcomes()] == expected
        assert sorted(text for _, text in reader.graph_events()) == sorted(expected)
        stories = {tuple(event.kind for event in reader.events(row)) for row in expected}
        assert stories == {("row-started", "noticed")}
