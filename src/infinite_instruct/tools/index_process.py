"""A vector index brought up to date by a process of its own, which ends with its work.

Chroma takes 30 MB of the process that loads it. While a graph is young, its vectors are in memory,
and Chroma is needed to write them down at the end: that is done here.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from loguru import logger

from infinite_instruct.tools.embedders import WordLlamaEmbedder
from infinite_instruct.tools.own_process import search_path

_SECONDS = 60
"""For some thousands of texts, which take two."""
_LOOK = 0.05
"""Seconds between two looks at whether its parent is still there."""
_MOST_TOLD = 2_000
"""Bytes of what it says."""


def bring_up_to_date(path: Path, texts: Mapping[str, str]) -> None:
    """Let an index hold these texts and no other, with the vectors of `WordLlamaEmbedder`.

    What it comes to is only logged: whoever opens the index next mends it.

    Args:
        path: Its folder, that nobody has open.
        texts: By id.
    """
    try:
        told = _run(json.dumps([str(path), dict(texts)]).encode())
    except (OSError, subprocess.SubprocessError) as error:
        told = f"The vector index is not complete, and is mended next time: {error}"
    if told:
        logger.warning("{}", told)


def _run(order: bytes) -> str:
    """Run the process to its end; gives what it has to say."""
    ended = subprocess.run(  # noqa: S603  ourselves
        [sys.executable, "-P", "-m", __name__, str(os.getpid())],
        input=order,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": search_path()},
        start_new_session=True,  # a stop of the terminal's is for the one who waits
        timeout=_SECONDS,
        check=True,
    )
    return ended.stdout[:_MOST_TOLD].decode(errors="replace").strip()


def main(parent: int) -> None:
    """Do what the standard input orders."""
    from infinite_instruct.tools.vectors import ChromaIndex  # noqa: PLC0415  half a second

    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    logger.remove()
    logger.add(sys.stdout, format="{message}", level="WARNING")
    path, texts = json.load(sys.stdin)
    ChromaIndex(Path(path), WordLlamaEmbedder(), texts, waiting=0).close()


def _end_with(parent: int) -> None:
    """Nobody else may write the folder: who resumes the run must not find us at it."""
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
