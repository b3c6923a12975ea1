import hashlib
import tracemalloc

import pytest

from crew import make_snippet
from infinite_instruct.domain import Language, Snippet
from infinite_instruct.graphs.packed import PackedSnippets


@pytest.mark.parametrize("order", [1, -1], ids=["in order", "backwards"])
def test_packed_snippets_come_back_as_they_were(order: int) -> None:
    snippets = [make_snippet(number, Language.GO) for number in range(200)]
    snippets[70] = snippets[70].model_copy(update={"code": "größer := `\x00\t`", "imports": "🐍"})
    packed = PackedSnippets()
    for snippet in snippets:
        packed.append(snippet)
    places = range(len(packed))[::order]
    assert [packed[at] for at in places] == snippets[::order]
    assert [packed.id(at) for at in places] == [each.id for each in snippets[::order]]


def hashed(number: int, imports: str = "import fs") -> Snippet:
    """As the harvest makes it: its id and hash follow from the code."""
    made = make_snippet(number).model_copy(update={"imports": imports})
    digest = hashlib.sha256(made.text.encode()).hexdigest()
    provenance = made.provenance.model_copy(update={"content_hash": digest})
    return made.model_copy(update={"id": f"s{digest[:12]}", "provenance": provenance})


def test_ids_and_hashes_that_follow_from_the_code_stand_beside_others() -> None:
    snippets = [hashed(number, "" if number % 3 else "import fs") for number in range(150)]
    odd = snippets[5].provenance.model_copy(update={"content_hash": ""})
    snippets[5] = snippets[5].model_copy(update={"id": "s0123456789aB", "provenance": odd})
    snippets[70] = snippets[70].model_copy(update={"id": ""})
    packed = PackedSnippets()
    for snippet in snippets:
        packed.append(snippet)
    assert [packed[at] for at in range(len(packed))] == snippets
    assert [packed.id(at) for at in range(len(packed))] == [each.id for each in snippets]


def test_what_waits_takes_little_memory_though_no_hash_gets_smaller() -> None:
    packed = PackedSnippets()
    tracemalloc.start()
    try:
        for number in range(64 * 20):
            packed.append(hashed(number))
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 40 * len(packed)
