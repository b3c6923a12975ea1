"""The run folder: its layout, its lock, and the settings that it was made with."""

import fcntl
import json
import os
import shutil
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import Self

from infinite_instruct.errors import InfiniteInstructError, RunFolderError, RunInUseError
from infinite_instruct.runs.atomic import write_atomically
from infinite_instruct.runs.faults import faults_named
from infinite_instruct.runs.ledger import Ledger
from infinite_instruct.runs.places import FILE, PLACE, forget, ledger_in, note_move, settle
from infinite_instruct.runs.schema import fingerprint_fact

_LOCK = ".lock"
_SHOWN = 80
"""Characters of a setting's value that an error shows."""


class RunFolder:
    """Where a run keeps what. Use `create` or `open` to write, `look` to read.

    As a context manager it gives its lock back at the end.

    Args:
        path: The folder.
        lock: File descriptor that holds its lock; None for a reader.
        store: The URL of the run's database, with its password; empty for what the folder says.

    Attributes:
        ledger: Calls, rows, events and graph: what all other files are made from.
    """

    def __init__(self, path: Path, lock: int | None = None, *, store: str = "") -> None:
        self.path = path
        self.store = store
        self._lock = lock
        self.ledger: Ledger = ledger_in(path, store)

    @classmethod
    def create(
        cls, path: Path, settings_text: str, fingerprint: Mapping[str, str], *, store: str = ""
    ) -> Self:
        """Make a new run and lock it.

        Args:
            path: A folder that is empty or not there yet.
            settings_text: The settings as TOML, kept as `campaign.toml`.
            fingerprint: Key and value of every setting that changes what rows mean.
            store: The URL of a PostgreSQL database for its ledger; empty: a file in the folder.

        Raises:
            RunInUseError: Another process writes there.
            RunFolderError: The folder holds something, or it or the database cannot be written.
            SettingsError: The URL is wrong.
        """
        with faults_named(path):
            path.mkdir(parents=True, exist_ok=True)
            _refuse_strangers(path, store)
        folder = cls(path, _locked(path), store=store)
        try:
            folder._fill(settings_text, fingerprint, store)
        except BaseException:
            folder.close()
            raise
        return folder

    @classmethod
    def open(cls, path: Path, fingerprint: Mapping[str, str], *, store: str = "") -> Self:
        """Lock an existing run, to go on with it; an older ledger is brought to today's format.

        Raises:
            RunInUseError: Another process writes there.
            RunFolderError: It is no run, it is damaged, or was made by other settings.
        """
        cls.look(path, store=store)
        folder = cls(path, _locked(path), store=store)
        try:
            folder.ledger.migrate()
            folder._refuse_other_settings(fingerprint)
            folder.restored_campaign()
            note_move(path, store)
        except BaseException:
            folder.close()
            raise
        return folder

    @classmethod
    def look(cls, path: Path, *, store: str = "") -> Self:
        """An existing run to read from, without its lock: also while it is going on.

        Raises:
            RunFolderError: It is no run, or it is damaged.
        """
        folder = cls(path, store=store)
        if not folder.ledger.exists():
            raise RunFolderError(
                f"{path} holds no run.",
                remedy="Name a folder that `infinite-instruct run --out` has made.",
            )
        return folder

    @staticmethod
    def refuse_in_use(path: Path) -> None:
        """Tell that another process writes there, before one has loaded what a run needs.

        Raises:
            RunInUseError: One does.
        """
        if not (path / _LOCK).is_file():
            return
        with faults_named(path):
            os.close(_held(path, os.O_RDONLY, fcntl.LOCK_SH))

    @property
    def campaign(self) -> Path:
        """The settings as the run was started with."""
        return self.path / "campaign.toml"

    def restored_campaign(self) -> Path:
        """The same, written again where a kill came between the ledger and this copy of it.

        Raises:
            RunFolderError: The ledger cannot be read, or the folder not be written.
        """
        if not self.campaign.exists():
            write_atomically(self.campaign, self._facts()["settings"])
        return self.campaign

    @property
    def checkpoints(self) -> Path:
        """LangGraph's states of each row, where they are asked for."""
        return self.path / "checkpoints.sqlite"

    @property
    def problems(self) -> Path:
        """Sketches of the problems, to find one that comes again; made anew where it is lost."""
        return self.path / "problems.sqlite"

    @property
    def log(self) -> Path:
        """The program's log."""
        return self.path / "log.txt"

    @property
    def report(self) -> Path:
        """The report as a page."""
        return self.path / "report.html"

    @property
    def card(self) -> Path:
        """The data set's card."""
        return self.path / "README.md"

    @property
    def fingerprint(self) -> dict[str, str]:
        """The settings that decide what rows mean, as the run was made with."""
        return dict(json.loads(self._facts()["fingerprint"]))

    def close(self) -> None:
        """Give the lock back."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def discard(self) -> None:
        """Remove the run with all that it holds."""
        self.ledger.drop()
        with faults_named(self.path):
            shutil.rmtree(self.path)

    def _fill(self, settings_text: str, fingerprint: Mapping[str, str], store: str) -> None:
        """Make the ledger, then the copy of the settings: the ledger's commit makes it a run."""
        if self.ledger.exists():
            raise RunFolderError(
                f"{self.path} holds a run already.",
                remedy=f"Go on by `infinite-instruct resume {self.path}`, or name a new folder.",
            )
        facts = {
            "made_by": _version(),
            "settings": settings_text,
            "fingerprint": fingerprint_fact(fingerprint),
        }
        # Remembered first: a kill leaves a place without a ledger, and none that nobody knows.
        self.ledger = settle(self.path, store)
        try:
            self.ledger.create(facts)
        except InfiniteInstructError:
            forget(self.path)
            raise
        write_atomically(self.campaign, settings_text)

    def _facts(self) -> dict[str, str]:
        """What the ledger was made with."""
        database = self.ledger.read()
        try:
            return dict(database.select("SELECT key, value FROM facts"))
        finally:
            database.close()

    def _refuse_other_settings(self, now: Mapping[str, str]) -> None:
        then = self.fingerprint
        differing = [key for key in sorted({*then, *now}) if then.get(key) != now.get(key)]
        if not differing:
            return
        changes = "; ".join(
            f"{key} was {_shown(then.get(key))} and is {_shown(now.get(key))}" for key in differing
        )
        raise RunFolderError(
            f"{self.path} was made with other settings: {changes}.",
            remedy="Its rows would mean different things: set them back, or start in a new folder.",
        )


def _refuse_strangers(path: Path, store: str) -> None:
    """Refuse a folder that is no run and holds anything but what a killed `create` leaves."""
    if ledger_in(path, store).exists():
        return
    own = {_LOCK, PLACE, FILE, f"{FILE}-journal", f"{FILE}-wal", f"{FILE}-shm"}
    names = sorted(entry.name for entry in path.iterdir())
    left = (name for name in names if name not in own and not name.startswith(f".{PLACE}."))
    stranger = next(left, None)
    if stranger is not None:
        raise RunFolderError(
            f"{path} is not empty (it holds {stranger!r}) and holds no run.",
            remedy="Name an empty or a new folder.",
        )


def _locked(path: Path) -> int:
    """Take the run's lock and write our pid into it; the system frees it when we die."""
    with faults_named(path):
        descriptor = _held(path, os.O_RDWR | os.O_CREAT, fcntl.LOCK_EX)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor


def _held(path: Path, flags: int, lock: int) -> int:
    """Open the lock's file and take the lock, or say who has it."""
    descriptor = os.open(path / _LOCK, flags | os.O_NOFOLLOW, 0o644)
    try:
        fcntl.flock(descriptor, lock | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
        os.close(descriptor)
        raise RunInUseError(
            f"{path} is in use by process {owner or 'that is just starting'}.",
            remedy="Wait for it, stop it, or name another folder with --out.",
        ) from None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _shown(value: str | None) -> str:
    if value is None:
        return "not set"
    return repr(value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…")


def _version() -> str:
    try:
        return version("infinite-instruct")
    except PackageNotFoundError:
        return "source"
