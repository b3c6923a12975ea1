"""The policy: which rule of which tool is fatal, a warning or nothing. Data, not code."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, cast

from pydantic import AfterValidator, Field, ValidationError

from infinite_instruct.domain import Diagnostic, Language, Severity, Value
from infinite_instruct.errors import SettingsError

ANY = "any"


def _compilable(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as fault:
        raise ValueError(f"`{pattern[:80]}` is no regular expression: {fault}") from fault
    return pattern


Pattern = Annotated[str, AfterValidator(_compilable)]


class Softening(Value):
    """Messages of fatal rules which weigh only as warnings."""

    why: str
    rules: tuple[str, ...]
    message: Pattern
    """A regular expression, searched in the message."""

    def covers(self, diagnostic: Diagnostic) -> bool:
        """Whether it holds for this diagnostic."""
        return diagnostic.rule in self.rules and bool(re.search(self.message, diagnostic.message))


class ToolPolicy(Value):
    """How one tool's rules weigh in one language."""

    default: Severity = Severity.FATAL
    """Of errors that are in no list. A tool's own warnings are never more than warnings."""
    fatal: tuple[str, ...] = ()
    warning: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    softened: tuple[Softening, ...] = ()
    corroborated: tuple[str, ...] = ()
    """Rules that are fatal only where another tool finds a fatal fault in the same line."""

    def severity_of(self, diagnostic: Diagnostic) -> Severity:
        """How a diagnostic weighs."""
        rule = diagnostic.rule
        if rule in self.ignored:
            return Severity.IGNORED
        if rule in self.warning or any(soft.covers(diagnostic) for soft in self.softened):
            return Severity.WARNING
        if rule in self.fatal:
            return Severity.FATAL
        is_error = diagnostic.severity is Severity.FATAL
        return self.default if is_error else diagnostic.severity


class Denied(Value):
    """What must not stand in a text."""

    text: tuple[Pattern, ...] = ()
    """Regular expressions over the text, `^` and `$` at its lines."""
    words: tuple[str, ...] = ()
    """Identifiers."""


class Policy(Value):
    """All of it. Verdicts under different policies are different verdicts."""

    version: int = Field(ge=1)
    languages: dict[str, dict[str, ToolPolicy]]
    reasons: dict[str, tuple[str, ...]]
    denied: dict[Language, Denied]
    headers: dict[Language, tuple[str, ...]]
    """What C and C++ may include; C++ may include C's, too."""
    quoted_code_may_have: tuple[str, ...] = ()
    """Reasons which do not reject code that an explanation quotes from its question."""
    examples_may_have: tuple[str, ...] = ()
    """Reasons which do not reject the examples of an explanation."""

    @classmethod
    def load(
        cls, path: Path | None = None, *, strict: bool = False, packs: Sequence[str] = ()
    ) -> "Policy":
        """Read the built-in policy, with single keys of other ones laid over it.

        Args:
            path: The user's file, the topmost one.
            strict: Whether all that a type checker calls an error rejects, as for data sets.
            packs: The policies of a pack's layers, as TOML, the lowest one first.

        Raises:
            SettingsError: The file is missing or no policy, or a pack's one is none.
        """
        data = _shipped("policies")
        if strict:
            data = _laid_over(data, _shipped("policies/strict"))
        for text in packs:
            data = cls._with(data, text, "The pack's policy.toml")
        if path is not None:
            data = cls._with(data, _read(path), f"The policy {path}")
        return cls.model_validate(data)

    @classmethod
    def _with(cls, below: "_Table", text: str, what: str) -> "_Table":
        try:
            whole = _laid_over(below, tomllib.loads(text))
            cls.model_validate(whole)
        except (tomllib.TOMLDecodeError, ValidationError) as fault:
            raise _unusable(what, fault) from fault
        return whole

    def tool(self, language: Language, tool: str) -> ToolPolicy:
        """How a tool's rules weigh; strict where nothing is said."""
        for name in (language.value, ANY):
            found = self.languages.get(name, {}).get(tool)
            if found:
                return found
        return ToolPolicy()

    def rules_of(self, language: Language, tool: str) -> tuple[str, ...]:
        """The rules that weigh something."""
        found = self.tool(language, tool)
        return (*found.fatal, *found.warning)

    def headers_of(self, language: Language) -> frozenset[str]:
        """The headers that a compiler may read for a text."""
        both = (Language.C, language)
        return frozenset(name for each in both for name in self.headers.get(each, ()))

    def judge(self, diagnostics: Iterable[Diagnostic], language: Language) -> list[Diagnostic]:
        """Weigh diagnostics; ignored ones are left out, the heaviest come first."""
        weighed = [
            each.model_copy(update={"severity": self.tool(language, each.tool).severity_of(each)})
            for each in diagnostics
        ]
        kept = [each for each in weighed if each.severity is not Severity.IGNORED]
        return sorted((self._doubted(each, kept, language) for each in kept), key=_weight)

    def _doubted(
        self, each: Diagnostic, all_of_them: list[Diagnostic], language: Language
    ) -> Diagnostic:
        """A finding that only one tool has is a warning where the policy wants two."""
        needs_second = each.rule in self.tool(language, each.tool).corroborated
        if each.severity is not Severity.FATAL or not needs_second:
            return each
        second = (
            other.severity is Severity.FATAL and other.line == each.line and other.tool != each.tool
            for other in all_of_them
        )
        return each if any(second) else each.model_copy(update={"severity": Severity.WARNING})

    def reason_of(self, diagnostic: Diagnostic) -> str:
        """Our own code for a diagnostic: `undefined-name` for `ruff:F821`."""
        if diagnostic.tool == "text":
            return diagnostic.rule
        every = self._reason_by_rule.get(f"{diagnostic.tool}:*", "lint-error")
        return self._reason_by_rule.get(f"{diagnostic.tool}:{diagnostic.rule}", every)

    @cached_property
    def _reason_by_rule(self) -> dict[str, str]:
        return {rule: reason for reason, rules in self.reasons.items() for rule in rules}


def _weight(each: Diagnostic) -> tuple[bool, int, int, str, str]:
    is_light = each.severity is not Severity.FATAL
    return (is_light, each.line, each.column, each.tool, each.rule)


_Table = dict[str, Any]


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise _unusable(f"The policy {path}", fault) from fault


def _unusable(what: str, fault: Exception) -> SettingsError:
    return SettingsError(
        f"{what} cannot be used: {fault}",
        remedy="Compare it with the built-in policies/*.toml: it may override any key.",
    )


def _shipped(folder: str) -> _Table:
    """All files of a folder as one table: each language's own, and `any.toml`."""
    inside = files("infinite_instruct.tools.analyzers").joinpath(folder).iterdir()
    whole: _Table = {}
    for file in sorted((each for each in inside if each.name.endswith(".toml")), key=_name):
        whole = _laid_over(whole, tomllib.loads(file.read_text("utf-8")), add=True)
    return whole


def _name(file: Traversable) -> str:
    return file.name


def _laid_over(below: _Table, above: _Table, *, add: bool = False) -> _Table:
    """Both tables in one; where both have a key the upper one wins, or lists are joined."""
    both = dict(below)
    for key, new in above.items():
        old = both.get(key)
        if isinstance(old, dict) and isinstance(new, dict):
            both[key] = _laid_over(cast("_Table", old), cast("_Table", new), add=add)
        elif add and isinstance(old, list) and isinstance(new, list):
            both[key] = [*cast("list[object]", old), *cast("list[object]", new)]
        else:
            both[key] = new
    return both
