"""Sketches and their index: what is similar is found, in memory, on disk, after damage."""

from pathlib import Path

import pytest

from infinite_instruct.tools.minhash import SketchStore, similarity, sketch


def _items(first: int, last: int) -> set[str]:
    return {f"item {number}" for number in range(first, last)}


@pytest.mark.parametrize("shared", [0, 25, 50, 80, 100])
def test_the_estimate_is_near_the_true_share(shared: int) -> None:
    one, other = _items(0, 100), _items(100 - shared, 200 - shared)
    true = shared / (200 - shared)
    assert similarity(sketch(one), sketch(other)) == pytest.approx(true, abs=0.15)


def test_the_most_similar_is_found_among_many_and_what_is_removed_is_not() -> None:
    store = SketchStore()
    for number in range(300):
        store.add(f"set {number}", sketch(_items(100 * number, 100 * number + 100)))
    near = sketch(_items(705, 805))
    score, name = store.similar(near)
    assert name == "set 7"
    assert score > 0.7
    store.remove("set 7")
    assert store.similar(near)[0] < 0.2
    assert len(store) == 299


def test_a_file_is_there_again_and_a_damaged_one_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "sketches.sqlite"
    store = SketchStore(path)
    store.add("one", sketch({"a", "b"}))
    store.close()
    again = SketchStore(path)
    assert list(again.names()) == ["one"]
    assert again.similar(sketch({"a", "b"})) == (1.0, "one")
    again.close()
    path.write_bytes(b"no database " * 100)
    empty = SketchStore(path)
    empty.add("two", sketch(set[str]()))
    assert list(empty.names()) == ["two"]
