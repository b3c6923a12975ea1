"""Rust by rustc: names, types, borrows, constants. No code is made, no crate but std is known."""

import re
from collections.abc import Sequence
from functools import cached_property

from infinite_instruct.domain import Language
from infinite_instruct.tools.analyzers.base import MAX_DIAGNOSTICS, Findings, ToolState
from infinite_instruct.tools.analyzers.batches import Batcher
from infinite_instruct.tools.analyzers.rust.crate import Build, RustCompiler, find_compiler
from infinite_instruct.tools.analyzers.rust.rounds import (
    UNDECIDED,
    is_bad,
    judge_alone,
    judge_together,
)
from infinite_instruct.tools.analyzers.rust.source import Form, RustSource, read_source
from infinite_instruct.tools.analyzers.toolbox import Toolbox
from infinite_instruct.tools.process import Ending

_MISSING = Findings(fault="rustc is not installed")
_SHORT_SECONDS = 3.0
_SECONDS_EACH = 0.03
_OTHER_EDITIONS = (
    ("2024", re.compile(r"2024|^E0(499|502|505|506|597|716) ")),
    ("2018", re.compile(r"^E0782 |format argument must be a string literal")),
    ("2015", re.compile(r"(reserved )?keyword `(async|await|try|dyn)`|deprecated `try` macro")),
)
"""What may be right in another edition: drop order changed in 2024, `dyn` was optional in 2018."""


class Rustc:
    """Rustc alone, never cargo: texts that feel no neighbours in company, the others alone.

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
        self._proved = False

    def identity(self) -> str:
        """Names this very tool; empty where it is missing."""
        return f"rustc {self._compiler.version}" if self._compiler else ""

    async def check(self, code: str, language: Language) -> Findings:
        """Look at one text, together with those that come in the same quarter of a second."""
        del language
        compiler = self._compiler
        if compiler is None:
            return _MISSING
        source = read_source(code, compiler.facts)
        tool = f"{self.name} {compiler.version}"
        if source.denied:
            return Findings(diagnostics=source.denied[:MAX_DIAGNOSTICS], tool=tool)
        findings = await self._look(compiler, source)
        if findings.fault:
            return findings
        if source.left_out and not is_bad(findings):
            return Findings(fault=f"it did not look at code under `cfg{source.left_out}`")
        return findings.model_copy(
            update={
                "tool": tool,
                "unresolved": _crates(findings, source),
                "diagnostics": (*findings.diagnostics, *source.found)[:MAX_DIAGNOSTICS],
            }
        )

    async def describe(self) -> ToolState:
        """Whether rustc is here and really finds a fault."""
        works = not (await self.check("fn f() {}\n", Language.RUST)).fault
        compiler = self._compiler
        return ToolState(
            name=self.name,
            version=compiler.version if compiler and works else None,
            languages=tuple(self.languages),
            lost="names, types and borrows of Rust",
            install="rustup toolchain install stable (or apt install rustc)",
        )

    @cached_property
    def _compiler(self) -> RustCompiler | None:
        """Looked for at the first text: rustup's stand-in takes a moment to answer."""
        return find_compiler(self._toolbox, self._command)

    async def _judge_batch(self, texts: Sequence[str]) -> list[Findings]:
        """In little time: one that takes longer is judged by itself, beside the next batches."""
        compiler = self._compiler
        if compiler is None:
            return [_MISSING for _ in texts]
        return await judge_together(compiler, texts, self._short + _SECONDS_EACH * len(texts))

    @property
    def _short(self) -> float:
        return min(_SHORT_SECONDS, self._toolbox.seconds)

    async def _look(self, compiler: RustCompiler, source: RustSource) -> Findings:
        findings = UNDECIDED
        if source.form is Form.MODULE:
            findings = await self._batcher.submit(source.text)
            # Of a batch that failed most are innocent: they shall not wait for the guilty.
            for seconds in (self._short, self._toolbox.seconds):
                if findings == UNDECIDED or findings.fault == Ending.TIMEOUT.value:
                    (findings,) = await judge_together(compiler, [source.text], seconds)
        if findings == UNDECIDED:
            findings = await self._alone(compiler, source, source.form)
        if is_bad(findings):
            return await self._in_other_edition(compiler, source, findings)
        if source.second and not findings.fault:
            return await self._alone(compiler, source, source.second)
        return findings

    async def _in_other_edition(
        self, compiler: RustCompiler, source: RustSource, findings: Findings
    ) -> Findings:
        """What is said in the edition that may be meant, where that is nothing bad."""
        said = [f"{each.rule} {each.message}" for each in findings.diagnostics]
        for edition, hint in _OTHER_EDITIONS:
            if any(hint.search(each) for each in said):
                other = await self._alone(compiler, source, source.form, edition)
                if not other.fault and not is_bad(other):
                    return other
        return findings

    async def _alone(
        self, compiler: RustCompiler, source: RustSource, form: Form, edition: str = "2021"
    ) -> Findings:
        """One text as a crate of its own, once the compiler has proved that it finds faults."""
        seconds = self._toolbox.seconds
        if not self._proved:
            (proof,) = await judge_together(compiler, ["\n"], seconds)
            if proof.fault:
                return proof
            self._proved = True
        form = Form.TESTED if form is Form.MODULE else form
        build = Build(root="", form=form, edition=edition, seconds=seconds)
        return await judge_alone(compiler, source.text, build)


def _crates(findings: Findings, source: RustSource) -> tuple[str, ...]:
    """The missing crates, under their own names."""
    renamed = dict(source.externs)
    return tuple(dict.fromkeys(renamed.get(name, name) for name in findings.unresolved))
