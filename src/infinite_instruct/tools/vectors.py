"""Nearest keywords by embeddings: a cache in Chroma that can be rebuilt from the graph.

One process only may write a folder of Chroma: two leave an index that finds less than was stored,
without an error. Its telemetry is off and its own embedding function, which would download a model
at the first use, is never called: vectors are always passed in.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeVar

from loguru import logger
from pydantic import Field

from infinite_instruct.domain import Value
from infinite_instruct.errors import InfiniteInstructError, RunFolderError
from infinite_instruct.tools.chroma_store import ChromaStore
from infinite_instruct.tools.embedders import Embedder
from infinite_instruct.tools.fresh_vectors import FreshVectors

_BUFFERED = 512
"""Texts that wait in memory: Chroma takes many at once for the price of one."""
_PROBES = 16
_PROBES_FOUND = 0.75
"""The search is approximate: a healthy index may miss one."""
_ITSELF = 0.99

T = TypeVar("T")


class Neighbour(Value):
    """A stored text near to one that was asked."""

    id: str
    similarity: float = Field(ge=-1, le=1)
    """Cosine of the embeddings."""


class VectorIndex(Protocol):
    """Where the nearest of many texts are found."""

    def upsert(self, texts: Mapping[str, str]) -> None:
        """Store texts by id; a known id is replaced."""
        ...

    def remove(self, ids: Sequence[str]) -> None:
        """Forget ids; unknown ones are passed over."""
        ...

    def nearest(self, text: str, count: int) -> list[Neighbour]:
        """At most `count` stored texts, nearest first."""
        ...

    def nearest_many(self, texts: Sequence[str], count: int) -> list[list[Neighbour]]:
        """For each text at most `count` stored ones, nearest first."""
        ...

    def rebuild(self, texts: Mapping[str, str]) -> None:
        """Forget all and store these."""
        ...

    def __len__(self) -> int: ...


class ChromaIndex:
    """A vector index in a folder of Chroma's, with what is new in memory for a while.

    Nothing is lost with the folder: it is made again from the texts, when it is opened and when it
    is lost or damaged while it is open. What is not flushed when the process ends is added by the
    next one, which knows the texts from the graph.

    Args:
        path: Its folder; nothing else may live there, as damaged parts are removed.
        embedder: Makes the vectors. What another embedder stored is dropped.
        texts: All that should be in it, by id: what is missing is added, what is more is removed.
        waiting: How many wait in memory before they are written; until there are so many, nothing
            is opened of a new folder.
        writer: Brings the folder up to date at the end, where it was never opened: one with fewer
            texts than may wait is not, as all their vectors are made again at once.

    Raises:
        RunFolderError: The folder cannot be written.
    """

    def __init__(
        self,
        path: Path,
        embedder: Embedder,
        texts: Mapping[str, str],
        *,
        waiting: int = _BUFFERED,
        writer: Callable[[Path, Mapping[str, str]], None] | None = None,
    ) -> None:
        self._embedder = embedder
        self._texts = dict(texts)
        self._new = FreshVectors()
        self._gone: dict[str, None] = {}
        self._probes: dict[str, list[float]] = {}
        """Some that were written, which must be found."""
        self._store = ChromaStore(path, embedder.name)
        self._room = waiting
        self._writer = writer
        try:
            is_new = self._store.is_new()
            if len(texts) < waiting and (is_new or writer is not None):
                self._take(self._texts)
                return
            known = self._open()
            self._write({name: text for name, text in texts.items() if known.get(name) != text})
            self._probe()
        except InfiniteInstructError:
            raise
        except Exception as error:  # noqa: BLE001 - Chroma raises its own, AttributeError, ValueError
            self._start_anew(error)

    def _open(self) -> dict[str, str]:
        """Open the folder, and leave no text in it that should not be; gives what it held."""
        self._store.open()
        known = self._store.all_texts()
        self._store.delete([name for name in known if name not in self._texts])
        return known

    def _probe(self) -> None:
        """Look some stored texts up: an index that lost its files finds few of them, silently."""
        stored = list(self._texts.values())
        some = stored[:: max(1, len(stored) // _PROBES)]
        self._look_up(self._embedder.embed(some))

    def _probe_some(self, written: Mapping[str, list[float]]) -> None:
        """As `_probe`, with vectors that are at hand: none is asked for between two rows."""
        some = dict(islice(written.items(), _PROBES))
        known = {
            name: vector
            for name, vector in self._probes.items()
            if self._is_current(name) and name not in written
        }
        self._look_up([*known.values(), *some.values()])
        # Half of the oldest stay: what is lost would be old.
        self._probes = dict(islice(known.items(), _PROBES // 2)) | dict(
            islice(some.items(), _PROBES // 2)
        )

    def _look_up(self, vectors: Sequence[Sequence[float]]) -> None:
        near = self._store.nearest(vectors, 1) if vectors else []
        found = sum(bool(each) and each[0][1] > _ITSELF for each in near)
        if found < len(vectors) * _PROBES_FOUND:
            raise ValueError(f"it finds {found} of {len(vectors)} texts")

    def rebuild(self, texts: Mapping[str, str]) -> None:
        """Forget all and store these.

        Raises:
            RunFolderError: The folder cannot be written.
        """
        self._texts = dict(texts)
        self._new, self._gone, self._probes = FreshVectors(), {}, {}
        try:
            self._store.start_anew()
            self._write(self._texts)
            self._store.clear_old()
        except InfiniteInstructError:
            raise
        except Exception as error:
            raise RunFolderError(
                f"The vector index in {self._store.path} cannot be used: {error}",
                remedy="Make room on the disk and resume: the index is rebuilt from the graph.",
            ) from error

    def _start_anew(self, fault: Exception) -> None:
        place = self._store.path
        logger.warning("The vector index in {} is damaged and is rebuilt: {}", place, fault)
        self.rebuild(self._texts)

    def _write(self, texts: Mapping[str, str]) -> None:
        names = list(texts)
        for at in range(0, len(names), _BUFFERED):
            batch = names[at : at + _BUFFERED]
            documents = [texts[name] for name in batch]
            self._store.upsert(batch, documents, self._embedder.embed(documents))

    def upsert(self, texts: Mapping[str, str]) -> None:
        """Store texts by id; a known id is replaced. They are found at once.

        Raises:
            RunFolderError: Chroma cannot write: a full disk.
        """
        changed = {name: text for name, text in texts.items() if self._texts.get(name) != text}
        if not changed:
            return
        self._take(changed)
        self._texts.update(changed)
        if len(self._new) >= self._room:
            self._mending(self._write_waiting)

    def _take(self, texts: Mapping[str, str]) -> None:
        """Keep texts in memory."""
        names = list(texts)
        for at in range(0, len(names), _BUFFERED):
            batch = names[at : at + _BUFFERED]
            vectors = self._embedder.embed([texts[name] for name in batch])
            for name, vector in zip(batch, vectors, strict=True):
                self._new.put(name, vector)
                self._gone.pop(name, None)

    def remove(self, ids: Sequence[str]) -> None:
        """Forget ids; unknown ones are passed over.

        Raises:
            RunFolderError: Chroma cannot write.
        """
        for name in ids:
            if self._texts.pop(name, None) is not None:
                self._new.drop(name)
                if self._store.is_open:
                    self._gone[name] = None
        if len(self._gone) >= _BUFFERED:
            self.flush()

    def flush(self) -> None:
        """Write what waits in memory.

        Raises:
            RunFolderError: Chroma cannot write.
        """
        while len(self._new) or self._gone:
            self._mending(self._write_waiting)

    def _write_waiting(self) -> None:
        """Write what was removed, and the oldest of what is new."""
        if not self._store.is_open:
            for name, text in self._open().items():
                if self._texts.get(name) == text:
                    self._new.drop(name)
        self._store.delete(list(self._gone))
        self._gone = {}
        if oldest := self._new.oldest(_BUFFERED):
            names = [name for name, _ in oldest]
            vectors = [vector.tolist() for _, vector in oldest]
            self._store.upsert(names, [self._texts[name] for name in names], vectors)
            for name in names:
                self._new.drop(name)
            self._probe_some(dict(zip(names, vectors, strict=True)))

    def close(self) -> None:
        """Write what waits and let the folder go. A fault is logged: nothing but time is lost."""
        if self._writer is not None and not self._store.is_open:
            self._writer(self._store.path, self._texts)
            return
        try:
            self.flush()
        except InfiniteInstructError as error:
            logger.warning("The vector index is not complete, and is mended next time: {}", error)
        self._store.close()

    def nearest(self, text: str, count: int) -> list[Neighbour]:
        """At most `count` stored texts, nearest first.

        Raises:
            RunFolderError: Chroma cannot be used, and not be rebuilt.
        """
        return self.nearest_many([text], count)[0]

    def nearest_many(self, texts: Sequence[str], count: int) -> list[list[Neighbour]]:
        """For each text at most `count` stored ones, nearest first; one query for all.

        Raises:
            RunFolderError: Chroma cannot be used, and not be rebuilt.
        """
        if not texts or count < 1 or not self._texts:
            return [[] for _ in texts]
        vectors = self._embedder.embed(texts)
        # What was removed or replaced since may come first there.
        more = min(count + len(self._gone) + len(self._new), 2 * count + _PROBES)
        written: list[list[tuple[str, float]]] = [[] for _ in texts]
        if self._store.is_open:
            written = self._mending(lambda: self._store.nearest(vectors, more))
        waiting = self._new.nearest(vectors, count)
        return [
            _best([*(pair for pair in old if self._is_current(pair[0])), *new], count)
            for old, new in zip(written, waiting, strict=True)
        ]

    def _is_current(self, name: str) -> bool:
        return name in self._texts and name not in self._new

    def _mending(self, work: Callable[[], T]) -> T:
        """Do some work with the store; where that fails, again on one that is made anew."""
        try:
            return work()
        except Exception as error:  # noqa: BLE001 - Chroma raises its own, AttributeError, ValueError
            self._start_anew(error)
        return work()

    def __len__(self) -> int:
        return len(self._texts)


def _best(pairs: list[tuple[str, float]], count: int) -> list[Neighbour]:
    best = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:count]
    return [Neighbour(id=name, similarity=max(-1.0, min(1.0, near))) for name, near in best]
