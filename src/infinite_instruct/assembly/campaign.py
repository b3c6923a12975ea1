"""A campaign, assembled from its settings in a run folder."""

import asyncio
import json
import shutil
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

from infinite_instruct.assembly.analysis import analysis_of
from infinite_instruct.assembly.crew import build_crew
from infinite_instruct.assembly.deliverables import deliver
from infinite_instruct.assembly.importing import import_vocabularies, vocabulary_languages
from infinite_instruct.assembly.models import open_door, open_models, require_prices, spent
from infinite_instruct.assembly.seeds import seed_rules
from infinite_instruct.domain import Language, Sample
from infinite_instruct.errors import SeedError
from infinite_instruct.events import Emit, tell_all
from infinite_instruct.graphs.campaign import Campaign, Ending
from infinite_instruct.graphs.outcomes import Books
from infinite_instruct.graphs.planner import Planner
from infinite_instruct.graphs.row import build_row_graph
from infinite_instruct.graphs.rows import RowRunner
from infinite_instruct.llm.budget import Meter
from infinite_instruct.llm.model import ChatModel
from infinite_instruct.llm.routing import StopSwitch
from infinite_instruct.prompts.pack import PromptPack, open_pack
from infinite_instruct.runs.folder import RunFolder
from infinite_instruct.runs.log import logging_to
from infinite_instruct.runs.reader import RunReader
from infinite_instruct.runs.report import SKIPPED_SEEDS
from infinite_instruct.runs.store import RunStore
from infinite_instruct.settings import Settings, dump_toml
from infinite_instruct.tools.embedders import WordLlamaEmbedder
from infinite_instruct.tools.seeds.harvest import Harvest, harvest
from infinite_instruct.tools.seeds.rules import SeedRules
from infinite_instruct.tools.vectors import ChromaIndex
from infinite_instruct.tools.vocabularies.shipped import vocabulary_path
from infinite_instruct.tools.vocabulary import Vocabulary, index_texts, rebuild_graph

Progress = Callable[[int, int], None]
_LOCAL_ROWS = 4
_ENDPOINT_ROWS = 32


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
        ending = await self.campaign.run(list(self.store.unfinished()))
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
) -> AsyncGenerator[OpenCampaign]:
    """Assemble a campaign, in a new run folder or in one to go on with.

    Args:
        settings: What to do.
        resume: Whether the folder holds a run already.
        listeners: Who hears of every event, besides the store.
        model: Answers all requests in place of the configured endpoints: a script, a cassette.
        progress: Hears bytes done and bytes in all while a local model's weights are fetched.

    Raises:
        InfiniteInstructError: Seeds, pack, folder, endpoint or a tool cannot be used.
    """
    require_prices(settings)
    for name in () if resume else settings.graph.vocabularies:
        vocabulary_path(name)
    pack = open_pack(settings.pack)
    verifier = analysis_of(settings, strict=settings.verifier.strict, pack=pack)
    rules = seed_rules(settings, pack, verifier, tell_all(list(listeners)))
    seeds = harvest(settings.seeds.paths, rules, seed=settings.seed)
    if not resume and not settings.graph.vocabularies:
        _require_snippets(seeds)
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(_folder(settings, pack, resume=resume))
        secrets = settings.secrets()
        stack.enter_context(logging_to(folder.log, level=settings.log_level, secrets=secrets))
        store = stack.enter_context(_store(folder))
        books = Books()
        emit = tell_all([store.emit, books, *listeners])
        await import_vocabularies(settings.graph.vocabularies, store, emit)
        inner = model or await open_models(settings, pack, stack, emit, progress)
        switch, meter = StopSwitch(), spent(store)
        door = open_door(settings, inner, store, meter, switch)
        vocabulary = _vocabulary(folder, store)
        crew = build_crew(settings, pack, door, vocabulary, verifier, emit)
        runner = RowRunner(build_row_graph(), crew, store, books, emit, pack.identity)
        planner = _planner(settings, seeds, vocabulary, store)
        planner.know(_composable(settings, pack, rules, vocabulary))
        campaign = _campaign(settings, runner, planner, store)
        yield OpenCampaign(campaign, folder, store, seeds, meter, switch)


@contextmanager
def _folder(settings: Settings, pack: PromptPack, *, resume: bool) -> Generator[RunFolder]:
    """The run folder, locked. A new one that fails before its first row leaves nothing behind."""
    # A pack that was edited makes other rows, though its name is the same.
    fingerprint = settings.fingerprint() | {"pack": pack.identity}
    if resume:
        with RunFolder.open(settings.out, fingerprint) as folder:
            yield folder
        return
    with RunFolder.create(settings.out, dump_toml(settings), fingerprint) as folder:
        try:
            yield folder
        except BaseException:
            with RunReader(folder.ledger) as reader:
                started = reader.counts().planned > 0
            if not started:
                shutil.rmtree(folder.path)
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


def _vocabulary(folder: RunFolder, store: RunStore) -> Vocabulary:
    graph = rebuild_graph(text for _, text in store.graph_events())
    # Chroma's folder is a cache: whatever is wrong with it is repaired from the graph.
    index = ChromaIndex(folder.path / "chroma", WordLlamaEmbedder(), index_texts(graph))
    return Vocabulary(graph, index)


def _planner(
    settings: Settings, seeds: Harvest, vocabulary: Vocabulary, store: RunStore
) -> Planner:
    mix = settings.mix
    planner = Planner(
        snippets=seeds,
        vocabulary=vocabulary,
        backfeed_share=mix.backfeed / (mix.reverse + mix.backfeed),
        seed=settings.seed,
        max_snippets=settings.seeds.max_snippets,
    )
    planner.remember(plan for plan, _, _ in store.progress())
    return planner


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


def _campaign(settings: Settings, runner: RowRunner, planner: Planner, store: RunStore) -> Campaign:
    for outcome in store.outcomes():
        if isinstance(outcome, Sample):
            runner.crew.gate.remember(outcome.id, outcome.prompt)
    local = not settings.model.base_url
    counts = store.counts()
    return Campaign(
        runner=runner,
        planner=planner,
        target=settings.rows,
        row_limit=settings.row_limit,
        concurrency=settings.concurrency or (_LOCAL_ROWS if local else _ENDPOINT_ROWS),
        accepted=counts.samples,
        tried=counts.finished,
    )
