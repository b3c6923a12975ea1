"""What `#[cfg(...)]` lets through: code that the compiler leaves out was not checked."""

import re
from collections.abc import Iterator
from itertools import chain

from infinite_instruct.domain import Value

_TOKEN = re.compile(r'\s+|/\*.*?\*/|//[^\n]*|"(?:[^"\\]|\\.)*"|(?:r#)?\w+|[(),=]', re.DOTALL)
_CONSTANT = frozenset({"all", "any", "not", "true", "false", "FALSE"})


class Condition(Value):
    """A predicate of `cfg`, and where it holds.

    Its parts are read as rustc does; what is no predicate holds nowhere.
    """

    text: str
    in_tests: bool
    """Whether it holds in a build of the tests: that is what is compiled."""
    outside_tests: bool
    elsewhere: bool
    """Whether it could hold on another machine, or with other flags."""

    @property
    def only_outside_tests(self) -> bool:
        """Whether its code is compiled here, but not with the tests."""
        return self.outside_tests and not self.in_tests

    @property
    def only_elsewhere(self) -> bool:
        """Whether its code is compiled on other machines or with other flags only."""
        return self.elsewhere and not (self.in_tests or self.outside_tests)

    @property
    def nowhere(self) -> bool:
        """Whether its code is never compiled."""
        return not (self.in_tests or self.outside_tests or self.elsewhere)

    @classmethod
    def read(cls, text: str, facts: frozenset[str]) -> "Condition":
        """Weigh the predicate of `cfg(PREDICATE)`, or the first part of `cfg_attr(PREDICATE, ...)`.

        Args:
            text: What stands in the brackets, with them.
            facts: What `rustc --print cfg` says.
        """
        words = list(_words(text))
        return cls(
            text=" ".join(text.split())[:80],
            in_tests=_holds(words, facts | {"test"}),
            outside_tests=_holds(words, facts),
            elsewhere=any(word.isidentifier() and word not in _CONSTANT for word in words),
        )


def _words(text: str) -> Iterator[str]:
    for found in _TOKEN.finditer(text):
        word = found[0]
        if not word.isspace() and not word.startswith(("//", "/*")):
            yield word.removeprefix("r#")


def _holds(words: list[str], facts: frozenset[str]) -> bool:
    try:
        return _predicate(iter([*words[1:], ""]), facts)[0]
    except StopIteration:
        return False


def _predicate(words: Iterator[str], facts: frozenset[str]) -> tuple[bool, str]:
    """Whether the next predicate holds, and the word behind it."""
    name, behind = next(words), next(words)
    if behind == "=":
        return f"{name}={next(words)}" in facts, next(words)
    if behind != "(":
        return name == "true" or name in facts, behind
    parts: list[bool] = []
    while (first := next(words)) != ")":
        part, behind = _predicate(chain([first], words), facts)
        parts.append(part)
        if behind == ")":
            break
    decided = {"all": all(parts), "any": any(parts), "not": not any(parts)}
    return decided.get(name, False), next(words)
