"""The one place where settings become objects. Start here to run the agent graph from a script."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infinite_instruct.assembly.campaign import OpenCampaign, open_campaign

__all__ = ["OpenCampaign", "open_campaign"]


def __getattr__(name: str) -> object:
    """Import the campaign when it is asked for: the analyzers alone need no LangGraph."""
    if name not in __all__:
        raise AttributeError(name)
    from infinite_instruct.assembly import campaign

    return getattr(campaign, name)
