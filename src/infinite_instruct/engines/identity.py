"""Which code this is: a driver and its workers must have the same."""

import hashlib
from importlib.resources import files
from importlib.resources.abc import Traversable

_SHOWN = 12


def code_identity() -> str:
    """A short hash of all modules of this package: versions are the same before a release, too."""
    digest = hashlib.sha256()
    for module in _modules(files("infinite_instruct")):
        digest.update(module.name.encode() + b"\0" + module.read_bytes() + b"\0")
    return digest.hexdigest()[:_SHOWN]


def _modules(folder: Traversable) -> list[Traversable]:
    inside = sorted(folder.iterdir(), key=lambda each: each.name)
    deeper = (module for each in inside if each.is_dir() for module in _modules(each))
    return [each for each in inside if each.name.endswith(".py")] + list(deeper)
