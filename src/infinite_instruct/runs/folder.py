"""The run folder: its layout, its lock, and the settings that it was made with."""

import fcntl
import json
import os
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import Self

from infinite_instruct.errors import RunFolderError, RunInUseError
from infinite_instruct.runs.atomic import write_atomically
from infinite_instruct.runs.faults import faults_named
from infinite_instruct.runs.schema import (
    create_ledger,
    fingerprint_fact,
    is_ledger,
    read_facts,
)

_LOCK = ".lock"
_LEDGER = "ledger.sqlite"
_SHOWN = 80
"""Characters of a setting's value that an error shows."""


class RunFolder:
    """Where a run keeps what. Use `create` or `open` to write, `look` to read.

    As a context manager it gives its lock back at the end.

    Args:
        path: The folder.
        lock: File descriptor that holds its lock; None for a reader.
    """

    def __init__(self, path: Path, lock: int | None = None) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def create(cls, path: Path, settings_text: str, fingerprint: Mapping[str, str]) -> Self:
        """Make a new run and lock it.

        Args:
            path: A folder that is empty or not there yet.
            settings_text: The settings as TOML, kept as `campaign.toml`.
            fingerprint: Key and value of every setting that changes what rows mean.

        Raises:
            RunInUseError: Another process writes there.
            RunFolderError: The folder holds something, or cannot be written.
        """
        with faults_named(path):
            path.mkdir(parents=True, exist_ok=True)
            _refuse_strangers(path)
        folder = cls(path, _locked(path))
        try:
            folder._fill(settings_text, fingerprint)
        except BaseException:
            folder.close()
            raise
        return folder

    @classmethod
    def open(cls, path: Path, fingerprint: Mapping[str, str]) -> Self:
        """Lock an existing run, to go on with it.

        Raises:
            RunInUseError: Another process writes there.
            RunFolderError: It is no run, it is damaged, or was made by other settings.
        """
        cls.look(path)
        folder = cls(path, _locked(path))
        try:
            folder._refuse_other_settings(fingerprint)
            folder.restored_campaign()
        except BaseException:
            folder.close()
            raise
        return folder

    @classmethod
    def look(cls, path: Path) -> Self:
        """An existing run to read from, without its lock: also while it is going on.

        Raises:
            RunFolderError: It is no run, or it is damaged.
        """
        if not is_ledger(path / _LEDGER):
            raise RunFolderError(
                f"{path} holds no run.",
                remedy="Name a folder that `infinite-instruct run --out` has made.",
            )
        return cls(path)

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
            write_atomically(self.campaign, read_facts(self.ledger)["settings"])
        return self.campaign

    @property
    def ledger(self) -> Path:
        """Calls, rows, events and graph: the one file that all others are made from."""
        return self.path / _LEDGER

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
        return dict(json.loads(read_facts(self.ledger)["fingerprint"]))

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

    def _fill(self, settings_text: str, fingerprint: Mapping[str, str]) -> None:
        """Make the ledger, then the copy of the settings: the ledger's commit makes it a run."""
        if is_ledger(self.ledger):
            raise RunFolderError(
                f"{self.path} holds a run already.",
                remedy=f"Go on by `infinite-instruct resume {self.path}`, or name a new folder.",
            )
        facts = {
            "made_by": _version(),
            "settings": settings_text,
            "fingerprint": fingerprint_fact(fingerprint),
        }
        create_ledger(self.ledger, facts)
        write_atomically(self.campaign, settings_text)

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


def _refuse_strangers(path: Path) -> None:
    """Refuse a folder that is no run and holds anything but what a killed `create` leaves."""
    if is_ledger(path / _LEDGER):
        return
    own = {_LOCK, _LEDGER, f"{_LEDGER}-journal", f"{_LEDGER}-wal", f"{_LEDGER}-shm"}
    names = sorted(entry.name for entry in path.iterdir())
    stranger = next((name for name in names if name not in own), None)
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
