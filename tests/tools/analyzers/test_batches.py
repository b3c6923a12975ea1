"""Batches: a sample that fails them is found, a tool that is broken is not asked for each."""

import asyncio
from collections.abc import Sequence

import pytest

from infinite_instruct.tools.analyzers.base import Findings
from infinite_instruct.tools.analyzers.batches import Batcher, Batching, judge_apart


class _Tool:
    """Fails every batch that holds one of these words."""

    def __init__(self, *killers: str) -> None:
        self.killers = killers
        self.batches: list[int] = []

    async def __call__(self, texts: Sequence[str]) -> list[Findings]:
        self.batches.append(len(texts))
        fault = "killed" if any(word in text for word in self.killers for text in texts) else ""
        return [Findings(tool=text, fault=fault) for text in texts]


async def test_the_texts_that_fail_a_batch_are_found_and_the_others_judged() -> None:
    texts = [f"good {number}" for number in range(100)]
    texts[17] = texts[80] = "evil"
    found = await judge_apart(_Tool("evil"), texts, probe="whole")
    assert [each.tool for each in found] == texts
    assert [number for number, each in enumerate(found) if each.fault] == [17, 80]


async def test_one_culprit_costs_few_late_batches() -> None:
    tool = _Tool("evil")
    await judge_apart(tool, ["evil", *["good"] * 199], probe="whole")
    assert tool.batches[:2] == [200, 1]
    assert len(tool.batches) <= 2 + 3 * 8


@pytest.mark.parametrize("count", [1, 200])
async def test_a_broken_tool_is_asked_at_most_twice(count: int) -> None:
    tool = _Tool("")
    found = await judge_apart(tool, ["text"] * count, probe="whole")
    assert len(tool.batches) <= 2
    assert all(each.fault for each in found)
    assert len(found) == count


async def test_those_who_come_together_are_one_batch_and_who_comes_alone_waits_for_none() -> None:
    tool = _Tool()
    batcher = Batcher(tool, Batching(seconds=600, pause=0.02))
    async with asyncio.timeout(60):
        await asyncio.gather(*(batcher.submit(f"{number}") for number in range(20)))
        await batcher.submit("alone")
    assert tool.batches == [20, 1]


async def test_who_comes_without_a_pause_is_waited_for_so_long_and_no_longer() -> None:
    tool = _Tool()
    batcher = Batcher(tool, Batching(seconds=0.2, pause=600))
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for number in range(3):
            group.create_task(batcher.submit(f"{number}"))
            await asyncio.sleep(0.001)
    assert tool.batches == [3]


async def test_a_full_batch_waits_for_nobody() -> None:
    tool = _Tool()
    batcher = Batcher(tool, Batching(seconds=600, pause=600, size=5))
    async with asyncio.timeout(60):
        await asyncio.gather(*(batcher.submit(f"{number}") for number in range(10)))
    assert tool.batches == [5, 5]
