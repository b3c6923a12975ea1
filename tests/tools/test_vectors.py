import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from infinite_instruct.errors import RunFolderError
from infinite_instruct.tools.embedders import WordLlamaEmbedder
from infinite_instruct.tools.vectors import ChromaIndex

EMBEDDER = WordLlamaEmbedder()
TEXTS = {name: name for name in ("binary search", "hash map", "linked list", "decorator")}


class Letters:
    """Another embedder: counts of a and b."""

    name = "letters/2"

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [[1.0, float(text.count("a"))] for text in texts]


def ids(index: ChromaIndex, text: str, count: int = 10) -> list[str]:
    return [found.id for found in index.nearest(text, count)]


def test_vectors_need_no_download_and_have_length_one() -> None:
    for vector in EMBEDDER.embed(["hash map", "", "lone \ud800 surrogate"]):
        assert len(vector) == 256
    assert sum(x * x for x in EMBEDDER.embed(["hash map"])[0]) == pytest.approx(1, abs=1e-3)
    assert EMBEDDER.embed([]) == []


def test_the_nearest_come_first_and_survive_a_reopening(tmp_path: Path) -> None:
    index = ChromaIndex(tmp_path / "v", EMBEDDER, TEXTS)
    best, *_ = index.nearest("binary searching", 2)
    assert (best.id, best.similarity > 0.9) == ("binary search", True)
    index.upsert({"graph": "graph"})
    index.upsert({"graph": "graph search"})
    assert len(ChromaIndex(tmp_path / "v", EMBEDDER, {**TEXTS, "graph": "graph search"})) == 5


def test_an_index_follows_the_graph_it_is_opened_for(tmp_path: Path) -> None:
    ChromaIndex(tmp_path / "v", EMBEDDER, TEXTS)
    index = ChromaIndex(tmp_path / "v", EMBEDDER, {"hash map": "hash map", "trie": "trie"})
    assert sorted(ids(index, "trie")) == ["hash map", "trie"]
    index.remove(["trie", "never there"])
    assert ids(index, "trie") == ["hash map"]


def test_an_empty_index_has_no_neighbours(tmp_path: Path) -> None:
    assert ChromaIndex(tmp_path / "v", EMBEDDER, {}).nearest("anything", 5) == []


def garble(folder: Path) -> None:
    (folder / "0" / "chroma.sqlite3").write_bytes(b"not a database" * 400)


def lose_vectors(folder: Path) -> None:
    for part in (folder / "0").iterdir():
        if part.is_dir():
            shutil.rmtree(part)


@pytest.mark.parametrize("damage", [garble, lose_vectors, shutil.rmtree])
def test_a_damaged_or_lost_folder_is_rebuilt_whole(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    texts = TEXTS | {f"keyword {number}": f"keyword {number}" for number in range(1200)}
    ChromaIndex(tmp_path / "v", EMBEDDER, texts)
    # A copy, as Chroma keeps the first folder open in this process.
    shutil.copytree(tmp_path / "v", tmp_path / "copy")
    damage(tmp_path / "copy")
    index = ChromaIndex(tmp_path / "copy", EMBEDDER, texts)
    assert len(index) == len(texts)
    assert ids(index, "hash maps", 1) == ["hash map"]


def test_another_embedder_does_not_meet_foreign_vectors(tmp_path: Path) -> None:
    ChromaIndex(tmp_path / "v", EMBEDDER, TEXTS)
    assert ids(ChromaIndex(tmp_path / "v", Letters(), {"a": "aaa"}), "aa") == ["a"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "v").write_text("a file")
    with pytest.raises(RunFolderError, match="vector index"):
        ChromaIndex(tmp_path / "v", EMBEDDER, TEXTS)
