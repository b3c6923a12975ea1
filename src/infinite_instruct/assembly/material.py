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
from infinite_instruct.tools.seeds.reader_process import SeedReader
from infinite_instruct.tools.seeds.reading import Reading
from infinite_instruct.tools.seeds.rules import SeedRules
from infinite_instruct.tools.seeds.sources import check_source
from infinite_instruct.tools.verification import Verifier as StaticAnalysis
from infinite_instruct.tools.vocabularies.shipped import vocabulary_path


@dataclass(frozen=True)
class Material:
    """All that can be wrong before anything is written."""

    pack: PromptPack
    analysis: StaticAnalysis
    rules: SeedRules
    targets: Targets
    seeds: Reading


def gather(
    settings: Settings,
    *,
    resume: bool,
    listeners: Sequence[Emit] = (),
    targets: Targets | None = None,
    reader: SeedReader | None = None,
) -> Material:
    """Read and check what a campaign is made of.

    Args:
        settings: What to do.
        resume: Whether there is a run already.
        listeners: Who hears of what is left out.
        targets: What is wanted, in place of the settings' quotas.
        reader: Reads the seeds; else this process does.

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
    return Material(pack, analysis, rules, targets, _seeds(settings, rules, reader, resume=resume))


def _seeds(
    settings: Settings, rules: SeedRules, reader: SeedReader | None, *, resume: bool
) -> Reading:
    # A run that goes on from its graph alone needs its seeds no more: they may be gone.
    paths = () if resume and settings.mix.reverse == 0 else settings.seeds.paths
    for path in paths:
        check_source(path)
    if reader:
        return reader.read(paths, rules, seed=settings.seed)
    from infinite_instruct.tools.seeds.harvest import harvest

    return harvest(paths, rules, seed=settings.seed)


def require_snippets(seeds: Reading) -> None:
    """See that there is one.

    Raises:
        SeedError: There is none.
    """
    if seeds.first() is None:
        raise SeedError(
            f"The seeds give no snippet. {seeds.tally.explain()}",
            remedy="Name other seeds, or other --languages, --licenses or seeds.max_lines.",
        )
