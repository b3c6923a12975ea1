"""The planner of a campaign: what its settings want, what earlier sessions did."""

from collections.abc import Callable, Iterable
from threading import Event

from infinite_instruct.assembly.importing import vocabulary_languages
from infinite_instruct.assembly.material import Material
from infinite_instruct.assembly.quotas import require_material, told, too_many
from infinite_instruct.domain import Language
from infinite_instruct.errors import SeedError
from infinite_instruct.events import Emit, Noticed
from infinite_instruct.graphs.planner import Planner
from infinite_instruct.graphs.preparation import Preparation
from infinite_instruct.graphs.quotas import Quotas
from infinite_instruct.runs.reader import RunReader
from infinite_instruct.runs.store import RunStore
from infinite_instruct.settings import Settings
from infinite_instruct.tools.vocabulary import Vocabulary

_MANY_ROWS = 100
"""From so many on, reading over the snippets that served takes seconds."""


def open_planner(
    settings: Settings,
    material: Material,
    vocabulary: Vocabulary,
    store: RunStore,
    later: Preparation,
    emit: Emit,
) -> Planner:
    """Make the planner of a campaign.

    Args:
        settings: What to do.
        material: Its seeds, and what is wanted of them.
        vocabulary: Its graph.
        store: What earlier sessions did.
        later: Takes what can wait until the first rows are on their way.
        emit: Hears what is wanted.

    Raises:
        InfiniteInstructError: A quota cannot be met, or there is no language to compose in.
    """
    planner = _planner(settings, material, vocabulary, store)
    _tell_languages(planner, later, lambda: _composable(settings, material, vocabulary))
    _read_snippets(planner, later, store)
    empty = not store.graph_size()
    require_material(planner.quotas, settings, material.rules, graph_is_empty=empty)
    _tell_quotas(planner.quotas, emit)
    return planner


def _planner(
    settings: Settings, material: Material, vocabulary: Vocabulary, store: RunStore
) -> Planner:
    mix, quotas = settings.mix, Quotas(material.targets)
    planner = Planner(
        snippets=material.seeds,
        vocabulary=vocabulary,
        backfeed_share=mix.backfeed / (mix.reverse + mix.backfeed),
        seed=settings.seed,
        max_snippets=settings.seeds.max_snippets,
        expansions=settings.graph.expansions,
        rows=settings.rows,
        quotas=quotas,
        at_hand=material.seeds.at_hand,
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


def _read_snippets(planner: Planner, later: Preparation, store: RunStore) -> None:
    """Tell the planner which snippets served; where they are many, beside the first rows."""
    if store.counts().planned <= _MANY_ROWS:
        planner.remember_snippets(store.snippets_used())
        return
    planner.hold_snippets()

    def read(given_up: Event) -> None:
        with RunReader(store.ledger) as reader:
            planner.remember_snippets(reader.snippets_used())
        planner.catch_up(given_up)

    later.put_off(read)


def _composable(
    settings: Settings, material: Material, vocabulary: Vocabulary
) -> tuple[Language, ...]:
    """The languages in which rows can be composed before a snippet in them was seen."""
    rules = material.rules
    asked = settings.seeds.languages or material.pack.languages
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
