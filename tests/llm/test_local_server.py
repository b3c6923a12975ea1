import asyncio
import importlib.util
import os
import signal
import sys
from pathlib import Path

import aiohttp
import pytest
from llm_requests import a_request
from pydantic import BaseModel, Field

from infinite_instruct.errors import EndpointError, MissingToolError
from infinite_instruct.llm import llama_process
from infinite_instruct.llm.ask import ask
from infinite_instruct.llm.endpoint import EndpointConfig, EndpointModel
from infinite_instruct.llm.local_server import LocalServer, ServerConfig
from infinite_instruct.llm.weights import CATALOGUE, pulled

needs_runtime = pytest.mark.skipif(
    importlib.util.find_spec("xllamacpp") is None, reason="xllamacpp is not installed"
)


class Greeting(BaseModel):
    text: str = Field(max_length=40)
    mood: int


def small_model() -> Path:
    cache = os.environ.get("MODELS_FOR_TESTS")
    path = pulled(CATALOGUE[1], Path(cache) if cache else None)
    if path is None:
        pytest.skip("the weights of qwen2.5-coder-0.5b are not pulled")
    return path


async def test_missing_runtime_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(MissingToolError, match="xllamacpp") as raised:
        await LocalServer(ServerConfig(model=tmp_path / "m.gguf")).start()
    assert "infinite-instruct[local]" in raised.value.remedy


@needs_runtime
async def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(EndpointError, match=r"no model file .*m\.gguf") as raised:
        await LocalServer(ServerConfig(model=tmp_path / "m.gguf")).start()
    assert "model pull" in raised.value.remedy


@needs_runtime
async def test_file_that_is_no_model_is_told_with_the_servers_words(tmp_path: Path) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"this is no model")
    server = LocalServer(ServerConfig(model=path))
    with pytest.raises(EndpointError, match=r"broken\.gguf ended with code .*(?i:fail|error)"):
        await server.start()
    assert server.pid is None


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
async def test_child_of_a_dead_parent_ends_at_once() -> None:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", llama_process.__file__, "--model", "m", "--alias", "a"),
        *("--parent", "1"),
        stdin=asyncio.subprocess.PIPE,
    )
    assert await asyncio.wait_for(child.wait(), 30) == 0


@needs_runtime
@pytest.mark.local_model
async def test_real_model_obeys_a_schema_and_its_limits() -> None:
    async with LocalServer(ServerConfig(model=small_model(), alias="small")) as server:
        config = EndpointConfig(base_url=server.base_url, model="small", concurrency=4)
        async with EndpointModel(config) as model:
            request = a_request("Greet me.", model="small", max_tokens=200, temperature=0.0)
            asked = await ask(model, request, Greeting, correction=str)
            assert await model.models() == ("small",)
    assert len(asked.value.text) <= 40
    assert asked.replies[0].prompt_tokens > 0


@needs_runtime
@pytest.mark.local_model
async def test_server_dies_with_a_killed_parent() -> None:
    script = (
        "import asyncio, sys, pathlib\n"
        "from infinite_instruct.llm.local_server import LocalServer, ServerConfig\n"
        "async def main():\n"
        "    async with LocalServer(ServerConfig(model=pathlib.Path(sys.argv[1]))) as server:\n"
        "        print(server.base_url, flush=True)\n"
        "        await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    source = Path(llama_process.__file__).parents[2]
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", script, str(small_model())),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(source)},
    )
    assert parent.stdout is not None
    base_url = (await parent.stdout.readline()).decode().strip()
    parent.send_signal(signal.SIGKILL)
    await parent.wait()
    assert await gone(base_url)


async def gone(base_url: str) -> bool:
    """Whether nothing answers there any more, within ten seconds."""
    async with aiohttp.ClientSession() as session:
        for _ in range(100):
            try:
                async with session.get(f"{base_url}/models"):
                    await asyncio.sleep(0.1)
            except aiohttp.ClientError:
                return True
    return False
