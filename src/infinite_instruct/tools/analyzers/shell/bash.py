"""Shell syntax by `bash -n`, which reads a script and runs nothing of it."""

import re
import shutil
from collections.abc import Iterator, Sequence

from infinite_instruct.domain import Diagnostic, Language, Severity
from infinite_instruct.tools.analyzers.single import SingleAnalyzer
from infinite_instruct.tools.analyzers.toolbox import Toolbox
from infinite_instruct.tools.process import Ran


class Bash(SingleAnalyzer):
    """Bash's own parser, with its extended patterns: a script that sets them is not run here.

    Args:
        toolbox: Jail and limits.
        command: Another program than the installed one.
    """

    name = "bash"
    languages = frozenset({Language.SHELL})
    lost = "syntax of shell scripts (tree-sitter is wrong in 12 % of good ones)"
    install = "apt install bash"
    broken = "if true; then\n"

    def __init__(self, toolbox: Toolbox, command: Sequence[str] | None = None) -> None:
        found = shutil.which("bash")
        super().__init__(command or ([found] if found else None), toolbox)

    def arguments(self, file: str, language: Language) -> list[str]:
        """Without start-up files."""
        del language
        return ["--noprofile", "--norc", "-O", "extglob", "-n", file]

    def parse(self, ran: Ran, file: str) -> Iterator[Diagnostic]:
        """Read `sample.sh: line 3: syntax error ...`; warnings come without an exit code."""
        for line in ran.stderr.splitlines():
            found = re.match(rf"{re.escape(file)}: line (\d{{1,9}}): (.*)", line)
            if found:
                is_echo = found[2].startswith("`")  # the source line, quoted once more
                is_open = "here-document" in found[2]  # to bash only worth a warning
                heavy = (ran.code or is_open) and not is_echo
                yield Diagnostic(
                    tool=self.name,
                    rule="here-document" if is_open else "syntax",
                    severity=Severity.FATAL if heavy else Severity.WARNING,
                    line=int(found[1]),
                    column=0,
                    message=found[2][:2_000],
                )
