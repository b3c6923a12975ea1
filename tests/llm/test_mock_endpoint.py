import asyncio
import json
import sys
from pathlib import Path

import mock_endpoint
from llm_requests import a_request

from infinite_instruct.llm.endpoint import EndpointConfig, EndpointModel


async def test_program_serves_and_logs_each_request(tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, str(mock_endpoint.__file__), "--port", "0", "--log", str(log)),
        *("--replies", "mock_endpoint:echo"),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert server.stdout is not None
        base_url = (await server.stdout.readline()).decode().strip()
        async with EndpointModel(EndpointConfig(base_url=base_url, model="mock")) as model:
            one = await model.complete(a_request("one"))
            again = await model.complete(a_request("one"))
            two = await model.complete(a_request("two"))
        while log.read_text().count("\n") < 6:  # a reply is noted when it is sent
            await asyncio.sleep(0.01)
    finally:
        server.kill()
        await server.wait()
    assert one.text == again.text != two.text, "replies depend on the request alone"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["what"] for line in lines] == ["request", "reply"] * 3
    assert lines[0]["hash"] == lines[2]["hash"] != lines[4]["hash"]
