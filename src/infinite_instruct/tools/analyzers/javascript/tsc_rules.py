"""Names TypeScript's findings for what they are worth: `TS2339`, or `TS2339/read` where it may err.

The policy says what each name weighs. A finding that only follows from an import which is not
looked into has no name: it is dropped.
"""

import re
from collections.abc import Sequence

from infinite_instruct.domain import Language
from infinite_instruct.tools.analyzers.javascript.names import Names
from infinite_instruct.tools.analyzers.javascript.tsc_api import Reported
from infinite_instruct.tools.analyzers.javascript.tsc_doubts import Doubts
from infinite_instruct.tools.analyzers.javascript.tsc_finding import (
    DATA,
    LIBRARY,
    PRIMITIVE,
    Finding,
)
from infinite_instruct.tools.analyzers.source_text import SourceText

_NOT_FOUND = frozenset({2307, 2664, 2732, 2792, 2882, 7016})
_JQUERY = re.compile(r"Cannot find name '(\$|jQuery)'")
_MODULE = re.compile(r"'([^']{1,200})'")
_NEW = re.compile(r"\bnew\b[^\n;]{0,80}$")

_UNDEFINED = frozenset({2304, 2552})
# What a build puts in place, by an old habit of naming it: `__DEV__`, `__VERSION__`.
_OF_THE_BUILD = re.compile(r"__[A-Z\d_]+__")

# In a text whose imports are not looked into, a lost type guard or base class can cause any other
# finding. These stand on the text alone; properties and mismatches do where only plain data are
# concerned.
_SURE = frozenset({
    2300, 2304, 2305, 2393, 2448, 2449, 2450, 2451, 2454, 2503, 2540, 2552, 2554, 2588, 2614, 2632,
    2724, 1103, 1104, 1105, 1107, 1155, 1163, 1308,
})  # fmt: skip
_PROPERTIES = frozenset({2339, 2551})
_MISMATCHES = frozenset({2322, 2345})
_ARGUMENT_COUNT = 2554
_SOME_WAYS = 7030
"""Some ways through a function return a value, and others end without one."""


def missing_package(each: Reported) -> str | None:
    """The package that a finding says is not there: `@scope/pkg` of `@scope/pkg/sub`.

    Paths and addresses are named as they are. Pages use jQuery without an import.
    """
    if _JQUERY.match(each.text):
        return "jquery"
    found = _MODULE.search(each.text) if each.code in _NOT_FOUND else None
    if found is None:
        return None
    name = found[1]
    if name.startswith((".", "/", "#", "~", "@/")) or ":" in name:
        return name
    return "/".join(name.split("/")[: 2 if name.startswith("@") else 1])


class Rules:
    """Names the findings of one text.

    Args:
        source: The text.
        language: JavaScript or TypeScript.
        reported: All that was found in it.
    """

    def __init__(
        self, source: SourceText, language: Language, reported: Sequence[Reported]
    ) -> None:
        self._source = source
        self._is_open = any(map(missing_package, reported))
        self._names = Names(source.text)
        self._doubts: Doubts | None = None
        if language is Language.JAVASCRIPT:
            found = [Finding(each, source) for each in reported]
            self._doubts = Doubts(source.text, self._names, found)

    def name(self, each: Reported) -> str | None:
        """The rule of a finding; None where it follows from an import alone."""
        package = missing_package(each)
        if package is not None:
            return "invented-module" if package.startswith("node:") else None
        finding = Finding(each, self._source)
        if self._is_open and not self._stands_alone(finding):
            return None
        if finding.code == _SOME_WAYS and finding.is_promised:
            return f"TS{finding.code}/promised"
        if finding.code in _UNDEFINED and _OF_THE_BUILD.fullmatch(finding.span):
            return f"TS{finding.code}/build"
        doubt = self._doubts.about(finding) if self._doubts else ""
        return f"TS{finding.code}/{doubt}" if doubt else f"TS{finding.code}"

    def _stands_alone(self, finding: Finding) -> bool:
        """Whether a finding would be there whatever the imports hold."""
        if finding.code in _PROPERTIES:
            return any(kind.fullmatch(finding.owner) for kind in (PRIMITIVE, DATA, LIBRARY))
        if finding.code in _MISMATCHES:
            kinds = finding.quoted[:2]  # the product of two unknown values counts as a number
            return "bigint" not in kinds and all(map(PRIMITIVE.fullmatch, kinds))
        if finding.code == _ARGUMENT_COUNT and _NEW.search(finding.before):
            return not self._names.with_base
        return finding.code in _SURE
