"""`--engine ray` on a real cluster of two nodes, one of which dies while another one joins."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from authored_endpoint import reply
from command import SEEDS, finish, start
from mock_endpoint import MockEndpoint

pytestmark = pytest.mark.ray

NODE = {"num_cpus": 1, "object_store_memory": 80_000_000}
IN_FLIGHT = 8


@pytest.fixture
def cluster() -> Iterator[Any]:
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args=NODE)
    yield made
    made.shutdown()  # type: ignore[no-untyped-call]


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


async def test_a_node_dies_another_one_joins_and_nothing_is_lost_or_paid_again(
    cluster: Any,  # noqa: ANN401 - Ray's class is untyped
    tmp_path: Path,
) -> None:
    out, doomed = tmp_path / "run", cluster.add_node(**NODE)
    async with MockEndpoint(reply, latency=0.2) as mock:
        process = await start(
            *("run", "--seeds", SEEDS, "--out", out, "-n", 12, "--concurrency", IN_FLIGHT),
            *("--base-url", mock.base_url, "--model", "mock", "--engine", "ray", "--workers", 2),
            env={"RAY_ADDRESS": cluster.address},
        )
        while len(mock.requests) < 25:
            assert process.returncode is None
            await asyncio.sleep(0.02)
        cluster.remove_node(doomed, allow_graceful=False)
        await asyncio.sleep(1)  # what was on its way has been answered
        before = Counter(mock.counts)
        cluster.add_node(**NODE)
        printed, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert "Done: 12 of 12 rows accepted" in printed.decode()
    assert "others take up its rows" in err.decode()
    again = sum((mock.counts - before)[key] for key in before)
    assert again <= IN_FLIGHT
    rows = [row["id"] for name in ("samples", "rejections") for row in lines(out / f"{name}.jsonl")]
    assert len(rows) == len(set(rows))


async def test_a_cluster_that_is_not_there_is_named(tmp_path: Path) -> None:
    async with MockEndpoint(reply) as mock:
        done = await finish(
            *("run", "--seeds", SEEDS, "--out", tmp_path / "run", "-n", 1, "--engine", "ray"),
            *("--base-url", mock.base_url, "--model", "mock"),
            env={"RAY_ADDRESS": "127.0.0.1:1"},
        )
    assert done.code == 69
    assert "RAY_ADDRESS" in done.err
    assert not (tmp_path / "run").exists()
