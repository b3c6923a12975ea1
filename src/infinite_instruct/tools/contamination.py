"""Whether a text repeats a benchmark's task, by hashed n-grams (docs/decontamination.md)."""

import gzip
import json
import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import Field, TypeAdapter

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
_LINE = TypeAdapter(tuple[str, str, str])
"""Benchmark, task and hashes of a text."""


class Overlap(Value):
    """A benchmark's task that a text repeats."""

    benchmark: str
    task: str
    share: float = Field(ge=0, le=1)
    """Share of the n-grams of the task's text, or of its solution, that the text has."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """One text of a task: its statement, its solution."""

    benchmark: str
    task: str
    hashes: "array[int]"


class BenchmarkIndex:
    """Benchmarks' texts as hashes, and which task a text repeats. A lookup scans no tasks."""

    def __init__(self, fingerprints: Iterable[Fingerprint] = ()) -> None:
        self._prints = list(fingerprints)

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
                self._prints.append(Fingerprint(benchmark, task, array("Q", sorted(hashes))))
                self.__dict__.pop("_table", None)

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
        for holders in self._holders(grams):
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

    def _holders(self, grams: set[int]) -> Iterator[list[int]]:
        """For each n-gram that a task has: the texts that have it. Nearly all are unknown."""
        hashes, holders = self._table
        asked = np.fromiter(grams, np.uint64, len(grams))
        first, end = (np.searchsorted(hashes, asked, side) for side in ("left", "right"))
        for at in np.flatnonzero(first < end):
            yield holders[first[at] : end[at]].tolist()

    @cached_property
    def _table(self) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]:
        """All n-grams in ascending order, and beside each a text that has it."""
        sizes = [len(each.hashes) for each in self._prints]
        hashes = np.array([x for each in self._prints for x in each.hashes], np.uint64)
        holders = np.repeat(np.arange(len(sizes), dtype=np.uint32), sizes)
        order = np.argsort(hashes, kind="stable")
        return hashes[order], holders[order]

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
        benchmark, task, joined = _LINE.validate_json(line)
        hashes = (int(joined[at : at + 10], 16) for at in range(0, len(joined), 10))
        yield Fingerprint(sys.intern(benchmark), task, array("Q", hashes))


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
