"""Which model answers for which role, and the switch that stops them all."""

from collections.abc import Callable, Mapping

from infinite_instruct.errors import StoppedError
from infinite_instruct.llm.model import ChatModel, ChatReply, ChatRequest


class RoutedModel:
    """Sends each request to the model of its role."""

    def __init__(self, models: Mapping[str, ChatModel]) -> None:
        self._models = models

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Answer one request."""
        return await self._models[request.role].complete(request)


class StopSwitch:
    """Once thrown, no further call is made; calls on their way are finished and kept."""

    def __init__(self) -> None:
        self.thrown = False
        self._listeners: list[Callable[[], None]] = []

    def throw(self) -> None:
        """Stop."""
        self.thrown = True
        for listener in self._listeners:
            listener()

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` when it is thrown."""
        self._listeners.append(listener)

    def error(self) -> StoppedError | None:
        """What a call that may not be made ends with; None while all may."""
        if not self.thrown:
            return None
        return StoppedError(
            "The run was stopped.",
            remedy="`infinite-instruct resume` goes on from here; nothing is paid twice.",
        )


class StoppableModel:
    """A model behind a switch. It stands inside of the ledger: what is known is still replayed."""

    def __init__(self, inner: ChatModel, switch: StopSwitch) -> None:
        self._inner = inner
        self._switch = switch

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Answer one request.

        Raises:
            StoppedError: The switch was thrown before.
        """
        error = self._switch.error()
        if error is not None:
            raise error
        return await self._inner.complete(request)
