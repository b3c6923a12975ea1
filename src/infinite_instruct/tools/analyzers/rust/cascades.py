"""What remains of the errors where crates are missing: those that no crate could have prevented.

Rustc goes on after a missing import and mostly stays silent about what follows from it. Mostly: a
trait that adds methods, a derive that implements traits, a macro that makes names are missed later.
"""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from tree_sitter import Node

from infinite_instruct.domain import Language, Value
from infinite_instruct.tools.analyzers.rust.messages import RustError
from infinite_instruct.tools.analyzers.rust.source import MISSING
from infinite_instruct.tools.syntax import parse, text_of, walk

_BUILT = re.compile(r"\b(\w+)\s*(?:::|\{|\()")
"""A name that is built or asked is a type; one that is only imported may bring methods."""
_STAND_IN = re.compile(rf"\bmod {MISSING}(\w+) \{{\}}")


class Words(Value):
    """What `rust_cascades.toml` says."""

    certain: frozenset[str]
    certain_unless_made: frozenset[str]
    certain_unless_added: frozenset[str]
    modules_of_std: frozenset[str]
    derives: frozenset[str]
    attributes: frozenset[str]
    shared: dict[str, tuple[str, ...]]


@cache
def words() -> Words:
    """The rules and names that are told apart."""
    file = files("infinite_instruct.tools.analyzers").joinpath("rust/cascades.toml")
    return Words.model_validate(tomllib.loads(file.read_text("utf-8")))


class Missing(Value):
    """What the crates that a text lacks could have brought."""

    makes_names: bool
    """Whether all names of one are imported, or its macros write code."""
    adds_methods: bool
    """Whether one brings a trait for its methods."""

    def explains(self, error: RustError) -> bool:
        """Whether an error may only follow from what is missing."""
        rule = error.diagnostic.rule
        if rule in words().certain_unless_added:
            return self.makes_names or self.adds_methods
        if rule in words().certain_unless_made:
            return self.makes_names
        return rule not in words().certain


def without_cascades(
    errors: Sequence[RustError], text: str
) -> tuple[list[RustError], tuple[str, ...]]:
    """The errors that are the text's own, and the crates that it lacks."""
    lines = text.encode().split(b"\n")
    own: list[RustError] = []
    crates: list[str] = _STAND_IN.findall(text)
    for each in errors:
        if each.crate and not _is_of_std(each, lines):
            crates.append(each.crate)
        else:
            own.append(each)
    if crates and own:
        missing = _missing(text, frozenset(crates))
        own = [each for each in own if not missing.explains(each)]
    return own, tuple(dict.fromkeys(crates))


def _is_of_std(error: RustError, lines: list[bytes]) -> bool:
    """Whether the name is that of a module of std which was not imported."""
    found = error.diagnostic
    if error.crate in words().modules_of_std:
        return True
    if error.crate not in words().shared or found.rule != "E0433":
        return False
    line = lines[found.line - 1] if 1 <= found.line <= len(lines) else b""
    part = re.match(r"\w+\s*::\s*(\w+)", line.decode()[max(0, found.column - 1) :])
    return part is not None and part[1].startswith(words().shared[error.crate])


def _missing(text: str, crates: frozenset[str]) -> Missing:
    names: set[str] = set()
    makes_names = "macro_use" in text and _STAND_IN.search(text) is not None
    macros = {"thread_local", *re.findall(r"\bmacro_rules!\s*(\w+)", text)}
    for node, _ in walk(parse(Language.RUST, text)):
        if node.type == "use_declaration":
            used = _used(node)
            if used[0] in crates:
                names.update(used[1:])
                makes_names |= "*" in text_of(node)
        makes_names |= _writes_code(node, macros)
    types = frozenset(_BUILT.findall(text))
    return Missing(
        makes_names=makes_names,
        adds_methods=any(_may_be_trait(name) for name in names - types),
    )


def _used(node: Node) -> list[str]:
    """The words of `use a::{b, c as d};`: the crate first."""
    argument = node.child_by_field_name("argument")
    return re.findall(r"\w+", text_of(argument)) if argument else [""]


def _writes_code(node: Node, macros: set[str]) -> bool:
    if node.type == "attribute_item":
        return _is_foreign(re.findall(r"\w+", text_of(node)))
    if node.type != "macro_invocation" or node.parent is None:
        return False
    outside = node.parent
    if outside.type == "expression_statement" and outside.parent is not None:
        outside = outside.parent
    is_item = outside.type in {"source_file", "declaration_list"}
    return is_item and text_of(node).partition("!")[0].strip() not in macros


def _is_foreign(said: list[str]) -> bool:
    """Whether an attribute, or one of the derives in it, is none of the language's."""
    if said[:1] == ["derive"]:
        return not words().derives.issuperset(said[1:])
    return not words().attributes.issuperset(said[:1])


def _may_be_trait(name: str) -> bool:
    return name == "_" or name[:1].isupper()
