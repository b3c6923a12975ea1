"""What the endpoint of `campaign.py` replies: the scripted author, late or faulty where told.

Told by the environment: MEDIAN and SIGMA (seconds of a lognormal latency), FAULTS (1: 2.5 % are 429
with `Retry-After: 0.5`, 2.5 % are 500, 2 % are cut in half).
"""

import asyncio
import json
import math
import os
import random
from typing import Any

import authored_endpoint
from aiohttp import web

_CHANCE = random.Random(7)  # noqa: S311 - no secret
_MEDIAN, _SIGMA = float(os.environ["MEDIAN"]), float(os.environ["SIGMA"])
_FAULTS = os.environ["FAULTS"] == "1"


async def reply(body: dict[str, Any]) -> str | web.Response:
    """Answer a request's body, or fail."""
    await asyncio.sleep(_CHANCE.lognormvariate(math.log(_MEDIAN), _SIGMA) if _MEDIAN else 0)
    return (_fault() if _FAULTS else None) or authored_endpoint.reply(body)


def _fault() -> web.Response | None:
    chance = _CHANCE.random()
    if chance < 0.025:  # noqa: PLR2004 - the shares stand above
        return web.json_response({"error": {}}, status=429, headers={"Retry-After": "0.5"})
    if chance < 0.05:  # noqa: PLR2004
        return web.json_response({"error": {}}, status=500)
    if chance < 0.07:  # noqa: PLR2004
        half = json.dumps({"choices": [{"message": {"content": "…"}}]})[:30]
        return web.Response(text=half, content_type="application/json")
    return None
