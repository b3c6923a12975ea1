"""Whatever an endpoint sends: tries, memory and budget are bounded, and the run ends with why."""

import resource
from pathlib import Path

import pytest
from campaign_runs import assert_adds_up, ledger, run_words
from faulty_endpoint import FAULTS, Fault, faulty_endpoint
from warm_command import WarmCommand

RETRIES = 1
ROWS = 2
_ENOUGH = 10
"""Calls of one row at most that gives no usable reply: each role's with its re-asks."""
CODES = {66, 69, 75}
"""No material, no usable endpoint, a limit: what a run may end with that was never answered well."""


@pytest.mark.parametrize("fault", FAULTS, ids=[each.__name__ for each in FAULTS])
async def test_a_faulty_endpoint_costs_bounded_tries_and_ends_the_run_with_a_reason(
    tmp_path: Path, command: WarmCommand, fault: Fault
) -> None:
    out = tmp_path / "run"
    limits = {"timeout": 0.5, "retries": RETRIES, "patience": 1, "reasks": 1}
    options = ("-n", 9, "--max-rows", ROWS, "--concurrency", 2, "--budget-tokens", 50_000)
    async with faulty_endpoint(fault) as endpoint:
        words = run_words(tmp_path, endpoint.base_url, *options, **limits)
        done = await command.finish(*words)
        asked = endpoint.asked
    print(fault.__name__, done.code, asked, done.err[-300:], done.out[-300:])
    assert done.code in CODES, done.err
    assert "Traceback" not in done.err
    assert 0 < asked <= ROWS * _ENOUGH
    assert_adds_up(out)
    reasons = ledger(out, "SELECT reason FROM rows WHERE state = 'rejected'")
    assert "internal-error" not in str(reasons)
    assert "Traceback" not in (out / "log.txt").read_text()
