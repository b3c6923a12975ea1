"""All that a text itself shows, in this process: gate, suppressions, structure and syntax."""

import ast
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import islice

from tree_sitter import Node, Tree

from infinite_instruct.domain import Diagnostic, Language, Value
from infinite_instruct.tools.analyzers.base import MAX_DIAGNOSTICS
from infinite_instruct.tools.analyzers.policy import Denied
from infinite_instruct.tools.analyzers.python.ends import python_ends
from infinite_instruct.tools.analyzers.python.hidden import python_hidden
from infinite_instruct.tools.analyzers.python.imports import imports_of
from infinite_instruct.tools.analyzers.python.packages import Packages
from infinite_instruct.tools.analyzers.python.structure import is_trivial, python_structure
from infinite_instruct.tools.analyzers.python.tree import PythonTree, compile_python
from infinite_instruct.tools.analyzers.text.braces import cut_off
from infinite_instruct.tools.analyzers.text.gate import gate, own, tree_gate
from infinite_instruct.tools.analyzers.text.hidden import hidden_code
from infinite_instruct.tools.analyzers.text.hollow import hollow_functions
from infinite_instruct.tools.analyzers.text.placeholders import (
    HINT,
    MAX_NOTE,
    may_say_missing,
    missing_by_comment,
)
from infinite_instruct.tools.analyzers.text.suppressions import (
    Neutralised,
    may_suppress,
    neutralise,
)
from infinite_instruct.tools.analyzers.text.swallowed import swallowed_code
from infinite_instruct.tools.analyzers.text.tree_sitter_syntax import (
    TRUSTED,
    signature,
    syntax_fault,
)
from infinite_instruct.tools.shape import comments_of
from infinite_instruct.tools.syntax import EndlessParseError, parse, text_of

_TORN = {Language.C, Language.CPP, Language.TYPESCRIPT}
"""Where the tree alone may not reject, its brackets tell whether the end is missing."""


class TextFindings(Value):
    """What a text shows before any tool is asked."""

    code: str = ""
    """The text to hand to tools: its suppression comments have no power. Empty if it is barred."""
    diagnostics: tuple[Diagnostic, ...] = ()
    unresolved: tuple[str, ...] = ()
    """Packages that Python imports from outside."""
    suppressions: int = 0
    tools: tuple[str, ...] = ("text",)
    """Who looked: the parser, too, where its word on syntax is trusted."""
    is_barred: bool = False
    """Whether no parser and no tool may see the text."""

    @property
    def is_broken(self) -> bool:
        """Whether the syntax is: other tools would only be confused."""
        return any(each.rule == "syntax" or each.tool == "syntax" for each in self.diagnostics)


def look_at_text(
    code: str, language: Language, denied: Denied, installed: Packages | None = None
) -> TextFindings:
    """Look at a text without running it or any tool; it is parsed once.

    Args:
        code: The text, with one kind of line end (see `answers.one_line_end`).
        language: Its language.
        denied: What the policy does not let pass.
        installed: The Python packages that are here.
    """
    if not code.strip():
        return _barred((own("no-code-block", "It is empty."),))
    faults = gate(code, language, denied)
    if faults:
        return _barred(faults)
    if language is Language.PYTHON:
        return _look_at_python(code, denied, installed)
    try:
        tree = parse(language, code)
    except EndlessParseError as fault:
        return _barred((own("unparsable", f"{fault}"),))
    faults = tree_gate(tree, code, denied)
    return _barred(faults) if faults else _look_at_tree(tree, code, language)


def _barred(faults: tuple[Diagnostic, ...]) -> TextFindings:
    return TextFindings(diagnostics=faults, is_barred=True)


def _look_at_tree(tree: Tree, code: str, language: Language) -> TextFindings:
    lower = code.lower()
    found: list[Diagnostic] = []
    neutral = Neutralised(code=code)
    if may_suppress(lower):
        neutral = neutralise(tree, code, language)
    trusted = language in TRUSTED
    fault = syntax_fault(tree) if trusted else None
    if fault:
        found.append(fault)
    found += neutral.found
    if may_say_missing(lower):
        found += _first(missing_by_comment(comments_of(tree, language)))
    found += _first(hollow_functions(tree, lower, language))
    found += _first(hidden_code(tree, code, lower, language))
    found += _first(swallowed_code(tree, code, language))
    if language in _TORN:
        found += cut_off(tree, code, language)
    return TextFindings(
        code=neutral.code,
        diagnostics=tuple(found),
        suppressions=neutral.count,
        tools=("text", signature()) if trusted else ("text",),
    )


def _look_at_python(code: str, denied: Denied, installed: Packages | None) -> TextFindings:
    tree = compile_python(code)
    if isinstance(tree, Diagnostic) and tree.rule != "syntax":
        return _barred((tree,))
    lower = code.lower()
    neutral = Neutralised(code=code)
    comments: list[Node] = []
    if may_suppress(lower) or may_say_missing(lower) or any(word in code for word in denied.words):
        try:
            marks = parse(Language.PYTHON, code)
        except EndlessParseError as fault:
            return _barred((own("unparsable", f"{fault}"),))
        if faults := tree_gate(marks, code, denied):
            return _barred(faults)
        neutral = neutralise(marks, code, Language.PYTHON)
        comments = comments_of(marks, Language.PYTHON) if may_say_missing(lower) else []
    missing = _first(missing_by_comment(comments))
    if isinstance(tree, Diagnostic):
        return TextFindings(
            code=neutral.code,
            diagnostics=(tree, *neutral.found, *missing),
            suppressions=neutral.count,
        )
    unresolved, invented = imports_of(_only_imports(tree), installed)
    rules = (
        *_first(python_structure(tree)),
        *_first(_hollow_by_comment(tree, comments)),
        *python_ends(tree, code),
        *_first(python_hidden(tree)),
    )
    return TextFindings(
        code=neutral.code,
        diagnostics=(*neutral.found, *missing, *rules, *invented),
        unresolved=unresolved,
        suppressions=neutral.count,
    )


def _first(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """As many as a verdict can show: a text may be made of faults."""
    return list(islice(found, MAX_DIAGNOSTICS))


def _only_imports(tree: PythonTree) -> ast.Module:
    """A module of its imports: they are found, and need no second walk."""
    return ast.Module(body=tree.imports, type_ignores=[])


def _hollow_by_comment(tree: PythonTree, comments: list[Node]) -> Iterator[Diagnostic]:
    """Functions that only give back a constant, beside a comment that more is to come."""
    hints = (each for each in comments if HINT.search(text_of(each)[:MAX_NOTE]))
    lines = [each.start_point.row + 1 for each in hints]
    for node in tree.functions if lines else ():
        following = lines[bisect_left(lines, node.lineno) :][:1]
        if following and following[0] <= (node.end_lineno or 0) and is_trivial(node):
            message = f"`{node.name}` has only a note where its body should be."
            yield own("placeholder-body", message, node.lineno)
