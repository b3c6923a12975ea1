"""Duplicates among snippets: exact by hash, near ones by MinHash over their tokens."""

import hashlib
from collections.abc import Sequence

from infinite_instruct.domain import Language
from infinite_instruct.tools.minhash import Sketch, SketchStore, sketch
from infinite_instruct.tools.seeds.reasons import Reason
from infinite_instruct.tools.syntax import parse

NEAR = 0.75
"""Estimated Jaccard similarity of token shingles from which two snippets are near duplicates."""
_SHINGLE = 4


def tokens_of(language: Language, text: str) -> list[str]:
    """The tokens of a text, without comments; every string is `S` and every number `0`."""
    cursor = parse(language, text).walk()
    tokens: list[str] = []
    while True:
        node = cursor.node
        kind = node.type if node is not None else ""
        opaque = "comment" in kind or "string" in kind
        if not opaque and cursor.goto_first_child():
            continue
        if node is not None and "comment" not in kind:
            token = "S" if opaque else (node.text or b"").decode(errors="replace")
            tokens.append("0" if token[:1].isdigit() else token)
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return tokens


class Duplicates:
    """Remembers a signature of each snippet: about 1 KB each, never its text."""

    def __init__(self) -> None:
        self._exact: set[bytes] = set()
        self._near = SketchStore()

    def fault_of(self, tokens: Sequence[str]) -> Reason | None:
        """Whether these tokens were seen before; when not, they are remembered."""
        digest = hashlib.blake2b("\0".join(tokens).encode(), digest_size=16).digest()
        if digest in self._exact:
            return Reason.DUPLICATE
        self._exact.add(digest)
        signature = _signature(tokens)
        if self._near.similar(signature)[0] >= NEAR:
            return Reason.NEAR_DUPLICATE
        self._near.add(digest.hex(), signature)
        return None


def _signature(tokens: Sequence[str]) -> Sketch:
    last = max(1, len(tokens) - _SHINGLE + 1)
    return sketch({"\0".join(tokens[start : start + _SHINGLE]) for start in range(last)})
