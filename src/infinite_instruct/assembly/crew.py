"""The crew of a campaign: agents, gate and analyzers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from infinite_instruct.agents.desk import Desk
from infinite_instruct.agents.problem_composer import ProblemComposer
from infinite_instruct.agents.problem_evolver import ProblemEvolver
from infinite_instruct.agents.reverse_writer import ReverseWriter
from infinite_instruct.agents.solver import Solver
from infinite_instruct.agents.verifier import Verifier
from infinite_instruct.assembly.model_names import model_names
from infinite_instruct.events import Emit
from infinite_instruct.graphs.crew import Crew, Curator
from infinite_instruct.llm.model import ChatModel
from infinite_instruct.prompts.pack import PromptPack
from infinite_instruct.settings import Settings
from infinite_instruct.tools.analyzers.langchain_tools import langchain_tools
from infinite_instruct.tools.gate import Gate, Places
from infinite_instruct.tools.verification import Verifier as StaticAnalysis

if TYPE_CHECKING:
    from infinite_instruct.tools.contamination import BenchmarkIndex


@dataclass(frozen=True)
class Common:
    """What all crews of a campaign have in common, in whichever process each of them is."""

    model: ChatModel
    """Answers all roles."""
    places: Places
    """Of the problems that were posed."""
    curator: Curator
    """Writes the knowledge graph."""
    emit: Emit
    """Hears what the crews do."""


def build_crew(
    settings: Settings,
    pack: PromptPack,
    common: Common,
    analysis: StaticAnalysis,
) -> Crew:
    """Give every agent its desk and its tools.

    Args:
        settings: How they work.
        pack: Their prompts.
        common: What they share with other crews.
        analysis: Judges the answers.

    Raises:
        SettingsError: A benchmark file is wrong.
    """
    desk = open_desk(settings, pack, common.model, common.emit)
    tools = tuple(langchain_tools(analysis.analyzers)) if settings.verifier.mode == "agent" else ()
    return Crew(
        writer=ReverseWriter(desk),
        composer=ProblemComposer(desk),
        evolver=ProblemEvolver(desk),
        solver=Solver(desk),
        verifier=Verifier(desk, analysis, settings.verifier.mode, tools),
        curator=common.curator,
        gate=Gate(_benchmarks(settings), common.places),
        emit=common.emit,
        max_attempts=settings.verifier.max_attempts,
        accept_unverifiable=settings.verifier.accept_unverifiable,
    )


def open_desk(settings: Settings, pack: PromptPack, model: ChatModel, emit: Emit) -> Desk:
    """What the agents work with."""
    return Desk(pack, model, model_names(settings), emit, attempts=1 + settings.model.reasks)


def _benchmarks(settings: Settings) -> "BenchmarkIndex | None":
    """HumanEval and MBPP with the user's own files; None where there are none of these."""
    if not settings.gate.benchmarks:
        return None
    from infinite_instruct.tools.contamination import BenchmarkIndex

    index = BenchmarkIndex.shipped()
    for path in settings.gate.benchmarks:
        index.add_file(path, settings.gate.benchmark_fields)
    return index
