"""Python: ruff, ty, mypy and pyright."""
