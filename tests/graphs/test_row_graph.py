import errno
import gzip
import json
import sqlite3
from pathlib import Path

import pytest

from crew import (
    BROKEN_CODE,
    GOOD_CODE,
    Workshop,
    cast,
    every_analyzer,
    fenced,
    make_keywords,
    make_plan,
    posed,
    say,
)
from infinite_instruct.domain import (
    Direction,
    Language,
    Outcome,
    ProblemType,
    Rejection,
    RowPlan,
    Sample,
    Status,
)
from infinite_instruct.errors import EndpointError, RunFolderError
from infinite_instruct.graphs.crew import Crew
from infinite_instruct.graphs.row import build_row_graph
from infinite_instruct.tools.analyzers.base import Findings, ToolState
from infinite_instruct.tools.contamination import BenchmarkIndex
from infinite_instruct.tools.verification import Verifier as StaticAnalysis

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"
GOOD = fenced(GOOD_CODE.replace("NAME", "pick"))
BROKEN = fenced(BROKEN_CODE.replace("NAME", "pick"))
TASK = posed(
    "Write a function `pick(items, limit)` that keeps the prices up to a limit.",
    function="pick",
    parameters=["items", "limit"],
)
HARDER = say(
    problem="Write a function `pick(items, limit)` that keeps each distinct price up to a limit.",
    parameters=["items", "limit"],
)
REWORDED = say(problem="Hi! I need `pick(items, limit)`: each distinct price, up to a limit.")
ANALYZED = (
    "def pick(items: list[int], limit: int) -> list[int]:\n    return [i for i in items if i <= {}]"
)


def script(**lines: list[str]) -> Workshop:
    known = {"PosedTask": [TASK], "HarderTask": [HARDER], "NewWording": [REWORDED]}
    return Workshop(cast(**(known | lines)))


async def run(workshop: Workshop, plan: RowPlan | None = None, crew: Crew | None = None) -> Outcome:
    return await workshop.runner(crew).run(plan or make_plan())


def dropped(outcome: Outcome) -> tuple[str, str]:
    assert isinstance(outcome, Rejection)
    return outcome.stage, outcome.reason


async def test_row_is_accepted_at_its_first_answer() -> None:
    workshop = script(answer=[GOOD])
    row = await run(workshop)
    assert isinstance(row, Sample)
    assert row.prompt == "Hi! I need `pick(items, limit)`: each distinct price, up to a limit."
    assert row.response == GOOD
    assert [(turn.role, turn.content) for turn in row.messages] == [
        ("user", row.prompt),
        ("assistant", GOOD),
    ]
    assert row.directions == (Direction.DEEPENING,)
    assert row.verification is not None
    assert row.verification.accepted
    assert [name.partition("@")[0] for name in row.lineage.prompts] == [
        "reverse-code_generation",
        "evolve",
        "reword",
        "solve",
        "mine-keywords",
    ]
    assert row.lineage.snippet is not None
    called = [event for event in workshop.heard if event.kind == "model-called"]
    assert row.tokens == sum(call.prompt_tokens + call.completion_tokens for call in called) > 0
    assert workshop.book.outcomes == [row]


async def test_faulty_python_is_repaired_from_the_analyzers_brief() -> None:
    faulty = fenced(ANALYZED.format("limt"), Language.PYTHON)
    repaired = fenced(ANALYZED.format("limit"), Language.PYTHON)
    workshop = script(answer=[faulty, repaired])
    crew = workshop.crew(workshop.verifier(every_analyzer()))
    row = await run(workshop, make_plan(language=Language.PYTHON), crew)
    assert isinstance(row, Sample)
    assert row.response == repaired
    assert [attempt.verdict.reason for attempt in row.attempts] == ["undefined-name", "clean"]
    tools = {tool.split()[0] for tool in row.attempts[1].verdict.tools}
    assert tools >= {"mypy", "pyright", "ruff"}
    request = workshop.asked("answer")[1].messages[-1].content
    assert faulty in request
    for told in ("undefined-name", "line 2, ruff F821", "Undefined name `limt`", "if i <= limt]"):
        assert told in request


async def test_row_is_rejected_after_its_last_attempt_with_the_analyzers_reason() -> None:
    workshop = script(answer=[BROKEN])
    row = await run(workshop, crew=workshop.crew(max_attempts=3))
    assert dropped(row) == ("verify", "syntax")
    assert isinstance(row, Rejection)
    assert row.detail.startswith("Line 1: The syntax is broken")
    assert [attempt.number for attempt in row.attempts] == [0, 1, 2]
    assert len(workshop.asked("answer")) == 3
    assert workshop.asked("MinedKeywords") == [], "a rejected problem feeds no graph"
    assert len(workshop.vocabulary.graph) == 0


async def test_verdict_of_the_analyzers_that_failed_is_no_pass_and_no_fault_of_the_answer() -> None:
    workshop = script(answer=[GOOD])
    verifier = workshop.verifier(StaticAnalysis([Says(Findings(fault="killed"))]))
    row = await run(workshop, crew=workshop.crew(verifier, accept_unverifiable=True))
    assert dropped(row) == ("verify", "analyzer-failed")
    assert len(workshop.asked("answer")) == 1, "no repair can help"


@pytest.mark.parametrize("accept", [True, False], ids=["accepted", "refused"])
async def test_unknown_package_is_accepted_only_where_the_user_said_so(*, accept: bool) -> None:
    workshop = script(answer=[GOOD])
    found = Findings(unresolved=("leftpad",), tool="syntax 1")
    verifier = workshop.verifier(StaticAnalysis([Says(found)]))
    row = await run(workshop, crew=workshop.crew(verifier, accept_unverifiable=accept))
    assert isinstance(row, Sample) is accept
    assert row.verification is not None
    assert row.verification.status is Status.UNVERIFIABLE
    assert row.verification.unresolved == ("leftpad",)


async def test_duplicate_is_dropped_before_a_call_is_spent_on_it() -> None:
    workshop = script(answer=[GOOD], NewWording=["no"], HarderTask=["no"])
    crew = workshop.crew()
    assert isinstance(await run(workshop, crew=crew), Sample)
    before = len(workshop.model.requests)
    row = await run(workshop, make_plan(row="r2", seed=2), crew)
    assert dropped(row) == ("gate", "near-duplicate")
    assert isinstance(row, Rejection)
    assert "r1" in row.detail
    assert len(workshop.model.requests) == before + 1


async def test_duplicate_by_its_last_wording_is_dropped_before_the_answer() -> None:
    other = posed(
        "Write a function `pick(items, limit)` which scales every melody of an orchestra at night.",
        function="pick",
        parameters=["items", "limit"],
    )
    workshop = script(answer=[GOOD], PosedTask=[TASK, other])
    crew = workshop.crew()
    await run(workshop, crew=crew)
    row = await run(workshop, make_plan(row="r2", seed=2), crew)
    assert dropped(row) == ("reword", "near-duplicate")
    assert row.prompt.startswith("Hi!"), "the rejection shows the text that was refused"
    assert len(workshop.asked("answer")) == 1


async def test_problem_of_a_dropped_row_may_be_posed_again() -> None:
    workshop = script(answer=[BROKEN, GOOD])
    crew = workshop.crew(max_attempts=1)
    assert dropped(await run(workshop, crew=crew)) == ("verify", "syntax")
    assert isinstance(await run(workshop, make_plan(row="r2", seed=2), crew), Sample)


@pytest.mark.skipif(not (DATA / "HumanEval.jsonl.gz").exists(), reason="no benchmark data here")
async def test_task_of_a_benchmark_is_dropped() -> None:
    with gzip.open(DATA / "HumanEval.jsonl.gz", "rt") as file:
        task = json.loads(file.readlines()[1])
    text = f"Please solve this:\n{task['prompt']}"
    workshop = script(PosedTask=[posed(text, function=task["entry_point"], parameters=[])])
    row = await run(workshop, crew=workshop.crew(benchmarks=BenchmarkIndex.shipped()))
    assert dropped(row) == ("gate", "contaminated")
    assert isinstance(row, Rejection)
    assert "HumanEval/1" in row.detail
    assert len(workshop.model.requests) == 1


async def test_answer_with_a_secret_is_dropped_whatever_its_verdict() -> None:
    key = "sk-" + "a1B2c3D4" * 4
    workshop = script(answer=[GOOD.replace("return", f'const key = "{key}";\n  return')])
    row = await run(workshop)
    assert dropped(row) == ("verify", "secret")
    assert key not in row.model_dump_json(), "rejections are published, too"
    assert not any(key in event.model_dump_json() for event in workshop.heard[-2:])
    assert workshop.asked("MinedKeywords") == [], "a dropped problem feeds no graph"


@pytest.mark.parametrize(
    ("lines", "stage"),
    [
        pytest.param({"PosedTask": ["no"]}, "write", id="writer"),
        pytest.param({"answer": [""]}, "solve", id="solver"),
        pytest.param({"answer": [BROKEN, ""]}, "repair", id="repairer"),
    ],
)
async def test_unusable_replies_drop_the_row_with_the_reason(
    lines: dict[str, list[str]], stage: str
) -> None:
    row = await run(script(**lines))
    assert dropped(row) == (stage, "unusable-reply")
    assert isinstance(row, Rejection)
    assert "gave no usable reply" in row.detail
    assert len(row.attempts) == (1 if stage == "repair" else 0), "what was answered is kept"


async def test_unusable_composer_drops_the_row() -> None:
    keywords = make_keywords("heap queue", "stable order")
    workshop = script(ComposedTask=["no"])
    assert dropped(await run(workshop, make_plan(keywords=keywords)))[0] == "compose"


async def test_composed_row_passes_the_same_way() -> None:
    keywords = make_keywords("heap queue", "stable order")
    workshop = Workshop()
    row = await run(workshop, make_plan(keywords=keywords))
    assert isinstance(row, Sample)
    assert row.lineage.keyword_set == keywords
    assert row.lineage.snippet is None
    assert row.lineage.prompts[0].startswith("compose@")
    assert any('"accepted"' in event for event in workshop.book.graph_events)


async def test_question_on_code_has_the_snippet_in_its_prompt() -> None:
    plan = make_plan(ProblemType.CODE_UNDERSTANDING)
    row = await run(Workshop(), plan)
    assert isinstance(row, Sample)
    assert plan.snippet is not None
    assert row.prompt.endswith(f"```javascript\n{plan.snippet.text}\n```")


async def test_fault_of_the_program_ends_the_row_and_not_the_run() -> None:
    workshop = Workshop(cast(answer=[RuntimeError("a bug")]))
    row = await run(workshop)
    assert dropped(row) == ("graph", "internal-error")
    assert workshop.book.outcomes == [row]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(OSError(errno.ENOSPC, "No space left on device"), id="full disk"),
        pytest.param(OSError(errno.EMFILE, "Too many open files"), id="no more files"),
        pytest.param(sqlite3.OperationalError("disk I/O error"), id="damaged cache"),
    ],
)
async def test_fault_of_the_machine_drops_no_row(fault: Exception) -> None:
    workshop = Workshop(cast(answer=[fault]))
    with pytest.raises(RunFolderError, match=str(fault.args[-1])):
        await run(workshop)
    assert workshop.book.outcomes == [], "a resume takes it up again"


async def test_endpoint_that_is_gone_leaves_the_row_unfinished() -> None:
    workshop = Workshop(cast(answer=[EndpointError("The endpoint is down.", remedy="Start it.")]))
    with pytest.raises(EndpointError):
        await run(workshop)
    assert workshop.book.outcomes == []


ENDING = ("write", "compose", "gate", "reword", "solve", "verify", "repair")


def test_drawing_shows_who_works_when() -> None:
    drawn = build_row_graph().get_graph()
    edges = {(edge.source.strip("_"), edge.target.strip("_")) for edge in drawn.edges}
    assert edges == {
        ("start", "write"),
        ("start", "compose"),
        ("write", "gate"),
        ("compose", "gate"),
        ("gate", "evolve"),
        ("evolve", "reword"),
        ("reword", "solve"),
        ("solve", "verify"),
        ("verify", "repair"),
        ("repair", "verify"),
        ("verify", "curate"),
        ("curate", "end"),
        *(
            (stage, "end")
            for stage in ["write", "compose", "gate", "reword", "solve", "verify", "repair"]
        ),
    }
    assert "repair -.-> verify" in drawn.draw_mermaid()


class Says:
    """An analyzer that says one thing of everything."""

    name = "syntax"
    languages = frozenset({Language.JAVASCRIPT})

    def __init__(self, findings: Findings) -> None:
        self._findings = findings

    async def check(self, code: str, language: Language) -> Findings:
        return self._findings

    async def describe(self) -> ToolState:
        return ToolState(name=self.name, version="1", languages=(), lost="", install="")

    def identity(self) -> str:
        return self.name
