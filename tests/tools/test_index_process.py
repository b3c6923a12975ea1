from pathlib import Path

import pytest
from loguru import logger

from infinite_instruct.tools import index_process
from infinite_instruct.tools.chroma_store import ChromaStore
from infinite_instruct.tools.embedders import WordLlamaEmbedder
from infinite_instruct.tools.vectors import ChromaIndex

EMBEDDER = WordLlamaEmbedder()
NAMES = ("binary search", "hash map", "linked list", "größer")


def young_index(folder: Path, *names: str) -> ChromaIndex:
    texts = {name: name for name in names}
    return ChromaIndex(folder, EMBEDDER, texts, writer=index_process.bring_up_to_date)


def written(folder: Path) -> set[str]:
    store = ChromaStore(folder, EMBEDDER.name)
    store.open()
    try:
        return set(store.all_texts())
    finally:
        store.close()


def test_a_young_index_is_written_down_and_followed_by_the_next_session(tmp_path: Path) -> None:
    first = young_index(tmp_path, *NAMES)
    first.upsert({"trie": "trie"})
    first.close()
    assert written(tmp_path) == {*NAMES, "trie"}
    second = young_index(tmp_path, *NAMES, "trie")
    second.remove(["hash map"])
    assert second.nearest("hash map", 1)[0].id != "hash map"
    second.close()
    assert written(tmp_path) == {*NAMES, "trie"} - {"hash map"}


def test_a_young_index_that_grows_goes_on_from_what_is_written(tmp_path: Path) -> None:
    young_index(tmp_path, *NAMES, "closure").close()
    texts = {name: name for name in NAMES}
    grown = ChromaIndex(tmp_path, EMBEDDER, texts, waiting=6, writer=index_process.bring_up_to_date)
    grown.upsert({name: name for name in ("trie", "heap", "queue")})
    assert written(tmp_path) == {*NAMES, "trie", "heap", "queue"}, "nothing of what is gone"
    assert {each.id for each in grown.nearest("heap", 9)} == {*NAMES, "trie", "heap", "queue"}
    grown.close()


def test_a_damaged_folder_is_mended_and_told(tmp_path: Path) -> None:
    young_index(tmp_path, *NAMES).close()
    (part,) = tmp_path.iterdir()
    (part / "chroma.sqlite3").write_bytes(b"not a database" * 400)
    told = list[str]()
    sink = logger.add(lambda message: told.append(str(message)), level="WARNING")
    young_index(tmp_path, *NAMES).close()
    logger.remove(sink)
    assert "is damaged and is rebuilt" in "".join(told)
    assert written(tmp_path) == {*NAMES}


@pytest.mark.parametrize("why", ["no python", "too slow"])
def test_what_cannot_be_written_is_told_and_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    if why == "no python":
        monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    else:
        monkeypatch.setattr(index_process, "_SECONDS", 0)
    told = list[str]()
    sink = logger.add(lambda message: told.append(str(message)), level="WARNING")
    young_index(tmp_path, *NAMES).close()
    logger.remove(sink)
    assert "not complete, and is mended next time" in "".join(told)
