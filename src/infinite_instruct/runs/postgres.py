"""A ledger in a schema of its own in a PostgreSQL database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from infinite_instruct.errors import RunFolderError, SettingsError
from infinite_instruct.runs.postgres_connection import (
    Connection,
    PostgresReader,
    faults_of,
)
from infinite_instruct.runs.postgres_lookup import GroupedLookup
from infinite_instruct.runs.postgres_writer import PostgresWriter
from infinite_instruct.runs.schema import FORMAT, refuse_format, tables
from infinite_instruct.runs.store_url import split_password

D = TypeVar("D", bound=PostgresReader)

_DEFAULTS: Mapping[str, str | int] = {
    "connect_timeout": 10,
    # A server that is gone without a word is noticed in half a minute.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
_PATIENCE = 60.0
"""Seconds that a lost connection is waited for."""


@dataclass(frozen=True)
class PostgresLedger:
    """A ledger in a schema: runs share a database without sharing a table."""

    url: str
    """Without its password."""
    schema: str
    folder: Path
    password: str = field(default="", repr=False)
    patience: float = _PATIENCE

    @classmethod
    def at(cls, url: str, schema: str, folder: Path) -> "PostgresLedger":
        """The ledger at a URL, with its password or without.

        Raises:
            SettingsError: The URL is wrong.
        """
        plain, password = split_password(url)
        try:
            conninfo_to_dict(plain)
        except psycopg.Error as error:
            raise SettingsError(
                f"The store's URL is wrong: {' '.join(str(error).split())}.",
                remedy="Write postgresql://user@host:5432/database.",
            ) from error
        return cls(plain, schema, folder, password)

    def __str__(self) -> str:
        return f"{self.url} (schema {self.schema})"

    @property
    def number(self) -> int:
        """The number of its lock: locks of a database are told apart by numbers."""
        return int.from_bytes(blake2b(self.schema.encode(), digest_size=8).digest(), signed=True)

    def exists(self) -> bool:
        """As `Ledger.exists`."""
        with faults_of(self), self.connect() as connection:
            found = connection.execute("SELECT to_regclass(%s)", (f"{self.schema}.facts",))
            return found.fetchone() != (None,)

    def create(self, facts: Mapping[str, str]) -> None:
        """As `Ledger.create`."""
        all_facts = {**facts, "format": str(FORMAT)}
        serial = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
        with faults_of(self), self.connect() as connection, connection.transaction():
            self._require_unicode(connection)
            # What a killed creation could leave is an empty one: tables come with their facts.
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {self.schema}".encode())
            connection.execute(tables(serial).encode())
            connection.cursor().executemany(
                "INSERT INTO facts VALUES (%s, %s)", list(all_facts.items())
            )

    def migrate(self) -> None:
        """As `Ledger.migrate`: this is the first format in PostgreSQL."""

    def read(self) -> PostgresReader:
        """As `Ledger.read`."""
        return self._checked(PostgresReader(self))

    def write(self) -> PostgresWriter:
        """As `Ledger.write`."""
        return self._checked(PostgresWriter(self))

    def lookup(self) -> GroupedLookup:
        """As `Ledger.lookup`."""
        return GroupedLookup(self.read())

    def drop(self) -> None:
        """As `Ledger.drop`."""
        with faults_of(self), self.connect() as connection:
            connection.execute(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE".encode())

    def connect(self) -> Connection:
        """Connect, with the run's schema before all others.

        Raises:
            psycopg.Error: It cannot be reached, or refuses.
        """
        told = {**_DEFAULTS, **conninfo_to_dict(self.url), "client_encoding": "utf8"}
        if self.password:
            told["password"] = self.password
        connection = psycopg.connect(make_conninfo("", **told), autocommit=True)
        try:
            connection.execute(f"SET search_path TO {self.schema}".encode())
        except BaseException:
            connection.close()
            raise
        return connection

    def _checked(self, database: D) -> D:
        try:
            found = database.select("SELECT value FROM facts WHERE key = 'format'")
            version = str(found[0][0]) if found else ""
            refuse_format(self, int(version) if version.isdecimal() else version)
        except BaseException:
            database.close()
            raise
        return database

    def _require_unicode(self, connection: Connection) -> None:
        encoding = connection.info.parameter_status("server_encoding")
        if encoding not in {"UTF8", "SQL_ASCII"}:
            raise RunFolderError(
                f"{self.url} holds text as {encoding}: not all characters fit.",
                remedy="Make a database for the runs: CREATE DATABASE … ENCODING 'UTF8' "
                "TEMPLATE template0.",
            )
