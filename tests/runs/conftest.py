from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres_server import PostgresServer
from run_rows import make_outcomes, make_plan

from infinite_instruct.runs.folder import RunFolder
from infinite_instruct.runs.store import RunStore


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    """A real PostgreSQL server."""
    with PostgresServer() as started:
        yield started


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """What `--store` would say: nothing, or a real database."""
    if request.param == "sqlite":
        return ""
    server: PostgresServer = request.getfixturevalue("server")
    return server.url


@pytest.fixture
def folder(tmp_path: Path, store_url: str) -> Iterator[RunFolder]:
    with RunFolder.create(tmp_path / "run", "seed = 1\n", {"seed": "1"}, store=store_url) as made:
        yield made


@pytest.fixture
def store(folder: RunFolder) -> Iterator[RunStore]:
    with RunStore(folder.ledger) as opened:
        yield opened


@pytest.fixture
async def filled(store: RunStore) -> RunStore:
    """Four finished rows and one in flight."""
    for outcome in make_outcomes():
        await store.plan_row(make_plan(outcome.id))
        await store.finish_row(outcome, [f'{{"added": "{outcome.id}"}}'])
    await store.plan_row(make_plan("r5"))
    return store
