import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from authored_endpoint import reply
from command import SEEDS, Finished, finish
from mock_endpoint import MockEndpoint

QUERIES = SEEDS.parent / "queries"
BOTH = ("--seeds", SEEDS, "--seeds", QUERIES, "--languages", "python,sql")


def endpoint(mock: MockEndpoint) -> tuple[object, ...]:
    return ("--base-url", mock.base_url, "--model", "mock")


def rows_of(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "samples.jsonl").read_text().splitlines()]


def counted(out: Path, field: str) -> Counter[str]:
    return Counter(row[field] for row in rows_of(out))


async def test_quotas_are_met_to_the_row_and_may_change_on_resume(tmp_path: Path) -> None:
    out = tmp_path / "run"
    async with MockEndpoint(reply) as mock:
        quota = ("--quota", "python=0.75,sql=0.25", "--quota", "hard=2,code_generation=2")
        done = await finish("run", *BOTH, "--out", out, "-n", 8, *quota, *endpoint(mock))
        assert done.code == 0, done.err
        assert "python 6, sql 2" in done.err, "the quotas are told in rows"
        assert counted(out, "language") == {"python": 6, "sql": 2}
        assert counted(out, "difficulty")["hard"] == 2
        assert counted(out, "type")["code_generation"] == 2
        more = ("-n", 10, "--quota", "sql=0.5,python=0.5", "--base-url", mock.base_url)
        resumed = await finish("resume", out, *more)
    assert resumed.code == 0, resumed.err
    assert "python by 1 (6 of 5)" in resumed.err, "what was accepted before is counted, and told"
    assert counted(out, "language") == {"python": 6, "sql": 4}
    assert "sql by 1 (4 of 5)" in resumed.out


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        pytest.param(("pyhton=0.5",), 2, ("pyhton", "python"), id="unknown name"),
        pytest.param(
            ("kotlin=0.5,python=0.5", "--languages", "python,kotlin"),
            66,
            ("no snippet in kotlin",),
            id="no seeds of a language",
        ),
    ],
)
async def test_quota_that_cannot_be_met_is_refused_by_name_before_anything_is_paid(
    tmp_path: Path, words: tuple[str, ...], code: int, told: tuple[str, ...]
) -> None:
    out = tmp_path / "run"
    async with MockEndpoint(reply) as mock:
        done = await finish(
            *("run", *BOTH, "--out", out, "-n", 10, *endpoint(mock), "--quota", *words)
        )
        assert mock.requests == []
    assert done.code == code, done.err
    for word in told:
        assert word in done.err
    assert not out.exists()


async def test_quota_that_turns_out_too_large_is_told_at_the_end(tmp_path: Path) -> None:
    out = tmp_path / "run"
    async with MockEndpoint(reply) as mock:
        quota = ("--quota", "reverse=1.0,python=2,sql=50")
        done = await finish("run", *BOTH, "--out", out, "-n", 52, *quota, *endpoint(mock))
    assert done.code == 66, done.err
    made = counted(out, "language")
    assert made["python"] == 2
    assert f"sql by {50 - made['sql']} ({made['sql']} of 50)" in done.out


async def test_a_spent_budget_says_what_is_left_and_the_command_that_it_names_is_enough(
    tmp_path: Path,
) -> None:
    out = tmp_path / "run"
    async with MockEndpoint(reply) as mock:
        limits = ("--budget-tokens", 400, "--concurrency", 2)
        words = ("run", "--seeds", SEEDS, "--out", out, "-n", 6, *limits, *endpoint(mock))
        stopped = await finish(*words)
        assert stopped.code == 75
        assert "rows are left" in stopped.out
        named = stopped.out.rpartition("infinite-instruct ")[2].split()
        assert named[:2] == ["resume", str(out)]
        assert int(named[named.index("--budget-tokens") + 1]) > 400
        resumed = await finish(*named)
    assert resumed.code == 0, resumed.out + resumed.err
    assert len(rows_of(out)) == 6


async def test_budget_of_time_stops_the_run_and_a_resume_counts_what_went_by(
    tmp_path: Path,
) -> None:
    out = tmp_path / "run"
    async with MockEndpoint(reply, latency=0.2) as mock:
        limits = ("--budget-minutes", 0.01, "--concurrency", 2)
        words = ("run", "--seeds", SEEDS, "--out", out, "-n", 30, *limits, *endpoint(mock))
        stopped = await finish(*words)
        assert stopped.code == 75, stopped.err
        assert "--budget-minutes" in stopped.out + stopped.err
        asked = len(mock.requests)
        again = await finish("resume", out)
        assert (again.code, len(mock.requests)) == (75, asked), "its time was over before"
        resumed = await finish("resume", out, "-n", 3, "--budget-minutes", 10)
    assert resumed.code == 0, resumed.err
    assert len(rows_of(out)) == 3


async def estimated(tmp_path: Path, *words: object) -> tuple[Finished, int]:
    async with MockEndpoint(reply) as mock:
        out = ("--out", tmp_path / "run")
        done = await finish("estimate", "--seeds", SEEDS, *out, *endpoint(mock), *words)
        return done, len(mock.requests)


async def test_estimate_says_what_all_rows_would_take_and_leaves_nothing(tmp_path: Path) -> None:
    prices = tmp_path / "prices.toml"
    prices.write_text("[prices.mock]\ninput = 1.0\noutput = 10.0\n")
    words = ("-n", 1_000, "--tries", 5, "--json", "--config", prices)
    done, calls = await estimated(tmp_path, *words)
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert (told["rows"], told["trials"], told["cost"]["calls"]) == (1_000, 5, calls)
    # The endpoint counts 11 and 7 tokens a call.
    assert told["prompt_tokens"]["likely"] == pytest.approx(11 * told["calls"]["likely"])
    dollars = told["calls"]["likely"] * (11 * 1.0 + 7 * 10.0) / 1_000_000
    assert told["usd"]["likely"] == pytest.approx(dollars)
    for quantity in ("tried", "calls", "usd", "hours"):
        assert told[quantity]["low"] <= told[quantity]["likely"] <= told[quantity]["high"]
    assert not (tmp_path / "run").exists()


async def test_estimate_for_people_names_what_is_not_known(tmp_path: Path) -> None:
    done, _ = await estimated(tmp_path, "-n", 500, "--tries", 4)
    assert done.code == 0, done.err
    for word in ("500 accepted rows", "model calls", "hours", "price of mock is not known"):
        assert word in done.out


async def test_preview_shows_rows_of_each_kind_whole_and_keeps_them_only_when_told(
    tmp_path: Path,
) -> None:
    async with MockEndpoint(reply) as mock:
        words = ("preview", "--seeds", SEEDS, "--each", 1, *endpoint(mock))
        shown = await finish(*words, "--keep", env={"TMPDIR": str(tmp_path)})
        assert shown.code == 0, shown.err
        kept = Path(shown.out.rpartition("Kept in ")[2].strip())
        for row in rows_of(kept):
            assert row["prompt"] in shown.out
            assert row["response"] in shown.out
        assert counted(kept, "origin") == {"reverse": 3, "backfeed": 2}
        assert len(counted(kept, "type")) == 3
    assert "\x1b" not in shown.out, "a pipe gets plain text"


async def test_preview_without_keep_leaves_no_folder(tmp_path: Path) -> None:
    async with MockEndpoint(reply) as mock:
        words = ("preview", "--seeds", SEEDS, "--each", 1, "--mix", "reverse=1,backfeed=0")
        shown = await finish(*words, *endpoint(mock), env={"TMPDIR": str(tmp_path)})
    assert shown.code == 0, shown.err
    assert shown.out.count("--- prompt") == 3
    assert left_in(tmp_path) == []


async def test_estimate_and_preview_take_the_options_of_run() -> None:
    run, *others = [await finish(name, "--help") for name in ("run", "estimate", "preview")]
    options = {word for word in run.out.split() if word.startswith("--")} - {"--help"}
    assert len(options) > 15
    for other in others:
        assert options <= set(other.out.split())


def left_in(folder: Path) -> list[Path]:
    return list(folder.glob("infinite-instruct-*"))
