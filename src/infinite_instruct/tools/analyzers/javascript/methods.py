"""Slips in method names where JavaScript tells no types: `text.splitt(" ")`, `word.lower()`.

A value whose type is unknown may have any method. So only names are found which no value has: one
letter away from a method of JavaScript's own data, or another language's. A text that defines or
quotes the name itself, or that imports packages, may know better.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from infinite_instruct.domain import Diagnostic, Language, Severity, Value
from infinite_instruct.tools.analyzers.javascript.names import Names
from infinite_instruct.tools.analyzers.source_text import SourceText
from infinite_instruct.tools.syntax import parse, text_of, walk

MIN_LENGTH = 5
"""Shorter names are near to too many others."""

_OF_FUNCTIONS = frozenset({"call", "apply", "bind", "then", "length", "size", "map", "get", "set"})
_CALL = re.compile(r"\.\s{0,20}([A-Za-z_]\w{2,40})\s{0,20}\(")


class MethodNames(Value):
    """What `methods.toml` holds; each list is told there."""

    data: frozenset[str]
    alone: frozenset[str]
    real: frozenset[str]
    foreign: frozenset[str]

    @property
    def known(self) -> frozenset[str]:
        """Methods that a value of some kind has."""
        return self.data | _OF_FUNCTIONS

    def meant(self, name: str) -> str | None:
        """What a name is a slip for; None where it may be right. Empty: there is no near one."""
        if name in self.data or name in self.real:
            return None
        if name in self.foreign:
            return ""
        if name.endswith("All") and name[:-3] in self.alone:
            return name[:-3]
        return next((each for each in self._near(name) if _is_slip(name, each)), None)

    def _near(self, name: str) -> Iterator[str]:
        if len(name) >= MIN_LENGTH:
            yield from (each for each in sorted(self.data) if abs(len(each) - len(name)) <= 1)


@cache
def method_names() -> MethodNames:
    """The shipped names."""
    text = (
        files("infinite_instruct.tools.analyzers")
        .joinpath("javascript/methods.toml")
        .read_text("utf-8")
    )
    return MethodNames.model_validate(tomllib.loads(text))


def misspelled_methods(source: SourceText) -> Iterator[Diagnostic]:
    """Calls of methods that nothing has."""
    names = method_names()
    slips = {name: names.meant(name) for name in set(_CALL.findall(source.text))}
    slips = {name: meant for name, meant in slips.items() if meant is not None}
    if not slips:
        return
    counts = Names(source.text).counts
    for name, (count, line, column) in _only_called(source, set(slips)).items():
        if count == counts[name]:
            hint = f"; `{slips[name]}` is near" if slips[name] else ""
            yield Diagnostic(
                tool="tsc",
                rule="unknown-method",
                severity=Severity.FATAL,
                line=line,
                column=column,
                message=f"Nothing here has a method `{name}`{hint}.",
            )


def _only_called(source: SourceText, names: set[str]) -> dict[str, tuple[int, int, int]]:
    """How often each name is called as a method, and where first."""
    counts: Counter[str] = Counter()
    places: dict[str, tuple[int, int]] = {}
    for node, _ in walk(parse(Language.JAVASCRIPT, source.text)):
        called = node.child_by_field_name("function") if node.type == "call_expression" else None
        method = called.child_by_field_name("property") if called else None
        name = text_of(method) if method else ""
        if method is not None and name in names:
            counts[name] += 1
            places.setdefault(name, (method.start_point.row + 1, method.start_point.column + 1))
    return {name: (counts[name], *places[name]) for name in places}


def _is_slip(name: str, right: str) -> bool:
    """Whether one letter is added, missing, wrong, or two neighbours are exchanged."""
    short, long = sorted((name, right), key=len)
    start = next((i for i, c in enumerate(short) if c != long[i]), len(short))
    if len(long) > len(short):
        return short[start:] == long[start + 1 :]
    swapped = short[start : start + 2] == long[start : start + 2][::-1]
    return short[start + 1 :] == long[start + 1 :] or (
        swapped and short[start + 2 :] == long[start + 2 :]
    )
