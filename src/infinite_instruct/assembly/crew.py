"""The crew of a campaign: agents, gate and analyzers."""

from infinite_instruct.agents.desk import Desk
from infinite_instruct.agents.graph_curator import GraphCurator
from infinite_instruct.agents.problem_composer import ProblemComposer
from infinite_instruct.agents.problem_evolver import ProblemEvolver
from infinite_instruct.agents.reverse_writer import ReverseWriter
from infinite_instruct.agents.solver import Solver
from infinite_instruct.agents.verifier import Verifier
from infinite_instruct.assembly.models import model_names
from infinite_instruct.events import Emit
from infinite_instruct.graphs.crew import Crew
from infinite_instruct.llm.model import ChatModel
from infinite_instruct.prompts.pack import PromptPack
from infinite_instruct.settings import Settings
from infinite_instruct.tools.analyzers import Batching, Policy, Toolbox, builtin_analyzers
from infinite_instruct.tools.analyzers.langchain_tools import langchain_tools
from infinite_instruct.tools.analyzers.python.packages import Packages
from infinite_instruct.tools.analyzers.toolchest import Toolchest, default_folder
from infinite_instruct.tools.contamination import BenchmarkIndex
from infinite_instruct.tools.gate import Gate
from infinite_instruct.tools.jail import detect_jail
from infinite_instruct.tools.process import Slots
from infinite_instruct.tools.verdict_cache import FindingsCache, default_file
from infinite_instruct.tools.verification import Verifier as StaticAnalysis
from infinite_instruct.tools.vocabulary import Vocabulary

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


def build_crew(
    settings: Settings,
    pack: PromptPack,
    model: ChatModel,
    vocabulary: Vocabulary,
    analysis: StaticAnalysis,
    emit: Emit,
) -> Crew:
    """Give every agent its desk and its tools.

    Raises:
        SettingsError: A benchmark file is wrong.
    """
    desk = Desk(pack, model, model_names(settings), emit, attempts=1 + settings.model.reasks)
    tools = tuple(langchain_tools(analysis.analyzers)) if settings.verifier.mode == "agent" else ()
    return Crew(
        writer=ReverseWriter(desk),
        composer=ProblemComposer(desk),
        evolver=ProblemEvolver(desk),
        solver=Solver(desk),
        verifier=Verifier(desk, analysis, settings.verifier.mode, tools),
        curator=GraphCurator(desk, vocabulary),
        gate=Gate(_benchmarks(settings)),
        emit=emit,
        max_attempts=settings.verifier.max_attempts,
        accept_unverifiable=settings.verifier.accept_unverifiable,
    )


def _benchmarks(settings: Settings) -> BenchmarkIndex:
    """HumanEval and MBPP, and the user's own files."""
    index = BenchmarkIndex.shipped()
    for path in settings.gate.benchmarks:
        index.add_file(path, settings.gate.benchmark_fields)
    return index
