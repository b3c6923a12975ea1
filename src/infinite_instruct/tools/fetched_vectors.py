"""Vectors that take time to get: fetched beside the event loop, before they are needed in it."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from infinite_instruct.tools.beside import beside
from infinite_instruct.tools.embedders import Embedder

_AT_ONCE = 8
"""Requests for vectors on their way."""
_KEPT = 4_096


class FetchedEmbedder:
    """Another embedder, with its newest vectors remembered.

    Args:
        inner: Makes the vectors; several threads may ask it at once.
    """

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self._kept: OrderedDict[str, npt.NDArray[np.float32]] = OrderedDict()
        self._room = asyncio.Semaphore(_AT_ONCE)

    @property
    def name(self) -> str:
        """The name of the embedder."""
        return self._inner.name

    async def fetch(self, texts: Sequence[str]) -> None:
        """Get vectors for `embed` to have at once.

        Raises:
            InfiniteInstructError: As `embed`.
        """
        new = [text for text in dict.fromkeys(texts) if text not in self._kept]
        if new:
            async with self._room:
                self._keep(new, await beside(lambda: self._inner.embed(new)))

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of length 1 per text, in order.

        Raises:
            InfiniteInstructError: The embedder cannot be used.
        """
        known = {text: self._kept[text].tolist() for text in texts if text in self._kept}
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            vectors = self._inner.embed(new)
            self._keep(new, vectors)
            known |= zip(new, vectors, strict=True)
        return [known[text] for text in texts]

    def _keep(self, texts: Sequence[str], vectors: Sequence[Sequence[float]]) -> None:
        for text, vector in zip(texts, vectors, strict=True):
            self._kept[text] = np.asarray(vector, np.float32)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
