"""Parsers that come as WebAssembly and run in node."""

import json
from pathlib import Path

from infinite_instruct.tools.analyzers.toolbox import Toolbox
from infinite_instruct.tools.analyzers.toolchest import find_node
from infinite_instruct.tools.worker import Program, WorkerLimits

_SCRIPTS = Path(__file__).with_name("node")


def node_parser(script: str, package: str, toolbox: Toolbox) -> Program | None:
    """A child that answers by one of our scripts; None where node or the package is missing."""
    node, folder = find_node(), toolbox.chest.node_package(package)
    if node is None or folder is None:
        return None
    return Program(
        command=[str(node), "--no-warnings", str(_SCRIPTS / script), str(folder)],
        jail=toolbox.jail,
        readable=(node, toolbox.chest.folder, _SCRIPTS),
        environment={"OPENSSL_CONF": "/dev/null"},
        limits=WorkerLimits(memory_mb=4096, reserves_memory=True),
    )


def package_version(package: str, toolbox: Toolbox) -> str:
    """The version of an installed node package."""
    folder = toolbox.chest.node_package(package)
    if folder is None:
        return "unknown"
    try:
        return str(json.loads((folder / "package.json").read_text("utf-8"))["version"])
    except (OSError, ValueError, KeyError):
        return "unknown"
