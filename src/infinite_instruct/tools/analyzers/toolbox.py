"""What every analyzer that starts processes needs."""

from dataclasses import dataclass, field
from pathlib import Path

from infinite_instruct.tools.analyzers.batches import Batching
from infinite_instruct.tools.analyzers.toolchest import Toolchest, default_folder
from infinite_instruct.tools.jail import Baseline, Jail
from infinite_instruct.tools.process import Slots


def _installed() -> Toolchest:
    return Toolchest(folder=default_folder())


@dataclass(frozen=True)
class Toolbox:
    """Jail, batching, limits and programs."""

    jail: Jail = field(default_factory=Baseline)
    batching: Batching = field(default_factory=Batching)
    slots: Slots = field(default_factory=Slots)
    seconds: float = 20
    """Wall clock for one sample; see `BatchAnalyzer.seconds_each`."""
    chest: Toolchest = field(default_factory=_installed)
    packages: Path | None = None
    """A virtual environment, or its interpreter, with the packages that samples may import."""
