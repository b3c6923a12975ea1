"""Texts into vectors."""

import json
import logging
import math
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
import numpy.typing as npt

from infinite_instruct.errors import EndpointError, MissingToolError

if TYPE_CHECKING:
    from openai import OpenAI

MAX_TEXT = 2_000
"""Characters of a text that are embedded."""
_BATCH = 256
"""Texts of one request to an endpoint: servers refuse more than some hundreds."""
_RETRIES = 5
_TOKENIZER = "l2_supercat_tokenizer_config.json"
_WEIGHTS = "l2_supercat_256.safetensors"


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


@contextmanager
def _root_logger_kept() -> Generator[None]:
    """Undo what wordllama does when it is imported: it shows the logs of all libraries."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


class WordLlamaEmbedder:
    """Static embeddings of 16 MB that come in the wheel: no download, no torch, no GPU.

    They stay in their file, mapped: the library would hold them as 32 MB in each process.
    """

    name = "wordllama-256"

    @cached_property
    def _model(self) -> _Model:
        try:
            with _root_logger_kept():
                import wordllama  # type: ignore[import-untyped]  # noqa: PLC0415 - needed late
                from wordllama.inference import (  # type: ignore[import-untyped]  # noqa: PLC0415
                    WordLlamaInference,
                )
        except ImportError as error:
            raise MissingToolError(
                "The package wordllama is not installed: keywords cannot be compared.",
                remedy="Install it with `pip install wordllama`.",
            ) from error
        folder = Path(wordllama.__file__).parent
        tokenizer = wordllama.WordLlama.load_tokenizer(folder / "tokenizers" / _TOKENIZER)
        model: Any = WordLlamaInference(np.empty((0, 0)), tokenizer)
        model.embedding = _mapped(folder / "weights" / _WEIGHTS)
        return cast("_Model", model)

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of 256 numbers per text."""
        if not texts:
            return []
        vectors: list[list[float]] = self._model.embed(_readable(texts), norm=True).tolist()
        return vectors


def _mapped(path: Path) -> npt.NDArray[np.float16]:
    """The one matrix of a safetensors file, read page by page as it is used."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        told = json.loads(file.read(length))["embedding.weight"]
    if told["dtype"] != "F16":
        raise ValueError(f"{path} holds {told['dtype']}, not F16")
    start, shape = 8 + length + told["data_offsets"][0], tuple(told["shape"])
    return np.memmap(path, np.float16, "r", start, shape)


class EndpointEmbedder:
    """Embeddings of any OpenAI-compatible `/v1/embeddings`.

    Args:
        base_url: The endpoint, `http://localhost:8000/v1`.
        model: The embedding model's name there.
        api_key: Its key; servers without keys take any.
        timeout_seconds: What one request may take.
        max_retries: After refusals for a while and lost connections.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        api_key: str = "none",
        *,
        timeout_seconds: float = 60,
        max_retries: int = _RETRIES,
    ) -> None:
        self._base_url = base_url
        self._model = model
        self._key = api_key
        self._timeout = timeout_seconds
        self._retries = max_retries
        self._dimension = 0
        self._recent: dict[str, list[float]] = {}

    @property
    def name(self) -> str:
        """The model's name: another server with the same model gives the same vectors."""
        return f"endpoint-{self._model}"

    @cached_property
    def _client(self) -> "OpenAI":
        from openai import OpenAI  # noqa: PLC0415 - half a second

        return OpenAI(
            base_url=self._base_url,
            api_key=self._key,
            timeout=self._timeout,
            max_retries=self._retries,
        )

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of length 1 per text, in order.

        Raises:
            EndpointError: The endpoint cannot be used, or what it sends are no such vectors.
        """
        readable = _readable(texts)
        # A new keyword is asked about, and stored soon after: the second time costs no request.
        new = [text for text in dict.fromkeys(readable) if text not in self._recent]
        known = {text: self._recent[text] for text in readable if text in self._recent}
        for at in range(0, len(new), _BATCH):
            batch = new[at : at + _BATCH]
            known |= zip(batch, self._embed(batch), strict=True)
        self._recent = known
        return [known[text] for text in readable]

    def _embed(self, texts: list[str]) -> list[list[float]]:
        from openai import OpenAIError  # noqa: PLC0415 - half a second

        try:
            reply = self._client.embeddings.create(
                model=self._model, input=texts, encoding_format="float"
            )
            sent = {each.index: each.embedding for each in reply.data}
        except (OpenAIError, ValueError, TypeError, AttributeError) as error:
            raise self._unusable(f"{type(error).__name__}: {str(error)[:300]}") from error
        if sorted(sent) != list(range(len(texts))):
            raise self._unusable(f"it sent {len(sent)} vectors for {len(texts)} texts")
        return [self._checked(sent[number]) for number in range(len(texts))]

    def _checked(self, vector: list[float]) -> list[float]:
        self._dimension = self._dimension or len(vector)
        if len(vector) != self._dimension:
            raise self._unusable(f"its vectors have {self._dimension} and {len(vector)} numbers")
        return _normalised(vector) or self._refuse_zero()

    def _refuse_zero(self) -> list[float]:
        raise self._unusable("it sent a vector of length 0 or without end")

    def _unusable(self, fault: str) -> EndpointError:
        return EndpointError(
            f"The embeddings of {self._model} at {self._base_url} cannot be used: {fault}",
            remedy='See graph.embedding, or set graph.embedder to "wordllama", which is local.',
        )


class ChromaEmbedder:
    """Chroma's own default embedding function, all-MiniLM-L6-v2; its first use downloads 80 MB."""

    name = "chroma-all-MiniLM-L6-v2"

    @cached_property
    def _function(self) -> Any:  # noqa: ANN401 - its types differ between releases
        from chromadb.utils.embedding_functions import DefaultEmbeddingFunction  # noqa: PLC0415

        return DefaultEmbeddingFunction()

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of 384 numbers per text.

        Raises:
            MissingToolError: Its model cannot be loaded or downloaded.
        """
        if not texts:
            return []
        try:
            found = self._function(_readable(texts))
            vectors: list[list[float]] = [[float(x) for x in vector] for vector in found]
        except Exception as error:
            raise MissingToolError(
                f"Chroma's embedding model cannot be used: {str(error)[:300]}",
                remedy='It is downloaded at its first use; or set graph.embedder to "wordllama".',
            ) from error
        return [_normalised(vector) or vector for vector in vectors]


def _readable(texts: Sequence[str]) -> list[str]:
    """Tokenizers panic on lone surrogates, and endpoints refuse empty texts."""
    return [text[:MAX_TEXT].encode(errors="replace").decode().strip() or "?" for text in texts]


def _normalised(vector: Sequence[float]) -> list[float] | None:
    """A vector scaled to length 1; None where it has no length, or one without end."""
    length = math.sqrt(sum(x * x for x in vector))
    return [x / length for x in vector] if length and math.isfinite(length) else None
