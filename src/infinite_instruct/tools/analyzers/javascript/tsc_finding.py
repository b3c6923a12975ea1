"""A finding of TypeScript's compiler in its text: what it marks, and what stands around it."""

import re
from functools import cached_property

from infinite_instruct.tools.analyzers.javascript.names import NAME
from infinite_instruct.tools.analyzers.javascript.tsc_api import Reported
from infinite_instruct.tools.analyzers.source_text import SourceText

PRIMITIVE = re.compile(r"(string|number|boolean|bigint|symbol|\"[^\"]*\"|-?\d[\d.]*n?|true|false)")
DATA = re.compile(
    r"[^=]*\[\]|\[[^=]*\]|String|Number|Boolean|Symbol|Date|RegExp|RegExpMatchArray|RegExpExecArray"
    r"|(Readonly)?(Array|Map|Set|WeakMap|WeakSet|Promise)<[^=]*>|(Array|Map|Set)Iterator<.*>"
)
LIBRARY = re.compile(
    r"Math|JSON|Console|Reflect|Atomics|Intl|[A-Z]\w*Constructor"
    r"|typeof (import\(\"[^/].*\"\)|path|fs|os|util|crypto|Number|String|Date)"
)
"""Objects of the language and of node's modules, whose properties are all known."""

_QUOTED = re.compile(r"'((?:[^']|'(?=\w))*)'")
_OWNER = re.compile(r"on type '(.*?)'\.(?: Did you | Do you | Property |$)")
_ROOT = re.compile(rf"(?<![\w$.)\]])({NAME})(?:[.?\w$]|\[[\w$]*\])*\.\s{{0,20}}$")
_CALL = re.compile(rf"(\.\s?)?({NAME})\s?\((?:[^()]|\([^()]{{0,80}}\))*$")
_RETURNS = re.compile(r"@returns?\b[^@]{0,300}")
_NOTHING = re.compile(r"\b(undefined|null|void|nothing|none|never|any)\b|\?", re.IGNORECASE)
_AROUND = 200


class Finding:
    """One finding in its text.

    Args:
        reported: What the compiler says.
        source: The text.
    """

    def __init__(self, reported: Reported, source: SourceText) -> None:
        self.code = reported.code
        self.text = reported.text
        self.message = reported.message
        self._start, self._end = source.index(reported.pos), source.index(reported.end)
        self._source = source

    @property
    def span(self) -> str:
        """What it marks."""
        return self._source.text[self._start : self._end]

    @cached_property
    def before(self) -> str:
        """What stands before it."""
        return self._source.text[max(0, self._start - _AROUND) : self._start]

    @cached_property
    def behind(self) -> str:
        """What stands behind it, without leading space."""
        return self._source.text[self._end : self._end + _AROUND].lstrip()

    @property
    def quoted(self) -> list[str]:
        """The types and names that it quotes."""
        return _QUOTED.findall(self.text)

    @property
    def owner(self) -> str:
        """The type that lacks a property."""
        found = _OWNER.search(self.text)
        return found[1] if found else ""

    @property
    def is_called(self) -> bool:
        """Whether what it marks is called."""
        return self.behind.startswith(("(", "?.("))

    @property
    def is_written(self) -> bool:
        """Whether what it marks is assigned."""
        return bool(re.match(r"=(?![=>])", self.behind))

    @property
    def root(self) -> str:
        """The variable at whose property it stands: `a` of `a.b.c`."""
        found = _ROOT.search(self.before)
        return found[1] if found else ""

    @property
    def first_name(self) -> str:
        """The name that its text begins with."""
        found = re.match(NAME, self.span)
        return found[0] if found else ""

    @property
    def is_promised(self) -> bool:
        """Whether the comment above a function says that it returns a value, whatever comes."""
        comment, _, head = self._source.text[: self._start].rpartition("*/")
        told = _RETURNS.search(comment.rpartition("/**")[2]) if len(head) < _AROUND else None
        is_about_it = "}" not in head and "/**" in comment and not self.span.startswith("return")
        return bool(told) and is_about_it and not _NOTHING.search(f"{told and told[0]} {self.span}")

    @property
    def callee(self) -> tuple[str, bool]:
        """The function between whose brackets it stands, and whether that is a method."""
        found = _CALL.search(self.before)
        return (found[2], bool(found[1])) if found else ("", False)
