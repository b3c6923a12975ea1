import json
import math
import subprocess
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from infinite_instruct.errors import EndpointError, MissingToolError
from infinite_instruct.tools.embedders import ChromaEmbedder, EndpointEmbedder

Vectors = Callable[[Sequence[str]], list[list[float]]]


def by_length(texts: Sequence[str]) -> list[list[float]]:
    return [[3.0, 4.0, float(len(text))] for text in texts]


@contextmanager
def endpoint(vectors: Vectors, status: int = 200) -> Generator[tuple[str, list[list[str]]]]:
    """An endpoint for embeddings; gives its URL and the texts of each request."""
    asked: list[list[str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(body["input"])
            data = [
                {"object": "embedding", "index": number, "embedding": vector}
                for number, vector in enumerate(vectors(body["input"]))
            ]
            # In any order: the index says whose it is.
            usage = {"prompt_tokens": 1, "total_tokens": 1}
            reply = {"object": "list", "model": "m", "data": data[::-1], "usage": usage}
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(reply).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1", asked
        server.shutdown()
        thread.join()


def test_an_endpoint_is_asked_in_batches_and_its_vectors_get_length_one() -> None:
    texts = [f"keyword {number}" for number in range(600)] + ["", "lone \ud800"]
    with endpoint(by_length) as (url, asked):
        vectors = EndpointEmbedder(url, "m").embed(texts)
    assert len(vectors) == len(texts)
    assert max(map(len, asked)) <= 256
    assert all(math.isclose(sum(x * x for x in vector), 1) for vector in vectors)
    assert all(text for batch in asked for text in batch), "servers refuse empty texts"
    assert vectors[0] != vectors[99], "each text has its own vector"


def test_a_keyword_that_was_just_asked_about_costs_no_second_request() -> None:
    with endpoint(by_length) as (url, asked):
        embedder = EndpointEmbedder(url, "m")
        first = embedder.embed(["hash map", "trie"])
        assert embedder.embed(["trie"]) == first[1:]
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("vectors", "status", "fault"),
    [
        pytest.param(lambda texts: by_length(texts)[1:], 200, "1 vectors for 2", id="too few"),
        pytest.param(lambda _: [[1.0], [1.0, 2.0]], 200, "1 and 2", id="two dimensions"),
        pytest.param(lambda _: [[0.0, 0.0]] * 2, 200, "length 0", id="zero"),
        pytest.param(lambda _: [[1e200, 1e200]] * 2, 200, "without end", id="overflow"),
        pytest.param(by_length, 401, "AuthenticationError", id="refused"),
        pytest.param(by_length, 500, "InternalServerError", id="broken"),
    ],
)
def test_what_an_endpoint_cannot_do_is_told_with_a_remedy(
    vectors: Vectors, status: int, fault: str
) -> None:
    with (
        endpoint(vectors, status) as (url, _),
        pytest.raises(EndpointError, match=fault) as told,
    ):
        EndpointEmbedder(url, "m", max_retries=0).embed(["one", "two"])
    assert "wordllama" in told.value.remedy


def test_a_model_of_chromas_that_cannot_be_had_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_texts: list[str]) -> list[list[float]]:
        raise OSError("no route to host")

    embedder = ChromaEmbedder()
    monkeypatch.setitem(vars(embedder), "_function", refuse)
    with pytest.raises(MissingToolError, match="no route to host") as told:
        embedder.embed(["hash map"])
    assert "wordllama" in told.value.remedy
    assert embedder.embed([]) == []


def test_the_embedder_lets_no_other_library_talk() -> None:
    said = (
        "import logging; from infinite_instruct.tools.embedders import WordLlamaEmbedder;"
        "WordLlamaEmbedder().embed(['x']); logging.getLogger('any').info('noise')"
    )
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, check=True)  # noqa: S603
    assert done.stderr == b""


def test_vectors_are_those_of_wordllama_to_the_last_digit() -> None:
    """In a process of its own: wordllama changes the logging of whoever imports it."""
    compared = (
        "from wordllama import WordLlama; from wordllama.inference import WordLlamaInference;"
        "from infinite_instruct.tools.embedders import WordLlamaEmbedder;"
        "ours = WordLlamaEmbedder();"
        "name = 'l2_supercat_tokenizer_config.json';"
        "tokenizer = WordLlama.load_tokenizer(ours._folder / 'tokenizers' / name);"
        "theirs = WordLlamaInference(ours._vectors, tokenizer);"
        "texts = ['hash map', 'größer 🐍', 'a\tb', '<s> (漢)', 'x' * 999];"
        "assert theirs.embed(texts, norm=True).tolist() == ours.embed(texts)"
    )
    done = subprocess.run([sys.executable, "-c", compared], capture_output=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr.decode()
