"""Whatever an endpoint sends: tries, memory and budget are bounded, and the run ends with why."""

import json
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from authored_endpoint import reply
from campaign_runs import assert_adds_up, ledger, lines, run_words
from command import ending, finish, fork
from faulty_endpoint import FAULTS, OF_THE_ENDPOINT, SHAPES, Fault, faulty_endpoint, prose, shapes
from mock_endpoint import MockEndpoint

ROWS = 2
_ENOUGH = 10
"""Calls of one row at most that gives no usable reply: each role's with its re-asks."""
_MEMORY = 400
"""MB; without bounds the largest replies take that many times over."""
UNUSABLE, LIMIT = 69, 75


@pytest.mark.parametrize("fault", FAULTS, ids=[each.__name__ for each in FAULTS])
async def test_a_faulty_endpoint_costs_bounded_tries_and_ends_the_run_with_a_reason(
    tmp_path: Path, fault: Fault
) -> None:
    out = tmp_path / "run"
    limits: dict[str, Any] = {"timeout": 0.5, "retries": 1, "patience": 1, "reasks": 1}
    options = ("-n", 9, "--max-rows", ROWS, "--concurrency", ROWS)
    async with faulty_endpoint(fault) as endpoint:
        running = fork(*run_words(tmp_path, endpoint.base_url, *options, **limits))
        done = await ending(running)
    assert 0 < endpoint.asked <= ROWS * _ENOUGH
    assert running.most_memory < _MEMORY
    assert "Traceback" not in done.err + (out / "log.txt").read_text()
    assert f"infinite-instruct resume {out}" in done.out
    if fault in OF_THE_ENDPOINT:
        assert done.code == UNUSABLE, done.err
        assert endpoint.base_url in done.err
        assert_adds_up(out, unfinished=ROWS)
    else:
        assert done.code == LIMIT, done.err
        reasons = ledger(out, "SELECT DISTINCT reason FROM rows")
        assert reasons == [("unusable-reply",)]
        assert_adds_up(out)


async def test_no_shape_of_json_is_a_fault_of_ours(tmp_path: Path) -> None:
    limits: dict[str, Any] = {"timeout": 5, "retries": 1, "patience": 1, "reasks": 1}
    async with faulty_endpoint(shapes()) as endpoint:
        words = run_words(tmp_path, endpoint.base_url, "-n", 9, "--max-rows", 12, **limits)
        done = await finish(*words)
    assert done.code == LIMIT, done.err
    assert endpoint.asked > SHAPES
    reasons = ledger(tmp_path / "run", "SELECT DISTINCT reason FROM rows")
    assert reasons == [("unusable-reply",)]


async def test_texts_that_files_and_pages_could_choke_on_are_rows_like_others(
    tmp_path: Path,
) -> None:
    async with MockEndpoint(lambda body: _odd(reply(body))) as mock:
        words = run_words(tmp_path, mock.base_url, "-n", 5, "--max-rows", 20, "--concurrency", 2)
        done = await finish(*words)
    assert done.code == 0, done.err
    assert len(lines(tmp_path / "run" / "samples.jsonl")) == 5
    assert_adds_up(tmp_path / "run")
    assert "\x1b" not in done.out + done.err
    nx.read_graphml(tmp_path / "run" / "graph.graphml")  # it is whole


def _odd(text: str) -> str:
    """The reply with control characters, ends of lines and pages, and halves of characters."""
    odd = "\x00\x1b[31m\ufffe\u2028\u202e\x7f</script>'\"\\ \U0001f600 ]]>&lt; \r\n\x0b"
    try:
        values: dict[str, object] = json.loads(text)
    except ValueError:
        return text + odd
    told = {name: _ended_by(value, odd) for name, value in values.items()}
    return json.dumps(told)


def _ended_by(value: object, end: str) -> object:
    if isinstance(value, list):
        return [_ended_by(each, end) for each in value]
    return value + end if isinstance(value, str) else value


async def test_a_budget_holds_though_every_reply_is_faulty(tmp_path: Path) -> None:
    options = ("-n", 90, "--concurrency", 3, "--budget-tokens", 500)
    async with faulty_endpoint(prose) as endpoint:
        words = run_words(tmp_path, endpoint.base_url, *options)
        done = await finish(*words)
    assert done.code == LIMIT, done.err
    assert "The budget of 500 tokens is spent" in done.err
    # Its replies say that they cost 18 tokens.
    assert 500 / 18 <= endpoint.asked <= 500 / 18 + 3, "the calls in flight may pass it, no others"
