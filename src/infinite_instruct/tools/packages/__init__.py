"""Which packages exist: a name that no list knows was invented."""

from infinite_instruct.tools.packages.names import PackageNames

__all__ = ["PackageNames"]
