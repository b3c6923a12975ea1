"""Rust texts compiled together, round after round, and by themselves.

An error ends the compilation at the end of its pass, for all modules: the texts with errors are
taken out and the others are compiled again, until only the canary has one. So what is said of a
text does not depend on its neighbours.
"""

from collections.abc import Sequence

from infinite_instruct.domain import Diagnostic, Severity
from infinite_instruct.tools.analyzers.base import MAX_DIAGNOSTICS, Findings
from infinite_instruct.tools.analyzers.rust.cascades import without_cascades
from infinite_instruct.tools.analyzers.rust.crate import (
    CANARY,
    Build,
    Compiled,
    RustCompiler,
    folder_with,
)
from infinite_instruct.tools.analyzers.rust.messages import RustError

UNDECIDED = Findings()
"""Of a text that could not be judged in company."""

_MAX_ROUNDS = 8
_BLIND = "it did not report the fault that it was shown"


async def judge_together(
    compiler: RustCompiler, texts: Sequence[str], seconds: float
) -> list[Findings]:
    """Judge texts as modules of one crate.

    Args:
        compiler: Whom to ask.
        texts: None of them may feel its neighbours; see `rust_source`.
        seconds: For each round.

    Returns:
        In order; UNDECIDED where one of them keeps the compiler from judging the others.
    """
    with folder_with([*texts, CANARY]) as folder:
        rounds = _Rounds(texts, folder.files)
        for number in range(_MAX_ROUNDS):
            root = folder.root_of([*rounds.waiting, rounds.canary])
            build = Build(root=root, lints=number == 0, seconds=seconds)
            rounds.take(await compiler.compile(folder, build))
            if not rounds.waiting:
                break
    return rounds.findings()


async def judge_alone(compiler: RustCompiler, text: str, build: Build) -> Findings:
    """Judge a text as a crate of its own.

    Args:
        compiler: Whom to ask.
        text: It may ask for whatever a crate may.
        build: Its root is given here.
    """
    with folder_with([text]) as folder:
        build = build.model_copy(update={"root": folder.files[0]})
        first = await compiler.compile(folder, build)
        again = first
        if first.errors and not any(_is_fatal(each) for each in first.errors):
            again = await compiler.compile(folder, build.model_copy(update={"lints": False}))
    if again.fault:
        return Findings(fault=again.fault)
    return _findings([*dict.fromkeys([*first.errors, *again.errors])], text)


def is_bad(findings: Findings) -> bool:
    """Whether something fatal was found."""
    return any(each.severity is Severity.FATAL for each in findings.diagnostics)


class _Rounds:
    """Who waits for a verdict, and who has one."""

    def __init__(self, texts: Sequence[str], files: Sequence[str]) -> None:
        self.canary = files[-1]
        self.waiting = list(files[:-1])
        self._texts = dict(zip(files, texts, strict=False))
        self._judged = dict.fromkeys(files[:-1], UNDECIDED)
        self._warned: dict[str, list[RustError]] = {}

    def take(self, compiled: Compiled) -> None:
        """Take what the compiler said of those who wait."""
        if compiled.fault or not all(each.file for each in compiled.errors):
            self._give_up(compiled.fault)
            return
        said = _by_file(compiled.errors)
        if said.keys() == {self.canary}:
            self._settle(self.waiting, {})
        elif not said.keys() - {self.canary}:
            self._judged |= dict.fromkeys(self.waiting, Findings(fault=_BLIND))
            self.waiting = []
        else:
            self._settle([file for file in self.waiting if self._is_decided(file, said)], said)

    def findings(self) -> list[Findings]:
        """Of all texts, in order."""
        return list(self._judged.values())

    def _is_decided(self, file: str, said: dict[str, list[RustError]]) -> bool:
        """Texts with nothing but warnings of ours are compiled once more, without these lints."""
        if file not in said:
            return False
        only_warned = file not in self._warned and not any(map(_is_fatal, said[file]))
        if only_warned:
            self._warned[file] = said[file]
        return not only_warned

    def _settle(self, files: Sequence[str], said: dict[str, list[RustError]]) -> None:
        for file in list(files):
            errors = [*self._warned.get(file, []), *said.get(file, [])]
            self._judged[file] = _findings(errors, self._texts[file])
            self.waiting.remove(file)

    def _give_up(self, fault: str) -> None:
        """One of them is to blame; a text that is alone is it."""
        if fault and len(self._judged) == 1:
            self._judged |= dict.fromkeys(self.waiting, Findings(fault=fault))
        self.waiting = []


def _by_file(errors: Sequence[RustError]) -> dict[str, list[RustError]]:
    by_file: dict[str, list[RustError]] = {}
    for each in errors:
        by_file.setdefault(each.file, []).append(each)
    return by_file


def _findings(errors: Sequence[RustError], text: str) -> Findings:
    own, crates = without_cascades(errors, text)
    said: dict[Diagnostic, None] = dict.fromkeys(each.diagnostic for each in own)
    return Findings(diagnostics=tuple(said)[:MAX_DIAGNOSTICS], unresolved=crates, tool="rustc")


def _is_fatal(error: RustError) -> bool:
    return error.diagnostic.severity is Severity.FATAL
