"""Static analysis by the settings: light to import, since `verify` should answer at once."""

from infinite_instruct.prompts.pack import PromptPack
from infinite_instruct.settings import Settings
from infinite_instruct.tools.analyzers import Batching, Policy, Toolbox, builtin_analyzers
from infinite_instruct.tools.analyzers.python.packages import Packages
from infinite_instruct.tools.analyzers.toolchest import Toolchest, default_folder
from infinite_instruct.tools.jail import detect_jail
from infinite_instruct.tools.process import Slots
from infinite_instruct.tools.verdict_cache import FindingsCache, default_file
from infinite_instruct.tools.verification import Verifier as StaticAnalysis

_BATCH = 400
"""Samples for one process of a type checker: its start costs a hundred of them."""


def toolchest_of(settings: Settings) -> Toolchest:
    """The folder of `doctor --install`."""
    return Toolchest(folder=settings.verifier.tools or default_folder())


def analysis_of(
    settings: Settings, *, strict: bool, jobs: int = 0, pack: PromptPack | None = None
) -> StaticAnalysis:
    """Static analysis by the analyzers of this machine, in the jail of the settings.

    Args:
        settings: Policy, jail and tools.
        strict: Whether value judgements of type checkers reject, too.
        jobs: Analyzer processes at a time; 0 for as many as the machine has cores.
        pack: Whose policy is laid over the built-in one.

    Raises:
        SettingsError: A policy is wrong.
        MissingToolError: A jail is required, and there is none.
    """
    packs = pack.policies if pack else ()
    policy = Policy.load(settings.verifier.policy, strict=strict, packs=packs)
    toolbox = Toolbox(
        jail=detect_jail(settings.verifier.jail),
        slots=Slots(jobs or None),
        chest=toolchest_of(settings),
        batching=Batching(size=_BATCH),
        packages=settings.verifier.packages,
    )
    cache = FindingsCache(default_file()) if settings.verifier.cache else None
    installed = Packages.of(toolbox.packages) if toolbox.packages else None
    analyzers = builtin_analyzers(toolbox, policy, settings.verifier.python)
    return StaticAnalysis(analyzers, policy, cache, installed=installed)
