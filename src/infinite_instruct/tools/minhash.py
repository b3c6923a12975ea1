"""Sketches of sets (MinHash, Broder 1997), and an index that finds similar ones without a scan.

The index is SQLite's: a campaign of a hundred thousand rows needs no more memory than one of ten,
and a resumed one has it at once. It holds nothing that cannot be made again.
"""

import hashlib
import sqlite3
import struct
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

Sketch = npt.NDArray[np.uint32]
"""SIZE numbers: two sets share as large a part of them as of their items (Jaccard similarity)."""

_BANDS = 25
_WIDTH = 5
"""Numbers of a band. Sets with similarity s share a band with 1 - (1 - s^5)^25: 99 % at 0.7, 55 %
at 0.5, 1 % at 0.2."""
SIZE = _BANDS * _WIDTH
_BAND_BYTES = 4 * _WIDTH
_SALTS = tuple(bytes([number]) for number in range(_BANDS))
_PENDING = 256
"""Changes that are written together; a kill loses them, and who uses the index adds them again."""

_TABLES = """
CREATE TABLE sketches (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, sketch BLOB NOT NULL);
CREATE TABLE bands (band INTEGER, id INTEGER, PRIMARY KEY (band, id)) WITHOUT ROWID;
PRAGMA user_version = 1;
"""
_FIND = f"""
SELECT name, sketch FROM sketches
WHERE id IN (SELECT id FROM bands WHERE band IN ({", ".join("?" * _BANDS)})) ORDER BY name
"""  # noqa: S608  only question marks


def sketch(items: Iterable[str]) -> Sketch:
    """The sketch of a set of texts; the same on every machine."""
    blake2b = hashlib.blake2b
    digests = [blake2b(item.encode(errors="replace"), digest_size=4).digest() for item in items]
    hashes = np.frombuffer(b"".join(digests) or bytes(4), dtype="<u4").astype(np.uint64)
    # Multiply-shift (Dietzfelbinger et al. 1997): the upper half of a product without its overflow.
    factors, offsets = _hashing()
    mixed = hashes[:, None] * factors + offsets
    least: npt.NDArray[np.uint64] = mixed.min(axis=0)
    return (least >> np.uint64(32)).astype(np.uint32)


def similarity(one: Sketch, other: Sketch) -> float:
    """The estimated share of items that two sets have in common, 0 to 1 (error about 0.04)."""
    return int(np.count_nonzero(one == other)) / SIZE


class SketchStore:
    """Sketches by name, in a file.

    Args:
        path: The file; one that cannot be read is made anew, empty. None for one of its own.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._database = _open(path)
        self._pending = 0

    def add(self, name: str, sketch: Sketch) -> None:
        """Keep a sketch under a name, in place of an earlier one."""
        self.remove(name)
        row = self._database.execute(
            "INSERT INTO sketches (name, sketch) VALUES (?, ?)", (_text(name), sketch.tobytes())
        )
        pairs = [(band, row.lastrowid) for band in _bands(sketch.tobytes())]
        self._database.executemany("INSERT OR IGNORE INTO bands VALUES (?, ?)", pairs)
        self._changed()

    def remove(self, name: str) -> None:
        """Forget a name; an unknown one is passed over."""
        query = "SELECT id, sketch FROM sketches WHERE name = ?"
        for number, blob in self._database.execute(query, (_text(name),)).fetchall():
            pairs = [(band, number) for band in _bands(blob)]
            self._database.executemany("DELETE FROM bands WHERE band = ? AND id = ?", pairs)
            self._database.execute("DELETE FROM sketches WHERE id = ?", (number,))
            self._changed()

    def similar(self, sketch: Sketch) -> tuple[float, str]:
        """The most similar one that shares a band, and how similar it is; 0.0 where none does."""
        found = self._database.execute(_FIND, _bands(sketch.tobytes()))
        scored = ((similarity(_read(blob), sketch), str(name)) for name, blob in found)
        return max(scored, default=(0.0, ""))

    def names(self) -> Iterator[str]:
        """All names."""
        yield from (str(name) for (name,) in self._database.execute("SELECT name FROM sketches"))

    def __len__(self) -> int:
        return int(self._database.execute("SELECT count(*) FROM sketches").fetchone()[0])

    def close(self) -> None:
        """Write what is pending."""
        self._database.commit()
        self._database.close()

    def _changed(self) -> None:
        self._pending += 1
        if self._pending >= _PENDING:
            self._database.commit()
            self._pending = 0


@cache
def _hashing() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Odd factors and offsets, the same everywhere."""
    digest = hashlib.shake_256(b"minhash").digest(16 * SIZE)
    numbers = np.frombuffer(digest, dtype="<u8")
    return numbers[:SIZE] | np.uint64(1), numbers[SIZE:]


@lru_cache(maxsize=_PENDING)
def _bands(sketch: bytes) -> tuple[int, ...]:
    """A number for each band and its values; two sketches with a number in common are compared.

    A new sketch's are asked for twice: to look for similar ones, and to be kept.
    """
    parts = (sketch[at : at + _BAND_BYTES] for at in range(0, len(sketch), _BAND_BYTES))
    digests = [
        hashlib.blake2b(part, digest_size=8, salt=salt).digest()
        for part, salt in zip(parts, _SALTS, strict=True)
    ]
    return struct.unpack(f">{_BANDS}q", b"".join(digests))


def _read(blob: bytes) -> Sketch:
    return np.frombuffer(blob, dtype=np.uint32)


def _open(path: Path | None) -> sqlite3.Connection:
    if path is None:
        return _connected("")  # a file that SQLite removes, beyond 2 MB
    try:
        return _connected(str(path))
    except (sqlite3.DatabaseError, OSError):  # damaged, or of another version
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()
        return _connected(str(path))


def _connected(place: str) -> sqlite3.Connection:
    database = sqlite3.connect(place, check_same_thread=False)
    try:
        database.execute("PRAGMA synchronous = OFF")  # what a power cut takes is made again
        if database.execute("PRAGMA user_version").fetchone() == (0,):
            database.executescript(_TABLES)
        database.execute("SELECT max(id) FROM sketches").fetchone()
    except BaseException:
        database.close()
        raise
    return database


def _text(name: str) -> str:
    return name.encode(errors="replace").decode()
