"""What can go wrong with a run's files, told as errors with cause and remedy."""

import errno
import sqlite3
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from infinite_instruct.errors import RunFolderError

_FULL = "Free some space there, then start or resume again: nothing that was finished is lost."
_FORBIDDEN = "Check the owner, the permissions and the mount of this place, or choose another one."
_DAMAGED = (
    "Restore the file from a copy, or save what is readable with "
    "`sqlite3 ledger.sqlite .recover | sqlite3 rescued.sqlite`."
)
_OTHER = "Check the disk and the path, then try again."

_BY_ERRNO = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.EROFS: _FORBIDDEN,
}
_OF_THE_MACHINE = {
    errno.EDQUOT,
    errno.EIO,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
    errno.ENOSPC,
    errno.EROFS,
}
_BY_SQLITE = {
    "SQLITE_FULL": _FULL,
    "SQLITE_IOERR": "Check the disk: it may be full, over its quota or failing.",
    "SQLITE_READONLY": _FORBIDDEN,
    "SQLITE_CANTOPEN": _FORBIDDEN,
    "SQLITE_PERM": _FORBIDDEN,
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_NOTADB": _DAMAGED,
    "SQLITE_BUSY": "Close the other program that has this database open.",
    "SQLITE_LOCKED": "Close the other program that has this database open.",
}


def fault(path: Path, error: OSError | sqlite3.Error) -> RunFolderError:
    """The error that names the path, what happened there and what to do."""
    if isinstance(error, OSError):
        return RunFolderError(
            f"{path}: {error.strerror or error}.",
            remedy=_BY_ERRNO.get(error.errno or 0, _OTHER),
        )
    # Names carry details, like SQLITE_IOERR_WRITE; the first two words are the family.
    name = str(getattr(error, "sqlite_errorname", ""))
    family = "_".join(name.split("_")[:2])
    return RunFolderError(f"{path}: {error}.", remedy=_BY_SQLITE.get(family, _OTHER))


def machine_fault(error: Exception) -> RunFolderError | None:
    """What stops a run, where it comes up in a row's work: a full or failing disk, no more files.

    No row may be dropped for it: the next ones would be, too, and their calls are paid. None where
    the row itself may be to blame.
    """
    if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
        return fault(Path(error.filename or tempfile.gettempdir()), error)
    if isinstance(error, sqlite3.DatabaseError):
        return RunFolderError(
            f"A database beside the ledger failed: {error}.",
            remedy="If the disk is not full, delete `problems.sqlite*` and `checkpoints.sqlite*` "
            "in the run folder, then resume: they are made again.",
        )
    return None


@contextmanager
def faults_named(path: Path) -> Generator[None]:
    """Turn what the file system and SQLite raise into errors that name the path.

    Raises:
        RunFolderError: Instead of OSError and sqlite3.Error.
    """
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise fault(path, error) from error
