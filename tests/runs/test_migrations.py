import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from run_rows import make_plan, make_sample

from infinite_instruct.domain import Origin, ProblemType
from infinite_instruct.errors import RunFolderError
from infinite_instruct.runs.folder import RunFolder
from infinite_instruct.runs.jsontext import json_line
from infinite_instruct.runs.reader import RunReader
from infinite_instruct.runs.store import RunStore

FORMAT_1 = """
CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE calls (
    key TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    model TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    cost_usd REAL,
    seconds REAL NOT NULL,
    times INTEGER NOT NULL DEFAULT 1,
    at REAL NOT NULL,
    request TEXT NOT NULL,
    reply TEXT NOT NULL
);
-- Sums read this index instead of the replies, which are gigabytes in a long campaign.
CREATE INDEX calls_spent ON calls
    (role, model, times, prompt_tokens, completion_tokens, cost_usd, seconds);
CREATE TABLE rows (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('planned', 'sample', 'rejected')),
    plan TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    outcome TEXT,
    planned_at REAL NOT NULL,
    finished_at REAL
);
CREATE INDEX rows_state ON rows (state);
CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    row TEXT NOT NULL,
    kind TEXT NOT NULL,
    json TEXT NOT NULL
);
CREATE INDEX events_row ON events (row, position);
CREATE TABLE graph_events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    row TEXT NOT NULL,
    json TEXT NOT NULL
);
CREATE TABLE notes (key TEXT PRIMARY KEY, text TEXT NOT NULL);

PRAGMA application_id = 1229548644;
PRAGMA user_version = 1;
"""


def make_old_run(folder: Path) -> None:
    """A run as version 0.1.0 began to write them: two rows, three calls paid for two replies."""
    facts = {"made_by": "0.1", "settings": "seed = 1\\n", "fingerprint": json.dumps({"seed": "1"})}
    plan = json.loads(json_line(make_plan("r2")))
    del plan["difficulty"]  # the oldest ones do not have it
    with closing(sqlite3.connect(folder / "ledger.sqlite", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.executescript(FORMAT_1)
        database.executemany("INSERT INTO facts VALUES (?, ?)", facts.items())
        call = "INSERT INTO calls VALUES (?, 'solver', 'm', ?, ?, ?, 1.0, ?, 0.0, '', '{}')"
        database.executemany(call, [("k", 20, 10, 1.0, 2), ("l", 10, 5, None, 1)])
        row = "INSERT INTO rows (id, state, plan, outcome, planned_at) VALUES (?, ?, ?, ?, 0.0)"
        sample = json_line(make_sample("r1"))
        database.execute(row, ("r1", "sample", json_line(make_plan("r1")), sample))
        database.execute(row, ("r2", "planned", json.dumps(plan), None))


def test_a_ledger_of_the_first_format_is_brought_to_todays(tmp_path: Path) -> None:
    make_old_run(tmp_path)
    with RunFolder.open(tmp_path, {"seed": "1"}) as folder, RunStore(folder.ledger) as store:
        (spent,) = store.spending()
        assert (spent.calls, spent.tokens, spent.cost_usd, spent.unpriced) == (3, 45, 1.0, 1)
        tallies = sorted((each.state, each.rows, each.origin) for each in store.tallies())
        assert tallies == [("planned", 1, Origin.REVERSE), ("sample", 1, Origin.REVERSE)]
        assert set(store.snippets_used()) == {("s", ProblemType.CODE_GENERATION)}
        assert [outcome.id for outcome in store.outcomes()] == ["r1"]
        assert [plan.id for plan in store.unfinished()] == ["r2"]
    RunFolder.open(tmp_path, {"seed": "1"}).close()


def test_reading_an_older_format_says_how_to_bring_it_forward(tmp_path: Path) -> None:
    make_old_run(tmp_path)
    with pytest.raises(RunFolderError, match="format 1; this version reads format 2") as caught:
        RunReader(tmp_path / "ledger.sqlite")
    assert "Resume the run" in caught.value.remedy
