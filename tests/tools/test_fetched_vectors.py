import asyncio
import threading
from collections.abc import Sequence

import pytest

from infinite_instruct.domain import Keyword, KeywordKind, Language
from infinite_instruct.errors import EndpointError
from infinite_instruct.tools.fetched_vectors import FetchedEmbedder
from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.late_index import LateIndex
from infinite_instruct.tools.vectors import ChromaIndex
from infinite_instruct.tools.vocabulary import Vocabulary


class Remote:
    """An embedder that answers when it is allowed to, in whatever thread."""

    name = "remote"

    def __init__(self, *, open_at_once: bool = True) -> None:
        self.asked: list[list[str]] = []
        self.threads: set[threading.Thread] = set()
        self.allowed = threading.Event()
        if open_at_once:
            self.allowed.set()

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        assert self.allowed.wait(10), "the event loop went on meanwhile"
        self.asked.append(list(texts))
        self.threads.add(threading.current_thread())
        return [[1.0, float(len(text))] for text in texts]


async def test_event_loop_goes_on_while_vectors_are_fetched() -> None:
    remote = Remote(open_at_once=False)
    fetching = asyncio.create_task(FetchedEmbedder(remote).fetch(["a", "bb"]))
    await asyncio.sleep(0)
    remote.allowed.set()
    await fetching
    assert remote.asked == [["a", "bb"]]


async def test_fetched_vector_is_asked_for_once() -> None:
    remote = Remote()
    embedder = FetchedEmbedder(remote)
    await embedder.fetch(["a", "bb", "a"])
    await embedder.fetch(["bb"])
    assert embedder.embed(["bb", "a", "bb"]) == [[1.0, 2.0], [1.0, 1.0], [1.0, 2.0]]
    assert remote.asked == [["a", "bb"]]


async def test_what_was_not_fetched_is_embedded_all_the_same() -> None:
    embedder = FetchedEmbedder(Remote())
    await embedder.fetch(["a"])
    assert embedder.embed(["ccc", "a"]) == [[1.0, 3.0], [1.0, 1.0]]


async def test_fault_of_the_embedder_is_told() -> None:
    class Refusing(Remote):
        def embed(self, texts: Sequence[str]) -> list[list[float]]:
            raise EndpointError("It refuses.", remedy="Ask another one.")

    with pytest.raises(EndpointError, match="It refuses"):
        await FetchedEmbedder(Refusing()).fetch(["a"])


async def test_keywords_are_compared_and_added_without_a_request_in_the_event_loop(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    remote = Remote()
    fetched, graph = FetchedEmbedder(remote), KnowledgeGraph()
    folder = tmp_path_factory.mktemp("vectors")
    index = LateIndex(lambda: ChromaIndex(folder, fetched, {}))

    async def fetch(texts: Sequence[str]) -> None:
        await fetched.fetch(texts)
        await index.open()

    vocabulary = Vocabulary(graph, index, fetch=fetch)
    keywords = [Keyword(kind=KeywordKind.TASK, text=text) for text in ("Hash Maps", "sorting")]
    await vocabulary.prepare(keywords)
    vocabulary.grey_pairs(keywords)
    vocabulary.learn("r1", Language.PYTHON, keywords, ())
    assert len(index) == 2
    assert threading.current_thread() not in remote.threads
