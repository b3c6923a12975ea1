"""The Rust compiler: found, asked for its facts, and run over crates that we lay out."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from infinite_instruct.domain import Value
from infinite_instruct.tools.analyzers.rust_messages import RustError, read_errors
from infinite_instruct.tools.analyzers.rust_source import Form
from infinite_instruct.tools.analyzers.toolbox import Toolbox
from infinite_instruct.tools.process import Ending, Limits, run_bounded

EDITION = "2021"
CANARY = "pub fn canary() -> u8 {\n    let one = [1];\n    one[9]\n}\n"
"""Rustc finds this fault in its last pass: whoever reports it has passed all others."""

_ROOT = "root.rs"
_TOOLCHAINS = ("RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "CARGO_HOME")
_OUTPUT_BYTES = 16_000_000
_MEMORY_MB = 2048
_ENDED = (0, 1)
"""Rustc's exit codes, without and with errors; 101 is a crash of its own."""


class Compiled(Value):
    """What the compiler said of one crate."""

    errors: tuple[RustError, ...] = ()
    fault: str = ""
    """Why it is not known what it would say."""


class Folder:
    """Texts in a folder of ours, under names that nothing can guess. Made by `folder_with`."""

    def __init__(self, path: Path, texts: Sequence[str]) -> None:
        self.path = path
        self.files = [f"s_{secrets.token_hex(12)}.rs" for _ in texts]
        for file, text in zip(self.files, texts, strict=True):
            (path / file).write_bytes(text.encode())

    def root_of(self, files: Sequence[str]) -> str:
        """Write the root of a crate with some of the texts as its modules."""
        (self.path / _ROOT).write_text("".join(f"mod {Path(file).stem};\n" for file in files))
        return _ROOT


@contextmanager
def folder_with(texts: Sequence[str]) -> Generator[Folder]:
    """Write texts into a new folder, and remove it in the end."""
    path = Path(tempfile.mkdtemp(prefix="verify-")).resolve()
    try:
        yield Folder(path, texts)
    finally:
        shutil.rmtree(path, ignore_errors=True)


class RustCompiler(Value):
    """A rustc that was found, and what it compiles for."""

    program: Path
    version: str
    facts: frozenset[str]
    """What `--print cfg` says."""

    async def compile(
        self,
        folder: Folder,
        root: str,
        toolbox: Toolbox,
        *,
        form: Form,
        edition: str,
        seconds: float,
    ) -> Compiled:
        """Check a crate up to its last pass; nothing is linked, nothing is run."""
        kind = "--test" if form in {Form.TESTED, Form.MODULE} else f"--crate-type={form.value}"
        command = [
            *(str(self.program), f"--edition={edition}", kind, "--crate-name=sample"),
            *("--emit=mir=/dev/null", "-Awarnings", "--error-format=json", root),
        ]
        sysroot = self.program.parent.parent
        async with toolbox.slots.one():
            ran = await run_bounded(
                toolbox.jail.wrap(command, folder=folder.path, readable=[sysroot]),
                folder=folder.path,
                limits=Limits(
                    seconds=seconds,
                    memory_mb=_MEMORY_MB,
                    reserves_memory=True,
                    output_bytes=_OUTPUT_BYTES,
                ),
            )
        if ran.ending is not Ending.EXITED:
            return Compiled(fault=ran.ending.value)
        if ran.code not in _ENDED:
            return Compiled(fault=f"exit code {ran.code}")
        try:
            errors = tuple(read_errors(ran.stderr, folder.files))
        except ValueError as fault:
            return Compiled(fault=f"its output cannot be read: {type(fault).__name__}")
        if bool(errors) is not bool(ran.code):
            return Compiled(fault=f"exit code {ran.code} with {len(errors)} errors")
        return Compiled(errors=errors)


async def find_compiler(command: Sequence[str] | None = None) -> RustCompiler | None:
    """The machine's compiler; the program itself, where PATH has rustup's stand-in.

    The stand-in looks for toolchain files in the working directory and may download.
    """
    found = shutil.which("rustc")
    ask = list(command or ([found] if found else []))
    if not ask:
        return None
    facts = (await _said(ask, "--print=sysroot", "--print=cfg")).splitlines()
    if not facts:
        return None
    program = Path(facts[0]) / "bin" / "rustc"
    if command or not program.is_file():
        program = Path(ask[0])
    version = (await _said([str(program)], "--version")).split()
    return RustCompiler(
        program=program,
        version=version[1] if len(version) > 1 else "unknown",
        facts=frozenset(facts[1:]),
    )


async def _said(command: Sequence[str], *arguments: str) -> str:
    kept = {name: os.environ[name] for name in _TOOLCHAINS if name in os.environ}
    with tempfile.TemporaryDirectory(prefix="verify-") as folder:
        ran = await run_bounded(
            [*command, *arguments],
            folder=Path(folder),
            limits=Limits(reserves_memory=True),
            environment={"HOME": str(Path.home()), **kept},
        )
    return ran.stdout if ran.ending is Ending.EXITED and ran.code == 0 else ""
