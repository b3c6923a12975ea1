import asyncio
import random
import re
from collections import Counter
from collections.abc import Callable, Mapping

import pytest

from crew import GOOD_CODE, Workshop, fenced, make_plan, make_snippet
from infinite_instruct.domain import (
    Difficulty,
    Language,
    Origin,
    Outcome,
    ProblemType,
    RowPlan,
    Sample,
)
from infinite_instruct.graphs.campaign import Campaign, EndReason
from infinite_instruct.graphs.planner import Planner
from infinite_instruct.graphs.quotas import Dimension, Quotas, Targets, kind_of
from infinite_instruct.graphs.targets import REST
from infinite_instruct.llm.model import ChatRequest
from infinite_instruct.llm.scripted import Line
from scripted_author import author

JS, GO, TS = Language.JAVASCRIPT, Language.GO, Language.TYPESCRIPT
CODE, ABOUT, KNOWLEDGE = ProblemType


def writes(request: ChatRequest) -> str:
    """As the author does, in Go and TypeScript, too."""
    asked = request.messages[1].content
    name = re.search(r"must define `(\w+)`", asked)
    if request.schema_name or name is None or "a line ```javascript" in asked:
        return author(request)
    if "a line ```typescript" in asked:
        return fenced(GOOD_CODE.replace("NAME", name[1]), TS)
    code = f"package main\n\nfunc {name[1]}(items []int, limit int) []int {{\n\treturn items\n}}"
    return fenced(code, GO)


def fails(chance: float) -> Workshop:
    """A workshop whose solver gives nothing for some rows; replies come out of order."""

    async def speak(request: ChatRequest) -> Line:
        rng = random.Random(request.seed)
        await asyncio.sleep(rng.random() / 1_000)
        solving = not request.schema_name
        return "" if solving and rng.random() < chance else writes(request)

    return Workshop(speak)


def campaign(
    workshop: Workshop,
    target: int,
    targets: Targets,
    *,
    languages: Mapping[Language, int],
    concurrency: int = 8,
    row_limit: int = 1_000,
) -> Campaign:
    stock = [
        make_snippet(number, language)
        for number, language in enumerate(
            language for language, count in languages.items() for _ in range(count)
        )
    ]
    random.Random(5).shuffle(stock)
    planner = Planner(
        stock, workshop.vocabulary, backfeed_share=0.4, seed=7, quotas=Quotas(targets)
    )
    return Campaign(workshop.runner(), planner, target, row_limit, concurrency)


def counted(workshop: Workshop, of: Callable[[Outcome], str]) -> Counter[str]:
    return Counter(of(row) for row in workshop.book.outcomes if isinstance(row, Sample))


@pytest.mark.parametrize(("concurrency", "chance"), [(1, 0.5), (8, 0.0), (64, 0.5)])
async def test_every_quota_is_met_to_the_row_whatever_the_yield(
    concurrency: int, chance: float
) -> None:
    workshop = fails(chance)
    targets: Targets = {
        Dimension.LANGUAGE: {"javascript": 15, "go": 3, REST: 12},
        Dimension.TYPE: {CODE: 6, ABOUT: 9, KNOWLEDGE: 15},
        Dimension.ORIGIN: {Origin.REVERSE: 20, Origin.BACKFEED: 10},
        Dimension.DIFFICULTY: {"easy": 3, "medium": 20, "hard": 7},
    }
    stock = {JS: 40, GO: 40, TS: 40}
    running = campaign(workshop, 30, targets, languages=stock, concurrency=concurrency)
    ending = await running.run()
    assert (ending.reason, ending.accepted, ending.short) == (EndReason.DONE, 30, ())
    made = counted(workshop, lambda row: row.language)
    assert made == {"javascript": 15, "go": 3, "typescript": 12}
    assert counted(workshop, lambda row: row.type) == targets[Dimension.TYPE]
    assert counted(workshop, lambda row: row.origin) == targets[Dimension.ORIGIN]
    assert counted(workshop, lambda row: row.difficulty) == targets[Dimension.DIFFICULTY]
    if chance == 0:
        assert ending.tried == 30, "no accepted row is one too many"


async def test_type_that_fails_in_one_language_is_made_in_another() -> None:
    workshop = Workshop()
    targets: Targets = {
        Dimension.LANGUAGE: {"javascript": 15, "python": 15},
        Dimension.TYPE: {CODE: 10, REST: 20},
    }
    # Here no analyzer knows Python: its code is never accepted.
    stock = {JS: 60, Language.PYTHON: 60}
    ending = await campaign(workshop, 30, targets, languages=stock, concurrency=4).run()
    assert ending.reason is EndReason.DONE
    assert ending.tried <= 30 + 6, "it is noticed after a few rows"


async def test_difficulty_is_in_the_prompts_and_decides_the_steps_for_both_origins() -> None:
    workshop = Workshop()
    targets: Targets = {
        Dimension.DIFFICULTY: {"hard": 16, "easy": 8},
        Dimension.ORIGIN: {Origin.REVERSE: 16, Origin.BACKFEED: 8},
    }
    ending = await campaign(workshop, 24, targets, languages={JS: 60}, concurrency=2).run()
    assert ending.reason is EndReason.DONE
    words = workshop.desk.pack.difficulties
    asked = {part: workshop.asked(part) for part in ("PosedTask", "ComposedTask", "HarderTask")}
    for requests in asked.values():
        texts = [request.messages[-1].content for request in requests]
        assert texts
        assert all(
            words[Difficulty.HARD] in text or words[Difficulty.EASY] in text for text in texts
        )
    steps = {row.difficulty: len(row.directions) for row in workshop.book.outcomes}
    assert steps == {"hard": 2, "easy": 0}


async def test_language_without_enough_seeds_ends_the_run_and_is_named_with_the_number() -> None:
    workshop = Workshop(writes)
    targets: Targets = {
        Dimension.LANGUAGE: {"javascript": 10, "go": 10},
        Dimension.ORIGIN: {Origin.REVERSE: 20},
    }
    ending = await campaign(workshop, 20, targets, languages={JS: 40, GO: 2}).run()
    assert ending.reason is EndReason.NO_MATERIAL
    assert [str(each) for each in ending.short] == [
        "go by 4 (6 of 10)",
        "reverse by 4 (16 of 20)",
    ], "two snippets serve for three types each"
    assert ending.accepted == 16, "what the other language can give, it gives"


async def test_yields_may_differ_between_languages_and_all_advance_together() -> None:
    workshop = fails_in("```go")
    targets: Targets = {
        Dimension.LANGUAGE: {"javascript": 12, "go": 12},
        Dimension.TYPE: {CODE: 24},
    }
    running = campaign(workshop, 24, targets, languages={JS: 60, GO: 60}, concurrency=4)
    ending = await running.run()
    assert ending.reason is EndReason.DONE
    rows = workshop.book.outcomes
    tried = Counter(row.language for row in rows)
    assert tried[GO] > 12 == tried[JS], "only the language with rejections is tried more often"
    made = [row.language for row in rows if isinstance(row, Sample)]
    assert abs(made[:12].count(GO) - 6) <= 3, "a run that is stopped half way has the shares, too"


def fails_in(mark: str) -> Workshop:
    """A workshop whose solver breaks every other code of a language."""

    def speak(request: ChatRequest) -> Line:
        asked = request.messages[1].content
        solving = not request.schema_name and mark in asked and "must define" in asked
        broken = fenced("func {", GO)
        return broken if solving and request.seed % 2 else writes(request)

    return Workshop(speak)


async def test_kinds_are_made_in_equal_numbers() -> None:
    kinds = [kind_of(Origin.REVERSE, kind) for kind in ProblemType]
    kinds += [kind_of(Origin.BACKFEED, kind) for kind in (CODE, KNOWLEDGE)]
    workshop = Workshop()
    targets: Targets = {Dimension.KIND: dict.fromkeys(kinds, 3)}
    ending = await campaign(workshop, 15, targets, languages={JS: 20}).run()
    assert ending.reason is EndReason.DONE
    made = counted(workshop, lambda row: kind_of(row.origin, row.type))
    assert made == dict.fromkeys(kinds, 3)


async def test_row_of_an_earlier_session_waits_while_its_quota_is_full() -> None:
    workshop = Workshop()
    targets: Targets = {Dimension.LANGUAGE: {"javascript": 1, "go": 2}}
    unfinished = [plan("a"), plan("b")]
    ending = await campaign(workshop, 3, targets, languages={GO: 9}).run(unfinished)
    assert ending.reason is EndReason.DONE
    ids = [row.id for row in workshop.book.outcomes]
    assert "a" in ids
    assert "b" not in ids, "it would be an accepted row too many"


def plan(row: str) -> RowPlan:
    return make_plan(row=row, seed=ord(row))
