"""Where a row goes next, told by its state alone."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from langchain_core.runnables import Runnable, RunnableConfig

S = TypeVar("S")


class Route(Runnable[S, str], Generic[S]):
    """A choice between nodes, for LangGraph's conditional edges.

    LangGraph takes plain functions, too, but calls each in a thread, under a run of its own in the
    callbacks: for a look at one field of the state that costs as much as a node.

    Args:
        choose: Gives the name of the next node.
    """

    def __init__(self, choose: Callable[[S], str]) -> None:
        self.name = None
        self._choose = choose

    def invoke(self, input: S, config: RunnableConfig | None = None, **_: Any) -> str:  # noqa: A002, ARG002, ANN401 - LangChain's
        """The next node."""
        return self._choose(input)

    async def ainvoke(self, input: S, config: RunnableConfig | None = None, **_: Any) -> str:  # noqa: A002, ARG002, ANN401 - LangChain's
        """As `invoke`."""
        return self._choose(input)
