"""A small campaign beside the real one: for an estimate, for a preview."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import SecretStr

from infinite_instruct.assembly import open_campaign
from infinite_instruct.cli.live import Screen
from infinite_instruct.cli.signals import listen_to_signals
from infinite_instruct.domain import Sample
from infinite_instruct.errors import StoppedError
from infinite_instruct.events import Emit
from infinite_instruct.graphs.campaign import Ending, EndReason
from infinite_instruct.graphs.quotas import Targets
from infinite_instruct.settings import Settings


class Rehearsal(NamedTuple):
    """What a rehearsal came to."""

    ending: Ending
    samples: tuple[Sample, ...]
    concurrency: int
    """Rows that the real campaign has in flight."""


def rehearse(
    settings: Settings,
    folder: Path,
    *,
    shown: int,
    listeners: Sequence[Emit] = (),
    targets: Targets | None = None,
) -> Rehearsal:
    """Run a campaign in a folder of its own, to its end.

    Args:
        settings: What to do; their run folder is not touched.
        folder: Gets the run folder.
        shown: Rows that the screen counts towards.
        listeners: Who hears of every event, besides the screen.
        targets: What is wanted, in place of the settings' quotas.

    Raises:
        InfiniteInstructError: It cannot go on, or the user stopped it.
    """
    # It is thrown away: no database needs to know of it.
    own = settings.model_copy(update={"out": folder / "run", "store": SecretStr("")})
    try:
        rehearsal = asyncio.run(_run(own, shown, listeners, targets))
    except asyncio.CancelledError:
        raise _stopped() from None
    if rehearsal.ending.reason is EndReason.STOPPED:
        raise _stopped()
    if rehearsal.ending.error is not None and rehearsal.ending.reason is EndReason.FAILED:
        raise rehearsal.ending.error
    return rehearsal


async def _run(
    own: Settings, shown: int, listeners: Sequence[Emit], targets: Targets | None
) -> Rehearsal:
    with Screen(shown) as screen:
        async with open_campaign(
            own, listeners=[screen, *listeners], progress=screen.show_bytes, targets=targets
        ) as campaign:
            screen.begin(campaign.meter, 0)
            listen_to_signals(campaign)
            ending = await campaign.run()
            rows = tuple(row for row in campaign.store.outcomes() if isinstance(row, Sample))
            return Rehearsal(ending, rows, campaign.campaign.concurrency)


def _stopped() -> StoppedError:
    return StoppedError("Stopped.", remedy="Nothing is left behind.")
