"""What the tests of agents, graphs and assembly begin with: a desk, a crew, plans, replies."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, get_args

from langchain_core.tools import BaseTool

from infinite_instruct.agents.desk import Desk, Role
from infinite_instruct.agents.graph_curator import GraphCurator
from infinite_instruct.agents.graph_expander import GraphExpander
from infinite_instruct.agents.problem_composer import ProblemComposer
from infinite_instruct.agents.problem_evolver import ProblemEvolver
from infinite_instruct.agents.reverse_writer import ReverseWriter
from infinite_instruct.agents.solver import Solver
from infinite_instruct.agents.verifier import Verifier
from infinite_instruct.domain import (
    Direction,
    Keyword,
    KeywordKind,
    KeywordSet,
    Language,
    Origin,
    Outcome,
    Problem,
    ProblemType,
    Provenance,
    RowPlan,
    Snippet,
)
from infinite_instruct.events import Decided, Event, tell_all
from infinite_instruct.graphs.crew import Crew
from infinite_instruct.graphs.graph_worker import GraphWorker
from infinite_instruct.graphs.outcomes import Books
from infinite_instruct.graphs.row import build_row_graph
from infinite_instruct.graphs.rows import RowRunner
from infinite_instruct.llm.model import ChatRequest
from infinite_instruct.llm.scripted import Line, Script, ScriptedModel
from infinite_instruct.prompts.pack import open_pack
from infinite_instruct.tools.analyzers import Batching, Toolbox, builtin_analyzers
from infinite_instruct.tools.analyzers.text.tree_sitter_syntax import TreeSitterSyntax
from infinite_instruct.tools.contamination import BenchmarkIndex
from infinite_instruct.tools.gate import Gate, OwnPlaces
from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.similarity import NearDuplicates
from infinite_instruct.tools.vectors import Neighbour
from infinite_instruct.tools.verification import Verifier as StaticAnalysis
from infinite_instruct.tools.vocabulary import Vocabulary
from scripted_author import author

NAMES: dict[Role, str] = dict.fromkeys(get_args(Role), "scripted")
GOOD_CODE = "function NAME(items, limit) {\n  return items.filter((item) => item <= limit);\n}"
BROKEN_CODE = "function NAME(items, limit {\n  return items;\n}"
TASK = Problem(
    type=ProblemType.CODE_GENERATION,
    language=Language.JAVASCRIPT,
    text="Write a function `total(items)` that adds the prices of all items of a shopping list.",
    function="total",
    parameters=("items",),
)


def say(**fields: object) -> str:
    """A typed reply."""
    return json.dumps(fields)


def posed(problem: str, **more: object) -> str:
    """A reverse writer's reply."""
    return say(**{"features": "a loop", "scenario": "a shop", "problem": problem} | more)


def fenced(code: str, language: Language = Language.JAVASCRIPT) -> str:
    """A solver's reply."""
    return f"```{language.value}\n{code}\n```\nIt goes through the items once."


def cast(**lines: Sequence[Line]) -> Callable[[ChatRequest], Line]:
    """The scripted author, but for the reply types told here, and `answer` for plain text.

    Their lines are spoken in order, the last one again and again.
    """
    turns = Counter[str]()

    def speak(request: ChatRequest) -> Line:
        part = request.schema_name or "answer"
        if part not in lines:
            return author(request)
        turns[part] += 1
        return lines[part][min(turns[part], len(lines[part])) - 1]

    return speak


def make_snippet(number: int = 1, language: Language = Language.JAVASCRIPT) -> Snippet:
    name = f"keepUpTo{number}"
    return Snippet(
        id=f"s{number}",
        language=language,
        imports='import fs from "fs";',
        code=GOOD_CODE.replace("NAME", name),
        name=name,
        provenance=Provenance(
            source="src", path=f"{number}.js", first_line=1, last_line=5, content_hash=f"{number}"
        ),
    )


def make_plan(
    kind: ProblemType = ProblemType.CODE_GENERATION,
    *,
    row: str = "r1",
    language: Language = Language.JAVASCRIPT,
    keywords: KeywordSet | None = None,
    seed: int = 1,
) -> RowPlan:
    return RowPlan(
        id=row,
        origin=Origin.BACKFEED if keywords else Origin.REVERSE,
        problem_type=kind,
        direction=Direction.DEEPENING,
        language=language,
        snippet=None if keywords else make_snippet(language=language),
        keywords=keywords,
        seed=seed,
    )


def make_keywords(*texts: str, language: Language = Language.JAVASCRIPT) -> KeywordSet:
    return KeywordSet(
        language=language,
        keywords=tuple(Keyword(kind=KeywordKind.KNOWLEDGE_POINT, text=text) for text in texts),
        why="for a test",
        coherence=0.1,
    )


@dataclass
class AllNear:
    """A vector index to which all texts are near: what merges is then decided by words."""

    texts: dict[str, str] = field(default_factory=dict[str, str])
    similarity: float = 0.8

    def upsert(self, texts: Mapping[str, str]) -> None:
        self.texts.update(texts)

    def remove(self, ids: Sequence[str]) -> None:
        for name in ids:
            self.texts.pop(name, None)

    def nearest(self, text: str, count: int) -> list[Neighbour]:
        near = [Neighbour(id=name, similarity=self.similarity) for name in sorted(self.texts)]
        return near[:count]

    def nearest_many(self, texts: Sequence[str], count: int) -> list[list[Neighbour]]:
        return [self.nearest(text, count) for text in texts]

    def rebuild(self, texts: Mapping[str, str]) -> None:
        self.texts = dict(texts)

    def __len__(self) -> int:
        return len(self.texts)


@dataclass
class MemoryBook:
    """Rows written down in memory."""

    plans: list[RowPlan] = field(default_factory=list[RowPlan])
    outcomes: list[Outcome] = field(default_factory=list[Outcome])
    graph_events: list[str] = field(default_factory=list[str])

    async def plan_row(self, plan: RowPlan, graph_events: Sequence[str] = ()) -> None:
        self.plans.append(plan)
        self.graph_events.extend(graph_events)

    async def add_graph_events(self, graph_events: Sequence[str]) -> None:
        self.graph_events.extend(graph_events)

    async def finish_row(self, outcome: Outcome, graph_events: Sequence[str] = ()) -> None:
        self.outcomes.append(outcome)
        self.graph_events.extend(graph_events)


class Workshop:
    """A desk with a scripted model, and all that was heard and written down there."""

    def __init__(self, script: Script = author) -> None:
        self.model = ScriptedModel(script)
        self.heard: list[Event] = []
        self.book = MemoryBook()
        self.problems = NearDuplicates()
        self._books = Books()
        self.emit = tell_all([self.heard.append, self._books])
        self.desk = Desk(open_pack("default"), self.model, NAMES, self.emit)
        self.vocabulary = Vocabulary(KnowledgeGraph(), AllNear())

    @property
    def curator(self) -> GraphCurator:
        """The one who writes its vocabulary."""
        return GraphCurator(self.desk, self.vocabulary)

    @property
    def decisions(self) -> list[str]:
        """What was decided, in order."""
        return [event.decision for event in self.heard if isinstance(event, Decided)]

    def said(self, turn: int) -> str:
        """The last message of a request."""
        return self.model.requests[turn].messages[-1].content

    def asked(self, part: str) -> list[ChatRequest]:
        """The requests for a reply type, `answer` for plain text."""
        return [each for each in self.model.requests if (each.schema_name or "answer") == part]

    def verifier(
        self,
        analysis: StaticAnalysis | None = None,
        mode: Literal["tools", "agent"] = "tools",
        tools: tuple[BaseTool, ...] = (),
    ) -> Verifier:
        return Verifier(self.desk, analysis or syntax_only(), mode, tools)

    def crew(
        self,
        verifier: Verifier | None = None,
        benchmarks: BenchmarkIndex | None = None,
        *,
        max_attempts: int = 3,
        accept_unverifiable: bool = False,
    ) -> Crew:
        return Crew(
            writer=ReverseWriter(self.desk),
            composer=ProblemComposer(self.desk),
            evolver=ProblemEvolver(self.desk),
            solver=Solver(self.desk),
            verifier=verifier or self.verifier(),
            curator=self.curator,
            gate=Gate(benchmarks or BenchmarkIndex(), OwnPlaces(self.problems)),
            emit=self.emit,
            max_attempts=max_attempts,
            accept_unverifiable=accept_unverifiable,
        )

    def runner(self, crew: Crew | None = None) -> RowRunner:
        expander = GraphExpander(self.desk, self.curator)
        return RowRunner(self.worker(crew), expander, self.problems, self.book, self.emit)

    def worker(self, crew: Crew | None = None) -> GraphWorker:
        graph, identity = build_row_graph(), self.desk.pack.identity
        return GraphWorker(graph, crew or self.crew(), self._books, self.emit, identity)


@cache
def syntax_only() -> StaticAnalysis:
    """The parser alone: milliseconds."""
    return StaticAnalysis([TreeSitterSyntax()])


@cache
def every_analyzer() -> StaticAnalysis:
    """Everything, once for all tests: a type checker's start takes seconds."""
    return StaticAnalysis(builtin_analyzers(Toolbox(batching=Batching(seconds=0))))
