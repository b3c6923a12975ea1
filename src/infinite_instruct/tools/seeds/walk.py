"""A walk through a tree that nobody vouches for.

Every file is opened relative to its folder's descriptor, without following links and without
waiting, and looked at before a byte is read: a pipe cannot hang it, a link cannot lead it out, a
sparse file cannot fill the memory. Nothing is executed, and git is never asked.
"""

import errno
import os
import random
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path, PurePath, PurePosixPath

from infinite_instruct.domain import Value
from infinite_instruct.tools.seeds import screening
from infinite_instruct.tools.seeds.licences import LICENCE_FILE, identify_all
from infinite_instruct.tools.seeds.reasons import Reason, Skip

MAX_DEPTH = 64
_LICENCE_BYTES = 256 * 1024
_LICENCE_FILES = 8
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_BAD_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

Wants = Callable[[str], Reason | None]


class SkippedFileError(Exception):
    """A file is not taken, for a reason."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class FoundFile(Value):
    """A file that was read."""

    path: str
    """Relative to the root, with slashes."""
    text: str
    licence: str
    """What the nearest licence file upward says: an SPDX id; empty where there is none."""


class Walk:
    """The readable text files below a folder, in an order that the seed alone decides.

    Args:
        root: The folder.
        wants: Tells from a file's name why it is not wanted; None when it is.
        max_bytes: Larger files are skipped.
        seed: Seed of the order.
        skip: Told of each entry that is skipped.
    """

    def __init__(self, root: Path, wants: Wants, max_bytes: int, seed: int, skip: Skip) -> None:
        self._root = root
        self._wants = wants
        self._max_bytes = max_bytes
        self._seed = seed
        self._skip = skip
        self._licences: dict[PurePosixPath, str] = {}

    def __iter__(self) -> Iterator[FoundFile]:
        tree = os.fwalk(self._root, onerror=lambda _: self._skip(Reason.UNREADABLE))
        for folder, folders, names, descriptor in tree:
            relative = PurePosixPath(PurePath(folder).relative_to(self._root).as_posix())
            folders[:] = self._enter(relative, folders, descriptor)
            self._note_licence(relative, names, descriptor)
            for name in self._ordered(relative, names):
                text = self._read(name, descriptor)
                if text is not None:
                    path = (relative / name).as_posix()
                    yield FoundFile(path=path, text=text, licence=self._licence_of(relative))

    def _ordered(self, folder: PurePosixPath, names: list[str]) -> list[str]:
        """Names in an order of their own per folder and seed: no letter of the alphabet leads."""
        ordered = sorted(names)
        # The order of a walk needs no cryptography.
        random.Random(f"{self._seed}:{folder!s}".encode(errors="surrogateescape")).shuffle(ordered)  # noqa: S311
        return ordered

    def _enter(self, folder: PurePosixPath, folders: list[str], descriptor: int) -> list[str]:
        """The folders to go into."""
        return [
            name
            for name in self._ordered(folder, folders)
            if self._passes(self._fault_of_folder(folder, name, descriptor))
        ]

    def _passes(self, fault: Reason | None) -> bool:
        if fault:
            self._skip(fault)
        return fault is None

    def _fault_of_folder(self, parent: PurePosixPath, name: str, descriptor: int) -> Reason | None:
        try:
            mode = os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_mode
        except OSError:
            return Reason.UNREADABLE
        if stat.S_ISLNK(mode):
            return Reason.SYMLINK
        if _BAD_NAME.search(name):
            return Reason.BAD_NAME
        if len(parent.parts) >= MAX_DEPTH:
            return Reason.TOO_DEEP
        return screening.fault_of_folder(name)

    def _note_licence(self, folder: PurePosixPath, names: list[str], descriptor: int) -> None:
        """Remember what the licence files of a folder say, `unknown` where it is not known."""
        texts: dict[str, str] = {}
        for name in sorted(filter(LICENCE_FILE.fullmatch, names))[:_LICENCE_FILES]:
            try:
                texts[name] = read_text(name, _LICENCE_BYTES, descriptor)
            except SkippedFileError:
                continue
        if texts:
            self._licences[folder] = identify_all(texts)

    def _licence_of(self, folder: PurePosixPath) -> str:
        upward = (folder, *folder.parents)
        return next((self._licences[each] for each in upward if each in self._licences), "")

    def _read(self, name: str, descriptor: int) -> str | None:
        if not self._passes(Reason.BAD_NAME if _BAD_NAME.search(name) else self._wants(name)):
            return None
        try:
            return read_text(name, self._max_bytes, descriptor)
        except SkippedFileError as skipped:
            self._skip(skipped.reason)
            return None


def read_text(name: str | Path, max_bytes: int, descriptor: int | None = None) -> str:
    """Read a regular file of UTF-8.

    Raises:
        SkippedFileError: It is none, is larger, or cannot be read.
    """
    try:
        data = _read_bytes(name, max_bytes, descriptor)
    except OSError as error:
        is_link = error.errno == errno.ELOOP  # what O_NOFOLLOW answers
        raise SkippedFileError(Reason.SYMLINK if is_link else Reason.UNREADABLE) from error
    if b"\0" in data:
        raise SkippedFileError(Reason.BINARY)
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise SkippedFileError(Reason.NOT_UTF8) from error


def _read_bytes(name: str | Path, max_bytes: int, descriptor: int | None) -> bytes:
    with open(os.open(name, _FLAGS, dir_fd=descriptor), "rb") as file:  # noqa: PTH123 - no path has dir_fd
        state = os.fstat(file.fileno())
        if not stat.S_ISREG(state.st_mode):
            raise SkippedFileError(Reason.NOT_REGULAR)
        # The size may be a lie (/proc says 0): the read is bounded, too.
        data = file.read(max_bytes + 1) if state.st_size <= max_bytes else None
    if data is None or len(data) > max_bytes:
        raise SkippedFileError(Reason.TOO_LARGE)
    return data
