"""Statements from outside, behind the store's back."""

import sqlite3
from contextlib import closing

from infinite_instruct.runs.ledger import Ledger
from infinite_instruct.runs.sqlite import SqliteLedger


def tamper(ledger: Ledger, statement: str) -> None:
    """Change a ledger from outside, as another program could."""
    if isinstance(ledger, SqliteLedger):
        with closing(sqlite3.connect(ledger.path, isolation_level=None)) as database:
            database.execute(statement)
        return
    from infinite_instruct.runs.postgres import PostgresLedger

    assert isinstance(ledger, PostgresLedger)
    with ledger.connect() as connection:
        connection.execute(statement.encode())
