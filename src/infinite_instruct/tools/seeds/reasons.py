"""Why a file or a piece of code is no seed. Each reason is counted where it is found."""

from collections.abc import Callable
from enum import StrEnum


class Reason(StrEnum):
    """A short code, named for the problem; `MEANINGS` says it in a sentence."""

    # Entries of a tree, and rows of a data set
    SYMLINK = "symlink"
    NOT_REGULAR = "not-a-regular-file"
    UNREADABLE = "unreadable"
    BAD_NAME = "bad-name"
    TOO_DEEP = "too-deep"
    HIDDEN = "hidden"
    VENDORED = "vendored"
    NOT_CODE = "not-code"
    LANGUAGE_NOT_ASKED = "language-not-asked"
    TOO_LARGE = "too-large"
    NOT_UTF8 = "not-utf8"
    BINARY = "binary"
    EMPTY = "empty"
    MINIFIED = "minified"
    GENERATED = "generated"
    TEST = "test"
    LICENCE = "licence-not-allowed"
    DUPLICATE_FILE = "duplicate-file"
    NO_CANDIDATE = "no-candidate"
    BAD_ROW = "bad-row"
    LANGUAGE_UNKNOWN = "language-unknown"
    # Candidates
    SYNTAX_ERROR = "syntax-error"
    TOO_SHORT = "too-short"
    TOO_LONG = "too-long"
    TRIVIAL = "trivial"
    INSIDE_ANOTHER = "inside-another"
    FREE_NAMES = "free-names"
    LOCAL_IMPORT = "local-import"
    USES_MEMBERS = "uses-members"
    DUPLICATE = "duplicate"
    NEAR_DUPLICATE = "near-duplicate"


Skip = Callable[[Reason], None]
"""Told of each thing that is skipped."""

MEANINGS: dict[Reason, str] = {
    Reason.SYMLINK: "symbolic links are not followed",
    Reason.NOT_REGULAR: "pipes, sockets and devices are not read",
    Reason.UNREADABLE: "the system refused to read it",
    Reason.BAD_NAME: "its name holds control characters or is no UTF-8",
    Reason.TOO_DEEP: "folders are nested too deep",
    Reason.HIDDEN: "its name starts with a dot",
    Reason.VENDORED: "a folder of other people's or of built code",
    Reason.NOT_CODE: "no file ending of a known language",
    Reason.LANGUAGE_NOT_ASKED: "a language that was not asked for",
    Reason.TOO_LARGE: "larger than the limit",
    Reason.NOT_UTF8: "not UTF-8",
    Reason.BINARY: "holds NUL bytes",
    Reason.EMPTY: "nothing in it",
    Reason.MINIFIED: "lines too long to be written by hand",
    Reason.GENERATED: "written by a program",
    Reason.TEST: "a test",
    Reason.LICENCE: "its licence is not among the allowed ones",
    Reason.DUPLICATE_FILE: "the same text as an earlier file",
    Reason.NO_CANDIDATE: "no function, type or query in it",
    Reason.BAD_ROW: "no JSON object, or no text in its code column",
    Reason.LANGUAGE_UNKNOWN: "the row does not say its language",
    Reason.SYNTAX_ERROR: "does not parse on its own",
    Reason.TOO_SHORT: "fewer lines than the minimum",
    Reason.TOO_LONG: "more lines than the maximum",
    Reason.TRIVIAL: "hardly any logic in it",
    Reason.INSIDE_ANOTHER: "part of a snippet that was kept whole",
    Reason.FREE_NAMES: "uses names that are defined elsewhere in its file",
    Reason.LOCAL_IMPORT: "uses names imported from its own project",
    Reason.USES_MEMBERS: "uses members of its class that a reader cannot see",
    Reason.DUPLICATE: "the same code as an earlier snippet",
    Reason.NEAR_DUPLICATE: "nearly the same code as an earlier snippet",
}
