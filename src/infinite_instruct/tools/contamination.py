"""Whether a text repeats a benchmark's task, by hashed n-grams (docs/decontamination.md)."""

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import Field

from infinite_instruct.domain import Value
from infinite_instruct.errors import SettingsError
from infinite_instruct.tools.benchmark_text import (
    LONG,
    SHORT,
    hashes_of,
    task_hashes,
    words_of,
)

FLAGGED_FROM = 0.5
"""Share of a task's n-grams from which a text repeats it."""
_COMMON = 2
"""N-grams of more tasks than this are phrases of the genre: "write a function to find the"."""
_MAX_LINE = 1_000_000


class Overlap(Value):
    """A benchmark's task that a text repeats."""

    benchmark: str
    task: str
    share: float = Field(ge=0, le=1)
    """Share of the n-grams of the task's text, or of its solution, that the text has."""


class Fingerprint(Value):
    """One text of a task: its statement, its solution."""

    benchmark: str
    task: str
    hashes: tuple[int, ...]


class BenchmarkIndex:
    """Benchmarks' texts as hashes, and which task a text repeats. A lookup scans no tasks."""

    def __init__(self, fingerprints: Iterable[Fingerprint] = ()) -> None:
        self._prints: list[Fingerprint] = []
        self._holders: dict[int, list[int]] = {}
        for fingerprint in fingerprints:
            self._add(fingerprint)

    @classmethod
    def shipped(cls) -> "BenchmarkIndex":
        """The index that comes with the package: HumanEval and MBPP."""
        return cls(_shipped())

    @classmethod
    def load(cls, path: Path) -> "BenchmarkIndex":
        """Read an index that `save` wrote.

        Raises:
            SettingsError: It cannot be read.
        """
        try:
            return cls(_read(path.read_bytes()))
        except (OSError, EOFError, ValueError) as error:
            raise SettingsError(
                f"The benchmark index {path} cannot be read: {error}",
                remedy="Make it anew with scripts/build_benchmark_index.py.",
            ) from error

    def save(self, path: Path) -> None:
        """Write the hashes, the same bytes for the same tasks."""
        lines = "".join(f"{_packed(fingerprint)}\n" for fingerprint in self._prints)
        path.write_bytes(gzip.compress(lines.encode(), mtime=0))

    def add_task(self, benchmark: str, task: str, texts: Iterable[str]) -> None:
        """Add a task by its texts: statement and solution, each on its own."""
        for text in texts:
            if hashes := task_hashes(text):
                self._add(Fingerprint(benchmark=benchmark, task=task, hashes=tuple(sorted(hashes))))

    def add_file(self, path: Path, fields: Iterable[str], *, task_field: str = "task_id") -> int:
        """Add a benchmark of the user's own: JSONL, one task a line. Its name is the file's.

        Args:
            path: The file; `.gz` is unpacked.
            fields: The fields with texts to look for; a line may lack some.
            task_field: The field that names the task; lines without get their number.

        Returns:
            How many tasks were added.

        Raises:
            SettingsError: The file cannot be read, or no line has one of the fields.
        """
        names = list(fields)
        added = 0
        for number, record in _records(path):
            texts = [record[name] for name in names if isinstance(record.get(name), str)]
            if texts:
                self.add_task(path.name, str(record.get(task_field, number)), texts)
                added += 1
        if not added:
            raise SettingsError(
                f"No line of {path} has a text in {', '.join(names)}.",
                remedy="Name the fields which hold the tasks' texts.",
            )
        return added

    def overlap(self, text: str) -> Overlap | None:
        """The task that a text repeats most, from FLAGGED_FROM on; None for its own work."""
        words = words_of(text)
        hits = Counter[int]()
        grams = hashes_of(words, LONG) | hashes_of(words, SHORT)
        # Nearly all are unknown: those cost no more than a look.
        for hashed in grams & self._holders.keys():
            holders = self._holders[hashed]
            if len({self._task(holder) for holder in holders}) <= _COMMON:
                hits.update(holders)
        found = [(count / len(self._prints[at].hashes), -at) for at, count in hits.items()]
        share, at = max(found, default=(0.0, 0))
        if share < FLAGGED_FROM:
            return None
        benchmark, task = self._task(-at)
        return Overlap(benchmark=benchmark, task=task, share=share)

    def _task(self, at: int) -> tuple[str, str]:
        return self._prints[at].benchmark, self._prints[at].task

    def _add(self, fingerprint: Fingerprint) -> None:
        for hashed in fingerprint.hashes:
            self._holders.setdefault(hashed, []).append(len(self._prints))
        self._prints.append(fingerprint)

    def __len__(self) -> int:
        """How many tasks it knows."""
        return len({self._task(at) for at in range(len(self._prints))})


@cache
def _shipped() -> tuple[Fingerprint, ...]:
    data = files("infinite_instruct.tools") / "data" / "benchmarks.jsonl.gz"
    return tuple(_read(data.read_bytes()))


def _packed(fingerprint: Fingerprint) -> str:
    joined = "".join(f"{hashed:010x}" for hashed in fingerprint.hashes)
    return json.dumps([fingerprint.benchmark, fingerprint.task, joined])


def _read(data: bytes) -> Iterator[Fingerprint]:
    for line in gzip.decompress(data).decode().splitlines():
        benchmark, task, joined = json.loads(line)
        hashes = tuple(int(joined[at : at + 10], 16) for at in range(0, len(joined), 10))
        yield Fingerprint(benchmark=benchmark, task=task, hashes=hashes)


def _records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8", errors="replace") as file:
            for number, line in enumerate(iter(lambda: file.readline(_MAX_LINE), ""), 1):
                record = json.loads(line) if line.strip() else None
                if isinstance(record, dict):
                    yield number, record
    except (OSError, EOFError, ValueError, RecursionError) as error:
        raise SettingsError(
            f"The benchmark file {path} cannot be read: {error}",
            remedy="It must be JSONL: one JSON object a line, of at most 1 MB.",
        ) from error
