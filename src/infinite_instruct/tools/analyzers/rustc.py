"""Rust by rustc: names, types, borrows, constants. No code is made, no crate but std is known."""

import re
from collections.abc import Sequence

from infinite_instruct.domain import Language, Severity
from infinite_instruct.tools.analyzers.base import Findings, ToolState
from infinite_instruct.tools.analyzers.batches import Batcher
from infinite_instruct.tools.analyzers.rust_cascades import without_cascades
from infinite_instruct.tools.analyzers.rust_crate import (
    CANARY,
    EDITION,
    Compiled,
    Folder,
    RustCompiler,
    find_compiler,
    folder_with,
)
from infinite_instruct.tools.analyzers.rust_messages import RustError, bounded
from infinite_instruct.tools.analyzers.rust_source import Form, RustSource, read_source
from infinite_instruct.tools.analyzers.toolbox import Toolbox

_MISSING = "rustc is not installed"
_UNDECIDED = Findings()
"""Of a text whose batch failed: it is judged alone, beside the next batches."""
_BATCH_SECONDS = 5.0
_SECONDS_EACH = 0.1
_MAX_ROUNDS = 8
_OTHER_EDITIONS = (
    ("2024", re.compile(r"2024|^E0(499|502|505|506|597|716) ")),
    ("2018", re.compile(r"^E0782 |format argument must be a string literal")),
    ("2015", re.compile(r"reserved keyword `(async|await|try|dyn)`|deprecated `try` macro")),
)
"""What may be right in another edition: drop order changed in 2024, `dyn` was optional in 2018."""


class Rustc:
    """Texts as modules of one crate, as often as some of them have errors; some by themselves.

    An error ends the compilation at the end of its pass, for all modules: the texts with errors are
    taken out, and the others are compiled again, until only the canary has one.

    Args:
        toolbox: Jail, batching and limits.
        command: Another program than the installed one.
    """

    name = "rustc"
    languages = frozenset({Language.RUST})

    def __init__(self, toolbox: Toolbox, command: Sequence[str] | None = None) -> None:
        self._toolbox = toolbox
        self._command = command
        self._batcher = Batcher(self._judge_batch, toolbox.batching)
        self._found: RustCompiler | None = None
        self._proved = False

    async def check(self, code: str, language: Language) -> Findings:
        """Look at one text, in company where it feels none."""
        del language
        compiler = await self._compiler()
        if compiler is None:
            return Findings(fault=_MISSING)
        source = read_source(code, compiler.facts)
        tool = f"{self.name} {compiler.version}"
        if source.denied:
            return Findings(diagnostics=source.denied, tool=tool)
        findings = await self._look(source)
        if findings.fault:
            return findings
        if source.left_out and not _is_bad(findings):
            return Findings(fault=f"it did not look at code under `cfg{source.left_out}`")
        return findings.model_copy(update={"tool": tool, "unresolved": _crates(findings, source)})

    async def describe(self) -> ToolState:
        """Whether rustc is here and really finds a fault."""
        works = not (await self.check("fn f() {}\n", Language.RUST)).fault
        compiler = await self._compiler()
        return ToolState(
            name=self.name,
            version=compiler.version if compiler and works else None,
            languages=tuple(self.languages),
            lost="names, types and borrows of Rust",
            install="rustup toolchain install stable (or apt install rustc)",
        )

    async def _compiler(self) -> RustCompiler | None:
        if self._found is None:
            self._found = await find_compiler(self._command)
        return self._found

    async def _look(self, source: RustSource) -> Findings:
        if source.form is Form.MODULE:
            findings = await self._batcher.submit(source.text)
            if findings == _UNDECIDED:
                findings = (await self._judge([source.text], self._toolbox.seconds))[0]
            if findings == _UNDECIDED:
                findings = await self._alone(source.text, Form.TESTED, EDITION)
        else:
            findings = await self._alone(source.text, source.form, EDITION)
        if _is_bad(findings):
            return await self._in_other_edition(source, findings)
        if source.second and not findings.fault:
            return await self._alone(source.text, source.second, EDITION)
        return findings

    async def _in_other_edition(self, source: RustSource, findings: Findings) -> Findings:
        """The findings of an edition that could be meant, where it has none."""
        said = [f"{each.rule} {each.message}" for each in findings.diagnostics]
        form = Form.TESTED if source.form is Form.MODULE else source.form
        for edition, hint in _OTHER_EDITIONS:
            if any(hint.search(each) for each in said):
                other = await self._alone(source.text, form, edition)
                if not other.fault and not _is_bad(other):
                    return other
        return findings

    async def _alone(self, text: str, form: Form, edition: str) -> Findings:
        """One text as a crate of its own, once the compiler has proved that it finds faults."""
        compiler = await self._compiler()
        if compiler is None:
            return Findings(fault=_MISSING)
        if not self._proved:
            proof = await self._judge(["\n"], self._toolbox.seconds)
            if proof[0].fault:
                return proof[0]
        with folder_with([text]) as folder:
            compiled = await self._compile(compiler, folder, folder.files[0], form, edition)
        if compiled.fault:
            return Findings(fault=compiled.fault)
        return _findings(compiled.errors, text)

    async def _compile(
        self, compiler: RustCompiler, folder: Folder, root: str, form: Form, edition: str
    ) -> Compiled:
        return await compiler.compile(
            folder,
            root,
            self._toolbox,
            form=form,
            edition=edition,
            seconds=self._toolbox.seconds,
        )

    async def _judge_batch(self, texts: Sequence[str]) -> list[Findings]:
        seconds = min(self._toolbox.seconds, _BATCH_SECONDS + _SECONDS_EACH * len(texts))
        return await self._judge(texts, seconds)

    async def _judge(self, texts: Sequence[str], seconds: float) -> list[Findings]:
        """All texts in one crate, round after round."""
        compiler = await self._compiler()
        if compiler is None:
            return [Findings(fault=_MISSING) for _ in texts]
        judged = dict.fromkeys(range(len(texts)), _UNDECIDED)
        with folder_with([*texts, CANARY]) as folder:
            canary = folder.files[-1]
            waiting = list(range(len(texts)))
            for _ in range(_MAX_ROUNDS):
                root = folder.root_of([folder.files[number] for number in [*waiting, -1]])
                compiled = await compiler.compile(
                    folder,
                    root,
                    self._toolbox,
                    form=Form.MODULE,
                    edition=EDITION,
                    seconds=seconds,
                )
                if compiled.fault and len(texts) == 1:
                    judged[0] = Findings(fault=compiled.fault)
                if compiled.fault or any(not each.file for each in compiled.errors):
                    break
                said = _by_file(compiled.errors)
                self._proved |= canary in said
                if said.keys() == {canary}:
                    judged.update(dict.fromkeys(waiting, Findings(tool=self.name)))
                    break
                flagged = [number for number in waiting if folder.files[number] in said]
                for number in flagged:
                    judged[number] = _findings(said[folder.files[number]], texts[number])
                waiting = [number for number in waiting if number not in flagged]
                if not waiting:
                    break
                if not flagged:
                    fault = "it did not report the fault that it was shown"
                    judged.update(dict.fromkeys(waiting, Findings(fault=fault)))
                    break
        return list(judged.values())


def _by_file(errors: Sequence[RustError]) -> dict[str, list[RustError]]:
    by_file: dict[str, list[RustError]] = {}
    for each in errors:
        by_file.setdefault(each.file, []).append(each)
    return by_file


def _findings(errors: Sequence[RustError], text: str) -> Findings:
    own, crates = without_cascades(errors, text)
    return Findings(diagnostics=bounded(own), unresolved=crates, tool="rustc")


def _is_bad(findings: Findings) -> bool:
    return any(each.severity is Severity.FATAL for each in findings.diagnostics)


def _crates(findings: Findings, source: RustSource) -> tuple[str, ...]:
    """The missing crates, under their own names."""
    renamed = dict(source.externs)
    return tuple(dict.fromkeys(renamed.get(name, name) for name in findings.unresolved))
