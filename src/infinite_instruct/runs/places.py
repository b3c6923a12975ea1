"""Where the ledger of a run folder is: in the folder, or in a database that it remembers."""

import re
import secrets
import tomllib
from pathlib import Path

import tomli_w

from infinite_instruct.domain import Value
from infinite_instruct.errors import MissingToolError, RunFolderError
from infinite_instruct.runs.atomic import write_atomically
from infinite_instruct.runs.faults import faults_named
from infinite_instruct.runs.ledger import Ledger
from infinite_instruct.runs.sqlite import SqliteLedger
from infinite_instruct.runs.store_url import split_password

FILE = "ledger.sqlite"
PLACE = "ledger.toml"
_SCHEMA = re.compile(r"[a-z][a-z0-9_]{0,62}")


class _Place(Value):
    """What a run folder remembers of its database."""

    url: str
    """Without its password."""
    schema_name: str
    """Of this run: others share the database."""


def ledger_in(folder: Path, store: str = "") -> Ledger:
    """The ledger of a run folder.

    Args:
        folder: The run folder.
        store: The database's URL, where it moved or a password is needed; else the one that the
            folder remembers, with the password that libpq finds (PGPASSWORD, ~/.pgpass).

    Raises:
        SettingsError: The URL is wrong.
        MissingToolError: The run is in PostgreSQL, and its driver is not installed.
        RunFolderError: What the folder remembers cannot be read.
    """
    place = _remembered(folder)
    if place is not None:
        return _postgres(store or place.url, place.schema_name, folder)
    return SqliteLedger(folder / FILE)


def settle(folder: Path, store: str) -> Ledger:
    """Say where the ledger of a new run shall be; a database is remembered, with a new schema.

    Raises:
        InfiniteInstructError: As `ledger_in`, or the folder cannot be written.
    """
    if store and _remembered(folder) is None:
        word = re.sub(r"[^a-z0-9]+", "_", folder.absolute().name.lower()).strip("_")[:30]
        name = f"infinite_instruct_{word}_{secrets.token_hex(4)}"
        _remember(folder, _Place(url=split_password(store)[0], schema_name=name))
    return ledger_in(folder, store)


def note_move(folder: Path, store: str) -> None:
    """Remember that the database of a run has another URL now.

    Raises:
        RunFolderError: The run is in no database.
    """
    place = _remembered(folder)
    if store and place is None:
        raise RunFolderError(
            f"The ledger of {folder} is in the folder itself, not in a database.",
            remedy="Go on without --store, and without INFINITE_INSTRUCT_STORE.",
        )
    if store and place is not None and place.url != (url := split_password(store)[0]):
        _remember(folder, place.model_copy(update={"url": url}))


def forget(folder: Path) -> None:
    """Remember no database."""
    with faults_named(folder):
        (folder / PLACE).unlink(missing_ok=True)


def _remember(folder: Path, place: _Place) -> None:
    text = tomli_w.dumps({"url": place.url, "schema": place.schema_name})
    write_atomically(folder / PLACE, text)


def _remembered(folder: Path) -> _Place | None:
    path = folder / PLACE
    with faults_named(path):
        if not path.exists():
            return None
        told = path.read_bytes()
    try:
        found = tomllib.loads(told.decode())
        url, schema = str(found["url"]), str(found["schema"])
    except (ValueError, KeyError):
        url = schema = ""
    if not url or not _SCHEMA.fullmatch(schema):
        raise RunFolderError(
            f"{path} does not tell the run's database.",
            remedy='It has two lines: url = "postgresql://…" and schema = "…".',
        )
    return _Place(url=url, schema_name=schema)


def _postgres(url: str, schema: str, folder: Path) -> Ledger:
    try:
        from infinite_instruct.runs.postgres import PostgresLedger  # noqa: PLC0415 (an extra)
    except ImportError as error:
        raise MissingToolError(
            f"PostgreSQL's driver is not installed ({error}).",
            remedy="pip install 'infinite-instruct[postgres]'",
        ) from error
    return PostgresLedger.at(url, schema, folder)
