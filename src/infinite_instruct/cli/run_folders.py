"""Run folders that the command line names, with their database where they are in one."""

import os
from pathlib import Path

from infinite_instruct.runs.folder import RunFolder
from infinite_instruct.settings import PREFIX


def look(directory: Path, store: str | None = None) -> RunFolder:
    """An existing run to read from.

    Args:
        directory: The run folder.
        store: The URL of its database; None: as the environment says, else as the folder does.

    Raises:
        RunFolderError: It is no run, or it is damaged.
    """
    return RunFolder.look(directory, store=store or os.environ.get(f"{PREFIX}STORE", ""))
