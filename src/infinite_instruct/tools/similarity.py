"""Near duplicates among problems, by sketches of their word shingles."""

from pathlib import Path

from infinite_instruct.tools.minhash import Sketch, SketchStore, sketch
from infinite_instruct.tools.words import clean

DUPLICATE_FROM = 0.7
"""Estimated Jaccard similarity from which two problems are one. Peers use 0.5 to 0.9; at 0.7 a
changed function name or sentence is caught, and two problems on one topic are not."""
_SHINGLE = 3
_MAX_WORDS = 5_000


class NearDuplicates:
    """Texts seen so far, and which of them a new one repeats. One lookup does not scan them.

    Args:
        threshold: Similarity from which two are one.
        path: Where their sketches are kept; None for a file of
            their own. See `minhash.SketchStore`.
    """

    def __init__(self, threshold: float = DUPLICATE_FROM, path: Path | None = None) -> None:
        self._threshold = threshold
        self._known = SketchStore(path)

    def find(self, text: str) -> str | None:
        """The id of the most similar known text, if it is a duplicate."""
        return self._find(_sketch(text))

    def add(self, name: str, text: str) -> str | None:
        """Remember a text unless it repeats another.

        Args:
            name: Its id. A known id is forgotten first.
            text: Any text.

        Returns:
            None when it was added; else the id of the text that it repeats.
        """
        self.remove(name)
        new = _sketch(text)
        if (duplicate := self._find(new)) is None:
            self._known.add(name, new)
        return duplicate

    def replace(self, name: str, text: str) -> None:
        """Remember a text under an id, whatever it repeats: a problem that was reworded."""
        self._known.add(name, _sketch(text))

    def remove(self, name: str) -> None:
        """Forget a text; an unknown id is passed over."""
        self._known.remove(name)

    def names(self) -> frozenset[str]:
        """The ids of all known texts."""
        return frozenset(self._known.names())

    def close(self) -> None:
        """Write what is pending into the file."""
        self._known.close()

    def __len__(self) -> int:
        return len(self._known)

    def _find(self, new: Sketch) -> str | None:
        score, name = self._known.similar(new)
        return name if score >= self._threshold else None


def _sketch(text: str) -> Sketch:
    words = clean(text).casefold().split()[:_MAX_WORDS]
    last = max(1, len(words) - _SHINGLE + 1)
    return sketch({" ".join(words[at : at + _SHINGLE]) for at in range(last)})
