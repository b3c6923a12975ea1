"""Nearest keywords by embeddings: a cache in Chroma that can be rebuilt from the graph.

One process only may write a folder of Chroma: two leave an index that finds less than was stored,
without an error. Its telemetry is off and its own embedding function, which would download a model
at the first use, is never called: vectors are always passed in.
"""

import re
import shutil
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from loguru import logger
from pydantic import Field

from infinite_instruct.domain import Value
from infinite_instruct.errors import RunFolderError
from infinite_instruct.tools.embedders import Embedder

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection

_BATCH = 1000
_PROBES = 16
_PROBES_FOUND = 0.75
"""The search is approximate: a healthy index may miss one."""
_ITSELF = 0.99


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

    def rebuild(self, texts: Mapping[str, str]) -> None:
        """Forget all and store these."""
        ...

    def __len__(self) -> int: ...


class ChromaIndex:
    """A vector index in a folder of Chroma's. Damage is repaired from the texts of the graph.

    Args:
        path: Its folder; nothing else may live there, as damaged parts are removed.
        embedder: Makes the vectors. What another embedder stored is dropped.
        texts: All that should be in it, by id: what is missing is added, what is more is removed.

    Raises:
        RunFolderError: The folder cannot be written.
    """

    def __init__(self, path: Path, embedder: Embedder, texts: Mapping[str, str]) -> None:
        self._path = path
        self._embedder = embedder
        try:
            self._collection = self._open(self._newest())
            self._follow(texts)
            self._probe(texts)
        except Exception as error:  # noqa: BLE001 - Chroma raises its own, AttributeError, ValueError
            logger.warning("The vector index in {} is damaged and is rebuilt: {}", path, error)
            self.rebuild(texts)

    def _newest(self) -> int:
        numbers = [int(part.name) for part in self._path.glob("[0-9]*") if part.name.isdigit()]
        return max(numbers, default=0)

    def _open(self, number: int) -> "Collection":
        import chromadb  # noqa: PLC0415 - half a second
        from chromadb.config import Settings  # noqa: PLC0415

        folder = self._path / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        client = chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))
        return client.get_or_create_collection(
            re.sub(r"[^a-zA-Z0-9]+", "-", f"keywords of {self._embedder.name}.").strip("-"),
            configuration={"hnsw": {"space": "cosine"}},
            embedding_function=None,
        )

    def _follow(self, texts: Mapping[str, str]) -> None:
        stored = self._collection.get(include=["documents"])
        known = dict(zip(stored["ids"], stored["documents"] or [], strict=True))
        self.remove([name for name in known if name not in texts])
        self.upsert({name: text for name, text in texts.items() if known.get(name) != text})

    def _probe(self, texts: Mapping[str, str]) -> None:
        """Look some stored texts up: an index that lost its files finds few of them, silently."""
        stored = list(texts.values())
        some = stored[:: max(1, len(stored) // _PROBES)]
        found = sum(self._finds(text) for text in some)
        if found < len(some) * _PROBES_FOUND:
            raise RunFolderError(f"It finds {found} of {len(some)} texts.", remedy="Rebuild it.")

    def _finds(self, text: str) -> bool:
        return any(near.similarity > _ITSELF for near in self.nearest(text, 1))

    def rebuild(self, texts: Mapping[str, str]) -> None:
        """Forget all and store these.

        Raises:
            RunFolderError: The folder cannot be written.
        """
        # A new folder each time: Chroma keeps a damaged one's client in a cache of the process.
        number = self._newest() + 1
        with self._told():
            self._collection = self._open(number)
        self.upsert(texts)
        for part in self._path.iterdir():
            if part.is_dir() and part.name != str(number):
                shutil.rmtree(part, ignore_errors=True)

    def upsert(self, texts: Mapping[str, str]) -> None:
        """Store texts by id; a known id is replaced.

        Raises:
            RunFolderError: Chroma cannot write: a full disk, a damaged folder.
        """
        names = list(texts)
        for batch in (names[at : at + _BATCH] for at in range(0, len(names), _BATCH)):
            documents = [texts[name] for name in batch]
            vectors = cast("list[Sequence[float]]", self._embedder.embed(documents))
            with self._told():
                self._collection.upsert(ids=batch, documents=documents, embeddings=vectors)

    def remove(self, ids: Sequence[str]) -> None:
        """Forget ids; unknown ones are passed over.

        Raises:
            RunFolderError: Chroma cannot write.
        """
        for at in range(0, len(ids), _BATCH):
            with self._told():
                self._collection.delete(ids=list(ids[at : at + _BATCH]))

    def nearest(self, text: str, count: int) -> list[Neighbour]:
        """At most `count` stored texts, nearest first.

        Raises:
            RunFolderError: Chroma cannot read its folder; `rebuild` repairs it.
        """
        with self._told():
            held = self._collection.count()
            if held == 0 or count < 1:
                return []
            found = self._collection.query(
                query_embeddings=cast("list[Sequence[float]]", self._embedder.embed([text])),
                n_results=min(count, held),
                include=["distances"],
            )
        distances = (found["distances"] or [[]])[0]
        neighbours = [
            Neighbour(id=name, similarity=max(-1.0, min(1.0, 1 - distance)))
            for name, distance in zip(found["ids"][0], distances, strict=True)
        ]
        return sorted(neighbours, key=lambda found: (-found.similarity, found.id))

    def __len__(self) -> int:
        with self._told():
            return self._collection.count()

    @contextmanager
    def _told(self) -> Generator[None]:
        try:
            yield
        except Exception as error:
            raise RunFolderError(
                f"The vector index in {self._path} cannot be used: {error}",
                remedy="Make room on the disk and resume: the index is rebuilt from the graph.",
            ) from error
