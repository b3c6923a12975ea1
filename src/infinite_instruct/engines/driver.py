"""What the driver does for its workers: all that one process alone may decide or write."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from loguru import logger

from infinite_instruct.agents.curated import Curated
from infinite_instruct.engines.messages import (
    Begin,
    Complete,
    Curate,
    Happened,
    HeadersSeen,
    HoldPlace,
    Logged,
    MakeTry,
    News,
    Question,
    TakeRow,
)
from infinite_instruct.events import Emit
from infinite_instruct.graphs.crew import Curator
from infinite_instruct.llm.model import ChatModel
from infinite_instruct.llm.pace import Pace
from infinite_instruct.tools.gate import Places


@dataclass
class DriverDesk:
    """Answers the workers' questions and hears their news."""

    model: ChatModel
    places: Places
    curator: Curator
    emit: Emit
    paces: Sequence[Pace]
    """Of the job's endpoints."""
    _curated: dict[str, Curated] = field(default_factory=dict[str, Curated])
    """By row, until it ends: a row that is taken again after a loss must not enter twice."""

    async def answer(self, question: Question) -> object:
        """Answer a worker's question."""
        match question:
            case Complete():
                return await self.model.complete(question.request)
            case HoldPlace():
                return await self.places.hold(question.row, question.text)
            case Curate():
                return await self._curate(question)
            case Begin() | TakeRow() | MakeTry():
                raise TypeError(f"{type(question).__name__} is no question to the driver")

    def hear(self, news: News, now: float) -> None:
        """Hear a worker's news."""
        match news:
            case Happened():
                self.emit(news.event)
            case HeadersSeen():
                if news.place < len(self.paces):
                    self.paces[news.place].read(news.headers, now)
            case Logged():
                logger.log(news.level, "{}", news.text)

    def forget(self, row: str) -> None:
        """A row has ended."""
        self._curated.pop(row, None)

    async def _curate(self, question: Curate) -> Curated:
        row = question.plan.id
        if row not in self._curated:
            self._curated[row] = await self.curator.curate(question.plan, question.problem)
        return self._curated[row]
