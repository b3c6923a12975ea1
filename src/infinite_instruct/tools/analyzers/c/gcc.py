"""C and C++ by gcc: syntax, names, types and the flow of values. No program is made."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from infinite_instruct.domain import Language
from infinite_instruct.tools.analyzers.base import Findings, ToolState, identity_of
from infinite_instruct.tools.analyzers.c.gcc_output import (
    Said,
    certain_errors,
    is_final,
    read_output,
)
from infinite_instruct.tools.analyzers.c.gcc_pool import GccPool
from infinite_instruct.tools.analyzers.c.translation_units import Unit, read_unit
from infinite_instruct.tools.analyzers.c.value_flow import ends_of_enum_switches, must_be_followed
from infinite_instruct.tools.analyzers.toolbox import Toolbox
from infinite_instruct.tools.languages import spec_of
from infinite_instruct.tools.process import Ending, Limits, Ran, run_bounded
from infinite_instruct.tools.scratch import scratch_folder
from infinite_instruct.tools.worker import WorkerFault

_FLAGS = (
    "-fdiagnostics-plain-output", "-fdiagnostics-column-unit=byte", "-fmax-errors=50",
    "-Wreturn-type", "-Wuninitialized", "-Wmaybe-uninitialized", "-Wformat", "-Wswitch",
)  # fmt: skip
_PARSE = ("-fsyntax-only",)
_FOLLOW = ("-flto", "-fno-fat-lto-objects")
"""As far as warnings need it and no farther: what link-time optimization would read is lost."""
_STANDARDS = {Language.C: ("gnu17", "gnu2x"), Language.CPP: ("gnu++17", "gnu++23")}
"""A text is right if it is under one of them. The compilers' own choice comes first."""
_REMOVED = re.compile(r"ISO C\+\+17 does not allow")
_CANARIES = {"int the_canary( {\n": True, "int the_canary;\n": False}
_VERSION = re.compile(r"\d+(\.\d+)+")


class Gcc:
    """gcc, for texts that include only headers which come with compilers and C libraries.

    A compiler reads any file that it is told to include, so nothing else reaches it. What includes
    other headers is compiled without them, and only errors that no header could cure are told.

    Args:
        language: C or C++.
        headers: All that may be included.
        toolbox: Jail and limits.
        command: Another program than the installed one.
    """

    name = "gcc"
    lost = "names and types of C and C++ (tree-sitter is wrong in 2 % of good files)"
    install = "apt install gcc g++"

    def __init__(
        self,
        language: Language,
        headers: frozenset[str],
        toolbox: Toolbox,
        command: Sequence[str] | None = None,
    ) -> None:
        found = shutil.which("g++" if language is Language.CPP else "gcc")
        self._command = (*(command or ([found] if found else ())),)
        self._language = language
        self._headers = headers
        self._toolbox = toolbox
        self._sample = f"sample{spec_of(language).extensions[0]}"
        self._pool = GccPool((*self._command, *_FLAGS), self._sample, toolbox)
        self._version = ""
        self._is_proved = False

    @property
    def languages(self) -> frozenset[Language]:
        """One of the two: they have different compilers."""
        return frozenset({self._language})

    def identity(self) -> str:
        """Names this very tool; empty where it is missing."""
        return identity_of(self.name, self._command or None)

    async def check(self, code: str, language: Language) -> Findings:
        """Look at one sample: in a compiler that has its headers, in a process of its own."""
        del language
        if not self._command:
            return Findings(fault=f"{self.name} is not installed")
        unit = read_unit(code, self._headers)
        if unit.denied:
            return Findings(diagnostics=unit.denied, tool=await self._tool())
        try:
            said = await self._first_that_passes(unit)
            while absent := said.absent & self._headers:
                self._headers -= absent
                unit = read_unit(code, self._headers)
                said = await self._first_that_passes(unit)
        except WorkerFault as fault:
            return Findings(fault=str(fault))
        return _findings(self._without_enum_switches(said, unit), unit, await self._tool())

    async def describe(self) -> ToolState:
        """Whether the compiler is here and really finds faults."""
        works = not (await self.check("\n", self._language)).fault
        return ToolState(
            name=self.name,
            version=self._version if works else None,
            languages=(self._language,),
            lost=self.lost,
            install=self.install,
        )

    async def _first_that_passes(self, unit: Unit) -> Said:
        usual, newest = _STANDARDS[self._language]
        is_followed = self._language is Language.C or must_be_followed(unit.text)
        mode = _FOLLOW if is_followed else _PARSE
        said = await self._look(unit, usual, mode)
        if not said.is_error or is_final(said):
            return said
        is_old = any(_REMOVED.match(each.message) for each in said.diagnostics)
        return await self._look(unit, "gnu++14" if is_old else newest, mode)

    async def _look(self, unit: Unit, standard: str, mode: Sequence[str]) -> Said:
        flags = (*mode, f"-std={standard}")
        try:
            ran = await self._pool.compile(unit.text, unit.headers, flags)
        except WorkerFault as fault:
            if str(fault) == Ending.TIMEOUT.value:
                raise
            ran = await self._compile_alone(unit.text, flags)
        return self._read(ran)

    def _read(self, ran: Ran) -> Said:
        if ran.ending is not Ending.EXITED:
            raise WorkerFault(ran.ending.value)
        said = read_output(ran.stderr, self._sample, self.name)
        if ran.code and not said.is_error:
            raise WorkerFault(f"exit code {ran.code} and no finding")
        return said

    def _without_enum_switches(self, said: Said, unit: Unit) -> Said:
        """Without the ends of functions which return in each case of an enumeration."""
        rules = {each.rule for each in said.diagnostics}
        if "control-reaches-end" not in rules or "switch" in rules:
            return said
        spared = ends_of_enum_switches(unit.text, self._language)
        kept = [
            each
            for each in said.diagnostics
            if each.rule != "control-reaches-end" or each.line not in spared
        ]
        return said.model_copy(update={"diagnostics": tuple(kept)})

    async def _compile_alone(self, text: str, flags: Sequence[str]) -> Ran:
        """In a compiler started for it: where the long-lived one does not work."""
        async with self._toolbox.slots.one():
            if not self._is_proved:
                for canary, is_broken in _CANARIES.items():
                    ran = await self._run(canary, flags)
                    if ran.ending is not Ending.EXITED or bool(ran.code) is not is_broken:
                        raise WorkerFault("it did not report the fault that it was shown")
                self._is_proved = True
            return await self._run(text, flags)

    async def _run(self, text: str, flags: Sequence[str]) -> Ran:
        with scratch_folder() as folder:
            (folder / self._sample).write_bytes(text.encode())
            command = [*self._command, *_FLAGS, *flags, "-S", "-o", "/dev/null", self._sample]
            programs = [Path(part).parent for part in self._command if part.startswith("/")]
            return await run_bounded(
                self._toolbox.jail.wrap(command, folder=folder, readable=programs),
                folder=folder,
                limits=Limits(seconds=self._toolbox.seconds),
            )

    async def _tool(self) -> str:
        if not self._version:
            with scratch_folder() as folder:
                ran = await run_bounded([*self._command, "--version"], folder=folder)
            found = _VERSION.search(ran.stdout)
            self._version = found[0] if found else "unknown"
        return f"{self.name} {self._version}"


def _findings(said: Said, unit: Unit, tool: str) -> Findings:
    unresolved = [name for line, name in unit.strange if line in said.unresolved]
    diagnostics = said.diagnostics
    if unresolved and said.is_error:
        diagnostics = (*unit.unbalanced, *certain_errors(said))
    return Findings(diagnostics=diagnostics, unresolved=tuple(dict.fromkeys(unresolved)), tool=tool)
