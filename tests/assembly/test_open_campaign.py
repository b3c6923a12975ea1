import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it has no types
import pytest
from chromadb.api.shared_system_client import SharedSystemClient
from shop import make_settings, run_session

from crew import cast
from infinite_instruct.assembly import open_campaign
from infinite_instruct.domain import Rejection, Sample
from infinite_instruct.errors import EndpointError, RunFolderError, SeedError, SettingsError
from infinite_instruct.graphs.campaign import EndReason
from infinite_instruct.llm.scripted import Line, ScriptedModel

DELIVERED = {
    "README.md",
    "campaign.toml",
    "graph.graphml",
    "graph.html",
    "ledger.sqlite",
    "log.txt",
    "rejections.jsonl",
    "rejections.parquet",
    "report.html",
    "samples.jsonl",
    "samples.parquet",
    "unfiltered.jsonl",
    "unfiltered.parquet",
}
KEY = "key-of-a-test-4711-never-to-be-written"


def lines_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


async def test_run_leaves_everything_behind_and_it_adds_up(tmp_path: Path) -> None:
    model = ScriptedModel(cast(answer=["no code", "no code", "no code"]))
    settings = make_settings(tmp_path, rows=4, max_rows=6, mix__backfeed=0)
    session = await run_session(settings, model)
    run = settings.out
    assert {path.name for path in run.iterdir() if path.is_file()} >= DELIVERED
    samples, rejections = lines_of(run / "samples.jsonl"), lines_of(run / "rejections.jsonl")
    assert len(samples) + len(rejections) == session.ending.tried == 6
    assert all(row["reason"] for row in rejections)
    for name in ("samples", "rejections", "unfiltered"):
        assert pq.read_metadata(run / f"{name}.parquet").num_rows == len(
            lines_of(run / f"{name}.jsonl")
        )


async def test_samples_file_holds_the_papers_fields_and_the_verdict(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, rows=3)
    session = await run_session(settings)
    assert session.ending.reason is EndReason.DONE
    for row in lines_of(settings.out / "samples.jsonl"):
        assert {"prompt", "response", "type", "keywords", "lineage"} <= row.keys()
        verification = row["verification"]
        assert isinstance(verification, dict)
        assert verification["status"] == "accepted"


@pytest.mark.parametrize("damage", ["deleted", "corrupted"])
async def test_vector_index_is_rebuilt_from_the_store(tmp_path: Path, damage: str) -> None:
    settings = make_settings(tmp_path, rows=3)
    await run_session(settings)
    chroma = settings.out / "chroma"
    assert list(chroma.rglob("chroma.sqlite3"))
    if damage == "deleted":
        shutil.rmtree(chroma)
    else:
        for path in [path for path in chroma.rglob("*") if path.is_file()]:
            path.write_bytes(b"no database")
    SharedSystemClient.clear_system_cache()  # as in a new process
    again = await run_session(make_settings(tmp_path, rows=5), resume=True)
    assert again.ending.reason is EndReason.DONE
    assert again.keywords[0] == again.keywords[1] > 0


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("no code", id="ordinary"),
        pytest.param(RuntimeError(f"the server said: {KEY}"), id="told-by-a-bug"),
        pytest.param(
            EndpointError(f"The endpoint refuses {KEY}.", remedy="Use another."), id="told-by-error"
        ),
    ],
)
async def test_key_is_in_no_file_of_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: Line
) -> None:
    monkeypatch.setenv("SHOP_KEY", KEY)
    settings = make_settings(
        tmp_path, model__api_key_env="SHOP_KEY", log_level="DEBUG", max_rows=3, mix__backfeed=0
    )
    await run_session(settings, ScriptedModel(cast(answer=[line])))
    files = [path for path in settings.out.rglob("*") if path.is_file()]
    assert len(files) > len(DELIVERED)
    assert [path.name for path in files if KEY.encode() in path.read_bytes()] == []


async def test_seeds_without_a_snippet_are_told_before_a_folder_is_made(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, seeds__languages=["rust"])
    with pytest.raises(SeedError, match=r"give no snippet\. 0 files"):
        await run_session(settings)
    assert not settings.out.exists()


async def test_folder_of_another_run_is_refused(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, rows=1)
    await run_session(settings)
    with pytest.raises(RunFolderError):
        await run_session(settings)
    with pytest.raises(RunFolderError, match="seed was '0' and is '9'"):
        await run_session(make_settings(tmp_path, seed=9), resume=True)


async def test_user_may_bring_benchmarks(tmp_path: Path) -> None:
    task = "Write a function `pick(items, limit)` that keeps the cheapest parcels of each day."
    (tmp_path / "mine.jsonl").write_text(json.dumps({"task_id": "T1", "prompt": task}))
    posed = json.dumps(
        {"features": "f", "scenario": "s", "problem": task, "function": "pick", "parameters": []}
    )
    settings = make_settings(
        tmp_path, rows=1, max_rows=1, gate__benchmarks=[tmp_path / "mine.jsonl"]
    )
    session = await run_session(settings, ScriptedModel(cast(PosedTask=[posed])))
    (row,) = session.outcomes
    assert isinstance(row, Rejection)
    assert (row.reason, "mine.jsonl T1" in row.detail) == ("contaminated", True)


async def test_script_may_drive_the_campaign_itself(tmp_path: Path) -> None:
    heard: list[str] = []
    settings = make_settings(tmp_path, rows=1)
    model = ScriptedModel(cast())
    async with open_campaign(
        settings, model=model, listeners=[lambda event: heard.append(event.kind)]
    ) as campaign:
        ending = await campaign.run()
        assert [type(row) for row in campaign.store.outcomes()] == [Sample]
    assert ending.accepted == 1
    assert heard[0] == "row-started"
    assert {"model-called", "decided", "answer-verified"} <= set(heard)
    assert heard[-1] == "row-ended"


async def test_mode_agent_offers_the_analyzers_to_the_judge(tmp_path: Path) -> None:
    refuse = json.dumps({"why": "It drops the equal ones.", "acceptable": False})
    model = ScriptedModel(cast(Opinion=[refuse]))
    settings = make_settings(
        tmp_path, verifier__mode="agent", verifier__max_attempts=1, max_rows=1, mix__backfeed=0
    )
    session = await run_session(settings, model)
    offered = {tool.name for request in model.requests for tool in request.tools}
    assert {"check_with_syntax", "check_with_mypy", "check_with_gcc_c"} <= offered
    (row,) = session.outcomes
    assert isinstance(row, Rejection)
    assert (row.reason, row.detail) == ("judge-refused", "It drops the equal ones.")


async def test_limit_of_money_needs_a_price(tmp_path: Path) -> None:
    model = ScriptedModel(cast())
    with pytest.raises(SettingsError, match="the price of"):
        await run_session(make_settings(tmp_path, budget__usd=1.0, model__name="gpt-4o"), model)
    assert model.requests == [], "nothing is spent that cannot be counted"


async def test_role_with_its_own_model_is_asked_by_its_name(tmp_path: Path) -> None:
    model = ScriptedModel(cast())
    settings = make_settings(
        tmp_path, rows=1, model__name="small", models__solver={"name": "large"}
    )
    session = await run_session(settings, model)
    assert {request.model for request in model.requests if request.role == "solver"} == {"large"}
    assert session.outcomes[0].lineage.models == ("small", "large")
