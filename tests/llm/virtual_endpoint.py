"""An endpoint in virtual time, without HTTP: it answers, refuses or fails as it is told."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from infinite_instruct.errors import EndpointError, ModelReplyError
from infinite_instruct.events import Emit, nobody
from infinite_instruct.llm.ceiling import Ceiling
from infinite_instruct.llm.faults import Fault, FaultKind
from infinite_instruct.llm.lane import Lane
from infinite_instruct.llm.model import ChatReply, ChatRequest
from infinite_instruct.llm.pace import Pace

Behaviour = Callable[["VirtualEndpoint", ChatRequest], Fault | None]
"""The fault of a call that just began; None to answer it after the latency."""


def well(_endpoint: "VirtualEndpoint", _request: ChatRequest) -> Fault | None:
    return None


def fault(kind: FaultKind, words: str = "no", retry_after: float | None = None) -> Fault:
    of_request = kind in (FaultKind.REQUEST, FaultKind.PASSING)
    error = ModelReplyError if of_request else EndpointError
    return Fault(kind, error(words, remedy="Do something."), retry_after)


@dataclass
class VirtualEndpoint:
    """Beside its lane it keeps when each call began, by the text of its request."""

    name: str = "http://a/v1"
    behave: Behaviour = well
    latency: float = 1.0
    limit: int = 1_000
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    tokens: int = 18
    emit: Emit = nobody
    calls: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    in_flight: int = 0
    most: int = 0
    lane: Lane = field(init=False)

    def __post_init__(self) -> None:
        self.pace = Pace(self.requests_per_minute, self.tokens_per_minute)
        self.ceiling = Ceiling(self.limit)
        self.lane = Lane(self.name, self.ask, self.ceiling, self.pace, self.emit)

    async def ask(self, request: ChatRequest) -> ChatReply:
        text = request.messages[0].content
        self.calls.append((asyncio.get_running_loop().time(), text))
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        try:
            failing = self.behave(self, request)
            await asyncio.sleep(0.01 if failing else self.latency)
        finally:
            self.in_flight -= 1
        if failing:
            raise failing
        return ChatReply(text=f"{self.name}: {text}", completion_tokens=self.tokens)

    def times(self, text: str) -> list[float]:
        return [round(at, 2) for at, asked in self.calls if asked == text]
