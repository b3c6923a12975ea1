"""How near the flow of calls comes to what an endpoint can do, with faults and without.

Usage: python benchmarks/flow.py [--calls 1000] [--in-flight 128] [--latency 0.2]
An endpoint in a process of its own answers after the latency. With faults, 2.5 % of its replies are
429 (`Retry-After: 0.5`), 2.5 % are 500 and 2 % are cut in half. Ideal is calls / in flight x
latency. Beside it, in the same run, the bare OpenAI SDK under asyncio with its own retries, which
asks again by itself where a reply was cut.
"""

import argparse
import asyncio
import random
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import openai
from aiohttp import web

from infinite_instruct.llm.endpoint import EndpointConfig, EndpointModel
from infinite_instruct.llm.model import ChatMessage, ChatRequest

TESTS = Path(__file__).parents[1] / "tests" / "llm"
HEAD = f"{'who':34}{'delivered':>10}{'wall s':>8}{'wall / ideal':>14}{'CPU ms/call':>13}"

Call = Callable[[str], Awaitable[object]]


@dataclass(frozen=True)
class Course:
    """What is asked."""

    calls: int
    in_flight: int
    latency: float

    @property
    def ideal(self) -> float:
        """Seconds, if nothing but the endpoint took time."""
        return self.calls / self.in_flight * self.latency


def faulty(_body: dict[str, object]) -> str | web.Response:
    """Reply as an endpoint under load does."""
    chance = random.random()  # noqa: S311 - no secret
    if chance < 0.025:  # noqa: PLR2004 - the shares stand in the usage
        return web.json_response({"error": {}}, status=429, headers={"Retry-After": "0.5"})
    if chance < 0.05:  # noqa: PLR2004
        return web.json_response({"error": {}}, status=500)
    if chance < 0.07:  # noqa: PLR2004
        return web.Response(
            text='{"id": "mock", "choices": [{"mess', content_type="application/json"
        )
    return "fine"


@asynccontextmanager
async def endpoint(latency: float, replies: str) -> AsyncGenerator[str]:
    """The tests' endpoint in a process of its own; gives its URL."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(TESTS / "mock_endpoint.py"), "--latency", str(latency)),
        *(("--replies", replies) if replies else ()),
        stdout=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": f"{Path(__file__).parent}:{TESTS}:{TESTS.parents[1] / 'src'}"},
    )
    try:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.kill()
        await process.wait()


async def measure(name: str, course: Course, call: Call) -> None:
    """Make the calls, so many at once, and print a line."""
    await call("warm")
    texts = iter([f"question {number}" for number in range(course.calls)])
    started, cpu = time.monotonic(), time.process_time()
    workers = [_work(texts, call) for _ in range(course.in_flight)]
    delivered = sum(await asyncio.gather(*workers))
    wall, cpu = time.monotonic() - started, time.process_time() - cpu
    print(
        f"{name:34}{delivered:10}{wall:8.2f}{wall / course.ideal:14.2f}"
        f"{1_000 * cpu / course.calls:13.2f}"
    )


async def _work(texts: Iterator[str], call: Call) -> int:
    delivered = 0
    for text in texts:
        try:
            await call(text)
            delivered += 1
        except Exception as error:  # noqa: BLE001 - what is lost is counted
            print(f"lost: {error}", file=sys.stderr)
    return delivered


async def run(course: Course, replies: str, label: str) -> None:
    """Measure both at one endpoint."""
    async with endpoint(course.latency, replies) as base_url:
        config = EndpointConfig(base_url=base_url, model="mock", concurrency=course.in_flight)
        async with EndpointModel(config) as model:
            await measure(
                f"EndpointModel, {label}", course, lambda text: model.complete(_asks(text))
            )
        client = openai.DefaultAioHttpClient()
        async with openai.AsyncOpenAI(
            base_url=base_url, api_key="none", max_retries=5, http_client=client
        ) as sdk:
            await measure(f"bare SDK, {label}", course, lambda text: _bare(sdk, text))


def _asks(text: str) -> ChatRequest:
    turn = ChatMessage(role="user", content=text)
    return ChatRequest(role="writer", model="mock", messages=(turn,))


async def _bare(sdk: openai.AsyncOpenAI, text: str) -> object:
    while True:
        try:
            reply = await sdk.chat.completions.create(
                model="mock", messages=[{"role": "user", "content": text}], max_tokens=1024
            )
            return reply.choices[0].message.content
        except ValueError:  # Cut in half: the SDK does not ask again.
            continue


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=1_000)
    parser.add_argument("--in-flight", type=int, default=128)
    parser.add_argument("--latency", type=float, default=0.2, help="seconds")
    options = parser.parse_args()
    course = Course(options.calls, options.in_flight, options.latency)
    print(f"ideal: {course.ideal:.2f} s")
    print(HEAD)
    asyncio.run(run(course, "", "no faults"))
    asyncio.run(run(course, "flow:faulty", "7 % faults"))


if __name__ == "__main__":
    main()
