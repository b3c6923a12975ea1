"""The conversation with TypeScript's compiler: its `--api` speaks JSON-RPC over its pipes.

The interface is of TypeScript 7.0 and may move: the version is pinned, every answer is validated,
and a canary in each project has to be found.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, TypeAdapter

from infinite_instruct.tools.analyzers.base import MAX_MESSAGE
from infinite_instruct.tools.worker import Channel, WorkerFault

_LENGTH = re.compile(rb"content-length: *(\d{1,9})", re.IGNORECASE)
_MAX_HEADERS = 10


class Reported(BaseModel):
    """One diagnostic. `pos` and `end` count UTF-16 units from 0."""

    code: int = Field(ge=0)
    text: str
    pos: int = -1
    end: int = -1
    chain: list["Reported"] = Field(
        default_factory=list["Reported"], validation_alias="messageChain"
    )

    @property
    def message(self) -> str:
        """What it says, with its reasons, in bounds."""
        return " ".join([self.text, *(each.message for each in self.chain)])[:MAX_MESSAGE]


class _Reply(BaseModel):
    id: int
    result: Any = None
    error: Any = None


class _Opened(BaseModel):
    id: str
    config: str = Field(validation_alias="configFileName")


class _Snapshot(BaseModel):
    snapshot: int
    projects: list[_Opened]


_DIAGNOSTICS: TypeAdapter[list[Reported] | None] = TypeAdapter(list[Reported] | None)


class Compiler:
    """Asks one running compiler. Used by the worker's thread only.

    Args:
        channel: The pipes to it.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._place: Mapping[str, object] = {}

    def open(self, config: Path) -> None:
        """Read a project anew; the questions that follow are about it.

        Raises:
            WorkerFault: No usable answer.
        """
        name = str(config)
        changes = {"openProjects": [name], "fileChanges": {"changed": [name]}}
        opened = _Snapshot.model_validate(self._ask("updateSnapshot", changes))
        ids = [project.id for project in opened.projects if project.config == name]
        if not ids:
            raise WorkerFault("it did not open the project")
        self._place = {"snapshot": opened.snapshot, "project": ids[0]}

    def syntax_of(self, file: Path) -> Sequence[Reported]:
        """Where a file is not of the language."""
        return self._diagnostics("getSyntacticDiagnostics", file)

    def meaning_of(self, file: Path) -> Sequence[Reported]:
        """What is wrong with a file's names and types."""
        return self._diagnostics("getSemanticDiagnostics", file)

    def release(self) -> None:
        """Forget the project's program; the library stays."""
        self._ask("release", {"snapshot": self._place["snapshot"]})

    def _diagnostics(self, method: str, file: Path) -> list[Reported]:
        found = self._ask(method, {**self._place, "file": str(file)})
        return _DIAGNOSTICS.validate_python(found) or []

    def _ask(self, method: str, parameters: Mapping[str, object]) -> object:
        asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        body = json.dumps(asked).encode()
        self._channel.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        reply = _Reply.model_validate_json(self._channel.read_exactly(self._length()))
        if reply.error is not None:
            raise WorkerFault(f"it answered {method} with an error")
        return reply.result

    def _length(self) -> int:
        """The number of bytes that follow the headers."""
        length = -1
        for _ in range(_MAX_HEADERS):
            line = self._channel.read_line().strip()
            if not line:
                break
            found = _LENGTH.match(line)
            length = int(found[1]) if found else length
        if length < 0:
            raise WorkerFault("its answer has no length")
        return length
