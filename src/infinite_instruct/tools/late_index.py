"""A vector index that is opened when it is first needed: behind a run's first request."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from infinite_instruct.tools.vectors import ChromaIndex, Neighbour


class LateIndex:
    """Opens an index at its first use; Chroma takes most of a second for that.

    Args:
        make: Opens it.
    """

    def __init__(self, make: Callable[[], ChromaIndex]) -> None:
        self._make = make

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
