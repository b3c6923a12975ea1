"""What the driver of a campaign tells a worker at first."""

from typing import Any

from infinite_instruct.domain import Value
from infinite_instruct.llm.endpoint import EndpointConfig


class Job(Value):
    """What a worker is told at first."""

    settings: dict[str, Any]
    """As JSON: the class that a file was read into exists in one process only."""
    places: tuple[EndpointConfig, ...]
    """The endpoints by their number, with their keys."""
    analyzers: int
    """Analyzer processes at a time."""
