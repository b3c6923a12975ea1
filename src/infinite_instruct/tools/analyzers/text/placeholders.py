"""How a text says that code is missing: in comments, in messages, in names."""

import re
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from infinite_instruct.domain import Diagnostic
from infinite_instruct.tools.analyzers.text.gate import own
from infinite_instruct.tools.syntax import text_of

_TRIGGERS = ("todo", "fixme", "tbd", "here", "implement", "rest of", "remain", "unchanged", "...",
            "…", "omitted", "fill in", "placeholder", "stub")  # fmt: skip
"""Without one of these (lower case) in the text no comment says that code is missing."""

MISSING = re.compile(
    r"\byour (code|implementation|logic|solution|function body) (goes |comes |should go )?here\b"
    r"|^\W{0,20}(add|write|insert|put|place|fill in|complete) (your|the) "
    r"(code|implementation|logic|solution)( (here|below))?\W{0,20}$"
    r"|^\W{0,20}((\.{3}|…)\W{0,20}(the )?rest|(?-i:The rest|Rest)) of (the |your |this )?"
    r"(code|implementation|logic|function|method|class|program)\W{0,20}$"
    r"|^\W{0,20}(the )?(rest|remainder) of (the |your |this )?(code|implementation|logic"
    r"|function|method"
    r"|class|program) (goes|is|remains?|stays?|as|here|unchanged|the same)\b[^.]{0,80}\W{0,20}$"
    r"|^\W{0,20}(the )?(existing|remaining|previous|other) (code|implementation|logic)"
    r" (goes )?(here|unchanged|stays|remains)\b"
    r"|^\W{0,20}(the )?(code|implementation|logic|function body|method body)"
    r" (goes|comes|omitted|is omitted)\b|^\W{0,20}implementation here\W{0,20}$"
    r"|^\W{0,20}(todo|fixme)\W+(implement|complete|finish|fill in|write)"
    r"( (this|me|here|it|the (function|method|body|logic|code|solution|class)))?\W{0,20}$",
    re.IGNORECASE,
)
"""Comments which say it whatever stands beside them."""

HINT = re.compile(
    r"\b(todo|fixme|tbd)\b(?!\W{0,20}(verify|check|optimi|refactor|rename|remove|move|maybe"
    r"|consider"
    r"|document|test|should|is|are|can|find|why|what|make|use|support|handle)\b)"
    r"|\bimplement (this|me|here|it|the|your|logic|actual)\b"
    r"|\bnot (yet )?implemented\b|^\W{0,20}placeholder\b|\bfill (this )?in\b"
    r"|\b(code|implementation|logic|body) (goes |comes )?here\b|^[^\w.…]{0,20}(\.{3}"
    r"|…)[^\w.…]{0,20}$|\bomitted\b",
    re.IGNORECASE,
)
"""Comments which say it in a body that does nothing or gives back a constant."""

NOT_DONE = re.compile(
    r"\bnot (yet |been |currently )*implement|\bunimplemented\b|\bto be implemented\b|\btodo\b"
    r"|\bimplement (me|this|here|it)\b|\bnotimplemented|^not done|\byour (code|implementation)\b",
    re.IGNORECASE,
)
"""Messages of a body that only fails."""

OF_SUBCLASSES = re.compile(
    r"(?i:subclass|overrid|abstract|derived class|child class|inherit|interface|constructor\.name)"
)
"""Messages of methods that others are to write."""

MAX_NOTE = 2_000
"""Characters of a comment that are read as a note."""

_NOTHING = re.compile(
    r"(?i:no_?op|nothing|dummy|null|ignore|noop|stub|empty|placeholder|default|skip|pass"
    r"|no_?log)|^_+$|^nop|_doc$"
)


def is_meant_to_do_nothing(name: str) -> bool:
    """Whether a function's name tells that an empty body is its purpose."""
    return bool(_NOTHING.search(name))


def may_say_missing(lower: str) -> bool:
    """Whether a text, in lower case, has a word with which comments say that code is missing."""
    return any(map(lower.__contains__, _TRIGGERS))


def missing_by_comment(comments: Iterable[Node]) -> Iterator[Diagnostic]:
    """Comments that stand for code which is not there."""
    for comment in comments:
        for line in text_of(comment).split("\n"):
            if found := MISSING.search(line):
                said = " ".join(found[0].split())[:80]
                message = f"The comment says `{said}`: code is missing."
                yield own("placeholder-body", message, comment.start_point.row + 1)
                break
