"""What a JavaScript text does with its names, read from its letters in one pass each.

It may see a role where there is none, in a comment or a string; then a finding weighs less.
"""

import re
from collections import Counter
from collections.abc import Iterable
from functools import cached_property

NAME = r"[A-Za-z_$][\w$]*+"
_WORD = re.compile(NAME)
_ASSIGNED = re.compile(rf"(?<![\w$.])({NAME})\s{{0,20}}(?:=(?![=>])|\b(?:in|of)\b)")
_TYPEOF = re.compile(rf"\btypeof[ (]{{1,20}}({NAME})")
_GLOBAL = re.compile(rf"(?<![\w$])(?:window|globalThis|global|self|root)\.({NAME})")
_ASKED = re.compile(rf"\.({NAME})\s{{0,40}}(?:=(?!=)|\?\.|&&|\)|\|\||\?)")
_PROTOTYPE = re.compile(rf"\bprototype\.({NAME})")
_QUOTED = re.compile(rf"([\"'])({NAME})\1")
_CALLED = re.compile(rf"\.\s{{0,20}}({NAME})\s{{0,20}}(?=\()")
_FUNCTION = re.compile(
    rf"\bfunction[ *]{{1,5}}({NAME})|\bconst ({NAME}) = (?:async )?(?:\(|function)"
)
_VALUE = re.compile(rf"(?<![\w$])({NAME}) {{0,5}}[=:](?!=)")
_METHOD = re.compile(rf"(?<![\w$])({NAME}) ?\([^()\n]{{0,200}}\) ?{{")
_WITH_BASE = re.compile(rf"\bclass[ \t]{{1,5}}({NAME})[^{{}}]{{0,200}}?\bextends\b")


class Names:
    """The names of one text by their roles.

    Args:
        text: The text.
    """

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each name stands in the text."""
        return Counter(_WORD.findall(self._text))

    @cached_property
    def calls(self) -> Counter[str]:
        """How often each name is called as a method."""
        return Counter(_CALLED.findall(self._text))

    @cached_property
    def assigned(self) -> frozenset[str]:
        """Variables that are given a value; names that `typeof` or the global object asks for."""
        return self._all(_ASSIGNED, _TYPEOF, _GLOBAL)

    @cached_property
    def asked_for(self) -> frozenset[str]:
        """Properties that are added somewhere, asked for before their use, or quoted."""
        quoted = (name for _, name in _QUOTED.findall(self._text))
        return self._all(_ASKED, _PROTOTYPE).union(quoted)

    @cached_property
    def functions(self) -> frozenset[str]:
        """Functions that the text declares."""
        return frozenset(one or other for one, other in _FUNCTION.findall(self._text))

    @cached_property
    def values(self) -> frozenset[str]:
        """Everything else that it gives a value: variables, properties, methods."""
        return self._all(_VALUE, _METHOD)

    @cached_property
    def with_base(self) -> frozenset[str]:
        """Classes that extend others."""
        return self._all(_WITH_BASE)

    def is_only_called(self, name: str) -> bool:
        """Whether a name stands only in calls of it as a method, or but once."""
        return self.counts[name] <= max(self.calls[name], 1)

    def _all(self, *patterns: re.Pattern[str]) -> frozenset[str]:
        found: Iterable[str] = (name for each in patterns for name in each.findall(self._text))
        return frozenset(found)
