"""Texts into vectors."""

import json
import math
from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from infinite_instruct.errors import EndpointError, MissingToolError

if TYPE_CHECKING:
    from openai import OpenAI
    from tokenizers import Tokenizer

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


class WordLlamaEmbedder:
    """Static embeddings of 16 MB that come in wordllama's wheel: no download, no torch, no GPU.

    Its files are read as it reads them: a text's vector is the mean of its tokens' vectors. The
    package itself would be 9 MB of code for loading more of it over the network, and would hold the
    vectors as 32 MB in each process; here they stay in their file, mapped.
    """

    name = "wordllama-256"

    @cached_property
    def _folder(self) -> Path:
        found = find_spec("wordllama")
        if found is None or not found.submodule_search_locations:
            raise MissingToolError(
                "The package wordllama is not installed: keywords cannot be compared.",
                remedy="Install it with `pip install wordllama`.",
            )
        return Path(found.submodule_search_locations[0])

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer  # noqa: PLC0415 - needed late

        return Tokenizer.from_file(str(self._folder / "tokenizers" / _TOKENIZER))

    @cached_property
    def _vectors(self) -> npt.NDArray[np.float16]:
        return _mapped(self._folder / "weights" / _WEIGHTS)

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of 256 numbers per text.

        Raises:
            MissingToolError: wordllama is not installed.
        """
        return [self._embed(text) for text in _readable(texts)]

    def _embed(self, text: str) -> list[float]:
        tokens = self._tokenizer.encode(text, add_special_tokens=False).ids
        mean = self._vectors[tokens].astype(np.float32).sum(axis=0) / np.float32(len(tokens))
        vector: list[float] = (mean / np.sqrt((mean * mean).sum())).tolist()
        return vector


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
