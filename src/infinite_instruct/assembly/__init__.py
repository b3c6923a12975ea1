"""The one place where settings become objects. Start here to run the agent graph from a script."""

from infinite_instruct.assembly.campaign import OpenCampaign, open_campaign

__all__ = ["OpenCampaign", "open_campaign"]
