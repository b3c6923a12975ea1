"""A run begins within a second or two: what is loaded when decides that."""

import subprocess
import sys
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src"
_GRAPH = ("networkx", "chromadb", "numpy")


@pytest.mark.parametrize(
    ("module", "unneeded"),
    [
        ("cli.campaigns", ("langchain_core", "langgraph", "openai", *_GRAPH)),
        ("assembly.campaign", ("langgraph", "markdown_it", "chromadb")),
        ("assembly.worker", ("infinite_instruct.tools.knowledge", *_GRAPH)),
    ],
    ids=["workers-begin-before-it", "the-driver-of-workers", "each-worker"],
)
def test_nothing_is_loaded_that_this_process_does_not_use(
    module: str, unneeded: tuple[str, ...]
) -> None:
    program = f"import sys, infinite_instruct.{module}; print(*sys.modules)"
    told = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(told.stdout.split())
    assert f"infinite_instruct.{module}" in loaded
    assert not loaded & set(unneeded)
