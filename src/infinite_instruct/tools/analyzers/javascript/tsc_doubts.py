"""Why a finding of TypeScript's compiler may be no fault of a JavaScript program.

TypeScript calls an error what JavaScript does every day: a property that is added later, an
argument that is converted, an element of the page whose kind only the page knows.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from infinite_instruct.tools.analyzers.javascript.methods import method_names
from infinite_instruct.tools.analyzers.javascript.names import NAME, Names
from infinite_instruct.tools.analyzers.javascript.tsc_finding import (
    DATA,
    LIBRARY,
    PRIMITIVE,
    Finding,
)

_PASSED = re.compile(r"Argument of type '(.*?)' is not assignable to parameter of type '(.*?)'\.")
_COUNTS = re.compile(r"Expected (?:\d+-)?(\d+) arguments?, but got (\d+)")
_INDIRECT = re.compile(r"(\.(call|apply|bind|toString)|[\])])\s?\([^()]*$")
_DYNAMIC = re.compile(
    r"\bprototype\s?\[|\bthis\s?\[|\bObject\.(assign|definePropert|setPrototypeOf)|\bnew Proxy\b"
)
_NUMERIC = re.compile(
    r"[\"']\s*[-+]?(\d[\d_]*(\.\d*)?(e[-+]?\d+)?|0[xob][\da-f]+|Infinity)?\s*[\"']"
)
# A page's elements, errors and own objects have more than their declared type tells.
_GROWING = re.compile(
    r"\b(Element|HTML\w*|SVG\w*|\w*Node|EventTarget|\w*Event|Window|typeof globalThis|Navigator"
    r"|NodeListOf<.*>|HTMLCollection\w*|\w*Error|Process|Global)\b|^\{|=>|^typeof "
)
_RETYPING = frozenset({2322, 2739, 2740, 2741})
_SUGGESTED = 2551
"""A property that is nearly the name of another one."""


class Doubts:
    """Why findings in one JavaScript text may be no fault.

    Args:
        text: The text.
        names: Its names.
        found: All that was found in it.
    """

    def __init__(self, text: str, names: Names, found: Sequence[Finding]) -> None:
        self._text = text
        self._names = names
        self._found = found
        self._by_code: Mapping[int, Callable[[Finding], str]] = {
            2300: self._about_duplicate,
            2304: self._about_name,
            2552: self._about_name,
            2339: self._about_property,
            2551: self._about_property,
            2576: self._about_property,
            2345: self._about_argument,
            2769: self._about_argument,
            2554: self._about_count,
            2349: self._about_kind,
            2351: self._about_kind,
            2488: self._about_kind,
        }

    def about(self, finding: Finding) -> str:
        """Why a finding may be no fault; empty where it is one."""
        ask = self._by_code.get(finding.code)
        return ask(finding) if ask else ""

    def _about_duplicate(self, finding: Finding) -> str:
        return "exported" if f"exports.{finding.span}" in self._text else ""

    def _about_name(self, finding: Finding) -> str:
        return "assigned" if finding.span in self._names.assigned else ""

    def _about_property(self, finding: Finding) -> str:
        """Objects grow: only what nothing in the text could have made is a fault."""
        name = finding.span
        if name.startswith("_") or finding.is_written or name == "should":
            return "elsewhere"
        if self._is_retyped(finding.root, name):
            return "retyped"
        owner = finding.owner
        if PRIMITIVE.fullmatch(owner) or DATA.fullmatch(owner) or LIBRARY.fullmatch(owner):
            return self._about_known_property(finding)
        if not self._names.is_only_called(name):
            return "elsewhere"
        if _GROWING.search(owner) or owner in self._names.with_base or self._is_dynamic:
            return "open"
        return "" if finding.is_called else "read"

    def _about_known_property(self, finding: Finding) -> str:
        """Of plain data and of the library all properties are known; a text may add some."""
        if finding.span in self._names.asked_for:
            return "elsewhere"
        if LIBRARY.fullmatch(finding.owner):
            # Node's older constants are not declared.
            is_old = finding.owner.startswith("typeof ") and finding.span.isupper()
            is_fault = finding.is_called or not is_old
        else:
            is_fault = finding.is_called or finding.code == _SUGGESTED
        return "" if is_fault else "read"

    def _about_argument(self, finding: Finding) -> str:
        """Values are converted: a number for a text is fine, a word for a number never is."""
        passed = _PASSED.search(finding.message)
        name, _ = finding.callee
        if not passed or finding.first_name in self._retyped or self._defines(name):
            return "converted"
        return "" if _never_fits(passed[1], passed[2], finding.span) else "converted"

    def _about_count(self, finding: Finding) -> str:
        """Too few is how options are left out; what is too many may be read by `arguments`."""
        counts = _COUNTS.search(finding.text)
        if not counts or int(counts[2]) <= int(counts[1]):
            return "too-few"
        name, is_method = finding.callee
        own = self._defines(name)
        if _INDIRECT.search(finding.before) or (own and "arguments" in self._text):
            return "open"
        return "" if own == "function" or (is_method and not own) else "open"

    def _about_kind(self, finding: Finding) -> str:
        """Plain data is neither called nor constructed; a number is not looped over."""
        kinds = re.findall(r"'([^']*)'", finding.message)
        is_data = any(PRIMITIVE.fullmatch(kind) or DATA.fullmatch(kind) for kind in kinds)
        is_sure = is_data and "|" not in finding.message
        return "" if is_sure and finding.first_name not in self._retyped else "open"

    def _defines(self, function: str) -> str:
        """How the text itself defines a function; empty where it does not."""
        if function in self._names.functions:
            return "function"
        return "value" if function in self._names.values else ""

    def _is_retyped(self, root: str, name: str) -> bool:
        """Whether a variable may hold another type than its first one, which has the property."""
        is_known = name in method_names().known
        return root in self._retyped or (is_known and root in self._names.assigned)

    @cached_property
    def _is_dynamic(self) -> bool:
        """Whether the text gives objects properties whose names are not written in it."""
        return bool(_DYNAMIC.search(self._text))

    @cached_property
    def _retyped(self) -> frozenset[str]:
        """Variables that are given values of several types: TypeScript knows only the first."""
        spans = (each.span for each in self._found if each.code in _RETYPING)
        return frozenset(span for span in spans if re.fullmatch(NAME, span))


def _never_fits(given: str, wanted: str, text: str) -> bool:
    """Whether an argument, with its type and its text, is of no use where another is wanted."""
    if "=>" in wanted:
        return bool(PRIMITIVE.fullmatch(given))
    if wanted in {"number", "bigint"}:
        is_word = given == "string" and text[:1] in {'"', "'"} and not _NUMERIC.fullmatch(text)
        return is_word or bool(re.fullmatch(r"[^=|&]*\[\]", given)) or text[:1] == "{"
    if wanted == "string":
        return text[:1] == "{"
    wants_many = re.match(r"(Iterable|Array|readonly|Readonly|[^=|]*\[\]$)", wanted)
    return bool(wants_many) and given in {"number", "boolean"}
