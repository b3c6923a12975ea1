"""C and C++ by gcc's front end: syntax, names and types, no code made."""

import re
import shutil
from collections.abc import Iterator, Sequence

from infinite_instruct.domain import Diagnostic, Language, Severity
from infinite_instruct.tools.analyzers.base import Findings
from infinite_instruct.tools.analyzers.single import SingleAnalyzer
from infinite_instruct.tools.analyzers.toolbox import Toolbox
from infinite_instruct.tools.process import Ran

_INCLUDE = re.compile(r"^[ \t]*#[ \t]*include[ \t]*([<\"])([^>\"\n]{1,200})[>\"]", re.MULTILINE)
_SAID = re.compile(r"(?::(\d{1,9}))(?::(\d{1,9}))?: (fatal error|error|warning): (.*)")
_FLAG = re.compile(r"\[-W([\w+=-]+)\]$")
_WARNINGS = ("-Wreturn-type", "-Wuninitialized", "-Wint-conversion")


class Gcc(SingleAnalyzer):
    """`gcc -fsyntax-only`, for texts that include only the standard's headers.

    A compiler reads any file that it is told to include, so nothing else reaches it.

    Args:
        language: C or C++.
        headers: The standard's headers: all that may be included.
        toolbox: Jail and limits.
        command: Another program than the installed one.
    """

    name = "gcc"
    languages = frozenset()
    lost = "names and types of C and C++ (tree-sitter is wrong in 2 % of good files)"
    install = "apt install gcc g++"
    broken = "int broken( {\n"

    def __init__(
        self,
        language: Language,
        headers: frozenset[str],
        toolbox: Toolbox,
        command: Sequence[str] | None = None,
    ) -> None:
        found = shutil.which("g++" if language is Language.CPP else "gcc")
        super().__init__(command or ([found] if found else None), toolbox)
        self.languages = frozenset({language})
        self._headers = headers

    async def check(self, code: str, language: Language) -> Findings:
        """Look at the sample unless it needs headers that are not the standard's."""
        strange = strange_headers(code, self._headers)
        if strange:
            return Findings(unresolved=strange)
        return await super().check(code, language)

    def arguments(self, file: str, language: Language) -> list[str]:
        """Check only; the limits on depth end most bombs before the clock does."""
        standard = "-std=gnu++20" if language is Language.CPP else "-std=gnu17"
        plain = [
            "-fsyntax-only",
            "-fdiagnostics-plain-output",
            "-fmax-errors=50",
            "-Wsystem-headers",
        ]
        return [*plain, *_WARNINGS, "-ftemplate-depth=200", standard, file]

    def parse(self, ran: Ran, file: str) -> Iterator[Diagnostic]:
        """Read `sample.c:3:5: error: ...`; what it says of headers is left out."""
        for line in ran.stderr.splitlines():
            found = _SAID.match(line.removeprefix(file)) if line.startswith(file) else None
            if found:
                flag = _FLAG.search(found[4])
                is_error = found[3] != "warning"
                yield Diagnostic(
                    tool=self.name,
                    rule="error" if is_error or not flag else flag[1],
                    severity=Severity.FATAL if is_error else Severity.WARNING,
                    line=int(found[1]),
                    column=int(found[2] or 0),
                    message=found[4][:2_000],
                )


def strange_headers(code: str, known: frozenset[str]) -> tuple[str, ...]:
    """The headers that a text includes and that are not known."""
    found = [(mark, name) for mark, name in _INCLUDE.findall(code)]
    return tuple(dict.fromkeys(name for mark, name in found if name not in known or mark == '"'))
