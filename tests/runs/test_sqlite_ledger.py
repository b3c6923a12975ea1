import resource
import subprocess
import sys
from pathlib import Path

import pytest
from run_rows import make_plan
from tampering import tamper

from infinite_instruct.errors import RunFolderError
from infinite_instruct.runs.folder import RunFolder
from infinite_instruct.runs.reader import RunReader
from infinite_instruct.runs.sqlite import SqliteLedger
from infinite_instruct.runs.store import RunStore


@pytest.fixture
def store_url() -> str:
    return ""


def file_of(store: RunStore) -> Path:
    assert isinstance(store.ledger, SqliteLedger)
    return store.ledger.path


FULL_DISK = """
import asyncio, resource, sys
from pathlib import Path
from infinite_instruct.errors import RunFolderError
from infinite_instruct.runs.records import Call
from infinite_instruct.runs.store import RunStore

async def main():
    with RunStore(Path(sys.argv[1])) as store:
        for number in range(1000):
            call = Call(key=str(number), role="r", model="m", reply="x" * 10_000)
            await store.record(call)
            print(number, flush=True)

try:
    asyncio.run(main())
except RunFolderError as error:
    print(error)
    sys.exit(error.exit_code)
"""


def test_a_full_disk_stops_by_name_and_keeps_what_was_acknowledged(folder: RunFolder) -> None:
    # A limit on the size of files does what a full disk does: writes fall short.
    child = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", FULL_DISK, str(folder.ledger)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000)),
        env={"PYTHONPATH": "src"},
    )
    *acknowledged, cause, remedy = child.stdout.splitlines()
    assert child.returncode == 74, child.stderr
    assert str(folder.ledger) in cause
    assert "disk" in remedy
    assert 0 < len(acknowledged) < 1000
    with RunReader(folder.ledger) as reader:
        assert all(reader.call(key) for key in acknowledged)


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"not a database, whatever its name says" * 50, "not a database"), (b"", "no ledger")],
    ids=["garbage", "empty"],
)
def test_a_damaged_ledger_is_named(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(content)
    with pytest.raises(RunFolderError, match=told) as caught:
        RunReader(path)
    assert str(path) in caught.value.cause


async def test_a_torn_page_is_named_when_it_is_read(filled: RunStore) -> None:
    filled.close()
    path = file_of(filled)
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    with pytest.raises(RunFolderError, match=r"ledger\.sqlite"), RunReader(filled.ledger) as reader:
        list(reader.outcomes())


@pytest.mark.parametrize("cut", [1, 5_000, None], ids=["one-byte", "a-page", "all"])
async def test_a_torn_log_costs_the_last_commits_only(
    filled: RunStore, tmp_path: Path, cut: int | None
) -> None:
    # The files of an open store, with the end of the log lost: what a power cut may leave.
    path = file_of(filled)
    torn = tmp_path / "torn.sqlite"
    log = path.with_name("ledger.sqlite-wal").read_bytes()
    await filled.plan_row(make_plan("r6"))
    longer = path.with_name("ledger.sqlite-wal").read_bytes()
    torn.write_bytes(path.read_bytes())
    torn.with_name("torn.sqlite-wal").write_bytes(
        (log if cut is None else longer[:-cut]) + b"\0" * 100
    )
    with RunStore(torn) as store:
        assert [outcome.id for outcome in store.outcomes()] == ["r1", "r2", "r3", "r4"]
        assert [plan.id for plan in store.unfinished()] == ["r5"]
        await store.plan_row(make_plan("r6"))
        assert store.counts().planned == 6


def test_a_ledger_of_another_format_is_refused(folder: RunFolder) -> None:
    tamper(folder.ledger, "PRAGMA user_version = 99")
    with pytest.raises(RunFolderError, match="has format 99; this version reads format 2"):
        RunStore(folder.ledger)


async def test_a_closed_store_is_one_file_that_can_be_copied(filled: RunStore) -> None:
    filled.close()
    names = [path.name for path in filled.ledger.folder.glob("ledger*")]
    assert names == ["ledger.sqlite"]
