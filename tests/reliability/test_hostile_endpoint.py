"""Whatever an endpoint sends: tries, memory and budget are bounded, and the run ends with why."""

from pathlib import Path
from typing import Any

import pytest
from campaign_runs import assert_adds_up, ledger, run_words
from command import ending, finish, fork
from faulty_endpoint import FAULTS, OF_THE_ENDPOINT, Fault, faulty_endpoint, prose

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


async def test_a_budget_holds_though_every_reply_is_faulty(tmp_path: Path) -> None:
    options = ("-n", 90, "--concurrency", 3, "--budget-tokens", 500)
    async with faulty_endpoint(prose) as endpoint:
        words = run_words(tmp_path, endpoint.base_url, *options)
        done = await finish(*words)
    assert done.code == LIMIT, done.err
    assert "The budget of 500 tokens is spent" in done.err
    # Its replies say that they cost 18 tokens.
    assert 500 / 18 <= endpoint.asked <= 500 / 18 + 3, "the calls in flight may pass it, no others"
