"""A folder of Chroma's: vectors by id, opened, made anew and closed."""

import os
import re
import shutil
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.client import Client
    from chromadb.api.collection_configuration import CreateCollectionConfiguration
    from chromadb.api.models.Collection import Collection

_BATCH = 1000
_FIRST = 1
_SYNC = 5_000
"""Changes after which Chroma writes its search structure, all of it: 200 MB of 200,000 keywords."""
_LINKS = 32
"""Twice Chroma's own: behind many alike keywords ("array 1", "array 2") others were not found."""
_DATABASE = "chroma.sqlite3"


class ChromaStore:
    """One collection in a numbered part of a folder. What fails raises what Chroma raises.

    Chroma keeps a client for each path that a process ever opened, and works on with it when the
    folder was removed or replaced meanwhile. So no path is used twice: each new part has a name
    that never was.

    Args:
        path: The folder, of nothing but parts.
        embedder: Names the vectors: those of other embedders are in other collections.
    """

    def __init__(self, path: Path, embedder: str) -> None:
        self.path = path
        self._name = re.sub(r"[^a-zA-Z0-9]+", "-", f"keywords of {embedder}.").strip("-")
        self._part: Path | None = None
        self._client: ClientAPI | None = None
        self._opened: Collection | None = None
        self._files: set[str] = set()

    @property
    def _collection(self) -> "Collection":
        # Without its files, Chroma goes on with what it has in memory, and finds ever less.
        if self._opened is None or self._part is None:
            raise FileNotFoundError(f"{self.path} is not open")
        there = {entry.name for entry in os.scandir(self._part) if not _comes_and_goes(entry.name)}
        if not self._files <= there:
            raise FileNotFoundError(f"{self._part} lacks {', '.join(self._files - there)}")
        self._files = there
        return self._opened

    @property
    def is_open(self) -> bool:
        """Whether the collection can be read and written."""
        return self._opened is not None

    def is_new(self) -> bool:
        """Whether nothing was ever stored. The folder is made: what stands in its way is told."""
        self.path.mkdir(parents=True, exist_ok=True)
        return not self._parts()

    def open(self) -> None:
        """Open the newest part, or a first one."""
        parts = self._parts()
        self._open(parts[-1] if parts else self._new_part(_FIRST))

    def start_anew(self) -> None:
        """Open a new, empty part; the others stay until `clear_old`."""
        self.close()
        parts = self._parts()
        self._open(self._new_part(_number(parts[-1]) + 1 if parts else _FIRST))

    def clear_old(self) -> None:
        """Remove all parts but the one that is open."""
        for part in self.path.iterdir():
            if part.is_dir() and part != self._part:
                shutil.rmtree(part, ignore_errors=True)

    def close(self) -> None:
        """Let the files go. A store that is not open stays so."""
        client, self._client, self._opened = self._client, None, None
        if client is not None:
            cast("Client", client).close()  # its protocol forgets this one

    def _parts(self) -> list[Path]:
        found = (part for part in self.path.glob("[0-9]*") if part.is_dir())
        return sorted(found, key=lambda part: (_number(part), part.name))

    def _new_part(self, number: int) -> Path:
        return self.path / f"{number}-{uuid.uuid4().hex[:8]}"

    def _open(self, part: Path) -> None:
        import chromadb  # noqa: PLC0415 - half a second
        from chromadb.config import Settings  # noqa: PLC0415

        part.mkdir(parents=True, exist_ok=True)
        self._part, self._files = part, {_DATABASE}
        self._client = chromadb.PersistentClient(str(part), Settings(anonymized_telemetry=False))
        self._opened = self._client.get_or_create_collection(
            self._name,
            configuration=_configuration(),
            embedding_function=None,
        )

    def all_texts(self) -> dict[str, str]:
        """All that is stored, by id."""
        stored = self._collection.get(include=["documents"])
        return dict(zip(stored["ids"], stored["documents"] or [], strict=True))

    def upsert(
        self, ids: Sequence[str], texts: Sequence[str], vectors: Sequence[Sequence[float]]
    ) -> None:
        """Store texts with their vectors; a known id is replaced."""
        if ids:
            self._collection.upsert(
                ids=list(ids),
                documents=list(texts),
                embeddings=cast("list[Sequence[float]]", vectors),
            )

    def delete(self, ids: Sequence[str]) -> None:
        """Forget ids; unknown ones are passed over."""
        for at in range(0, len(ids), _BATCH):
            self._collection.delete(ids=list(ids[at : at + _BATCH]))

    def nearest(
        self, vectors: Sequence[Sequence[float]], count: int
    ) -> list[list[tuple[str, float]]]:
        """For each vector at most `count` ids with their similarity, in one query."""
        found = self._collection.query(
            query_embeddings=cast("list[Sequence[float]]", vectors),
            n_results=count,
            include=["distances"],
        )
        return [
            [(name, 1 - distance) for name, distance in zip(names, distances, strict=True)]
            for names, distances in zip(found["ids"], found["distances"] or [], strict=True)
        ]


def _number(part: Path) -> int:
    """The number that a part's name begins with."""
    return int(re.split(r"\D", part.name, maxsplit=1)[0] or 0)


def _comes_and_goes(name: str) -> bool:
    """Whether SQLite makes and removes a file as it likes."""
    return name.endswith(("-wal", "-shm", "-journal"))


def _configuration() -> "CreateCollectionConfiguration":
    return {
        "hnsw": {
            "space": "cosine",
            "sync_threshold": _SYNC,
            "max_neighbors": _LINKS,
        }
    }
