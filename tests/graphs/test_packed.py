import pytest

from crew import make_snippet
from infinite_instruct.domain import Language
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
