"""A campaign's processes on this machine: begun before all else that takes long."""

from contextlib import AsyncExitStack, ExitStack, closing
from typing import NamedTuple

from infinite_instruct.engines.local import Nursery
from infinite_instruct.settings import Settings
from infinite_instruct.tools.seeds.reader_process import SeedReader

SERVED = "infinite_instruct.assembly.worker:serve"
"""What workers do. It is named only: importing it is theirs, beside the driver."""


class Processes(NamedTuple):
    """Processes that do their imports beside the driver's."""

    reader: SeedReader | None = None
    """Reads the seeds; else this process does."""
    nursery: Nursery | None = None
    """Where workers come from."""


def open_processes(settings: Settings, stack: ExitStack) -> Processes:
    """Begin all that a campaign needs, in a program that has no other thread yet.

    Args:
        settings: Of the campaign.
        stack: Ends them.
    """
    # A fork has copies of all that is open: so it comes first.
    reader = stack.enter_context(closing(SeedReader())) if settings.seeds.paths else None
    return Processes(reader, open_nursery(settings, stack))


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
