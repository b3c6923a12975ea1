"""Where a campaign's workers on this machine come from: opened before all that takes long."""

from contextlib import AsyncExitStack, ExitStack

from infinite_instruct.engines.local import Nursery
from infinite_instruct.settings import Settings

SERVED = "infinite_instruct.assembly.worker:serve"
"""What they do. It is named only: importing it is theirs, beside the driver."""


def has_workers(settings: Settings) -> bool:
    """Whether a campaign's rows are taken by other processes."""
    return settings.engine != "local" or settings.workers > 1


def open_nursery(settings: Settings, stack: ExitStack | AsyncExitStack) -> Nursery | None:
    """Let workers begin with their imports; None where there are none on this machine.

    Args:
        settings: Of the campaign.
        stack: Ends them.
    """
    if settings.engine != "local" or not has_workers(settings):
        return None
    return stack.enter_context(Nursery(SERVED))
