"""SQL by two parsers. One parser's failure is only its dialect; both failing is a fault."""

import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from pydantic import BaseModel

from infinite_instruct.domain import Diagnostic, Language, Severity
from infinite_instruct.tools.analyzers.base import Findings
from infinite_instruct.tools.analyzers.single import SingleAnalyzer
from infinite_instruct.tools.analyzers.toolbox import Toolbox
from infinite_instruct.tools.process import Ran

_SCRIPT = Path(__file__).with_name("sql_parsers.py")


class _Said(BaseModel):
    sqlglot: str
    sqlite: str


class SqlParsers(SingleAnalyzer):
    """sqlglot in nine dialects, and SQLite's own parser.

    Args:
        toolbox: Jail and limits.
        command: Another program than ours.
    """

    name = "sql"
    languages = frozenset({Language.SQL})
    lost = "syntax of SQL (tree-sitter is wrong in half of the good queries)"
    install = "pip install sqlglot"
    whole = "SELECT 1;\n"
    broken = "SELEC a FORM\n"

    def __init__(self, toolbox: Toolbox, command: Sequence[str] | None = None) -> None:
        ours = [sys.executable, "-I", str(_SCRIPT)] if find_spec("sqlglot") else None
        super().__init__(command or ours, toolbox)

    async def check(self, code: str, language: Language) -> Findings:
        """Look at the text; where the parsers disagree, nothing is known."""
        findings = await super().check(code, language)
        if any(each.rule == "one-parser" for each in findings.diagnostics):
            return findings.model_copy(update={"fault": "its two parsers disagree"})
        return findings

    async def version(self) -> str:
        """The installed version of sqlglot."""
        try:
            return version("sqlglot")
        except PackageNotFoundError:
            return "unknown"

    def arguments(self, file: str, language: Language) -> list[str]:
        """The file alone."""
        del language
        return [file]

    def parse(self, ran: Ran, file: str) -> Iterator[Diagnostic]:
        """Read the two answers."""
        del file
        said = _Said.model_validate_json(ran.stdout)
        both = bool(said.sqlglot and said.sqlite)
        for parser, fault in (("sqlglot", said.sqlglot), ("sqlite", said.sqlite)):
            if fault:
                yield Diagnostic(
                    tool=self.name,
                    rule="syntax" if both else "one-parser",
                    severity=Severity.FATAL if both else Severity.WARNING,
                    line=0,
                    column=0,
                    message=f"{parser}: {fault}"[:2_000],
                )
