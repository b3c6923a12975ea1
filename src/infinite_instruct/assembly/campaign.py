"""A campaign, assembled from its settings in a run folder."""

import asyncio
import json
import math
import time
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

from infinite_instruct.agents.graph_curator import GraphCurator
from infinite_instruct.agents.graph_expander import GraphExpander
from infinite_instruct.assembly.crew import Common, open_desk
from infinite_instruct.assembly.engine import open_pool, open_work
from infinite_instruct.assembly.importing import import_vocabularies
from infinite_instruct.assembly.material import Material, gather, require_snippets
from infinite_instruct.assembly.memory import Trimmer
from infinite_instruct.assembly.models import (
    Endpoints,
    Sending,
    budget_guard,
    open_door,
    open_endpoints,
    spent,
)
from infinite_instruct.assembly.planning import open_planner
from infinite_instruct.assembly.processes import Processes
from infinite_instruct.assembly.sampling import sampling_rules
from infinite_instruct.assembly.vocabulary import open_vocabulary
from infinite_instruct.domain import Sample
from infinite_instruct.events import Emit, tell_all
from infinite_instruct.graphs.campaign import Campaign, Ending
from infinite_instruct.graphs.outcomes import Books
from infinite_instruct.graphs.planner import Planner
from infinite_instruct.graphs.preparation import Preparation
from infinite_instruct.graphs.quotas import Targets
from infinite_instruct.graphs.rows import RowRunner, RowWorker
from infinite_instruct.llm.budget import Meter
from infinite_instruct.llm.model import ChatModel
from infinite_instruct.llm.routing import StopSwitch
from infinite_instruct.prompts.pack import PromptPack
from infinite_instruct.runs.elapsed import note_begin
from infinite_instruct.runs.folder import RunFolder
from infinite_instruct.runs.log import logging_to
from infinite_instruct.runs.reader import RunReader
from infinite_instruct.runs.report import SKIPPED_SEEDS
from infinite_instruct.runs.store import RunStore
from infinite_instruct.runs.store_url import secrets_of
from infinite_instruct.sections import ROLES
from infinite_instruct.settings import Settings, dump_toml
from infinite_instruct.tools.gate import OwnPlaces
from infinite_instruct.tools.seeds.reading import Reading
from infinite_instruct.tools.similarity import NearDuplicates

Progress = Callable[[int, int], None]
_LOCAL_ROWS = 4
_ENDPOINT_ROWS = 32
_ROWS_PER_CALL = 1.5
"""More rows than calls that endpoints take: while some are verified or stored, others ask."""
_LAST_ROWS_PER_CALL = 2.5
"""Simulated without any CPU: 1,000 rows at 512 calls end after 1.48 of the ideal time, where with
1.5 they take 1.76; more rows than this at the end gain little."""


@dataclass
class OpenCampaign:
    """A campaign with all that belongs to it, ready to run."""

    campaign: Campaign
    folder: RunFolder
    store: RunStore
    seeds: Reading
    meter: Meter
    switch: StopSwitch

    async def run(self) -> Ending:
        """Run until the target, a limit or a stop; then write what the run leaves behind."""
        from infinite_instruct.assembly.deliverables import deliver

        await note_begin(self.store, self.meter.seconds, time.time())
        self.meter.start()
        ending = await self.campaign.run(list(self.store.unfinished()))
        tally = self.seeds.tally
        if tally.files or tally.skipped:
            await self.store.note(SKIPPED_SEEDS, json.dumps(dict(tally.skipped)))
        await self.store.flush()
        await asyncio.to_thread(deliver, self.folder)
        return ending


@asynccontextmanager
async def open_campaign(
    settings: Settings,
    *,
    resume: bool = False,
    listeners: Sequence[Emit] = (),
    model: ChatModel | None = None,
    progress: Progress | None = None,
    targets: Targets | None = None,
    processes: Processes | None = None,
) -> AsyncGenerator[OpenCampaign]:
    """Assemble a campaign, in a new run folder or in one to go on with.

    Args:
        settings: What to do.
        resume: Whether the folder holds a run already.
        listeners: Who hears of every event, besides the store.
        model: Answers all requests in place of the configured endpoints: a script, a cassette.
        progress: Hears bytes done and bytes in all while a local model's weights are fetched.
        targets: What is wanted, in place of the settings' quotas.
        processes: Those that are there already.

    Raises:
        InfiniteInstructError: Seeds, pack, folder, endpoint or a tool cannot be used.
    """
    processes = processes or Processes()
    material = gather(
        settings, resume=resume, listeners=listeners, targets=targets, reader=processes.reader
    )
    pack, sampling = material.pack, sampling_rules(material.pack)
    switch = StopSwitch()
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(_folder(settings, pack, resume=resume))
        secrets = settings.secrets() + secrets_of(settings.store.get_secret_value())
        stack.enter_context(logging_to(folder.log, level=settings.log_level, secrets=secrets))
        pool = await open_pool(settings, pack, stack, switch, processes.nursery)
        store = stack.enter_context(_store(folder))
        books = Books()
        emit = tell_all([store.emit, books, Trimmer(), *listeners])
        await import_vocabularies(settings.graph.vocabularies, store, emit)
        later = Preparation()
        vocabulary = stack.enter_context(
            open_vocabulary(settings.graph, folder, store, sampling, later)
        )
        if not resume and not settings.graph.vocabularies:
            require_snippets(material.seeds)
        planner = open_planner(settings, material, vocabulary, store, later, emit)
        meter = spent(store)
        switch.listen(lambda: later.give_up(switch.error()))
        guard = budget_guard(settings, meter).check
        sending = Sending(switch, guard, pool.make_try if pool else None)
        endpoints = (
            Endpoints(model)
            if model
            else await open_endpoints(settings, pack, stack, emit, progress, sending)
        )
        door = open_door(settings, endpoints.model, store, meter, switch)
        problems = NearDuplicates(path=folder.problems)
        stack.callback(problems.close)
        _hold_places(problems, store)
        desk = open_desk(settings, pack, door, emit)
        curator = GraphCurator(desk, vocabulary)
        common = Common(door, OwnPlaces(problems), curator, emit)
        if pool:
            open_work(settings, pool, endpoints, common)
        worker = pool or await _own_worker(settings, material, common, books, folder, stack)
        runner = RowRunner(worker, GraphExpander(desk, curator), problems, store, emit)
        campaign = _campaign(settings, runner, planner, store)
        campaign.preparation = later
        yield OpenCampaign(campaign, folder, store, material.seeds, meter, switch)


async def _own_worker(
    settings: Settings,
    material: Material,
    common: Common,
    books: Books,
    folder: RunFolder,
    stack: AsyncExitStack,
) -> RowWorker:
    """This process itself: where others take the rows, it needs no LangGraph."""
    from infinite_instruct.assembly.crew import build_crew
    from infinite_instruct.graphs.checkpoints import open_checkpoints
    from infinite_instruct.graphs.graph_worker import GraphWorker
    from infinite_instruct.graphs.row import build_row_graph

    kept = open_checkpoints(folder.checkpoints) if settings.checkpoint else None
    saver = await stack.enter_async_context(kept) if kept else None
    crew = build_crew(settings, material.pack, common, material.analysis)
    graph = build_row_graph(saver)
    return GraphWorker(graph, crew, books, common.emit, material.pack.identity)


@contextmanager
def _folder(settings: Settings, pack: PromptPack, *, resume: bool) -> Generator[RunFolder]:
    """The run folder, locked. A new one that fails before its first row leaves nothing behind."""
    # A pack that was edited makes other rows, though its name is the same.
    fingerprint = settings.fingerprint() | {"pack": pack.identity}
    store = settings.store.get_secret_value()
    if resume:
        with RunFolder.open(settings.out, fingerprint, store=store) as folder:
            yield folder
        return
    text = dump_toml(settings)
    with RunFolder.create(settings.out, text, fingerprint, store=store) as folder:
        try:
            yield folder
        except BaseException:
            with RunReader(folder.ledger) as reader:
                started = reader.counts().planned > 0
            if not started:
                folder.discard()
            raise


@contextmanager
def _store(folder: RunFolder) -> Generator[RunStore]:
    store = RunStore(folder.ledger)
    try:
        yield store
    finally:
        store.close()


def _hold_places(problems: NearDuplicates, store: RunStore) -> None:
    """Keep the places of the accepted problems, and no other: the file may be older or newer."""
    accepted, known = frozenset(store.accepted()), problems.names()
    for row in known - accepted:
        problems.remove(row)
    for row in accepted - known:
        if isinstance(sample := store.outcome(row), Sample):
            problems.replace(row, sample.prompt)


def _rows_in_flight(settings: Settings) -> tuple[int, int]:
    """As the settings say; else enough that the endpoints never idle, and more at the end."""
    if settings.concurrency:
        return settings.concurrency, settings.concurrency
    places = dict.fromkeys(place for role in ROLES for place in settings.endpoint(role).replicas())
    if not places:
        return _LOCAL_ROWS, _LOCAL_ROWS
    if not all(place.concurrency for place in places):
        return _ENDPOINT_ROWS, _ENDPOINT_ROWS
    calls = sum(place.concurrency for place in places)
    return math.ceil(_ROWS_PER_CALL * calls), math.ceil(_LAST_ROWS_PER_CALL * calls)


def _campaign(settings: Settings, runner: RowRunner, planner: Planner, store: RunStore) -> Campaign:
    counts = store.counts()
    concurrency, last = _rows_in_flight(settings)
    return Campaign(
        runner=runner,
        planner=planner,
        target=settings.rows,
        row_limit=settings.row_limit,
        concurrency=concurrency,
        last=last,
        accepted=counts.samples,
        tried=counts.finished,
    )
