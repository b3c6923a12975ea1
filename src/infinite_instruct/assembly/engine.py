"""The engine of a campaign: who takes its rows, as the settings say."""

import os
from contextlib import AsyncExitStack

from infinite_instruct.assembly.crew import Common
from infinite_instruct.assembly.job import Job
from infinite_instruct.assembly.models import Endpoints
from infinite_instruct.assembly.processes import has_workers, open_nursery
from infinite_instruct.engines.driver import DriverDesk
from infinite_instruct.engines.identity import code_identity
from infinite_instruct.engines.local import Nursery
from infinite_instruct.engines.messages import Begin, Ready
from infinite_instruct.engines.pool import Launch, WorkerPool
from infinite_instruct.errors import SettingsError
from infinite_instruct.llm.routing import StopSwitch
from infinite_instruct.prompts.pack import PromptPack
from infinite_instruct.settings import Settings


async def open_pool(
    settings: Settings,
    pack: PromptPack,
    stack: AsyncExitStack,
    switch: StopSwitch,
    nursery: Nursery | None = None,
) -> WorkerPool | None:
    """Start the workers of a campaign; None where its rows stay in this process.

    Args:
        settings: How many, and where.
        pack: The driver's: theirs must be the same.
        stack: Ends them.
        switch: The campaign's.
        nursery: Where its workers come from, if it is open already.

    Raises:
        SettingsError: The settings ask for what several processes cannot do.
        MissingToolError: The engine is not installed.
        EngineError: Its cluster cannot be reached.
    """
    if not has_workers(settings):
        return None
    _refuse(settings)
    expected = Ready(code=code_identity(), pack=pack.identity)
    launch, size = await _engine(settings, stack, nursery)
    return await stack.enter_async_context(WorkerPool(launch, size, expected, switch))


def open_work(
    settings: Settings,
    pool: WorkerPool,
    endpoints: Endpoints,
    common: Common,
) -> None:
    """Tell the workers of a campaign what to do, and who answers them.

    Args:
        settings: Of the campaign.
        pool: The workers.
        endpoints: Where they make their calls.
        common: Answers what they ask.
    """
    job = Job(
        settings=settings.model_dump(mode="json"),
        places=tuple(each.config for each in endpoints.all),
        analyzers=max(1, (os.cpu_count() or 1) // settings.workers) if _is_local(settings) else 1,
    )
    paces = tuple(each.lane.pace for each in endpoints.all)
    desk = DriverDesk(common.model, common.places, common.curator, common.emit, paces)
    pool.open(Begin(job=job), desk)


def _is_local(settings: Settings) -> bool:
    return settings.engine == "local"


async def _engine(
    settings: Settings, stack: AsyncExitStack, nursery: Nursery | None
) -> tuple[Launch, int]:
    if nursery := nursery or open_nursery(settings, stack):
        return nursery.start_worker, settings.workers
    from infinite_instruct.assembly import worker
    from infinite_instruct.engines.ray_cluster import RayCluster

    cluster = await stack.enter_async_context(RayCluster(worker.serve))
    return cluster.start_actor, settings.workers if settings.workers > 1 else cluster.cpus


def _refuse(settings: Settings) -> None:
    if settings.checkpoint:
        raise SettingsError(
            "--checkpoint keeps the states of rows in this process, not those of workers.",
            remedy="Leave out --checkpoint, or run with --workers 1.",
        )
    if settings.engine == "ray" and not settings.model.replicas():
        raise SettingsError(
            "The local model serves this machine only, and --engine ray may use others.",
            remedy="Name an endpoint that all of them reach, with --base-url.",
        )
