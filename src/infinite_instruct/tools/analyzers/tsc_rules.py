"""Names TypeScript's findings for what they are worth: `TS2339`, or `TS2339/read` where it may err.

TypeScript calls an error what JavaScript does every day: a property that is added later, an
argument that is converted, an element of the page whose kind only the page knows. The policy says
what each name weighs. None drops a finding: it only follows from an import that is not looked into.
"""

import re
from collections.abc import Sequence
from functools import cached_property

from infinite_instruct.domain import Language
from infinite_instruct.tools.analyzers.source_text import SourceText
from infinite_instruct.tools.analyzers.tsc_api import Reported

NOT_FOUND = frozenset({2307, 2581, 2592, 2664, 2732, 2792, 2882, 7016})
"""A module is not there, or (2581, 2592) jQuery, which pages use without an import."""

_NAME = r"[A-Za-z_$][\w$]*"
_QUOTED = re.compile(r"'((?:[^']|'(?=\w))*)'")
_MEMBER = re.compile(r"(\?\.|\.)\s*$")
_ROOT = re.compile(rf"(?<![\w$.])({_NAME})(?:\s*\??\.\s*{_NAME}|\[[^\]\n]{{0,60}}\])*\s*\??\.\s*$")
_DYNAMIC = re.compile(
    r"\bprototype\s*\[|\bthis\s*\[|\bObject\.(assign|definePropert|setPrototypeOf)|\bnew Proxy\b"
)
_BUILTIN = re.compile(
    r"^(string|number|boolean|bigint|symbol|true|false|-?\d[\d.e+]*n?|\".*\"|`.*`|.*\[\]|\[.*\]"
    r"|(Readonly)?(Array|Map|Set|WeakMap|WeakSet|Promise|RegExp|RegExpMatchArray|Date|Math|JSON"
    r"|Console|Reflect|Atomics|String|Number|Boolean|Symbol|BigInt|ArrayIterator|MapIterator"
    r"|SetIterator)(<.*>)?|\w+Constructor|typeof import\(.*\)|typeof (path|fs|os|util|crypto))$"
)
_PAGE = re.compile(
    r"\b(Element|HTML\w*|SVG\w*|Node|\w*Node|EventTarget|\w*Event|Window|typeof globalThis|Navigator"
    r"|NodeListOf<.*>|HTMLCollection\w*|Error)\b"
)
_PRIMITIVE = r"(?:string|number|boolean|bigint|symbol|\"[^\"]*\"|-?\d[\d.]*n?|true|false)"
_ONLY_PRIMITIVES = re.compile(rf"^{_PRIMITIVE}$")
_PASSED = re.compile(r"Argument of type '(.*?)' is not assignable to parameter of type '(.*?)'\.")
_TOO_MANY = re.compile(r"Expected (?:\d+-)?(\d+) arguments?, but got (\d+)")
_LITERAL = re.compile(r"\s*(\[|\{|/|function\b|async\b|\(|[A-Za-z_$][\w$]*\s*=>)")
_NUMERIC = re.compile(r"^[\"'`]\s*[-+]?(\d[\d_]*\.?\d*(e[-+]?\d+)?|0[xob][\da-f]+|Infinity)?\s*[\"'`]$")
_CLASS_WITH_BASE = re.compile(rf"\bclass\s+({_NAME})[^{{]{{0,400}}?\bextends\b")
_DATA = re.compile(r"'(String|Number|Boolean|Symbol|BigInt|Date|RegExp|.*\[\]|Promise<.*>|Map<.*>|Set<.*>)'")

# In a text whose imports are not looked into, a lost type guard or base class can make any of the
# others; these stand on the text alone.
_SURE = frozenset({
    2300, 2304, 2393, 2448, 2449, 2450, 2451, 2454, 2503, 2539, 2540, 2552, 2554, 2555, 2588,
    2305, 2614, 2724, 2339, 2551, 2345, 2322, 2355, 2366, 2391, 2304, 1378, 2349, 2769,
})  # fmt: skip
_ONLY_IF_PRIMITIVE = frozenset({2322, 2345, 2769, 2349})


def package_of(each: Reported) -> str:
    """The package that is not there: `@scope/pkg` of `@scope/pkg/sub`, other names as they are."""
    if each.code in {2581, 2592}:
        return "jquery"
    found = _QUOTED.search(each.text)
    name = found[1] if found else ""
    if name.startswith((".", "/", "#", "~", "node:")) or "://" in name:
        return name
    return "/".join(name.split("/")[: 2 if name.startswith("@") else 1])


class Rules:
    """Names the findings of one text.

    Args:
        source: The text.
        language: JavaScript or TypeScript.
        found: All that was found in it.
    """

    def __init__(self, source: SourceText, language: Language, found: Sequence[Reported]) -> None:
        self._source = source
        self._is_javascript = language is Language.JAVASCRIPT
        self._found = found
        self._is_open = any(each.code in NOT_FOUND for each in found)

    def name(self, each: Reported) -> str | None:
        """The rule of a finding; None where it follows from an import alone."""
        if each.code in NOT_FOUND:
            return "invented-module" if package_of(each).startswith("node:") else None
        if self._is_open and self._follows_from_an_import(each):
            return None
        plain = f"TS{each.code}"
        if not self._is_javascript:
            return plain
        doubt = self._doubt(each)
        return f"{plain}/{doubt}" if doubt else plain

    def _doubt(self, each: Reported) -> str:
        """Why a finding in JavaScript may be no fault."""
        match each.code:
            case 2304 | 2552:
                return self._doubt_about_name(each)
            case 2339 | 2551 | 2576:
                return self._doubt_about_property(each)
            case 2345 | 2769:
                return self._doubt_about_argument(each)
            case 2554 | 2555:
                return self._doubt_about_count(each)
            case 2349 | 2351 | 2488:
                return "" if self._is_data(each) else "open"
            case _:
                return ""

    def _doubt_about_name(self, each: Reported) -> str:
        """Sloppy JavaScript makes a global by assigning it, and asks for others by `typeof`."""
        name = re.escape(self._span(each))
        assigned = (
            rf"(?<![\w$.]){name}\s{{0,20}}(=(?![=>])|[-+*/%&|^]=|\+\+|--|\b(in|of)\b)"
            rf"|typeof[ (]{{1,20}}{name}(?![\w$])|(window|globalThis|global|self|root)\.{name}(?![\w$])"
        )
        return "assigned" if re.search(assigned, self._source.text) else ""

    def _doubt_about_property(self, each: Reported) -> str:
        """Objects grow in JavaScript: only a call of what nothing in the text could have made."""
        name, owner = self._span(each), self._owner(each)
        if self._root(each) in self._retyped:
            return "retyped"
        if self._has_other_role(name):
            return "elsewhere"
        if _BUILTIN.match(owner) and "|" not in owner:
            return ""
        if _PAGE.search(owner) or owner.startswith("{") or "=>" in owner:
            return "open"
        if owner in self._with_base or _DYNAMIC.search(self._source.text):
            return "open"
        return "" if self._is_called(each) else "read"

    def _doubt_about_argument(self, each: Reported) -> str:
        """JavaScript converts: a number for a text is fine, a word for a number never is."""
        passed = _PASSED.search(each.message)
        if not passed or self._root_at(each) in self._retyped or self._callee_is_own(each):
            return "converted"
        given, wanted, text = passed[1], passed[2], self._span(each)
        if "=>" in wanted and "=>" not in given:
            return "" if _ONLY_PRIMITIVES.match(given) else "converted"
        if given == "string" and wanted in {"number", "bigint"}:
            is_text = text[:1] in {'"', "'"} and not _NUMERIC.match(text)
            return "" if is_text else "converted"
        if _ONLY_PRIMITIVES.match(wanted):
            return "" if _LITERAL.match(text) and given[:1] in "{(" else "converted"
        wants_many = re.match(r"(Iterable|Array|readonly|Readonly|.*\[\]$)", wanted)
        return "" if wants_many and given in {"number", "boolean"} else "converted"

    def _doubt_about_count(self, each: Reported) -> str:
        counts = _TOO_MANY.search(each.text)
        return "" if counts and int(counts[2]) > int(counts[1]) else "too-few"

    def _follows_from_an_import(self, each: Reported) -> bool:
        if each.code < 2000:  # noqa: PLR2004  the grammar's
            return False
        if each.code not in _SURE:
            return True
        if each.code in {2339, 2551}:
            return not _BUILTIN.match(self._owner(each)) or "|" in self._owner(each)
        if each.code in {2554, 2555}:
            return bool(self._with_base) and "new" in self._before(each)[-60:].split()
        if each.code in _ONLY_IF_PRIMITIVE:
            quoted = _QUOTED.findall(each.text)[:2]
            return not quoted or not all(_ONLY_PRIMITIVES.match(part) for part in quoted)
        return False

    def _span(self, each: Reported) -> str:
        return self._source.text[self._source.index(each.pos) : self._source.index(each.end)]

    def _before(self, each: Reported) -> str:
        end = self._source.index(each.pos)
        return self._source.text[max(0, end - 200) : end]

    def _owner(self, each: Reported) -> str:
        """The type that lacks a property."""
        found = re.search(r"on type '(.*)'\.(?: Did you| Do you| Property |$)", each.text)
        return found[1] if found else ""

    def _is_called(self, each: Reported) -> bool:
        end = self._source.index(each.end)
        behind = self._source.text[end : end + 20].lstrip()
        return bool(_MEMBER.search(self._before(each))) and behind.startswith(("(", "?.("))

    def _root(self, each: Reported) -> str:
        """The variable at whose property a finding stands: `a` of `a.b.c`."""
        found = _ROOT.search(self._before(each))
        return found[1] if found else ""

    def _root_at(self, each: Reported) -> str:
        found = re.match(_NAME, self._span(each))
        return found[0] if found else ""

    def _has_other_role(self, name: str) -> bool:
        """Whether the text names it elsewhere than in calls of it: then it may be made there."""
        word = rf"(?<![\w$]){re.escape(name)}(?![\w$])"
        calls = re.findall(rf"\.\s{{0,20}}{word}\s{{0,20}}(?=\()", self._source.text)
        return len(calls) < self._source.count(name) - (0 if calls else 1)

    def _callee_is_own(self, each: Reported) -> bool:
        """Whether the text itself defines the called function."""
        found = re.search(rf"({_NAME})\s*\((?:[^()]|\([^()]{{0,80}}\))*$", self._before(each))
        if not found:
            return False
        name = rf"(?<![\w$.]){re.escape(found[1])}"
        own = rf"\bfunction[ *]{{1,5}}{name}\b|{name} {{0,5}}[=:](?!=)|{name}\([^()\n]{{0,200}}\) ?{{"
        return bool(re.search(own, self._source.text))

    def _is_data(self, each: Reported) -> bool:
        """Whether what is called, constructed or iterated is plain data."""
        if self._root_at(each) in self._retyped:
            return False
        quoted = _QUOTED.findall(each.text)
        return bool(_DATA.search(each.message)) or any(map(_ONLY_PRIMITIVES.match, quoted))

    @cached_property
    def _retyped(self) -> frozenset[str]:
        """Variables which are given values of several types: TypeScript knows only the first."""
        spans = (self._span(each) for each in self._found if each.code in {2322, 2739, 2740, 2741})
        return frozenset(span for span in spans if re.fullmatch(_NAME, span))

    @cached_property
    def _with_base(self) -> frozenset[str]:
        return frozenset(_CLASS_WITH_BASE.findall(self._source.text))
