"""One batch: many samples as one program, each with its own time and its own findings."""

import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from infinite_instruct.domain import Diagnostic, Language, Severity
from infinite_instruct.tools.analyzers.base import MAX_DIAGNOSTICS, Findings, clean_message
from infinite_instruct.tools.analyzers.javascript.duplicates import duplicate_functions
from infinite_instruct.tools.analyzers.javascript.effects import functions_without_result
from infinite_instruct.tools.analyzers.javascript.methods import misspelled_methods
from infinite_instruct.tools.analyzers.javascript.tsc_api import Compiler, Reported
from infinite_instruct.tools.analyzers.javascript.tsc_project import Project, TypeScript
from infinite_instruct.tools.analyzers.javascript.tsc_rules import Rules, missing_package
from infinite_instruct.tools.analyzers.source_text import SourceText
from infinite_instruct.tools.worker import Channel, WorkerFault

MAX_REPORTED = 1_000
"""More findings than these on one text are not read."""
_PER_RULE = 5

# `declare global`, `declare module "fs"`, and spellings of them with escapes. Only a text that is
# alone may have them: they add to what all files of a program see.
_REACHES_OUT = re.compile(r"""\b(global|module)\s*["'`{/]|\\u|///""")
_SAMPLE = re.compile(r"/[^\s\"']{0,300}/s_[0-9a-f]{24}")
_DOC_COMMENT = re.compile(r"/\*\*(?!/)")


def reaches_out(text: str) -> bool:
    """Whether a text may add to what its neighbours see."""
    return bool(_REACHES_OUT.search(text))


class Batch:
    """Samples of one language, judged in one program.

    Args:
        compiler: Who judges.
        language: JavaScript or TypeScript.
        texts: The samples.
        seconds: How long each may take.
    """

    def __init__(
        self, compiler: TypeScript, language: Language, texts: Sequence[str], seconds: float
    ) -> None:
        self._compiler = compiler
        self._language = language
        self._texts = texts
        self._seconds = seconds
        self._answers: list[tuple[Sequence[Reported], bool]] = []
        # What was found so far, and whether it is of the syntax: it outlives a compiler that dies.
        self.is_open = False
        """Whether the compiler read all samples and found the fault that it was shown."""

    @property
    def done(self) -> int:
        """How many samples were looked at."""
        return len(self._answers)

    def results(self) -> list[Findings]:
        """What was found in the samples that were looked at, in order."""
        return [
            self._findings(text, found, is_syntax=is_syntax)
            for text, (found, is_syntax) in zip(self._texts, self._answers, strict=False)
        ]

    def exchange(self, channel: Channel) -> None:
        """Ask a running compiler about all samples.

        Raises:
            WorkerFault: It did not answer about the sample behind those that are done.
            ValueError: Its answer cannot be read.
        """
        shown = [self._shown(text) for text in self._texts]
        project = Project(channel.folder, self._language, shown, self._compiler)
        compiler = Compiler(channel)
        try:
            project.write()
            compiler.open(project.config)
            if not compiler.meaning_of(project.canary):
                raise WorkerFault("it did not report the fault that it was shown")
            self.is_open = True
            for readings in project.samples:
                channel.deadline = time.monotonic() + self._seconds
                self._answers.append(_look(compiler, readings))
            compiler.release()
        finally:
            project.remove()

    def _shown(self, text: str) -> str:
        """JavaScript without its documentation's types: they are prose, and mostly not exact."""
        is_typed = self._language is Language.TYPESCRIPT
        return text if is_typed else _DOC_COMMENT.sub("/* ", text)

    def _findings(self, text: str, reported: Sequence[Reported], *, is_syntax: bool) -> Findings:
        if len(reported) > MAX_REPORTED:
            return Findings(fault=f"it has {len(reported)} findings, more than are read")
        source = SourceText(text)
        if is_syntax:
            named = [("syntax", each) for each in reported]
            return self._result(_diagnostics(source, named))
        missing = dict.fromkeys(filter(None, map(missing_package, reported)))
        unresolved = tuple(name for name in missing if not name.startswith("node:"))
        rules = Rules(source, self._language, reported)
        found = [*_diagnostics(source, [(rules.name(each), each) for each in reported])]
        if self._language is Language.JAVASCRIPT:
            found += duplicate_functions(source)
            found += () if unresolved else misspelled_methods(source)
        found += functions_without_result(source, self._language)
        return self._result(found, unresolved)

    def _result(self, found: Iterable[Diagnostic], unresolved: tuple[str, ...] = ()) -> Findings:
        kept = tuple(islice(found, MAX_DIAGNOSTICS))
        tool = f"tsc {self._compiler.version}"
        return Findings(diagnostics=kept, unresolved=unresolved, tool=tool)


def _look(compiler: Compiler, readings: Sequence[Path]) -> tuple[Sequence[Reported], bool]:
    """What is found in the first reading without a fault of syntax, else the first's faults."""
    faults: list[Sequence[Reported]] = []
    for file in readings:
        faults.append(compiler.syntax_of(file))
        if not faults[-1]:
            return compiler.meaning_of(file), False
    return faults[0], True


def _diagnostics(
    source: SourceText, named: Iterable[tuple[str | None, Reported]]
) -> Iterator[Diagnostic]:
    """The findings under their rules' names; of each rule only the first ones."""
    seen: Counter[str] = Counter()
    for rule, each in named:
        if rule is None:
            continue
        seen[rule] += 1
        if seen[rule] <= _PER_RULE:
            line, column = source.place(source.index(each.pos))
            yield Diagnostic(
                tool="tsc",
                rule=rule,
                severity=Severity.FATAL,
                line=line,
                column=column,
                message=clean_message(_SAMPLE.sub("sample", each.message)) or rule,
            )
