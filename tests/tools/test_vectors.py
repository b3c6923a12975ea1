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


def part(folder: Path) -> Path:
    (only,) = folder.iterdir()
    return only


def garble(folder: Path) -> None:
    (part(folder) / "chroma.sqlite3").write_bytes(b"not a database" * 400)


def lose_vectors(folder: Path) -> None:
    for each in part(folder).iterdir():
        if each.is_dir():
            shutil.rmtree(each)


def lose_part(folder: Path) -> None:
    shutil.rmtree(part(folder))


DAMAGES = [garble, lose_vectors, lose_part, shutil.rmtree]
VERBS = "sort read write merge split parse count rotate encrypt compress filter group".split()
NOUNS = "array string file table graph matrix date image socket token thread packet user".split()
PLACES = "memory python database browser kernel cluster notebook".split()
NAMES = [f"{verb} {noun} {place}" for verb in VERBS for noun in NOUNS for place in PLACES]
MANY = TEXTS | {name: name for name in NAMES[:700]}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_or_lost_folder_is_rebuilt_whole(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    ChromaIndex(tmp_path / "v", EMBEDDER, MANY).close()
    damage(tmp_path / "v")
    index = ChromaIndex(tmp_path / "v", EMBEDDER, MANY)
    assert len(index) == len(MANY)
    assert ids(index, "hash maps", 1) == ["hash map"]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_folder_lost_under_an_open_index_costs_no_word(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    """Chroma keeps a client for each path of the process, and would go on without its files."""
    index = ChromaIndex(tmp_path / "v", EMBEDDER, MANY)
    damage(tmp_path / "v")
    index.upsert({"trie": "trie"})
    index.upsert({name: name for name in NAMES[700:]})
    index.flush()
    assert ids(index, "hash maps", 1) == ["hash map"]
    index.close()
    texts = MANY | {"trie": "trie"} | {name: name for name in NAMES[700:]}
    reopened = ChromaIndex(tmp_path / "v", EMBEDDER, texts)
    assert ids(reopened, "trie", 1) == ["trie"]
    assert len(list((tmp_path / "v").iterdir())) == 1, "damaged parts are removed"


def test_what_waits_in_memory_is_found_and_replaced_and_forgotten(tmp_path: Path) -> None:
    index = ChromaIndex(tmp_path / "v", EMBEDDER, TEXTS)
    index.upsert({"trie": "trie"})
    assert ids(index, "trie", 1) == ["trie"]
    index.upsert({"trie": "prefix tree", "decorator": "closure"})
    assert ids(index, "prefix trees", 1) == ["trie"]
    assert ids(index, "decorator", 1) != ["decorator"], "the written vector is out of date"
    index.remove(["trie", "hash map"])
    assert not {"trie", "hash map"} & set(ids(index, "hash map"))
    index.flush()
    assert sorted(ids(index, "hash map")) == ["binary search", "decorator", "linked list"]


def test_many_texts_are_asked_in_one_query(tmp_path: Path) -> None:
    index = ChromaIndex(tmp_path / "v", EMBEDDER, TEXTS)
    index.upsert({"trie": "trie"})
    asked = ["trie", "hash map", "linked lists"]
    assert index.nearest_many(asked, 2) == [index.nearest(text, 2) for text in asked]
    assert index.nearest_many([], 2) == []


def test_what_was_not_written_is_added_at_the_next_opening(tmp_path: Path) -> None:
    first = ChromaIndex(tmp_path / "v", EMBEDDER, TEXTS)
    first.upsert({"trie": "trie"})  # no flush: as after kill -9
    again = ChromaIndex(tmp_path / "v", EMBEDDER, {**TEXTS, "trie": "trie"})
    assert ids(again, "trie", 1) == ["trie"]


def test_another_embedder_does_not_meet_foreign_vectors(tmp_path: Path) -> None:
    ChromaIndex(tmp_path / "v", EMBEDDER, TEXTS)
    assert ids(ChromaIndex(tmp_path / "v", Letters(), {"a": "aaa"}), "aa") == ["a"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "v").write_text("a file")
    with pytest.raises(RunFolderError, match="vector index"):
        ChromaIndex(tmp_path / "v", EMBEDDER, TEXTS)
