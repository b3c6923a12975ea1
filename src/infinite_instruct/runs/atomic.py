"""Files that are there whole or not at all."""

import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from infinite_instruct.runs.faults import faults_named


@contextmanager
def replacing(path: Path) -> Generator[Path]:
    """Give a new file to write; when the block ends well, it takes the path's place.

    Readers see the old content or the new one, also after a power cut: the file is on disk before
    it gets its name. A killed writer leaves a hidden `.NAME.*.tmp` that nothing reads.

    Raises:
        RunFolderError: The folder cannot be written, or the disk is full; the old file stays.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    with faults_named(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield temporary
            _flush(temporary, os.O_RDWR)
            temporary.replace(path)
            _flush(path.parent, os.O_RDONLY)
        finally:
            temporary.unlink(missing_ok=True)


def write_atomically(path: Path, data: str | bytes) -> None:
    """Write a whole file, or leave the old one untouched.

    Raises:
        RunFolderError: The folder cannot be written, or the disk is full.
    """
    with replacing(path) as temporary:
        temporary.write_bytes(data.encode() if isinstance(data, str) else data)


def _flush(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
