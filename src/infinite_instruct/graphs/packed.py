"""Snippets in little memory: those that wait for a second use are many."""

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence

from pydantic import TypeAdapter

from infinite_instruct.domain import Snippet
from infinite_instruct.graphs.snippet_ids import SnippetIds

_TOGETHER = 64
"""Snippets of one pack, all unpacked for one of them: it takes a millisecond."""
_PACK = TypeAdapter(tuple[Snippet, ...])
_Fields = Mapping[str, bool | Mapping[str, bool]]
_BESIDE: Mapping[str, _Fields] = {"__all__": {"id": True, "provenance": {"content_hash": True}}}
"""What is kept beside a pack, or follows from it: a quarter of it, for no hash gets smaller."""


class PackedSnippets:
    """A list that only grows: 0.2 KB a snippet, not 3. It is quick where it is read in order."""

    def __init__(self) -> None:
        self._ids = SnippetIds()
        self._hashes: dict[int, str] = {}
        """Those that do not follow from the code, by the places of their snippets."""
        self._packs: list[bytes] = []
        self._newest: list[Snippet] = []
        """Those that are not packed yet."""
        self._unpacked: tuple[int, Sequence[Snippet]] = (-1, ())
        """The pack that was looked into last, and its place."""

    def append(self, snippet: Snippet) -> None:
        """Keep one more."""
        known = snippet.provenance.content_hash
        if known != _hash(snippet.imports, snippet.code):
            self._hashes[len(self)] = known
        self._ids.append(snippet.id)
        self._newest.append(snippet)
        if len(self._newest) == _TOGETHER:
            text = _PACK.dump_json(tuple(self._newest), exclude=_BESIDE)
            self._packs.append(zlib.compress(text))
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
            self._unpacked = pack, self._unpack(pack)
        return self._unpacked[1]

    def _unpack(self, pack: int) -> Sequence[Snippet]:
        fields = json.loads(zlib.decompress(self._packs[pack]))
        for at, each in enumerate(fields, start=pack * _TOGETHER):
            known = self._hashes.get(at)
            follows = _hash(each["imports"], each["code"]) if known is None else known
            each["id"], each["provenance"]["content_hash"] = self._ids[at], follows
        return _PACK.validate_python(fields)

    def __len__(self) -> int:
        return len(self._ids)


def _hash(imports: str, code: str) -> str:
    """The hash that the harvest gives; another one is kept."""
    text = f"{imports}\n\n{code}" if imports else code
    return hashlib.sha256(text.encode()).hexdigest()
