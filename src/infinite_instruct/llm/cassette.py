"""Recorded conversations: what a real model said once can be played again, offline."""

import difflib
from pathlib import Path

from pydantic import ValidationError

from infinite_instruct.domain import Value
from infinite_instruct.errors import ModelReplyError, SettingsError
from infinite_instruct.llm.model import ChatModel, ChatReply, ChatRequest

_MAX_SHOWN = 160


class Take(Value):
    """One line of a cassette."""

    key: str
    request: ChatRequest
    reply: ChatReply


class RecordingModel:
    """Asks another model and writes each reply down, one JSON line each."""

    def __init__(self, inner: ChatModel, path: Path) -> None:
        self._inner = inner
        self._path = path

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Answer one request and record it."""
        reply = await self._inner.complete(request)
        take = Take(key=request.key, request=request, reply=reply)
        with self._path.open("a", encoding="utf-8") as cassette:
            cassette.write(take.model_dump_json() + "\n")
        return reply


class CassetteModel:
    """Plays a cassette: equal requests get the recorded reply, the last one where there are more.

    Raises:
        SettingsError: The cassette cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._takes = {take.key: take for take in _load(path)}

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Play the reply to one request.

        Raises:
            ModelReplyError: It was not recorded; the error names what differs from the nearest.
        """
        take = self._takes.get(request.key)
        if take is not None:
            return take.reply
        raise ModelReplyError(
            f"{self._path.name} holds no reply to this request as {request.role}: "
            f"{self._difference(request)}.",
            remedy="Record the cassette again, with RecordingModel around a real model.",
        )

    def _difference(self, request: ChatRequest) -> str:
        takes = [take for take in self._takes.values() if take.request.role == request.role]
        if not takes:
            return "no request of this role was recorded"
        wanted = _prompt(request)
        nearest = max(takes, key=lambda take: _likeness(_prompt(take.request), wanted))
        return _first_difference(nearest.request, request)


def _load(path: Path) -> list[Take]:
    try:
        # Not splitlines: it also breaks at U+2028, which JSON strings may hold.
        lines = path.read_text(encoding="utf-8").split("\n")
        return [Take.model_validate_json(line) for line in lines if line]
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise SettingsError(
            f"The cassette {path} cannot be read: {str(error)[:_MAX_SHOWN]}",
            remedy="Record it again, with RecordingModel around a real model.",
        ) from error


def _prompt(request: ChatRequest) -> str:
    return "\n".join(message.content for message in request.messages)


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one[:2_000], other[:2_000]).quick_ratio()


def _first_difference(recorded: ChatRequest, asked: ChatRequest) -> str:
    for field in ChatRequest.model_fields:
        if field == "messages":
            continue
        was, now = getattr(recorded, field), getattr(asked, field)
        if was != now:
            return f"{field} was {str(was)[:_MAX_SHOWN]!r} and is {str(now)[:_MAX_SHOWN]!r}"
    lines = difflib.unified_diff(
        _prompt(recorded).splitlines(), _prompt(asked).splitlines(), n=0, lineterm=""
    )
    changed = [line for line in lines if line[:3] not in ("---", "+++") and line[:2] != "@@"]
    return f"the messages differ: {' | '.join(changed)[:_MAX_SHOWN]}"
