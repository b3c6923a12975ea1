"""The Language Server Protocol, as far as asking for diagnostics goes: texts never touch a disk."""

import json
import time
from collections.abc import Iterator, Mapping

from pydantic import BaseModel, Field, JsonValue

from infinite_instruct.tools.worker import Channel, WorkerFault

ERROR, WARNING = 1, 2
_MAX_HEADERS = 20


class Position(BaseModel):
    """A place in a text; both count from 0."""

    line: int
    character: int


class Range(BaseModel):
    """From where to where."""

    start: Position


class Reported(BaseModel):
    """A finding of the server."""

    range: Range
    message: str
    severity: int = ERROR
    code: str | int | None = None


class _Report(BaseModel):
    items: list[Reported]


class _Error(BaseModel):
    message: str = ""


class _Message(BaseModel):
    """A request, an answer or a notification."""

    id: int | str | None = None
    method: str | None = None
    result: JsonValue = None
    error: _Error | None = None
    params: JsonValue = Field(default=None, exclude=True)


class Session:
    """A conversation with one server, over its whole life.

    Args:
        channel: Its pipes; its folder is the workspace.

    Raises:
        WorkerFault: It does not answer.
        ValueError: It answers garbage.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._asked = 0
        root = channel.folder.as_uri()
        self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": root,
                "workspaceFolders": [{"uri": root, "name": "samples"}],
                # A client that registers pulls gets no diagnostics pushed besides.
                "capabilities": {"textDocument": {"diagnostic": {"dynamicRegistration": True}}},
            },
        )
        self.notify("initialized", {})

    def diagnose(
        self, texts: Mapping[str, str], seconds: float
    ) -> Iterator[tuple[str, list[Reported]]]:
        """Have texts judged together, and give what is said of each as soon as it is said.

        Args:
            texts: They, by their files' names, which need not exist.
            seconds: How long each may take.

        Raises:
            WorkerFault: The server ended on the way.
            ValueError: It answers garbage.
        """
        for file, text in texts.items():
            self.open(file, text)
        for file in texts:
            self._channel.deadline = time.monotonic() + seconds
            yield file, self._pull(file)
        for file in texts:
            self.notify("textDocument/didClose", {"textDocument": {"uri": self._uri(file)}})

    def open(self, file: str, text: str) -> None:
        """Show a text to the server."""
        document: JsonValue = {
            "uri": self._uri(file),
            "languageId": "python",
            "version": 1,
            "text": text,
        }
        self.notify("textDocument/didOpen", {"textDocument": document})

    def request(self, method: str, params: JsonValue) -> JsonValue:
        """Ask, and wait for the answer; what the server asks meanwhile it is not told."""
        self._asked += 1
        self._send({"id": self._asked, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.method is not None:
                if message.id is not None:
                    self._send({"id": message.id, "result": None})
            elif message.id == self._asked:
                if message.error is not None:
                    raise WorkerFault(f"it refused {method}: {message.error.message[:200]}")
                return message.result

    def notify(self, method: str, params: JsonValue) -> None:
        """Tell the server something."""
        self._send({"method": method, "params": params})

    def _pull(self, file: str) -> list[Reported]:
        document: JsonValue = {"textDocument": {"uri": self._uri(file)}}
        return _Report.model_validate(self.request("textDocument/diagnostic", document)).items

    def _uri(self, file: str) -> str:
        return (self._channel.folder / file).as_uri()

    def _send(self, message: dict[str, JsonValue]) -> None:
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._channel.write(b"Content-Length: %d\r\n\r\n%b" % (len(data), data))

    def _receive(self) -> _Message:
        size = -1
        for _ in range(_MAX_HEADERS):
            name, _, value = self._channel.read_line().strip().partition(b":")
            if not name:
                break
            size = int(value) if name.lower() == b"content-length" else size
        if size < 0:
            raise ValueError("a message without its length")
        return _Message.model_validate_json(self._channel.read_exactly(size))
