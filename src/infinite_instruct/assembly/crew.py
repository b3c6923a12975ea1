"""The crew of a campaign: agents, gate and analyzers."""

from infinite_instruct.agents.desk import Desk
from infinite_instruct.agents.graph_curator import GraphCurator
from infinite_instruct.agents.graph_expander import GraphExpander
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
from infinite_instruct.tools.analyzers.langchain_tools import langchain_tools
from infinite_instruct.tools.contamination import BenchmarkIndex
from infinite_instruct.tools.gate import Gate
from infinite_instruct.tools.similarity import NearDuplicates
from infinite_instruct.tools.verification import Verifier as StaticAnalysis
from infinite_instruct.tools.vocabulary import Vocabulary


def build_crew(
    settings: Settings,
    pack: PromptPack,
    model: ChatModel,
    vocabulary: Vocabulary,
    analysis: StaticAnalysis,
    problems: NearDuplicates,
    emit: Emit,
) -> Crew:
    """Give every agent its desk and its tools.

    Raises:
        SettingsError: A benchmark file is wrong.
    """
    desk = Desk(pack, model, model_names(settings), emit, attempts=1 + settings.model.reasks)
    tools = tuple(langchain_tools(analysis.analyzers)) if settings.verifier.mode == "agent" else ()
    curator = GraphCurator(desk, vocabulary)
    return Crew(
        writer=ReverseWriter(desk),
        composer=ProblemComposer(desk),
        evolver=ProblemEvolver(desk),
        solver=Solver(desk),
        verifier=Verifier(desk, analysis, settings.verifier.mode, tools),
        curator=curator,
        expander=GraphExpander(desk, curator),
        gate=Gate(_benchmarks(settings), problems),
        emit=emit,
        max_attempts=settings.verifier.max_attempts,
        accept_unverifiable=settings.verifier.accept_unverifiable,
    )


def _benchmarks(settings: Settings) -> BenchmarkIndex | None:
    """HumanEval and MBPP with the user's own files; None where there are none of these."""
    if not settings.gate.benchmarks:
        return None
    index = BenchmarkIndex.shipped()
    for path in settings.gate.benchmarks:
        index.add_file(path, settings.gate.benchmark_fields)
    return index
