"""The graph of a run, opened to be expanded by hand."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from itertools import islice
from random import Random

from infinite_instruct.agents.desk import Desk
from infinite_instruct.agents.graph_curator import GraphCurator
from infinite_instruct.agents.graph_expander import GraphExpander
from infinite_instruct.assembly.deliverables import deliver_graph
from infinite_instruct.assembly.model_names import model_names
from infinite_instruct.assembly.models import (
    Sending,
    budget_guard,
    open_door,
    open_endpoints,
    require_prices,
    spent,
)
from infinite_instruct.assembly.sampling import sampling_rules
from infinite_instruct.assembly.vocabulary import open_vocabulary
from infinite_instruct.domain import Language, Value
from infinite_instruct.errors import SettingsError
from infinite_instruct.events import Emit, tell_all
from infinite_instruct.llm.model import ChatModel
from infinite_instruct.llm.routing import StopSwitch
from infinite_instruct.prompts.pack import PromptPack, open_pack
from infinite_instruct.runs.folder import RunFolder
from infinite_instruct.runs.store import RunStore
from infinite_instruct.settings import Settings
from infinite_instruct.tools.expansion import ThinRegion, region_around, thin_region
from infinite_instruct.tools.graph_events import Proposal
from infinite_instruct.tools.knowledge import KnowledgeGraph


class Expansion(Value):
    """What was asked and what came of it."""

    region: ThinRegion
    proposals: tuple[Proposal, ...]


async def expand_graph(
    settings: Settings,
    keywords: Sequence[str] = (),
    *,
    most: int = 1,
    listeners: Sequence[Emit] = (),
    model: ChatModel | None = None,
) -> tuple[Expansion, ...]:
    """Ask a model for more around keywords of a run, and write down what comes of it.

    Args:
        settings: Those of the run.
        keywords: Around these, in any form; none: around the thinnest ones.
        most: How many of the thinnest ones.
        listeners: Who hears of every event, besides the store.
        model: Answers in place of the configured endpoints.

    Raises:
        InfiniteInstructError: The run is in use or was made otherwise, a keyword is not in its
            graph, or the model cannot be asked.
    """
    require_prices(settings)
    pack = open_pack(settings.pack)
    rules = sampling_rules(pack)
    done: list[Expansion] = []
    async with AsyncExitStack() as stack:
        fingerprint = settings.fingerprint() | {"pack": pack.identity}
        place = settings.store.get_secret_value()
        folder = stack.enter_context(RunFolder.open(settings.out, fingerprint, store=place))
        store = stack.enter_context(RunStore(folder.ledger))
        emit = tell_all([store.emit, *listeners])
        vocabulary = stack.enter_context(open_vocabulary(settings.graph, folder, store, rules))
        regions = _regions(vocabulary.graph, keywords, most)
        switch, meter = StopSwitch(), spent(store)
        guard = budget_guard(settings, meter).check
        sending = Sending(switch, guard)
        inner = model or await _opened(settings, pack, stack, emit, sending)
        door = open_door(settings, inner, store, meter, switch)
        desk = Desk(pack, door, model_names(settings), emit, attempts=1 + settings.model.reasks)
        expander = GraphExpander(desk, GraphCurator(desk, vocabulary))
        for region in regions:
            grown = await expander.expand(region, settings.seed + vocabulary.graph.expansions)
            await store.add_graph_events(grown.events)
            done.append(Expansion(region=region, proposals=grown.proposals))
        await store.flush()
        await asyncio.to_thread(deliver_graph, folder, vocabulary.graph)
    return tuple(done)


async def _opened(
    settings: Settings, pack: PromptPack, stack: AsyncExitStack, emit: Emit, sending: Sending
) -> ChatModel:
    return (await open_endpoints(settings, pack, stack, emit, None, sending)).model


def _regions(graph: KnowledgeGraph, keywords: Sequence[str], most: int) -> Iterator[ThinRegion]:
    """Around the keywords, all of them looked up at once; else the thinnest, one by one."""
    if keywords:
        return iter([_region(graph, keyword) for keyword in keywords])
    return islice(_thinnest(graph), most)


def _region(graph: KnowledgeGraph, keyword: str) -> ThinRegion:
    blocked = graph.is_blocked(keyword)
    if blocked or keyword not in graph:
        why = "is blocked" if blocked else "is not in the graph"
        raise SettingsError(
            f"'{keyword[:80]}' {why}: nothing was asked.",
            remedy="Name a keyword that problems or vocabularies brought, in any form.",
        )
    node = graph.node(keyword)
    known = sorted(node.languages, key=lambda language: -node.languages[language])
    language = [*known, *_languages(graph), Language.PYTHON][0]
    return region_around(graph, node.id, node.kind, language, Random(0))  # noqa: S311 (no secret)


def _thinnest(graph: KnowledgeGraph) -> Iterator[ThinRegion]:
    """Looked for anew after each expansion, in all languages in turn."""
    languages = _languages(graph)
    while languages:
        language = languages.pop(0)
        chance = Random(graph.expansions)  # noqa: S311 (no secret)
        region = thin_region(graph, language, chance)
        if region is not None:
            languages.append(language)
            yield region


def _languages(graph: KnowledgeGraph) -> list[Language]:
    """The languages of its problems, the one with most first."""
    known = [language for language in Language if graph.rows_of(language)]
    return sorted(known, key=lambda language: -graph.rows_of(language))
