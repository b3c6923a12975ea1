"""Near duplicates among problems, by MinHash over word shingles (Broder 1997) and LSH.

Datasketch, with half a second of scipy, is imported at the first text: the first request to a model
is on its way by then.
"""

from collections.abc import Hashable
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, cast

from infinite_instruct.tools.words import clean

if TYPE_CHECKING:
    from datasketch import MinHash  # type: ignore[import-untyped]  # it has no types

DUPLICATE_FROM = 0.7
"""Estimated Jaccard similarity from which two problems are one. Peers use 0.5 to 0.9; at 0.7 a
changed function name or sentence is caught, and two problems on one topic are not."""
_PERMUTATIONS = 128
_SHINGLE = 3
_MAX_WORDS = 5_000


class NearDuplicates:
    """Texts seen so far, and which of them a new one repeats. One lookup does not scan them."""

    def __init__(self, threshold: float = DUPLICATE_FROM) -> None:
        self._threshold = threshold
        self._hashes: dict[str, MinHash] = {}

    @cached_property
    def _buckets(self) -> "_Buckets":
        """For a lower bar: LSH misses some near its own; the estimate decides."""
        from datasketch import MinHashLSH  # noqa: PLC0415

        lower = self._threshold * 0.85
        return cast("_Buckets", MinHashLSH(threshold=lower, num_perm=_PERMUTATIONS))

    def find(self, text: str) -> str | None:
        """The id of the most similar known text, if it is a duplicate."""
        return self._find(_minhash(text))

    def add(self, name: str, text: str) -> str | None:
        """Remember a text unless it repeats another.

        Args:
            name: Its id. A known id is forgotten first.
            text: Any text.

        Returns:
            None when it was added; else the id of the text that it repeats.
        """
        self.remove(name)
        minhash = _minhash(text)
        if (duplicate := self._find(minhash)) is None:
            self._keep(name, minhash)
        return duplicate

    def replace(self, name: str, text: str) -> None:
        """Remember a text under an id, whatever it repeats: a problem that was reworded."""
        self.remove(name)
        self._keep(name, _minhash(text))

    def remove(self, name: str) -> None:
        """Forget a text; an unknown id is passed over."""
        if self._hashes.pop(name, None) is not None:
            self._buckets.remove(name)

    def __len__(self) -> int:
        return len(self._hashes)

    def _keep(self, name: str, minhash: "MinHash") -> None:
        self._hashes[name] = minhash
        self._buckets.insert(name, minhash)

    def _find(self, minhash: "MinHash") -> str | None:
        names = [str(name) for name in self._buckets.query(minhash)]
        scored = [(self._hashes[name].jaccard(minhash), name) for name in names]
        best, name = max(scored, default=(0.0, ""))
        return name if best >= self._threshold else None


class _Buckets(Protocol):
    """What we use of MinHashLSH, typed."""

    def insert(self, key: str, minhash: "MinHash") -> None: ...
    def remove(self, key: str) -> None: ...
    def query(self, minhash: "MinHash") -> list[Hashable]: ...


def _minhash(text: str) -> "MinHash":
    from datasketch import MinHash  # noqa: PLC0415

    words = clean(text).casefold().split()[:_MAX_WORDS]
    last = max(1, len(words) - _SHINGLE + 1)
    shingles = {" ".join(words[at : at + _SHINGLE]) for at in range(last)}
    minhash = MinHash(num_perm=_PERMUTATIONS, seed=1)
    minhash.update_batch([shingle.encode(errors="replace") for shingle in sorted(shingles)])
    return minhash
