"""The row's state machine: who works when, from a plan to an outcome (DESIGN: the row).

One compiled graph serves all rows; each row is one invocation. The nodes only hand typed values to
the agents of the crew and say where the row goes next.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, Literal, TypeVar, cast

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from infinite_instruct.domain import Origin, Status, Verdict
from infinite_instruct.errors import ModelReplyError
from infinite_instruct.graphs.crew import Crew
from infinite_instruct.graphs.route import Route
from infinite_instruct.graphs.state import (
    Answered,
    AnsweredDelta,
    CuratedDelta,
    Dropped,
    Judged,
    Planned,
    Posed,
    PosedDelta,
    RowState,
)
from infinite_instruct.tools.gate import Refusal

RowGraph = CompiledStateGraph[RowState, Crew, Planned, RowState]

S = TypeVar("S")
D = TypeVar("D")
Node = Callable[[S, Runtime[Crew]], Awaitable[D]]


def may_fail(node: Node[S, D]) -> Node[S, D]:
    """A node whose model may stay unusable: that drops the row, with the reason."""

    @wraps(node)
    async def guarded(state: S, runtime: Runtime[Crew]) -> D:
        try:
            return await node(state, runtime)
        except ModelReplyError as error:
            name = getattr(node, "__name__", "node")
            dropped = Dropped(stage=name, reason="unusable-reply", detail=error.cause)
            return cast("D", {"dropped": dropped})

    return guarded


@may_fail
async def write(state: Planned, runtime: Runtime[Crew]) -> PosedDelta:
    """Reverse construction: snippet → problem."""
    plan = state["plan"]
    if plan.snippet is None:
        raise ModelReplyError(f"Row {plan.id} has no snippet.", remedy="Report this as a fault.")
    return {"problem": await runtime.context.writer.write(plan, plan.snippet), "attempts": ()}


@may_fail
async def compose(state: Planned, runtime: Runtime[Crew]) -> PosedDelta:
    """Backfeeding construction: keywords → problem."""
    plan = state["plan"]
    if plan.keywords is None:
        raise ModelReplyError(f"Row {plan.id} has no keywords.", remedy="Report this as a fault.")
    return {"problem": await runtime.context.composer.compose(plan, plan.keywords), "attempts": ()}


async def gate(state: Posed, runtime: Runtime[Crew]) -> PosedDelta:
    """No duplicates, no benchmark tasks, no secrets: before a call is spent on them."""
    return _refusal("gate", await runtime.context.refusal(state["plan"], state["problem"]))


async def evolve(state: Posed, runtime: Runtime[Crew]) -> PosedDelta:
    """Steps of difficulty: as many as the row's own asks for."""
    evolved = await runtime.context.evolver.evolve(state["plan"], state["problem"])
    return {"problem": evolved.problem, "directions": evolved.directions}


async def reword(state: Posed, runtime: Runtime[Crew]) -> PosedDelta:
    """As people ask; then the gate's second look, since the text is another one now."""
    problem = await runtime.context.evolver.reword(state["plan"], state["problem"])
    refusal = _refusal("reword", await runtime.context.refusal(state["plan"], problem))
    return {"problem": problem, **refusal}


@may_fail
async def solve(state: Posed, runtime: Runtime[Crew]) -> AnsweredDelta:
    """The first answer."""
    return {"answer": await runtime.context.solver.solve(state["plan"], state["problem"])}


async def verify(state: Answered, runtime: Runtime[Crew]) -> AnsweredDelta:
    """Judge the answer; what cannot be repaired any more is dropped here."""
    crew = runtime.context
    plan, problem, answer = state["plan"], state["problem"], state["answer"]
    attempt = await crew.verifier.verify(plan, problem, answer, state["attempts"])
    attempts = (*state["attempts"], attempt)
    if crew.accepts(attempt.verdict):
        refusal = crew.answer_refusal(plan, answer)
        return cast("AnsweredDelta", {"attempts": attempts, **_refusal("verify", refusal)})
    if len(attempts) < crew.max_attempts and _can_be_repaired(attempt.verdict):
        return {"attempts": attempts}
    verdict = attempt.verdict
    dropped = Dropped(stage="verify", reason=verdict.reason, detail=verdict.detail)
    return {"attempts": attempts, "dropped": dropped}


@may_fail
async def repair(state: Judged, runtime: Runtime[Crew]) -> AnsweredDelta:
    """The next answer, from the diagnostics of the last one."""
    crew, plan, problem = runtime.context, state["plan"], state["problem"]
    last = state["attempts"][-1]
    brief = crew.verifier.brief(last, plan.language)
    return {"answer": await crew.solver.repair(plan, problem, last, brief)}


async def curate(state: Judged, runtime: Runtime[Crew]) -> CuratedDelta:
    """Feed the accepted problem's keywords back into the knowledge graph."""
    curated = await runtime.context.curator.curate(state["plan"], state["problem"])
    return {"keywords": curated.keywords, "graph_events": curated.events}


def build_row_graph(checkpoints: BaseCheckpointSaver[str] | None = None) -> RowGraph:
    """Compile the state machine, once for all rows.

    Args:
        checkpoints: Keeps the state after each node; see `graphs.checkpoints`.
    """
    graph = StateGraph(RowState, Crew, input_schema=Planned, output_schema=RowState)
    nodes = (write, compose, gate, evolve, reword, solve, verify, repair, curate)
    for node in nodes:
        graph.add_node(cast("Any", node).__name__, cast("Any", node))
    graph.add_conditional_edges(START, _by_origin, ["write", "compose"])
    graph.add_conditional_edges("write", _unless_dropped("gate"), ["gate", END])
    graph.add_conditional_edges("compose", _unless_dropped("gate"), ["gate", END])
    graph.add_conditional_edges("gate", _unless_dropped("evolve"), ["evolve", END])
    graph.add_edge("evolve", "reword")
    graph.add_conditional_edges("reword", _unless_dropped("solve"), ["solve", END])
    graph.add_conditional_edges("solve", _unless_dropped("verify"), ["verify", END])
    graph.add_conditional_edges("verify", _after_verify)
    graph.add_conditional_edges("repair", _unless_dropped("verify"), ["verify", END])
    graph.add_edge("curate", END)
    return graph.compile(checkpointer=checkpoints)


@Route
def _by_origin(state: RowState) -> str:
    return "write" if state["plan"].origin is Origin.REVERSE else "compose"


async def _after_verify(
    state: RowState, runtime: Runtime[Crew]
) -> Literal["curate", "repair", "__end__"]:
    # LangGraph shows a function only the fields of its parameter's type: `dropped` must be there.
    if "dropped" in state:
        return "__end__"
    return "curate" if runtime.context.accepts(state["attempts"][-1].verdict) else "repair"


def _unless_dropped(following: str) -> Route[RowState]:
    return Route(lambda state: END if "dropped" in state else following)


def _refusal(stage: str, refusal: Refusal | None) -> PosedDelta:
    if refusal is None:
        return {}
    return {"dropped": Dropped(stage=stage, reason=refusal.reason, detail=refusal.detail)}


def _can_be_repaired(verdict: Verdict) -> bool:
    """An unknown package can be avoided; an analyzer that failed is not the answer's fault."""
    return verdict.status is Status.REJECTED or bool(verdict.unresolved)
