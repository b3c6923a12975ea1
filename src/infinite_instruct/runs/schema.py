"""The ledger's tables, in the words that SQLite and PostgreSQL both know."""

import json
from collections.abc import Mapping

from infinite_instruct.errors import RunFolderError

FORMAT = 2
"""Version of the tables. It grows when older readers would misread them."""

TABLES = """
CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE calls (
    key TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    model TEXT NOT NULL,
    prompt_tokens BIGINT NOT NULL,
    completion_tokens BIGINT NOT NULL,
    cost_usd DOUBLE PRECISION,
    seconds DOUBLE PRECISION NOT NULL,
    times BIGINT NOT NULL DEFAULT 1,
    at DOUBLE PRECISION NOT NULL,
    request TEXT NOT NULL,
    reply TEXT NOT NULL
);
-- Running sums of the calls, kept in the same transactions: a resume reads a few rows.
CREATE TABLE spending (
    role TEXT NOT NULL,
    model TEXT NOT NULL,
    calls BIGINT NOT NULL,
    prompt_tokens BIGINT NOT NULL,
    completion_tokens BIGINT NOT NULL,
    cost_usd DOUBLE PRECISION NOT NULL,
    unpriced BIGINT NOT NULL,
    seconds DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (role, model)
);
CREATE TABLE rows (
    position {serial},
    id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('planned', 'sample', 'rejected')),
    plan TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    outcome TEXT,
    planned_at DOUBLE PRECISION NOT NULL,
    finished_at DOUBLE PRECISION,
    -- What the plan says, for counting: plans are large, and there are many.
    origin TEXT NOT NULL DEFAULT '',
    problem_type TEXT NOT NULL DEFAULT '',
    direction TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT '',
    difficulty TEXT NOT NULL DEFAULT '',
    snippet TEXT NOT NULL DEFAULT ''
);
CREATE INDEX rows_state ON rows (state, position, id);
{kinds}
CREATE TABLE events (
    position {serial},
    row TEXT NOT NULL,
    kind TEXT NOT NULL,
    json TEXT NOT NULL
);
CREATE INDEX events_row ON events (row, position);
CREATE TABLE graph_events (
    sequence {serial},
    row TEXT NOT NULL,
    json TEXT NOT NULL
);
CREATE TABLE notes (key TEXT PRIMARY KEY, text TEXT NOT NULL);
"""

KINDS = """
CREATE INDEX rows_kinds ON rows
    (origin, problem_type, direction, language, difficulty, state, snippet);
"""
"""All that a resume wants to know of the rows, in one index."""


def tables(serial: str) -> str:
    """The statements that make an empty ledger.

    Args:
        serial: The type of a primary key that counts by itself.
    """
    return TABLES.format(serial=serial, kinds=KINDS)


def fingerprint_fact(fingerprint: Mapping[str, str]) -> str:
    """The fingerprint as it stands in the facts."""
    return json.dumps(dict(sorted(fingerprint.items())))


def refuse_format(ledger: object, version: object) -> None:
    """Refuse a ledger of another format, by name.

    Raises:
        RunFolderError: It is another one.
    """
    if version == FORMAT:
        return
    older = isinstance(version, int) and 0 < version < FORMAT
    raise RunFolderError(
        f"{ledger} has format {version}; this version reads format {FORMAT}.",
        remedy="Resume the run: that brings its ledger to the new format."
        if older
        else "Use the version of infinite-instruct that made it (campaign.toml tells).",
    )
