"""Texts that are parsed under a watch: what is kept of them, and which trees they give."""

import gc
import tracemalloc

import pytest

from infinite_instruct.domain import Language
from infinite_instruct.tools.syntax import EndlessParseError, parse, text_of

TEXTS = 100
BYTES = 4_000
CLEAN = "def f{0}(items):\n    return [item + {0} for item in items if item]\n"
ENDLESS = "/*" * 3_900


@pytest.mark.parametrize("end", ["", "def (:\n"], ids=["clean", "faulty"])
def test_a_parsed_text_is_not_kept(end: str) -> None:
    parse(Language.PYTHON, _text(0) + end)
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(TEXTS):
            text_of(parse(Language.PYTHON, _text(number) + end).root_node.children[0])
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < TEXTS * BYTES / 10


@pytest.mark.parametrize("end", ["", "def (:\n"], ids=["clean", "faulty"])
def test_a_tree_keeps_its_own_text_when_others_are_parsed(end: str) -> None:
    texts = [_text(number) + end for number in (1, 2)]
    trees = [parse(Language.PYTHON, text) for text in texts]
    assert [text_of(tree.root_node).strip() for tree in trees] == [text.strip() for text in texts]
    assert [tree.root_node.has_error for tree in trees] == [bool(end)] * 2


def test_after_a_text_without_an_end_the_next_is_parsed_from_its_beginning() -> None:
    with pytest.raises(EndlessParseError, match="no end"):
        parse(Language.SWIFT, ENDLESS)
    assert not parse(Language.SWIFT, "let a = 1\n" * 300).root_node.has_error


def _text(number: int) -> str:
    """Python of some kB, another for each number."""
    return CLEAN.format(number) * (BYTES // len(CLEAN))
