import json
import shutil
from pathlib import Path

import pytest
from authored_endpoint import reply
from command import SEEDS, finish
from mock_endpoint import MockEndpoint, refusal

from infinite_instruct.cli.campaigns import RunOptions, overrides
from infinite_instruct.settings import load_settings

KEY = "sk-test-CANARY-0123456789abcdef"


def run_words(mock: MockEndpoint, out: Path, *more: object) -> tuple[object, ...]:
    return (
        *("run", "--seeds", SEEDS, "--out", out, "--base-url", mock.base_url, "--model", "mock"),
        *("--api-key-env", "MOCK_KEY", *more),
    )


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


async def test_a_run_leaves_exactly_n_rows_and_everything_that_belongs_to_them(
    tmp_path: Path,
) -> None:
    out = tmp_path / "run"
    async with MockEndpoint(reply, key=KEY) as mock:
        done = await finish(*run_words(mock, out, "-n", 5), env={"MOCK_KEY": KEY})
    assert done.code == 0, done.err
    samples, rejections = lines(out / "samples.jsonl"), lines(out / "rejections.jsonl")
    assert len(samples) == 5
    assert "Done: 5 of 5 rows accepted" in done.out
    assert len({row["id"] for row in samples + rejections}) == len(samples) + len(rejections)
    for name in ("graph.graphml", "graph.html", "report.html", "README.md", "campaign.toml"):
        assert (out / name).stat().st_size > 0, name
    assert KEY.encode() not in b"".join(f.read_bytes() for f in out.rglob("*") if f.is_file())


async def test_a_budget_stops_the_run_and_a_larger_one_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "run"
    async with MockEndpoint(reply) as mock:
        words = run_words(mock, out, "-n", 6, "--budget-tokens", 300, "--concurrency", 2)
        stopped = await finish(*words)
        assert stopped.code == 75
        assert "budget" in stopped.out + stopped.err
        # 18 tokens a call: the limit is passed by no more than the calls in flight.
        assert len(mock.requests) <= 300 / 18 + 2
        resumed = await finish("resume", out, "--budget-tokens", 100_000)
    assert resumed.code == 0, resumed.err
    assert len(lines(out / "samples.jsonl")) == 6


async def test_an_endpoint_without_json_schema_is_used_all_the_same_and_told(
    tmp_path: Path,
) -> None:
    def picky(body: dict[str, object]) -> object:
        if "json_schema" in json.dumps(body.get("response_format", "")):
            return refusal(400, "response_format json_schema is not supported")
        return reply(body)

    out = tmp_path / "run"
    async with MockEndpoint(picky) as mock:  # type: ignore[arg-type] # text or response
        done = await finish(*run_words(mock, out, "-n", 1, "--max-rows", 3))
    told = done.out + done.err
    assert "json_schema" in told


async def test_a_run_without_more_to_do_says_what_helps_and_goes_on_from_its_graph(
    tmp_path: Path,
) -> None:
    out, seeds = tmp_path / "run", tmp_path / "seeds"
    shutil.copytree(SEEDS, seeds)
    async with MockEndpoint(reply, key=KEY) as mock:
        words = ("run", "--seeds", seeds, "--out", out, "--base-url", mock.base_url)
        model = ("--model", "mock", "--api-key-env", "MOCK_KEY", "--mix", "backfeed=0")
        done = await finish(*words, *model, "-n", 2, env={"MOCK_KEY": KEY})
        assert done.code == 0, done.err
        shutil.rmtree(seeds)
        alone = ("resume", out, "-n", 4, "--mix", "reverse=0", "--expansions")
        ended = await finish(*alone, 0, env={"MOCK_KEY": KEY})
        assert ended.code == 66
        assert "2 of 4 rows accepted" in ended.out
        assert f"infinite-instruct graph {out} import" in ended.out
        assert f"infinite-instruct resume {out} --expansions 10" in ended.out
        grown = await finish(*alone, 9, env={"MOCK_KEY": KEY})
    assert grown.code == 0, grown.out + grown.err
    origins = [row["origin"] for row in lines(out / "samples.jsonl")]
    assert origins == ["reverse"] * 2 + ["backfeed"] * 2


@pytest.mark.parametrize(
    ("mix", "reverse", "backfeed"),
    [
        pytest.param("reverse=0", 0.0, 1.0, id="the-rest"),
        pytest.param("backfeed=0.25", 0.75, 0.25, id="the-rest-of-the-other"),
        pytest.param("reverse=3,backfeed=1", 3.0, 1.0, id="both"),
        pytest.param("reverse=3", 3.0, 0.0, id="nothing-left"),
    ],
)
def test_a_mix_may_name_one_share(mix: str, reverse: float, backfeed: float) -> None:
    settings = load_settings(None, overrides(RunOptions(mix=mix)))
    assert (settings.mix.reverse, settings.mix.backfeed) == (reverse, backfeed)
