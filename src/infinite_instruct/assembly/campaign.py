"""A campaign, assembled from its settings in a run folder."""

import asyncio
import json
import math
import time
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from threading import Event

from langgraph.checkpoint.base import BaseCheckpointSaver

from infinite_instruct.agents.graph_curator import GraphCurator
from infinite_instruct.agents.graph_expander import GraphExpander
from infinite_instruct.assembly.analysis import analysis_of
from infinite_instruct.assembly.crew import Common, build_crew, open_desk
from infinite_instruct.assembly.engine import open_pool, open_work
from infinite_instruct.assembly.importing import import_vocabularies, vocabulary_languages
from infinite_instruct.assembly.models import (
    Endpoints,
    Sending,
    budget_guard,
    open_door,
    open_endpoints,
    require_prices,
    spent,
)
from infinite_instruct.assembly.quotas import (
    narrowed,
    require_material,
    targets_for,
    told,
    too_many,
)
from infinite_instruct.assembly.sampling import sampling_rules
from infinite_instruct.assembly.seeds import seed_rules
from infinite_instruct.assembly.vocabulary import open_vocabulary
from infinite_instruct.domain import Language, Sample
from infinite_instruct.errors import SeedError
from infinite_instruct.events import Emit, Noticed, tell_all
from infinite_instruct.graphs.campaign import Campaign, Ending
from infinite_instruct.graphs.checkpoints import open_checkpoints
from infinite_instruct.graphs.outcomes import Books
from infinite_instruct.graphs.planner import Planner
from infinite_instruct.graphs.preparation import Preparation
from infinite_instruct.graphs.quotas import Quotas, Targets
from infinite_instruct.graphs.row import build_row_graph
from infinite_instruct.graphs.rows import GraphWorker, RowRunner
from infinite_instruct.llm.budget import Meter
from infinite_instruct.llm.model import ChatModel
from infinite_instruct.llm.routing import StopSwitch
from infinite_instruct.prompts.pack import PromptPack, open_pack
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
from infinite_instruct.tools.seeds.harvest import Harvest, harvest
from infinite_instruct.tools.seeds.rules import SeedRules
from infinite_instruct.tools.similarity import NearDuplicates
from infinite_instruct.tools.vocabularies.shipped import vocabulary_path
from infinite_instruct.tools.vocabulary import Vocabulary

Progress = Callable[[int, int], None]
_LOCAL_ROWS = 4
_ENDPOINT_ROWS = 32
_ROWS_PER_CALL = 1.5
"""More rows than calls that endpoints take: while some are verified or stored, others ask."""
_MANY_ROWS = 100
"""From so many on, reading over the snippets that served takes seconds."""


@dataclass
class OpenCampaign:
    """A campaign with all that belongs to it, ready to run."""

    campaign: Campaign
    folder: RunFolder
    store: RunStore
    seeds: Harvest
    meter: Meter
    switch: StopSwitch

    async def run(self) -> Ending:
        """Run until the target, a limit or a stop; then write what the run leaves behind."""
        from infinite_instruct.assembly.deliverables import deliver

        await note_begin(self.store, self.meter.seconds, time.time())
        self.meter.start()
        ending = await self.campaign.run(list(self.store.unfinished()))
        if self.seeds.files or self.seeds.skipped:
            await self.store.note(SKIPPED_SEEDS, json.dumps(self.seeds.skipped))
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
) -> AsyncGenerator[OpenCampaign]:
    """Assemble a campaign, in a new run folder or in one to go on with.

    Args:
        settings: What to do.
        resume: Whether the folder holds a run already.
        listeners: Who hears of every event, besides the store.
        model: Answers all requests in place of the configured endpoints: a script, a cassette.
        progress: Hears bytes done and bytes in all while a local model's weights are fetched.
        targets: What is wanted, in place of the settings' quotas.

    Raises:
        InfiniteInstructError: Seeds, pack, folder, endpoint or a tool cannot be used.
    """
    require_prices(settings)
    for name in () if resume else settings.graph.vocabularies:
        vocabulary_path(name)
    pack = open_pack(settings.pack)
    sampling = sampling_rules(pack)
    verifier = analysis_of(settings, strict=settings.verifier.strict, pack=pack)
    rules = seed_rules(settings, pack, verifier, tell_all(list(listeners)))
    targets = targets_for(settings, rules) if targets is None else targets
    rules = narrowed(rules, targets)
    # A run that goes on from its graph alone needs its seeds no more: they may be gone.
    paths = () if resume and settings.mix.reverse == 0 else settings.seeds.paths
    seeds = harvest(paths, rules, seed=settings.seed)
    if not resume and not settings.graph.vocabularies:
        _require_snippets(seeds)
    switch = StopSwitch()
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(_folder(settings, pack, resume=resume))
        secrets = settings.secrets() + secrets_of(settings.store.get_secret_value())
        stack.enter_context(logging_to(folder.log, level=settings.log_level, secrets=secrets))
        pool = await open_pool(settings, pack, stack, switch)
        store = stack.enter_context(_store(folder))
        books = Books()
        emit = tell_all([store.emit, books, *listeners])
        await import_vocabularies(settings.graph.vocabularies, store, emit)
        later = Preparation()
        vocabulary = stack.enter_context(
            open_vocabulary(settings.graph, folder, store, sampling, later)
        )
        quotas = Quotas(targets)
        planner = _planner(settings, seeds, vocabulary, store, quotas)
        _tell_languages(planner, later, lambda: _composable(settings, pack, rules, vocabulary))
        _read_snippets(planner, later, folder, store)
        require_material(quotas, settings, rules, graph_is_empty=not store.graph_size())
        _tell_quotas(quotas, emit)
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
        worker = pool or GraphWorker(
            build_row_graph(await _checkpoints(settings, folder, stack)),
            build_crew(settings, pack, common, verifier),
            books,
            emit,
            pack.identity,
        )
        runner = RowRunner(worker, GraphExpander(desk, curator), problems, store, emit)
        campaign = _campaign(settings, runner, planner, store)
        campaign.preparation = later
        yield OpenCampaign(campaign, folder, store, seeds, meter, switch)


async def _checkpoints(
    settings: Settings, folder: RunFolder, stack: AsyncExitStack
) -> BaseCheckpointSaver[str] | None:
    if not settings.checkpoint:
        return None
    return await stack.enter_async_context(open_checkpoints(folder.checkpoints))


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


def _require_snippets(seeds: Harvest) -> None:
    if next(iter(seeds), None) is None:
        raise SeedError(
            f"The seeds give no snippet. {seeds.explain()}",
            remedy="Name other seeds, or other --languages, --licenses or seeds.max_lines.",
        )


def _planner(
    settings: Settings, seeds: Harvest, vocabulary: Vocabulary, store: RunStore, quotas: Quotas
) -> Planner:
    mix = settings.mix
    planner = Planner(
        snippets=seeds,
        vocabulary=vocabulary,
        backfeed_share=mix.backfeed / (mix.reverse + mix.backfeed),
        seed=settings.seed,
        max_snippets=settings.seeds.max_snippets,
        expansions=settings.graph.expansions,
        rows=settings.rows,
        quotas=quotas,
    )
    for tally in store.tallies():
        planner.remember(tally, tally.rows)
        if tally.state != "planned":
            quotas.remember(tally, accepted=tally.state == "sample", rows=tally.rows)
    return planner


def _tell_languages(
    planner: Planner,
    later: Preparation,
    languages: Callable[[], Iterable[Language]],
) -> None:
    """Tell the planner the languages, when the graph that knows them is there."""
    if later.is_empty:
        planner.know(languages())
    else:
        later.put_off(lambda _: planner.know(languages()))


def _read_snippets(
    planner: Planner, later: Preparation, folder: RunFolder, store: RunStore
) -> None:
    """Tell the planner which snippets served; where they are many, beside the first rows."""
    if store.counts().planned <= _MANY_ROWS:
        planner.remember_snippets(store.snippets_used())
        return
    planner.hold_snippets()

    def read(given_up: Event) -> None:
        with RunReader(folder.ledger) as reader:
            planner.remember_snippets(reader.snippets_used())
        planner.catch_up(given_up)

    later.put_off(read)


def _hold_places(problems: NearDuplicates, store: RunStore) -> None:
    """Keep the places of the accepted problems, and no other: the file may be older or newer."""
    accepted, known = frozenset(store.accepted()), problems.names()
    for row in known - accepted:
        problems.remove(row)
    for row in accepted - known:
        if isinstance(sample := store.outcome(row), Sample):
            problems.replace(row, sample.prompt)


def _composable(
    settings: Settings, pack: PromptPack, rules: SeedRules, vocabulary: Vocabulary
) -> tuple[Language, ...]:
    """The languages in which rows can be composed before a snippet in them was seen."""
    asked = settings.seeds.languages or pack.languages
    known = tuple(asked) or vocabulary_languages(vocabulary.graph)
    found = tuple(each for each in known if not rules.languages or each in rules.languages)
    if not found and not settings.seeds.paths:
        raise SeedError(
            "There are no seeds, and the vocabularies name no language to compose problems in.",
            remedy="Say it with --languages, as in --languages python.",
        )
    return found


def _tell_quotas(quotas: Quotas, emit: Emit) -> None:
    if quotas.targets:
        emit(Noticed(message=told(quotas.targets)))
    if surplus := too_many(quotas):
        emit(Noticed(message=f"More than their quota were accepted before: {surplus}."))


def _rows_in_flight(settings: Settings) -> int:
    """As the settings say; else enough that the endpoints never idle."""
    if settings.concurrency:
        return settings.concurrency
    places = dict.fromkeys(place for role in ROLES for place in settings.endpoint(role).replicas())
    if not places:
        return _LOCAL_ROWS
    if all(place.concurrency for place in places):
        return math.ceil(_ROWS_PER_CALL * sum(place.concurrency for place in places))
    return _ENDPOINT_ROWS


def _campaign(settings: Settings, runner: RowRunner, planner: Planner, store: RunStore) -> Campaign:
    counts = store.counts()
    return Campaign(
        runner=runner,
        planner=planner,
        target=settings.rows,
        row_limit=settings.row_limit,
        concurrency=_rows_in_flight(settings),
        accepted=counts.samples,
        tried=counts.finished,
    )
