"""A vector index that is opened when it is first needed: behind a run's first request."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from infinite_instruct.tools.beside import beside
from infinite_instruct.tools.vectors import ChromaIndex, Neighbour


class LateIndex:
    """Opens an index at its first use; Chroma takes most of a second for that.

    Args:
        make: Opens it.
    """

    def __init__(self, make: Callable[[], ChromaIndex]) -> None:
        self._make = make
        self._opening: asyncio.Future[ChromaIndex] | None = None

    async def open(self) -> None:
        """Open it in a thread: the first use would hold up all else for as long as it takes.

        Raises:
            InfiniteInstructError: As `ChromaIndex`.
        """
        if "_index" in self.__dict__:
            return
        if self._opening is None:
            self._opening = asyncio.ensure_future(beside(self._make))
        opening = self._opening
        try:
            # Several rows may wait for it, and one of them may be given up.
            self.__dict__["_index"] = await asyncio.shield(opening)
        finally:
            if opening.done():
                self._opening = None

    @cached_property
    def _index(self) -> ChromaIndex:
        return self._make()

    def upsert(self, texts: Mapping[str, str]) -> None:
        """As `ChromaIndex.upsert`."""
        self._index.upsert(texts)

    def remove(self, ids: Sequence[str]) -> None:
        """As `ChromaIndex.remove`."""
        if ids:
            self._index.remove(ids)

    def nearest(self, text: str, count: int) -> list[Neighbour]:
        """As `ChromaIndex.nearest`."""
        return self._index.nearest(text, count)

    def nearest_many(self, texts: Sequence[str], count: int) -> list[list[Neighbour]]:
        """As `ChromaIndex.nearest_many`."""
        return self._index.nearest_many(texts, count)

    def rebuild(self, texts: Mapping[str, str]) -> None:
        """As `ChromaIndex.rebuild`."""
        self._index.rebuild(texts)

    def close(self) -> None:
        """Write what waits; nothing where it was never needed."""
        if "_index" in self.__dict__:
            self._index.close()

    def __len__(self) -> int:
        return len(self._index)
