"""Run the agent graph from a script: settings in, a data set out, every decision heard."""

import asyncio
import sys

from infinite_instruct.assembly import open_campaign
from infinite_instruct.events import Decided, Event
from infinite_instruct.llm.model import ChatModel
from infinite_instruct.settings import load_settings


def hear(event: Event) -> None:
    """Print each decision as it is made."""
    if isinstance(event, Decided):
        print(f"{event.row} {event.agent}: {event.decision}")


async def main(seeds: str, out: str, model: ChatModel | None = None) -> None:
    """Make 3 rows from a folder of source code; without a model, by the local one."""
    settings = load_settings(None, {"seeds.paths": [seeds], "out": out, "rows": 3})
    async with open_campaign(settings, listeners=[hear], model=model) as campaign:
        ending = await campaign.run()
    print(f"{ending.reason}: {ending.accepted} accepted of {ending.tried}, in {out}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
