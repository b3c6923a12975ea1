"""What a Rust text wants from its compiler, read from its tokens before any compiler sees it.

Several texts are compiled as modules of one crate, so this finds those that would notice, and those
that would read files. No pattern over the text can: `#[r#path]` is `#[path]`, macros get new names,
and macros put attributes together.
"""

import re
from collections.abc import Iterator
from enum import StrEnum

from tree_sitter import Node

from infinite_instruct.domain import Diagnostic, Language, Severity, Value
from infinite_instruct.tools.analyzers.rust.cfg import Condition
from infinite_instruct.tools.analyzers.text.gate import own
from infinite_instruct.tools.syntax import parse, text_of, walk

_STEERING = frozenset(
    {"include_str", "include_bytes", "option_env", "debugger_visualizer"}
    | {"long_running_const_eval"}  # to allow this lint lets constants be computed for ever
)
"""They read files or the environment or stall, under whatever name they are imported."""
_LIMITS = frozenset({"recursion_limit", "type_length_limit", "pattern_complexity_limit"})
_OF_THE_CRATE = frozenset(
    {"macro_export", "global_allocator", "alloc_error_handler", "no_mangle", "export_name"}
)
"""Attributes that other modules would notice."""
_OF_MODULES = re.compile(
    rb"#\s*!\s*\[\s*(?:allow|warn|deny|forbid|expect|doc|rustfmt|clippy|cfg|cfg_attr)\b"
)
"""Inner attributes that a module may have like a crate."""
_STANDARD = frozenset({"std", "core", "alloc", "proc_macro", "test", "self"})
_TYPES = frozenset({"struct_item", "enum_item", "union_item", "trait_item"})
_ERROR_TYPE = (
    r"(Box<dyn(std::)?(error::)?Error(\+(Send|Sync|'static))*>|String|&'staticstr"
    r"|(std::)?io::Error)"
)
_PLAIN_MAIN = re.compile(
    rf"fnmain\(\)(->(\(\)|!|(std::process::)?ExitCode|(std::)?(io|fmt)::Result(<\(\)>)?"
    rf"|Result<\(\),{_ERROR_TYPE}>))?"
)
_WATCHED = re.compile(
    r"include|env|\bmod\b|cfg|crate|super|extern|\bimpl\b|#\s*!|\bmain\b|proc_macro|macro_export"
    r"|alloc|panic_handler|no_mangle|export_name|limit|visualizer|const_eval|[\w)]\s*\{\s*\}"
)
"""Most texts have none of these words, and their trees need not be walked."""
_UNPARSED = re.compile(
    r"\b(include_str|include_bytes|option_env|debugger_visualizer|long_running_const_eval)\b"
    r"|\b(include|env)\s*!|\bpath\s*=\s*r?#*\"|\bmod\s+\w+\s*;"
)
_SUPERS = re.compile(rb"(super\s*::\s*)+$")
_STEERS = re.compile(r"\b(cfg|cfg_attr|path)\b")
_OF_CARGO = re.compile(rb"\s*!\s*\(\s*\"CARGO_")
_NEAR = 100
"""Bytes that are read before or behind a token."""


class Form(StrEnum):
    """How a text is compiled: the crate type, where it is a crate of its own."""

    MODULE = "module"
    TESTED = "test"
    LIBRARY = "lib"
    PROGRAM = "bin"
    MACROS = "proc-macro"


class RustSource(Value):
    """A text, ready to be compiled."""

    text: str
    form: Form = Form.MODULE
    second: Form | None = None
    """How it is compiled once more, where tests are not all of it."""
    denied: tuple[Diagnostic, ...] = ()
    """Why it may not be compiled at all."""
    found: tuple[Diagnostic, ...] = ()
    """What else is wrong with it, whatever the compiler says."""
    externs: tuple[tuple[str, str], ...] = ()
    """The crates that `extern crate` names, each with its name in the text."""
    left_out: str = ""
    """A condition under which code is compiled elsewhere, but not here."""


def read_source(code: str, facts: frozenset[str]) -> RustSource:
    """Read a text.

    Args:
        code: It has passed the gate.
        facts: What `rustc --print cfg` says.
    """
    tree = parse(Language.RUST, code)
    if not _WATCHED.search(code) and not tree.root_node.has_error:
        return RustSource(text=code)
    reader = _Reader(code.encode(), facts)
    for node, depth in walk(tree):
        reader.see(node, depth)
    source = reader.source()
    if not tree.root_node.has_error:
        return source
    # One unclosed bracket would end the compilation of all texts, and the tree is only half a tree.
    form = max(source.form, Form.TESTED, key=list(Form).index)
    return source.model_copy(
        update={"form": form, "denied": (*source.denied, *_unparsed(code)), "found": ()}
    )


def _unparsed(code: str) -> Iterator[Diagnostic]:
    """Without a whole tree, a word alone is enough."""
    found = _UNPARSED.search(code)
    if found:
        line = code.count("\n", 0, found.start()) + 1
        yield own("denied-token", f"`{found[0][:40]}` may read what is outside.", line)


class _Reader:
    """Sees all nodes of one tree, parents first."""

    def __init__(self, data: bytes, facts: frozenset[str]) -> None:
        self._data = data
        self._facts = facts
        self._above: list[Node] = []
        self._kinds: list[str] = []
        self._denied: list[Diagnostic] = []
        self._found: list[Diagnostic] = []
        self._form = Form.MODULE
        self._types: set[str] = set()
        self._implemented: list[tuple[str, str]] = []
        self._macro_words: set[str] = set()
        self._conditions: list[tuple[Condition, bool, Node]] = []
        self._condition_at: tuple[int, bool] | None = None
        self._externs: list[Node] = []
        self._mains: list[Node] = []

    def see(self, node: Node, depth: int) -> None:
        """Take the next node."""
        del self._above[depth:], self._kinds[depth:]
        kind = node.type
        if self._condition_at is not None:
            self._see_condition(node, depth)
        if node.child_count == 0:
            if "comment" not in kind and "string" not in kind:
                self._see_token(node, text_of(node).removeprefix("r#"))
        elif kind == "impl_item":
            self._implemented.append((_head(node, "trait"), _head(node, "type")))
        elif kind in _TYPES:
            self._types.add(_head(node, "name"))
        elif kind == "extern_crate_declaration":
            self._see_extern(node)
        elif kind == "if_expression":
            self._see_branch(node)
        elif kind == "function_item" and depth == 1 and _head(node, "name") == "main":
            self._mains.append(node)
        elif kind == "inner_attribute_item" and not _OF_MODULES.match(node.text or b""):
            self._needs(Form.TESTED)
        self._above.append(node)
        self._kinds.append(kind)

    def source(self) -> RustSource:
        """What was found."""
        if "impl" in self._macro_words or any(self._is_felt(*each) for each in self._implemented):
            self._needs(Form.TESTED)
        if {"mod", "path"} <= self._macro_words:
            self._denied.append(own("denied-token", "Macros with `mod` and `path` read files."))
        left_out = [
            each.text for each, hides, _ in self._conditions if hides and each.only_elsewhere
        ]
        return RustSource(
            text=self._without_externs(),
            form=self._form,
            second=self._second(),
            denied=(*self._denied, *self._hidden()),
            found=tuple(self._found),
            externs=tuple(
                (_head(n, "alias") or _head(n, "name"), _head(n, "name")) for n in self._externs
            ),
            left_out=next(iter(left_out), ""),
        )

    def _see_token(self, node: Node, word: str) -> None:
        in_macro = "token_tree" in self._kinds or "token_tree_pattern" in self._kinds
        if in_macro:
            self._macro_words.add(word)
        if word in _STEERING or (word in {"include", "env"} and self._is_called(node, word)):
            self._deny(node, f"`{word}` steers the compiler or reads what is outside.")
        elif word in {"cfg", "cfg_attr"}:
            self._condition_at = (len(self._kinds), word == "cfg")
        elif word in {"crate", "$crate", "super"}:
            self._see_path(node, word)
        elif word == "mod" and not in_macro:
            self._see_mod()
        elif in_macro or "attribute" in self._kinds:
            self._see_attribute(node, word)

    def _see_attribute(self, node: Node, word: str) -> None:
        """A word in an attribute, or in a macro that may make one."""
        if word in _LIMITS and "attribute" in self._kinds:
            self._deny(node, f"`{word}` takes the compiler's limits away.")
        elif word == "panic_handler":
            self._needs(Form.LIBRARY)
        elif word.startswith("proc_macro") and "attribute" in self._kinds:
            self._needs(Form.MACROS)
        elif word in _OF_THE_CRATE:
            self._needs(Form.TESTED)

    def _is_called(self, node: Node, word: str) -> bool:
        """`include` and `env` are names like others, unless they are called or renamed."""
        behind = self._data[node.end_byte : node.end_byte + _NEAR]
        if word == "env" and _OF_CARGO.match(behind):
            return False  # these have values of ours
        in_macro = b"macro_rules" in self._data and "token_tree" in self._kinds
        renamed = "use_declaration" in self._kinds or in_macro
        return behind.lstrip()[:1] in {b"!", b"/"} or (word == "include" and renamed)

    def _see_branch(self, node: Node) -> None:
        """Of 5,441 files of libraries, one has a condition with nothing to do."""
        body, condition = (node.child_by_field_name(each) for each in ("consequence", "condition"))
        if body is None or condition is None or node.child_by_field_name("alternative"):
            return
        if body.named_child_count == 0 and not condition.type.startswith("let_"):
            point = node.start_point
            self._found.append(
                Diagnostic(
                    tool="rustc",
                    rule="empty-branch",
                    severity=Severity.FATAL,
                    line=point.row + 1,
                    column=point.column + 1,
                    message="A condition is asked and nothing is done: code is missing.",
                )
            )

    def _see_mod(self) -> None:
        """A module in another file is never there; a path beside it would be read."""
        parent = self._above[-1]
        if parent.type == "mod_item" and parent.child_by_field_name("body") is None:
            name = _head(parent, "name")
            line = parent.start_point.row + 1
            message = f"The module `{name[:80]}` lies in another file, which is not here."
            self._denied.append(own("missing-module", message, line))

    def _see_path(self, node: Node, word: str) -> None:
        """`crate`, and a `super` that leaves the text, mean another thing in a module."""
        if word != "super":
            in_public = self._kinds[-1] == "visibility_modifier"
            is_felt = not in_public or b"in" in (self._above[-1].text or b"").split()
        else:
            before = self._data[max(0, node.start_byte - _NEAR) : node.start_byte]
            chain = _SUPERS.search(before)
            length = 1 + (chain[0].count(b"super") if chain else 0)
            in_definition = "macro_definition" in self._kinds
            is_felt = in_definition or length > self._kinds.count("mod_item")
        if is_felt:
            self._needs(Form.TESTED)

    def _see_condition(self, node: Node, depth: int) -> None:
        """The brackets behind `cfg`: in attributes and in macros they are one node."""
        at, hides = self._condition_at or (0, False)
        self._condition_at = None
        if depth == at and node.type == "token_tree":
            condition = Condition.read(text_of(node), self._facts)
            self._conditions.append((condition, hides, node))
            holds = condition.in_tests or condition.outside_tests
            if not hides and holds and _STEERS.search(text_of(node)):
                self._deny(node, "This `cfg_attr` hides code or reads a file.")

    def _see_extern(self, node: Node) -> None:
        if _head(node, "name") in _STANDARD:
            self._needs(Form.TESTED)
        else:
            self._externs.append(node)

    def _is_felt(self, trait: str, kind: str) -> bool:
        """A foreign trait for a foreign type makes types ambiguous in other modules."""
        return bool(trait) and trait not in self._types and kind not in self._types

    def _hidden(self) -> Iterator[Diagnostic]:
        for condition, hides, node in self._conditions:
            if hides and condition.nowhere:
                message = f"`cfg{condition.text}` hides code from the compiler."
                yield own("hidden-code", message, node.start_point.row + 1)

    def _second(self) -> Form | None:
        """Tests have a `main` of their own, so a strange one is not looked at with them."""
        strange = any(not _is_plain_main(node) for node in self._mains)
        untested = any(hides and each.only_outside_tests for each, hides, _ in self._conditions)
        if not (strange or untested):
            return None
        return Form.PROGRAM if self._mains else Form.LIBRARY

    def _without_externs(self) -> str:
        """With a module for each missing crate, so that the compiler goes on."""
        parts: list[bytes] = []
        end = 0
        for node in self._externs:
            lines = b"\n" * (node.text or b"").count(b"\n")
            module = f"mod {MISSING}{_head(node, 'name')} {{}}".encode()
            parts += [self._data[end : node.start_byte], module, lines]
            end = node.end_byte
        return b"".join([*parts, self._data[end:]]).decode()

    def _needs(self, form: Form) -> None:
        order = list(Form)
        self._form = max(self._form, form, key=order.index)

    def _deny(self, node: Node, message: str) -> None:
        point = node.start_point
        self._denied.append(own("denied-token", message, point.row + 1, point.column + 1))


MISSING = "missing_crate_"
"""How the modules are called that stand for missing crates."""


def _head(node: Node, field: str) -> str:
    """The name in a field of a node, without references and type arguments."""
    inner = node.child_by_field_name(field)
    while inner is not None and inner.type in {"reference_type", "generic_type"}:
        inner = inner.child_by_field_name("type")
    return text_of(inner).removeprefix("r#") if inner is not None else ""


def _is_plain_main(node: Node) -> bool:
    body = node.child_by_field_name("body")
    end = (body.start_byte if body else node.end_byte) - node.start_byte
    head = "".join((node.text or b"")[:end].decode().split()).removeprefix("pub")
    return bool(_PLAIN_MAIN.fullmatch(head))
