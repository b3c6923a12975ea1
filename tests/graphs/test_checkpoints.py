"""LangGraph's checkpoints: a row's states can be read again, and nothing else comes back."""

from dataclasses import replace
from pathlib import Path

import ormsgpack
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.serde.jsonplus import EXT_CONSTRUCTOR_SINGLE_ARG, JsonPlusSerializer

from crew import Workshop, make_plan
from infinite_instruct.domain import RowPlan, Sample
from infinite_instruct.graphs.checkpoints import open_checkpoints
from infinite_instruct.graphs.row import build_row_graph


async def test_every_state_of_a_row_can_be_read_again_also_after_a_second_run(
    tmp_path: Path,
) -> None:
    workshop, plan = Workshop(), make_plan()
    where: RunnableConfig = {"configurable": {"thread_id": plan.id}}
    async with open_checkpoints(tmp_path / "checkpoints.sqlite") as saver:
        worker = replace(workshop.worker(), graph=build_row_graph(saver))
        for _ in range(2):
            assert isinstance((await worker.take(plan)).outcome, Sample)
    async with open_checkpoints(tmp_path / "checkpoints.sqlite") as saver:
        graph = build_row_graph(saver)
        states = [state async for state in graph.aget_state_history(where)]
    nodes = [state.next for state in reversed(states)]
    assert nodes[1:] == [
        ("write",), ("gate",), ("evolve",), ("reword",), ("solve",), ("verify",), ("curate",), (),
    ]  # fmt: skip
    assert states[0].values["plan"] == plan
    assert isinstance(states[0].values["plan"], RowPlan)
    attempts = states[0].values["attempts"]
    assert len(attempts) == 1, "what an earlier session left does not leak into the next"


async def test_a_checkpoint_that_someone_forged_calls_nothing(tmp_path: Path) -> None:
    called = ("os", "system", f"touch {tmp_path / 'ran'}")
    forged = ormsgpack.packb(ormsgpack.Ext(EXT_CONSTRUCTOR_SINGLE_ARG, ormsgpack.packb(called)))
    async with open_checkpoints(tmp_path / "checkpoints.sqlite") as saver:
        saver.serde.loads_typed(("msgpack", forged))
        assert not (tmp_path / "ran").exists()
    JsonPlusSerializer(allowed_msgpack_modules=True).loads_typed(("msgpack", forged))
    assert (tmp_path / "ran").exists(), "LangGraph's own setting would have called it"
