import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq  # type: ignore[import-untyped] # it ships no types
import pytest
from run_rows import make_plan, make_sample
from tampering import tamper

from infinite_instruct.errors import RunFolderError, SettingsError
from infinite_instruct.runs.exports import FORMATS, export
from infinite_instruct.runs.outputs import write_outputs
from infinite_instruct.runs.store import RunStore

NAMES = ("samples", "unfiltered", "rejections")


def names_in(path: Path) -> list[str]:
    return [entry.name for entry in path.iterdir()]


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


async def test_every_finished_row_is_kept_or_dropped(filled: RunStore, tmp_path: Path) -> None:
    balance = write_outputs(filled, tmp_path)
    rows = {name: [row["id"] for row in read_lines(tmp_path / f"{name}.jsonl")] for name in NAMES}
    assert rows == {
        "samples": ["r1", "r2"],
        "unfiltered": ["r1", "r2", "r3"],
        "rejections": ["r3", "r4"],
    }
    assert str(balance) == ("4 rows in = 2 kept + 2 dropped; 3 got an answer; 1 still unfinished")


async def test_a_sample_has_the_papers_fields_and_ours(filled: RunStore, tmp_path: Path) -> None:
    write_outputs(filled, tmp_path)
    sample = read_lines(tmp_path / "samples.jsonl")[0]
    assert (sample["prompt"], sample["response"], sample["type"]) == (
        "Write f.",
        "answer 0",
        "code_generation",
    )
    assert {
        "id", "messages", "language", "keywords", "origin", "directions", "verification", "lineage"
    } <= set(sample)  # fmt: skip
    assert sample["lineage"]["snippet"]["licence"] == "MIT"


async def test_dropped_rows_tell_why(filled: RunStore, tmp_path: Path) -> None:
    write_outputs(filled, tmp_path)
    dropped = read_lines(tmp_path / "rejections.jsonl")
    assert [(row["stage"], row["reason"]) for row in dropped] == [
        ("verify", "undefined-name"),
        ("gate", "near-duplicate"),
    ]
    unfiltered = read_lines(tmp_path / "unfiltered.jsonl")
    assert [(row["verdict"], row["reason"]) for row in unfiltered] == [
        ("accepted", "accepted"),
        ("accepted", "accepted"),
        ("rejected", "undefined-name"),
    ]


async def test_parquet_and_jsonl_hold_the_same(filled: RunStore, tmp_path: Path) -> None:
    write_outputs(filled, tmp_path)
    for name in NAMES:
        table = pq.read_table(tmp_path / f"{name}.parquet").to_pylist()
        assert table == read_lines(tmp_path / f"{name}.jsonl")


def test_empty_sets_are_files_with_a_schema(store: RunStore, tmp_path: Path) -> None:
    write_outputs(store, tmp_path)
    assert (tmp_path / "samples.jsonl").read_bytes() == b""
    schema = pq.read_schema(tmp_path / "rejections.parquet")
    assert {"prompt", "response", "type", "stage", "reason"} <= set(schema.names)
    assert str(schema.field("messages").type).startswith("list<")


async def test_torn_outputs_are_made_again(filled: RunStore, tmp_path: Path) -> None:
    write_outputs(filled, tmp_path)
    names = [f"{name}.{form}" for name in NAMES for form in ("jsonl", "parquet")]
    whole = {path: path.read_bytes() for path in map(tmp_path.joinpath, names)}
    for path, data in whole.items():
        path.write_bytes(data[:-7] + b"\0" * 100)
    write_outputs(filled, tmp_path)
    for name in NAMES:
        path = tmp_path / f"{name}.jsonl"
        assert path.read_bytes() == whole[path]


async def test_one_record_is_one_line_to_any_reader(store: RunStore, tmp_path: Path) -> None:
    text = "a\u2028b\u0085c\nd\x00\ud800"
    await store.plan_row(make_plan("r"))
    await store.finish_row(make_sample("r", prompt=text))
    write_outputs(store, tmp_path)
    (row,) = read_lines(tmp_path / "samples.jsonl")
    assert row["prompt"] == text.replace("\ud800", "?")
    assert pq.read_table(tmp_path / "samples.parquet").to_pylist() == [row]


async def test_counts_that_do_not_add_up_keep_the_old_files(
    filled: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_outputs(filled, tmp_path)
    before = (tmp_path / "samples.jsonl").read_bytes()
    files = sorted(names_in(tmp_path))
    lost = list(filled.outcomes())[1:]
    monkeypatch.setattr(filled, "outcomes", lambda: iter(lost))
    with pytest.raises(RunFolderError, match="4 rows in = 1 kept \\+ 2 dropped"):
        write_outputs(filled, tmp_path)
    assert (tmp_path / "samples.jsonl").read_bytes() == before
    assert sorted(names_in(tmp_path)) == files


async def test_a_damaged_row_is_named_and_keeps_the_old_files(
    filled: RunStore, tmp_path: Path
) -> None:
    write_outputs(filled, tmp_path)
    tamper(filled.ledger, """UPDATE rows SET outcome = '{"id": 1' WHERE id = 'r2'""")
    with pytest.raises(RunFolderError, match="the outcome of row r2 cannot be read"):
        write_outputs(filled, tmp_path)
    assert len(read_lines(tmp_path / "samples.jsonl")) == 2


FAULT = {
    "id": "r2",
    "language": "python",
    "prompt": "Write f.",
    "fault": "answer 0",
    "reason": "undefined-name",
    "diagnostics": ["line 2: Undefined name `y` [ruff F821]"],
    "fix": "answer 1",
}
MESSAGES = [
    {"role": "user", "content": "Write f."},
    {"role": "assistant", "content": "answer 0"},
]
TURNS = [{"from": "human", "value": "Write f."}, {"from": "gpt", "value": "answer 0"}]


@pytest.mark.parametrize(
    ("form", "count", "first"),
    [
        ("chat", 2, {"messages": MESSAGES}),
        ("alpaca", 2, {"instruction": "Write f.", "input": "", "output": "answer 0"}),
        ("sharegpt", 2, {"conversations": TURNS}),
        ("repairs", 1, FAULT),
        ("dpo", 1, {"prompt": "Write f.", "chosen": "answer 1", "rejected": "answer 0"}),
    ],
    ids=["chat", "alpaca", "sharegpt", "repairs", "dpo"],
)
async def test_export_as_trainers_take_it(
    filled: RunStore, tmp_path: Path, form: str, count: int, first: dict[str, Any]
) -> None:
    target = tmp_path / "deep" / "out.jsonl"
    assert export(filled, form, target) == count
    records = read_lines(target)
    assert len(records) == count
    assert records[0] == first


async def test_exported_parquet_has_the_rows_of_jsonl(filled: RunStore, tmp_path: Path) -> None:
    export(filled, "jsonl", tmp_path / "a.jsonl")
    export(filled, "parquet", tmp_path / "a.parquet")
    assert pq.read_table(tmp_path / "a.parquet").to_pylist() == read_lines(tmp_path / "a.jsonl")


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_of_an_empty_run_is_a_file(store: RunStore, tmp_path: Path, form: str) -> None:
    assert export(store, form, tmp_path / "out") == 0
    assert (tmp_path / "out").exists()


def test_an_unknown_format_names_the_nearest(store: RunStore, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        export(store, "alpacca", tmp_path / "out")
    assert "Did you mean 'alpaca'?" in caught.value.remedy
