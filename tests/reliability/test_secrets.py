"""No key and no secret of the seeds is in a file, in what is printed, or in what a model reads."""

from pathlib import Path

from aiohttp import web
from authored_endpoint import reply
from campaign_runs import KEY, lines, run_words
from command import finish
from mock_endpoint import Body, Handler, MockEndpoint, completion, refusal

SEED_SECRET = "ghp_CANARYSECRETxx0123456789abcdefABCDEF"
_SEEDS = f'''
def connect(host: str, port: int) -> str:
    """Make an address with the token that belongs to it."""
    token = "{SEED_SECRET}"
    parts = [host, str(port), token]
    address = ":".join(parts)
    return address


def kept(items: list[int], limit: int) -> list[int]:
    """The items up to a limit, in their order."""
    found = []
    for item in items:
        if item <= limit:
            found.append(item)
    return found
'''


async def test_no_key_and_no_secret_is_written_printed_or_sent(tmp_path: Path) -> None:
    out, seeds = tmp_path / "run", tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "shop.py").write_text(_SEEDS)
    env = {"MOCK_KEY": KEY, "INFINITE_INSTRUCT_LOG_LEVEL": "DEBUG"}
    async with MockEndpoint(_gossip(), key=KEY) as mock:
        words = run_words(tmp_path, mock.base_url, "-n", 3, "--max-rows", 9, seeds=seeds)
        done = await finish(*words, env=env)
        traced = [await finish("trace", out, row) for row in _rows(out)]
    assert done.code in {0, 66, 75}, done.err
    said = [done.out, done.err, *(each.out + each.err for each in traced), *map(str, mock.requests)]
    written = [path.read_bytes() for path in out.rglob("*") if path.is_file()]
    assert written
    for secret in (KEY, SEED_SECRET):
        assert not any(secret.encode() in data for data in written)
        assert not any(secret in text for text in said)


def _rows(out: Path) -> list[str]:
    return [row["id"] for name in ("samples", "rejections") for row in lines(out / f"{name}.jsonl")]


def _gossip() -> Handler:
    """An endpoint that tells the key wherever it can: in errors, and in what it writes."""
    asked = 0

    def answer(body: Body) -> str | web.Response:
        nonlocal asked
        asked += 1
        if asked % 4 == 0:
            return refusal(500, f"Bearer {KEY} is overworked")
        if asked % 9 == 0:
            return refusal(400, f"{KEY} may not ask this")
        text = reply(body)
        said = text.replace("shop", KEY).replace("It keeps", f"{KEY} keeps")
        return web.json_response(completion(body, said) | {"model": f"mock-{KEY}"})

    return answer
