"""A new domain by a prompt pack: only what differs from the default pack is written."""

import asyncio
import sys
from pathlib import Path

from infinite_instruct.assembly import open_campaign
from infinite_instruct.llm.model import ChatModel
from infinite_instruct.settings import load_settings

PACK = Path(__file__).parent / "packs" / "concurrency"


async def main(seeds: str, out: str, model: ChatModel | None = None) -> None:
    """Make 3 rows of the domain; without a model, by the local one."""
    given = {"seeds.paths": [seeds], "out": out, "rows": 3, "pack": str(PACK)}
    async with open_campaign(load_settings(None, given), model=model) as campaign:
        ending = await campaign.run()
    print(f"{ending.reason}: {ending.accepted} rows in {out}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
