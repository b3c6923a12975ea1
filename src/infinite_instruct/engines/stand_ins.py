"""What a worker has in place of what only the driver has: the door, the places, the graph."""

from dataclasses import dataclass

from infinite_instruct.agents.curated import Curated
from infinite_instruct.domain import Problem, RowPlan
from infinite_instruct.engines.messages import Complete, Curate, HoldPlace
from infinite_instruct.engines.peer import Peer
from infinite_instruct.llm.model import ChatReply, ChatRequest


@dataclass(frozen=True)
class DriversModel:
    """The driver's door to all models: ledger, budget, stop switch and flow are behind it."""

    driver: Peer

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Answer one request; raises what a `ChatModel` does."""
        _ = request.key  # made here, it goes with the request: the driver has more to do
        reply: ChatReply = await self.driver.ask(Complete(request=request))
        return reply


@dataclass(frozen=True)
class DriversPlaces:
    """The driver's places of problems, as in `tools.gate.Places`."""

    driver: Peer

    async def hold(self, row: str, text: str) -> str | None:
        """Give a row's problem its place; or the row that has it already."""
        holder: str | None = await self.driver.ask(HoldPlace(row=row, text=text))
        return holder


@dataclass(frozen=True)
class DriversCurator:
    """The driver's curator, as in `graphs.crew.Curator`."""

    driver: Peer

    async def curate(self, plan: RowPlan, problem: Problem) -> Curated:
        """Add an accepted problem's keywords to the graph."""
        curated: Curated = await self.driver.ask(Curate(plan=plan, problem=problem))
        return curated
