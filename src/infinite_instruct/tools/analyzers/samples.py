"""Samples under names that nothing can guess, and a canary that must be found.

A sample's own file name could shadow a module or a tool's configuration, and a known name could be
imported by a neighbour. The canary holds a fault: a tool that does not report it did not look,
whatever it says.
"""

import re
import secrets
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePath

from infinite_instruct.domain import Diagnostic, Severity
from infinite_instruct.tools.analyzers.base import MAX_DIAGNOSTICS, Findings, clean_message
from infinite_instruct.tools.scratch import scratch_folder

BLIND = "it did not report the fault that it was shown"


class Samples:
    """The samples of one batch, and what a tool says of each.

    Args:
        path: The folder that the tool knows them in.
        texts: The samples.
        extension: Of their files.
        gave_up: What a tool says of a sample that it did not look at: a regular expression,
            searched in `rule: message`; empty where it never does.
    """

    def __init__(self, path: Path, texts: Sequence[str], extension: str, gave_up: str = "") -> None:
        self.path = path
        self._extension = extension
        self._stems = [f"s_{secrets.token_hex(12)}" for _ in texts]
        self._canary = f"s_{secrets.token_hex(12)}"
        self._index = {stem: number for number, stem in enumerate(self._stems)}
        self._found: list[list[Diagnostic]] = [[] for _ in texts]
        self._faults = [""] * len(texts)
        self._gave_up = re.compile(gave_up) if gave_up else None
        self._canary_found = False

    @property
    def files(self) -> list[str]:
        """The names of all files, the canary's last."""
        return [f"{stem}{self._extension}" for stem in [*self._stems, self._canary]]

    @property
    def proved(self) -> bool:
        """Whether the canary's fault was found."""
        return self._canary_found

    def add(self, file: str, diagnostic: Diagnostic) -> None:
        """Take a tool's finding; those on files that are not ours are dropped."""
        stem = PurePath(file).stem
        if stem == self._canary:
            self._canary_found = True
        number = self._index.get(stem)
        if number is None:
            return
        message = clean_message(self._without_names(diagnostic.message, stem))
        if self._gave_up and self._gave_up.search(f"{diagnostic.rule}: {message}"):
            self._faults[number] = message[:200]
        elif len(self._found[number]) < MAX_DIAGNOSTICS:
            self._found[number].append(diagnostic.model_copy(update={"message": message}))

    def results(self, tool: str) -> list[Findings]:
        """What the tool found, for each sample, in order."""
        blind = "" if self._canary_found else BLIND
        return [
            Findings(diagnostics=tuple(found), tool=tool, fault=blind or fault)
            for found, fault in zip(self._found, self._faults, strict=True)
        ]

    def failed(self, fault: str) -> list[Findings]:
        """The same fault for all."""
        return [Findings(fault=fault) for _ in self._stems]

    def _without_names(self, message: str, stem: str) -> str:
        return (
            message.replace(f"{self.path}/", "").replace(str(self.path), "").replace(stem, "sample")
        )


class SampleFolder(Samples):
    """The samples of one batch on disk. Make it with `sample_folder`."""

    def __init__(
        self,
        path: Path,
        texts: Sequence[str],
        extension: str,
        canary: str,
        gave_up: str = "",
    ) -> None:
        super().__init__(path, texts, extension, gave_up)
        for file, text in zip(self.files, [*texts, canary], strict=True):
            (path / file).write_bytes(text.encode())


@contextmanager
def sample_folder(
    texts: Sequence[str], extension: str, canary: str, gave_up: str = ""
) -> Generator[SampleFolder]:
    """Write the samples and a canary into a new folder, and remove it in the end."""
    with scratch_folder() as path:
        yield SampleFolder(path, texts, extension, canary, gave_up)


def level_of(name: str) -> Severity:
    """A tool's own level as a severity: its errors are fatal until the policy says otherwise."""
    return Severity.FATAL if name == "error" else Severity.WARNING
