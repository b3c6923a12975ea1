"""Syntax by tree-sitter, for the languages in which its errors were measured to be real."""

from functools import cache
from importlib.metadata import version

from tree_sitter import Tree

from infinite_instruct.domain import Diagnostic, Language, Severity
from infinite_instruct.tools.analyzers.base import Findings, ToolState
from infinite_instruct.tools.languages import SPECS
from infinite_instruct.tools.syntax import first_error, parse, text_of

_KNOWN = frozenset(
    spec.language for spec in SPECS if spec.syntax_trusted and spec.language is not Language.PYTHON
)
TRUSTED = _KNOWN - {Language.JAVASCRIPT, Language.TYPESCRIPT}
"""The languages in which an error of tree-sitter's rejects.

Not JavaScript, whose compiler knows newer syntax, and not TypeScript: its grammar refuses `in`,
`out` and `const` type parameters and calls with types before a template, in 83 of 800 files of
well-known packages. The compiler decides there.
"""


class TreeSitterSyntax:
    """The parser alone: no names, no types. It runs in this process, behind the gate."""

    name = "syntax"
    languages = _KNOWN

    async def check(self, code: str, language: Language) -> Findings:
        """Find the first place where the text is not of the language."""
        fault = syntax_fault(parse(language, code))
        return Findings(tool=signature(), diagnostics=(fault,) if fault else ())

    async def describe(self) -> ToolState:
        """It is always here: the grammars come with the package."""
        return ToolState(
            name=self.name,
            version=version("tree-sitter"),
            languages=tuple(sorted(self.languages)),
            lost="all checks of syntax",
            install="pip install 'tree-sitter-language-pack<1'",
        )

    def identity(self) -> str:
        """The parser and its grammars."""
        return f"{signature()}, grammars {version('tree-sitter-language-pack')}"


@cache
def signature() -> str:
    """Who looked, with version."""
    return f"tree-sitter {version('tree-sitter')}"


def syntax_fault(tree: Tree) -> Diagnostic | None:
    """The first place where a text is not of its language."""
    node = first_error(tree)
    if node is None:
        return None
    what = f"`{node.type}` is missing" if node.is_missing else f"at `{text_of(node)[:60]}`"
    point = node.start_point
    return Diagnostic(
        tool=TreeSitterSyntax.name,
        rule="missing" if node.is_missing else "error",
        severity=Severity.FATAL,
        line=point.row + 1,
        column=point.column + 1,
        message=f"The syntax is broken: {what}.",
    )
