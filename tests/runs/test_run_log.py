from pathlib import Path

import pytest
from loguru import logger

from infinite_instruct.errors import RunFolderError
from infinite_instruct.runs.log import logging_to


def test_logs_to_the_file_and_not_to_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with logging_to(tmp_path / "log.txt"):
        logger.info("hello")
        logger.debug("too fine")
    logger.info("after")
    (line,) = (tmp_path / "log.txt").read_text().splitlines()
    assert line.endswith("INFO     test_run_log: hello")
    assert capfd.readouterr() == ("", "")


def refuse(key: str) -> None:
    raise ValueError(f"bad key {key}")


def test_no_secret_is_written_not_even_by_a_traceback(tmp_path: Path) -> None:
    secret = "hunter2-canary"
    with logging_to(tmp_path / "log.txt", secrets=[secret, ""]):
        try:
            refuse(secret)
        except ValueError:
            logger.exception("call with {} failed", secret)
        logger.info("Authorization: Bearer abc.def and sk-proj-0123456789abcdef0123")
    text = (tmp_path / "log.txt").read_text()
    assert "ValueError: bad key [hidden]" in text
    assert "Bearer [hidden] and [hidden]" in text
    for hidden in (secret, "abc.def", "sk-proj"):
        assert hidden not in text


def test_a_message_cannot_forge_a_line_or_steer_a_terminal(tmp_path: Path) -> None:
    with logging_to(tmp_path / "log.txt"):
        logger.info("{}", "x\n2026-01-01 ERROR forged \x1b[2J")
    (line,) = (tmp_path / "log.txt").read_text().splitlines()
    assert "x\\n2026-01-01 ERROR forged �[2J" in line


def test_a_log_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="missing/log"), logging_to(tmp_path / "missing/log"):
        pass
