import gzip
import json
import re
import textwrap
from pathlib import Path

import pytest

from infinite_instruct.errors import SettingsError
from infinite_instruct.tools.contamination import BenchmarkIndex

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the benchmarks are not here")
TASK = (
    "Given the daily readings of a water meter, report each week in which the usage doubled, "
    "together with the reading before the jump and the one after it."
)


def human_eval() -> list[dict[str, str]]:
    with gzip.open(DATA / "HumanEval.jsonl.gz", "rt") as lines:
        return [json.loads(line) for line in lines]


@needs_data
def test_renamed_and_reflowed_prompts_are_caught() -> None:
    index = BenchmarkIndex.shipped()
    caught = 0
    for task in human_eval():
        renamed = task["prompt"].replace(task["entry_point"], "solve_it")
        found = index.overlap(re.sub(r"\s+", "\n  ", f"Please help me. {renamed} Thanks!"))
        caught += found is not None and found.task == task["task_id"]
    assert caught >= 158, "of 164; some tasks are each other's near twins"


@needs_data
def test_mbpp_tasks_inside_a_longer_problem_are_caught() -> None:
    index = BenchmarkIndex.shipped()
    tasks = [json.loads(line) for line in (DATA / "mbpp.jsonl").read_text().splitlines()]
    caught = sum(index.overlap(f"For my shop: {t['text']} Add tests.") is not None for t in tasks)
    assert caught / len(tasks) > 0.9


@pytest.mark.parametrize(
    "text",
    [
        "Write a function that reverses a string.",
        "Write a Python function to find the total of all prices in a shopping cart.",
        "Write a function to check if the given configuration file is valid.",
        "",
        "\ud800",
    ],
)
def test_ordinary_problems_pass(text: str) -> None:
    assert BenchmarkIndex.shipped().overlap(text) is None


def test_ordinary_documentation_passes() -> None:
    modules = (gzip, json, re, textwrap)
    texts = [getattr(module, name).__doc__ or "" for module in modules for name in dir(module)]
    index = BenchmarkIndex.shipped()
    assert [text for text in texts if index.overlap(text)] == []


def test_users_add_their_own_benchmarks(tmp_path: Path) -> None:
    path = tmp_path / "exam.jsonl"
    path.write_text(json.dumps({"id": 7, "question": TASK}) + "\n\n[]\n{}\n")
    index = BenchmarkIndex()
    assert index.add_file(path, ["question", "answer"], task_field="id") == 1
    found = index.overlap(f"Hello.\n{TASK.upper()}")
    assert found is not None
    assert (found.benchmark, found.task, found.share) == ("exam.jsonl", "7", 1.0)


def test_an_index_is_saved_as_hashes_only_and_read_back(tmp_path: Path) -> None:
    index = BenchmarkIndex()
    index.add_task("exam", "1", [TASK])
    index.save(tmp_path / "index.gz")
    assert b"water" not in gzip.decompress((tmp_path / "index.gz").read_bytes())
    assert BenchmarkIndex.load(tmp_path / "index.gz").overlap(TASK) == index.overlap(TASK)


def test_phrases_of_the_genre_flag_nobody() -> None:
    index = BenchmarkIndex()
    for number, thing in enumerate(
        ("sum of all odd rows", "name of each new user", "area of a leaf")
    ):
        index.add_task("exam", str(number), [f"Write a function that finds the {thing}"])
    assert index.overlap("Write a function that finds the price of a taxi") is None


@pytest.mark.parametrize(
    ("content", "cause"),
    [(b"not json\n", "cannot be read"), (b'{"other": 1}\n', "No line"), (b"[" * 99_999, "cannot")],
)
def test_a_bad_benchmark_file_is_told(tmp_path: Path, content: bytes, cause: str) -> None:
    (tmp_path / "bad.jsonl").write_bytes(content)
    with pytest.raises(SettingsError, match=cause):
        BenchmarkIndex().add_file(tmp_path / "bad.jsonl", ["text"])


def test_a_missing_or_damaged_index_is_told(tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"nothing")
    for path in (tmp_path / "bad", tmp_path / "missing"):
        with pytest.raises(SettingsError, match="cannot be read"):
            BenchmarkIndex.load(path)
