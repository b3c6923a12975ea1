"""Where a process of ours finds this package."""

import os
from pathlib import Path

import infinite_instruct


def search_path() -> str:
    """`PYTHONPATH` for it: where this package is, and where else we were told to look."""
    own = str(Path(infinite_instruct.__file__).parents[1])
    return os.pathsep.join(filter(None, (own, os.environ.get("PYTHONPATH", ""))))
