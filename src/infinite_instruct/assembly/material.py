"""What a campaign is made of before it has a folder: pack, rules, seeds, analyzers."""

from collections.abc import Sequence
from dataclasses import dataclass

from infinite_instruct.assembly.analysis import analysis_of
from infinite_instruct.assembly.models import require_prices
from infinite_instruct.assembly.quotas import narrowed, targets_for
from infinite_instruct.assembly.seeds import seed_rules
from infinite_instruct.errors import SeedError
from infinite_instruct.events import Emit, tell_all
from infinite_instruct.graphs.quotas import Targets
from infinite_instruct.prompts.pack import PromptPack, open_pack
from infinite_instruct.settings import Settings
from infinite_instruct.tools.seeds.harvest import Harvest, harvest
from infinite_instruct.tools.seeds.rules import SeedRules
from infinite_instruct.tools.verification import Verifier as StaticAnalysis
from infinite_instruct.tools.vocabularies.shipped import vocabulary_path


@dataclass(frozen=True)
class Material:
    """All that can be wrong before anything is written."""

    pack: PromptPack
    analysis: StaticAnalysis
    rules: SeedRules
    targets: Targets
    seeds: Harvest


def gather(
    settings: Settings,
    *,
    resume: bool,
    listeners: Sequence[Emit] = (),
    targets: Targets | None = None,
) -> Material:
    """Read and check what a campaign is made of.

    Args:
        settings: What to do.
        resume: Whether there is a run already.
        listeners: Who hears of what is left out.
        targets: What is wanted, in place of the settings' quotas.

    Raises:
        InfiniteInstructError: Prices, vocabularies, pack, quotas or seeds cannot be used.
    """
    require_prices(settings)
    for name in () if resume else settings.graph.vocabularies:
        vocabulary_path(name)
    pack = open_pack(settings.pack)
    analysis = analysis_of(settings, strict=settings.verifier.strict, pack=pack)
    rules = seed_rules(settings, pack, analysis, tell_all(list(listeners)))
    targets = targets_for(settings, rules) if targets is None else targets
    rules = narrowed(rules, targets)
    return Material(pack, analysis, rules, targets, _seeds(settings, rules, resume=resume))


def _seeds(settings: Settings, rules: SeedRules, *, resume: bool) -> Harvest:
    # A run that goes on from its graph alone needs its seeds no more: they may be gone.
    paths = () if resume and settings.mix.reverse == 0 else settings.seeds.paths
    seeds = harvest(paths, rules, seed=settings.seed)
    if not resume and not settings.graph.vocabularies:
        _require_snippets(seeds)
    return seeds


def _require_snippets(seeds: Harvest) -> None:
    if next(iter(seeds), None) is None:
        raise SeedError(
            f"The seeds give no snippet. {seeds.explain()}",
            remedy="Name other seeds, or other --languages, --licenses or seeds.max_lines.",
        )
