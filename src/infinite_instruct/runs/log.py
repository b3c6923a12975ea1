"""The log file of a run: quiet on the terminal, bounded, without secrets."""

import logging
import logging.handlers
import re
from collections.abc import Collection, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from loguru import logger

from infinite_instruct.runs.faults import faults_named
from infinite_instruct.runs.printable import printable

if TYPE_CHECKING:
    from loguru import Record

_BYTES = 10_000_000
_OLD_FILES = 3
_LINE = "{time:YYYY-MM-DD HH:mm:ss.SSS} {level: <8} {name}: {message}"
_HIDDEN = "[hidden]"
# Keys in the shape of the usual providers', and whatever an Authorization header carries: error
# messages of HTTP clients quote them.
_KEY_SHAPES = re.compile(r"\b(?:sk|pk|hf|gsk|xai)[-_][\w-]{16,}|(?<=Bearer )[^\s'\"]+")


class _SafeFile(logging.handlers.RotatingFileHandler):
    """Loguru's own files can't clean a traceback, so this handler writes for it."""

    def __init__(self, path: Path, secrets: Collection[str]) -> None:
        super().__init__(path, maxBytes=_BYTES, backupCount=_OLD_FILES, encoding="utf-8")
        self._secrets = tuple(secret for secret in secrets if secret)

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        return printable(_KEY_SHAPES.sub(_HIDDEN, text))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say nothing: a full disk is told by the store, once, and ends the run."""


@contextmanager
def logging_to(
    path: Path, *, level: str = "INFO", secrets: Collection[str] = ()
) -> Generator[None]:
    """Log into a file while the block runs, and nothing to the terminal.

    The file is turned over at 10 MB; three old ones are kept (`log.txt.1` is the youngest).

    Args:
        path: The log file.
        level: The least level that is written: DEBUG, INFO, WARNING, ERROR.
        secrets: Texts that must not appear in it, like API keys.

    Raises:
        RunFolderError: The file cannot be opened.
    """
    with faults_named(path):
        file = _SafeFile(path, secrets)
    with suppress(ValueError):
        logger.remove(0)  # loguru's own sink, the terminal; gone already the second time
    sink = logger.add(
        file, level=level, format=_LINE, filter=_flat, backtrace=False, diagnose=False
    )
    try:
        yield
    finally:
        logger.remove(sink)
        file.close()


def _flat(record: "Record") -> bool:
    """Keep a message on one line: text from outside must not forge lines of the log."""
    record["message"] = record["message"].replace("\n", "\\n")
    return True
