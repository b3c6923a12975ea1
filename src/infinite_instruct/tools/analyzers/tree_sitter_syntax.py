"""Syntax by tree-sitter, for the languages in which its errors were measured to be real."""

from importlib.metadata import version

from infinite_instruct.domain import Diagnostic, Language, Severity
from infinite_instruct.tools.analyzers.base import Findings, ToolState
from infinite_instruct.tools.languages import SPECS
from infinite_instruct.tools.syntax import first_error, parse, text_of


class TreeSitterSyntax:
    """The parser alone: no names, no types. It runs in this process, behind the gate.

    Args:
        without: Languages whose own parser is here: it knows newer syntax, which is no error.
    """

    name = "syntax"

    def __init__(self, without: frozenset[Language] = frozenset()) -> None:
        trusted = (spec.language for spec in SPECS if spec.syntax_trusted)
        self.languages = frozenset(trusted) - {Language.PYTHON} - without
        self._tool = f"tree-sitter {version('tree-sitter')}"

    async def check(self, code: str, language: Language) -> Findings:
        """Find the first place where the text is not of the language."""
        node = first_error(parse(language, code))
        if node is None:
            return Findings(tool=self._tool)
        what = f"`{node.type}` is missing" if node.is_missing else f"at `{text_of(node)[:60]}`"
        point = node.start_point
        return Findings(
            tool=self._tool,
            diagnostics=(
                Diagnostic(
                    tool=self.name,
                    rule="missing" if node.is_missing else "error",
                    severity=Severity.FATAL,
                    line=point.row + 1,
                    column=point.column + 1,
                    message=f"The syntax is broken: {what}.",
                ),
            ),
        )

    async def describe(self) -> ToolState:
        """It is always here: the grammars come with the package."""
        return ToolState(
            name=self.name,
            version=version("tree-sitter"),
            languages=tuple(sorted(self.languages)),
            lost="all checks of syntax",
            install="pip install 'tree-sitter-language-pack<1'",
        )
