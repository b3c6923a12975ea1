"""A campaign on the screen: settings in, an exit code out."""

import asyncio
from functools import partial

from infinite_instruct.assembly import open_campaign
from infinite_instruct.assembly.memory import spare_the_collector
from infinite_instruct.assembly.processes import Processes
from infinite_instruct.cli.endings import EXIT, close
from infinite_instruct.cli.live import Screen
from infinite_instruct.cli.signals import (
    end_at_signals,
    leave,
    listen_to_signals,
    tell_stopped,
)
from infinite_instruct.cli.terminal import outliving_its_terminal
from infinite_instruct.graphs.campaign import EndReason
from infinite_instruct.settings import Settings


def run(settings: Settings, processes: Processes, *, resume: bool) -> int:
    """Run a campaign to its end.

    Args:
        settings: What to do.
        processes: Those that are there already.
        resume: Whether the folder holds a run already.
    """
    with outliving_its_terminal():
        try:
            return asyncio.run(_run(settings, processes, resume=resume))
        except asyncio.CancelledError:
            tell_stopped(settings.out)
            return EXIT[EndReason.STOPPED]


async def _run(settings: Settings, processes: Processes, *, resume: bool) -> int:
    end_at_signals()
    with Screen(settings.rows) as screen:
        async with open_campaign(
            settings,
            resume=resume,
            listeners=[screen],
            progress=screen.show_bytes,
            processes=processes,
        ) as campaign:
            screen.begin(campaign.meter, campaign.campaign.accepted)
            listen_to_signals(campaign, partial(leave, settings.out))
            spare_the_collector()
            ending = await campaign.run()
    from infinite_instruct.cli.reports import print_report

    print_report(campaign.folder)
    return close(settings, ending, campaign.meter)
