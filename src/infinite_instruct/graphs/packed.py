"""Snippets in little memory: those that wait for a second use are many."""

import zlib
from collections.abc import Sequence

from pydantic import TypeAdapter

from infinite_instruct.domain import Snippet

_TOGETHER = 64
"""Snippets of one pack, all unpacked for one of them: it takes a millisecond."""
_PACK = TypeAdapter(tuple[Snippet, ...])


class PackedSnippets:
    """A list that only grows: 0.4 KB a snippet, not 3. It is quick where it is read in order."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._packs: list[bytes] = []
        self._newest: list[Snippet] = []
        """Those that are not packed yet."""
        self._unpacked: tuple[int, Sequence[Snippet]] = (-1, ())
        """The pack that was looked into last, and its place."""

    def append(self, snippet: Snippet) -> None:
        """Keep one more."""
        self._ids.append(snippet.id)
        self._newest.append(snippet)
        if len(self._newest) == _TOGETHER:
            self._packs.append(zlib.compress(_PACK.dump_json(tuple(self._newest))))
            self._newest = []

    def id(self, at: int) -> str:
        """The id of one, without unpacking it."""
        return self._ids[at]

    def __getitem__(self, at: int) -> Snippet:
        pack, place = divmod(at, _TOGETHER)
        return self._look_into(pack)[place]

    def _look_into(self, pack: int) -> Sequence[Snippet]:
        if pack == len(self._packs):
            return self._newest
        if self._unpacked[0] != pack:
            self._unpacked = pack, _PACK.validate_json(zlib.decompress(self._packs[pack]))
        return self._unpacked[1]

    def __len__(self) -> int:
        return len(self._ids)
