"""Names TypeScript's findings for what they are worth: `TS2339`, or `TS2339/read` where it may err.

TypeScript calls an error what JavaScript does every day: a property that is added later, an
argument that is converted, an element of the page whose kind only the page knows. The policy says
what each name weighs. None drops a finding: it only follows from an import that is not looked into.
"""

import re
from collections.abc import Sequence
from functools import cached_property

from infinite_instruct.domain import Language
from infinite_instruct.tools.analyzers.javascript_methods import method_names
from infinite_instruct.tools.analyzers.source_text import SourceText
from infinite_instruct.tools.analyzers.tsc_api import Reported

NOT_FOUND = frozenset({2307, 2581, 2592, 2664, 2732, 2792, 2882, 7016})
"""A module is not there, or (2581, 2592) jQuery, which pages use without an import."""

_JQUERY = frozenset({2581, 2592})
_NAME = r"[A-Za-z_$][\w$]*"
_QUOTED = re.compile(r"'((?:[^']|'(?=\w))*)'")
_OWNER = re.compile(r"on type '(.*?)'\.(?: Did you | Do you | Property |$)")
_PASSED = re.compile(r"Argument of type '(.*?)' is not assignable to parameter of type '(.*?)'\.")
_COUNTS = re.compile(r"Expected (?:\d+-)?(\d+) arguments?, but got (\d+)")

# What a build puts in place, by an old habit of naming it: `__DEV__`, `__VERSION__`.
_OF_THE_BUILD = re.compile(r"__[A-Z\d_]+__")
_DYNAMIC = re.compile(
    r"\bprototype\s?\[|\bthis\s?\[|\bObject\.(assign|definePropert|setPrototypeOf)|\bnew Proxy\b"
)
_CLASS_WITH_BASE = re.compile(rf"\bclass[ \t]{{1,5}}({_NAME})[^{{}}]{{0,200}}?\bextends\b")
_NEW = re.compile(r"\bnew\b[^\n;]{0,80}$")
_NUMERIC = re.compile(r"[\"']\s*[-+]?(\d[\d_]*(\.\d*)?(e[-+]?\d+)?|0[xob][\da-f]+|Infinity)?\s*[\"']")

_PRIMITIVE = re.compile(r"(string|number|boolean|bigint|symbol|\"[^\"]*\"|-?\d[\d.]*n?|true|false)")
_LIBRARY = re.compile(
    r"Math|JSON|Console|Reflect|Atomics|Intl|[A-Z]\w*Constructor"
    r"|typeof (import\(\"[^/].*\"\)|path|fs|os|util|crypto|Number|String|Date)"
)
_DATA = re.compile(
    r"[^=]*\[\]|\[[^=]*\]|String|Number|Boolean|Symbol|Date|RegExp|RegExpMatchArray|RegExpExecArray"
    r"|(Readonly)?(Array|Map|Set|WeakMap|WeakSet|Promise)<[^=]*>|(Array|Map|Set)Iterator<.*>"
)
# A page's elements and errors have more than their declared type tells.
_GROWING = re.compile(
    r"\b(Element|HTML\w*|SVG\w*|\w*Node|EventTarget|\w*Event|Window|typeof globalThis|Navigator"
    r"|NodeListOf<.*>|HTMLCollection\w*|\w*Error|Process|Global)\b|^\{|=>|^typeof "
)

# In a text whose imports are not looked into, a lost type guard or base class can cause any other
# finding. These stand on the text alone; those of the second set do where only plain data differ.
_SURE = frozenset({
    2300, 2304, 2305, 2393, 2448, 2449, 2450, 2451, 2454, 2503, 2540, 2552, 2554, 2588, 2614, 2632,
    2724,
})  # fmt: skip
_SURE_OF_DATA = frozenset({2322, 2345, 2355, 2366})


def package_of(each: Reported) -> str:
    """The package that is not there: `@scope/pkg` of `@scope/pkg/sub`, other names as they are."""
    if each.code in _JQUERY:
        return "jquery"
    found = _QUOTED.search(each.text)
    name = found[1] if found else ""
    if name.startswith((".", "/", "#", "~", "node:")) or ":" in name:
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
        self._text = source.text
        self._is_javascript = language is Language.JAVASCRIPT
        self._found = found
        self._is_open = any(each.code in NOT_FOUND for each in found)

    def name(self, each: Reported) -> str | None:
        """The rule of a finding; None where it follows from an import alone."""
        if each.code in NOT_FOUND:
            return "invented-module" if package_of(each).startswith("node:") else None
        if self._is_open and self._follows_from_an_import(each):
            return None
        doubt = self._doubt(each)
        return f"TS{each.code}/{doubt}" if doubt else f"TS{each.code}"

    def _doubt(self, each: Reported) -> str:
        """Why a finding may be no fault; empty where it is one."""
        if each.code in {2304, 2552} and _OF_THE_BUILD.fullmatch(self._span(each)):
            return "build"
        if not self._is_javascript:
            return ""
        match each.code:
            case 2304 | 2552:
                return "assigned" if self._is_assigned(self._span(each)) else ""
            case 2300:
                return "exported" if f"exports.{self._span(each)}" in self._text else ""
            case 2339 | 2551 | 2576:
                return self._doubt_about_property(each)
            case 2345 | 2769:
                return self._doubt_about_argument(each)
            case 2554:
                return self._doubt_about_count(each)
            case 2349 | 2351 | 2488:
                return "" if self._is_data(each) else "open"
            case _:
                return ""

    def _is_assigned(self, name: str) -> bool:
        """Whether sloppy JavaScript makes a global of a name, or asks by `typeof` whether it is."""
        name = re.escape(name)
        made = (
            rf"(?<![\w$.]){name}\s{{0,20}}(=(?![=>])|\b(in|of)\b)|typeof[ (]{{1,20}}{name}(?![\w$])"
            rf"|(?<![\w$])(window|globalThis|global|self|root)\.{name}(?![\w$])"
        )
        return bool(re.search(made, self._text))

    def _doubt_about_property(self, each: Reported) -> str:
        """Objects grow in JavaScript: only what nothing in the text could have made is a fault."""
        name, owner, root = self._span(each), self._owner(each), self._root(each)
        if name.startswith("_") or self._is_written(each) or name == "should":
            return "elsewhere"
        if root in self._retyped or (name in method_names().known and self._is_assigned(root)):
            return "retyped"
        is_called = self._is_called(each)
        if _LIBRARY.fullmatch(owner) and not (name.isupper() and not is_called):
            return "elsewhere" if self._is_asked_for(name) else ""
        if _PRIMITIVE.fullmatch(owner) or _DATA.fullmatch(owner):
            near = is_called or each.code == 2551  # noqa: PLR2004  "did you mean"
            return ("elsewhere" if self._is_asked_for(name) else "") if near else "read"
        if self._has_other_role(name):
            return "elsewhere"
        if _GROWING.search(owner) or owner in self._with_base or _DYNAMIC.search(self._text):
            return "open"
        return "" if is_called else "read"

    def _doubt_about_argument(self, each: Reported) -> str:
        """JavaScript converts: a number for a text is fine, a word for a number never is."""
        passed = _PASSED.search(each.message)
        if not passed or self._root_at(each) in self._retyped or self._own_callee(each):
            return "converted"
        given, wanted, text = passed[1], passed[2], self._span(each)
        is_plain = bool(_PRIMITIVE.fullmatch(given))
        if "=>" in wanted:
            return "" if is_plain else "converted"
        if wanted in {"number", "bigint"}:
            is_word = given == "string" and text[:1] in {'"', "'"} and not _NUMERIC.fullmatch(text)
            is_list = bool(re.fullmatch(r"[^=|&]*\[\]", given))
            return "" if is_word or is_list or text[:1] == "{" else "converted"
        if wanted == "string":
            return "" if text[:1] == "{" else "converted"
        wants_many = re.match(r"(Iterable|Array|readonly|Readonly|[^=|]*\[\]$)", wanted)
        return "" if wants_many and given in {"number", "boolean"} else "converted"

    def _doubt_about_count(self, each: Reported) -> str:
        """Too few is how JavaScript leaves out options; too many may be read by `arguments`."""
        counts = _COUNTS.search(each.text)
        if not counts or int(counts[2]) <= int(counts[1]):
            return "too-few"
        before = self._before(each)
        if re.search(r"(\.(call|apply|bind)|[\])])\s?\([^()]*$", before):
            return "open"
        own = self._own_callee(each)
        is_method = bool(re.search(rf"\.\s?{_NAME}\s?\((?:[^()]|\([^()]{{0,80}}\))*$", before))
        if re.search(r"\.toString\s?\([^()]*$", before):
            return "open"  # of a buffer it takes an encoding, and who knows which one it is
        if own == "function" and "arguments" not in self._text:
            return ""
        return "" if is_method and not own else "open"

    def _follows_from_an_import(self, each: Reported) -> bool:
        if each.code < 2000 or each.code in _SURE_OF_DATA:  # noqa: PLR2004  the grammar's
            quoted = _QUOTED.findall(each.text)[:2] if each.code in {2322, 2345} else []
            return not all(_PRIMITIVE.fullmatch(part) for part in quoted)
        if each.code in {2339, 2551}:
            owner = self._owner(each)
            return not any(kind.fullmatch(owner) for kind in (_PRIMITIVE, _DATA, _LIBRARY))
        if each.code == 2554:  # noqa: PLR2004  its message is about a count
            return bool(self._with_base and _NEW.search(self._before(each)))
        return each.code not in _SURE

    def _span(self, each: Reported) -> str:
        return self._text[self._source.index(each.pos) : self._source.index(each.end)]

    def _before(self, each: Reported) -> str:
        end = self._source.index(each.pos)
        return self._text[max(0, end - 200) : end]

    def _behind(self, each: Reported) -> str:
        end = self._source.index(each.end)
        return self._text[end : end + 20].lstrip()

    def _owner(self, each: Reported) -> str:
        """The type that lacks a property."""
        found = _OWNER.search(each.text)
        return found[1] if found else ""

    def _is_called(self, each: Reported) -> bool:
        return self._behind(each).startswith(("(", "?.("))

    def _is_written(self, each: Reported) -> bool:
        return bool(re.match(r"=(?![=>])", self._behind(each)))

    def _root(self, each: Reported) -> str:
        """The variable at whose property a finding stands: `a` of `a.b.c`."""
        found = re.search(r"(?<![\w$.)\]])([A-Za-z_$][\w$]*)(?:[.?\w$]|\[[\w$]*\])*\.\s{0,20}$", self._before(each))
        return found[1] if found else ""

    def _root_at(self, each: Reported) -> str:
        found = re.match(_NAME, self._span(each))
        return found[0] if found else ""

    def _is_asked_for(self, name: str) -> bool:
        """Whether the text adds a property to JavaScript's own objects, or asks whether it is."""
        word = re.escape(name)
        asked = rf"\.{word}\s{{0,40}}(=(?!=)|\?\.|&&|\)|\|\||\?)|prototype\.{word}(?![\w$])"
        return bool(re.search(rf"{asked}|[\"']{word}[\"']", self._text))

    def _has_other_role(self, name: str) -> bool:
        """Whether the text names it elsewhere than in calls of it: then it may be made there."""
        called = rf"\.\s{{0,20}}{re.escape(name)}\s{{0,20}}(?=\()"
        calls = len(re.findall(called, self._text))
        return self._source.count(name) > max(calls, 1)

    def _own_callee(self, each: Reported) -> str:
        """How the text itself defines the called function; empty where it does not."""
        found = re.search(rf"({_NAME})\s?\((?:[^()]|\([^()]{{0,80}}\))*$", self._before(each))
        if not found:
            return ""
        name = rf"(?<![\w$]){re.escape(found[1])}"
        declared = rf"\bfunction[ *]{{1,5}}{name}\b|\bconst {name} = (async )?(\(|function)"
        if re.search(declared, self._text):
            return "function"
        value = re.search(rf"{name} {{0,5}}[=:](?!=)|{name} ?\([^()\n]{{0,200}}\) ?{{", self._text)
        return "value" if value else ""

    def _is_data(self, each: Reported) -> bool:
        """Whether what is called, constructed or iterated is plain data."""
        quoted = _QUOTED.findall(each.message)
        kinds = [part for part in quoted if _PRIMITIVE.fullmatch(part) or _DATA.fullmatch(part)]
        return bool(kinds) and self._root_at(each) not in self._retyped and "|" not in each.message

    @cached_property
    def _retyped(self) -> frozenset[str]:
        """Variables which are given values of several types: TypeScript knows only the first."""
        spans = (self._span(each) for each in self._found if each.code in {2322, 2739, 2740, 2741})
        return frozenset(span for span in spans if re.fullmatch(_NAME, span))

    @cached_property
    def _with_base(self) -> frozenset[str]:
        return frozenset(_CLASS_WITH_BASE.findall(self._text))
