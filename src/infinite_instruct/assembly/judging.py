"""Opinions on pairs of keywords without a campaign: the curator's model at a desk of its own."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from infinite_instruct.agents.desk import Desk
from infinite_instruct.agents.opinions import Opinions
from infinite_instruct.agents.pair_judge import PairJudge
from infinite_instruct.assembly.model_names import model_names
from infinite_instruct.assembly.models import open_models
from infinite_instruct.domain import Direction, Language, Origin, ProblemType, RowPlan
from infinite_instruct.events import Emit
from infinite_instruct.prompts.pack import open_pack
from infinite_instruct.settings import Settings


@asynccontextmanager
async def open_opinions(settings: Settings, emit: Emit) -> AsyncGenerator[Opinions]:
    """Open the curator's model for single pairs, which are asked about in batches.

    Raises:
        InfiniteInstructError: The pack is wrong, or the endpoint cannot be used.
    """
    pack = open_pack(settings.pack)
    async with AsyncExitStack() as stack:
        model = await open_models(settings, pack, stack, emit, None)
        desk = Desk(pack, model, model_names(settings), emit, attempts=1 + settings.model.reasks)
        judge, plan = PairJudge(desk), _errand(settings)
        yield Opinions(lambda pairs: judge.rule(plan, pairs))


def _errand(settings: Settings) -> RowPlan:
    """Agents work on rows; of this one they see no more than its name and its seed."""
    return RowPlan(
        id="pairs",
        origin=Origin.BACKFEED,
        problem_type=ProblemType.KNOWLEDGE_QUESTION,
        direction=Direction.DEEPENING,
        language=Language.PYTHON,
        seed=settings.seed,
    )
