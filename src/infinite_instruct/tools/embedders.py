"""Texts into vectors."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, cast

from infinite_instruct.errors import MissingToolError


class Embedder(Protocol):
    """Anything that turns texts into vectors of length 1."""

    @property
    def name(self) -> str:
        """Names the model: vectors of other names are not comparable."""
        ...

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of length 1 per text, in order."""
        ...


class _Model(Protocol):
    """What we use of wordllama, which has no types; `embed` gives an array of numpy."""

    def embed(self, texts: Sequence[str], *, norm: bool) -> Any: ...  # noqa: ANN401 - numpy's


class WordLlamaEmbedder:
    """Static embeddings of 16 MB that come in the wheel: no download, no torch, no GPU."""

    name = "wordllama-256"

    @cached_property
    def _model(self) -> _Model:
        try:
            import wordllama  # type: ignore[import-untyped]  # noqa: PLC0415 - loads 16 MB of weights
        except ImportError as error:
            raise MissingToolError(
                "The package wordllama is not installed: keywords cannot be compared.",
                remedy="Install it with `pip install wordllama`.",
            ) from error
        # Its own search looks for the tokenizer in a cache folder and misses the one it ships.
        folder = Path(wordllama.__file__).parent
        model = wordllama.WordLlama.load(cache_dir=folder, disable_download=True)
        return cast("_Model", model)

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of 256 numbers per text."""
        if not texts:
            return []
        # The tokenizer panics on lone surrogates.
        readable = [text.encode(errors="replace").decode() or " " for text in texts]
        vectors: list[list[float]] = self._model.embed(readable, norm=True).tolist()
        return vectors
