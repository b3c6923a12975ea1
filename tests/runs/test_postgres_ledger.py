"""What only a database at a distance can do: be away, come back, be shared."""

import asyncio
import dataclasses
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from postgres_server import PASSWORD, PostgresServer
from run_rows import make_call, make_plan, make_sample

from infinite_instruct.errors import RunFolderError, RunInUseError
from infinite_instruct.runs.folder import RunFolder
from infinite_instruct.runs.ledger import Statements
from infinite_instruct.runs.reader import RunReader
from infinite_instruct.runs.store import RunStore

psycopg = pytest.importorskip("psycopg", reason="the extra postgres is not installed")


@pytest.fixture
def store_url(server: PostgresServer) -> str:
    return server.url


@pytest.fixture(scope="module")
def own_server() -> Iterator[PostgresServer]:
    """One that a test may stop."""
    with PostgresServer() as started:
        yield started


def cut(store: RunStore, folder: RunFolder) -> None:
    """End all sessions of a run's store at the server, as a lost network would."""
    from infinite_instruct.runs.postgres import PostgresLedger

    assert isinstance(folder.ledger, PostgresLedger)
    with folder.ledger.connect() as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND usename = current_user"
        )


async def test_a_lost_connection_is_made_anew_and_nothing_is_lost_or_counted_twice(
    store: RunStore, folder: RunFolder
) -> None:
    await store.record(make_call("before"))
    cut(store, folder)
    await asyncio.gather(store.record(make_call("after")), store.plan_row(make_plan("r")))
    assert await store.find("before") == await store.find("after") == "{}"
    assert (store.counts().planned, store.spending()[0].calls) == (1, 2)


async def test_a_commit_whose_answer_was_lost_is_not_repeated(
    store: RunStore, folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from infinite_instruct.runs.postgres_writer import PostgresWriter

    commit = PostgresWriter._commit
    lost: list[bool] = []

    def commit_and_lose(writer: PostgresWriter, works: object) -> None:
        commit(writer, works)  # type: ignore[arg-type] # handed through
        if not lost:
            lost.append(True)
            writer._connection.close()
            raise psycopg.OperationalError("the network is gone")

    monkeypatch.setattr(PostgresWriter, "_commit", commit_and_lose)
    await store.record(make_call("k"))
    assert lost
    assert [spent.calls for spent in store.spending()] == [1]


async def test_a_commit_that_never_arrived_is_repeated(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    from infinite_instruct.runs.postgres_writer import PostgresWriter

    commit = PostgresWriter._commit
    lost: list[bool] = []

    def lose_and_commit(writer: PostgresWriter, works: object) -> None:
        if not lost:
            lost.append(True)
            writer._connection.close()
        commit(writer, works)  # type: ignore[arg-type] # handed through

    monkeypatch.setattr(PostgresWriter, "_commit", lose_and_commit)
    await store.record(make_call("k"))
    assert [spent.calls for spent in store.spending()] == [1]


async def test_a_server_that_crashed_and_comes_back_is_waited_for(
    own_server: PostgresServer, tmp_path: Path
) -> None:
    with RunFolder.create(tmp_path / "run", "", {}, store=own_server.url) as folder:
        with RunStore(folder.ledger) as store:
            await store.record(make_call("before"))
            own_server.stop()
            later = threading.Timer(0.5, own_server.start)
            later.start()
            await store.record(make_call("while away"))
            assert await store.find("before") == "{}"
            later.join()
        with RunReader(folder.ledger) as reader:
            assert reader.spending()[0].calls == 2


async def test_a_server_that_stays_away_ends_writing_by_name(
    own_server: PostgresServer, tmp_path: Path
) -> None:
    from infinite_instruct.runs.postgres import PostgresLedger

    with RunFolder.create(tmp_path / "run", "", {}, store=own_server.url) as folder:
        assert isinstance(folder.ledger, PostgresLedger)
        store = RunStore(dataclasses.replace(folder.ledger, patience=0.3))
        await store.record(make_call("kept"))
        own_server.stop()
        try:
            with pytest.raises(RunFolderError, match=str(own_server.port)) as caught:
                await store.record(make_call("lost"))
            assert "nothing that was finished is lost" in caught.value.remedy
            with pytest.raises(RunFolderError):
                store.close()
        finally:
            own_server.start()
        with RunReader(folder.ledger) as reader:
            assert reader.call("kept") is not None


async def test_two_folders_that_point_to_one_run_have_one_writer(
    store: RunStore, folder: RunFolder, tmp_path: Path
) -> None:
    other = tmp_path / "other machine"
    other.mkdir()
    (other / "ledger.toml").write_text((folder.path / "ledger.toml").read_text())
    with RunFolder.open(other, {"seed": "1"}, store=folder.store) as second:
        with pytest.raises(RunInUseError, match=f"in use by {socket.gethostname()[:30]}:"):
            RunStore(second.ledger)
        store.close()
        with RunStore(second.ledger) as taken:
            await taken.record(make_call("k"))


async def test_a_run_that_another_process_took_meanwhile_is_not_written_into(
    store: RunStore, folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.record(make_call("mine"))
    writer = store._writer._database
    writer.close()
    with RunStore(folder.ledger) as other:
        await other.record(make_call("its"))
    with pytest.raises(RunFolderError, match="Another process has gone on"):
        await store.record(make_call("late"))
    with pytest.raises(RunFolderError, match="Another process has gone on"):
        store.close()


async def test_runs_share_a_database_without_sharing_a_row(
    store: RunStore, server: PostgresServer, tmp_path: Path
) -> None:
    await store.plan_row(make_plan("r"))
    with RunFolder.create(tmp_path / "run 2", "", {}, store=server.url) as second:
        with RunStore(second.ledger) as other:
            assert other.counts().planned == 0
            await other.plan_row(make_plan("r"))
        second.discard()
    await store.finish_row(make_sample("r"))
    assert store.counts().samples == 1


async def test_a_nul_in_a_text_costs_the_character_only(store: RunStore) -> None:
    await store.record(make_call("k", "a\0b"))
    await store.plan_row(make_plan("r"))
    await store.finish_row(make_sample("r", prompt="a\0b"), ["c\0d"])
    assert await store.find("k") == "a\N{REPLACEMENT CHARACTER}b"
    (outcome,) = store.outcomes()
    assert outcome.prompt == "a\0b", "JSON has its own way to write it"


async def test_a_cancelled_lookup_disturbs_no_other(store: RunStore) -> None:
    await store.record(make_call("k"))
    lost, kept = asyncio.create_task(store.find("k")), asyncio.create_task(store.find("k"))
    await asyncio.sleep(0)
    lost.cancel()
    assert await kept == "{}"


def test_the_password_is_in_no_file_and_no_table(folder: RunFolder) -> None:
    from infinite_instruct.runs.postgres import PostgresLedger

    files = b"".join(path.read_bytes() for path in folder.path.rglob("*") if path.is_file())
    assert b"CANARY" not in files
    assert b"postgresql://tester@" in files
    assert isinstance(folder.ledger, PostgresLedger)
    assert "CANARY" not in f"{folder.ledger} {folder.ledger!r}"
    with folder.ledger.connect() as connection:
        facts = connection.execute("SELECT * FROM facts").fetchall()
    assert "CANARY" not in str(facts)


def test_a_wrong_password_is_told_without_it(
    server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.url.replace("CANARY", "WRONG")
    with pytest.raises(RunFolderError, match="password authentication failed") as caught:
        RunFolder.create(tmp_path / "run", "", {}, store=url)
    assert "PGPASSWORD" in caught.value.remedy
    assert "WRONG" not in str(caught.value)
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    RunFolder.create(tmp_path / "run", "", {}, store=server.plain_url).close()


def test_a_database_without_all_characters_is_refused(
    server: PostgresServer, tmp_path: Path
) -> None:
    with closing(psycopg.connect(server.url, autocommit=True)) as admin:
        admin.execute("CREATE DATABASE narrow ENCODING 'LATIN1' TEMPLATE template0")
    url = server.url.replace("/postgres", "/narrow")
    with pytest.raises(RunFolderError, match="LATIN1"):
        RunFolder.create(tmp_path / "run", "", {}, store=url)


def test_a_run_in_the_folder_is_not_sent_to_a_database(
    server: PostgresServer, tmp_path: Path
) -> None:
    RunFolder.create(tmp_path, "", {}).close()
    with pytest.raises(RunFolderError, match="is in the folder itself"):
        RunFolder.open(tmp_path, {}, store=server.url)


@pytest.mark.parametrize(
    "text",
    ["url = 1", 'url = "postgresql://h/d"\nschema = "a; DROP SCHEMA public"', "\xff"],
    ids=["half", "injection", "no-toml"],
)
def test_a_damaged_memory_of_the_database_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "ledger.toml").write_text(text, encoding="latin-1")
    with pytest.raises(RunFolderError, match=r"ledger\.toml"):
        RunFolder.look(tmp_path)


DIES = """
import asyncio, os, sys
from pathlib import Path
from infinite_instruct.runs.folder import RunFolder
from infinite_instruct.runs.store import RunStore
folder = RunFolder.open(Path(sys.argv[1]), {"seed": "1"})
store = RunStore(folder.ledger)
print("open", flush=True)
os.kill(os.getpid(), 9)
"""


def test_a_killed_writer_leaves_no_lock(folder: RunFolder) -> None:
    folder.close()
    environment = {"PYTHONPATH": "src", "PGPASSWORD": PASSWORD}
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", DIES, str(folder.path)],
        env=environment,
        capture_output=True,
        check=False,
    )
    assert done.stdout == b"open\n", done.stderr
    with RunFolder.open(folder.path, {"seed": "1"}, store=folder.store) as again:
        RunStore(again.ledger).close()


async def test_a_write_that_fails_in_the_middle_leaves_nothing(store: RunStore) -> None:
    def half(statements: Statements) -> None:
        statements.execute("INSERT INTO notes (key, text) VALUES ('half', '')")
        raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        await store._writer.write(half)
    assert store.notes() == {}
