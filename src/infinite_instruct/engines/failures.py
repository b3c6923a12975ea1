"""Errors that pass from one process to another: told as values, raised again as what they were."""

from loguru import logger

from infinite_instruct import errors
from infinite_instruct.domain import Value
from infinite_instruct.errors import InfiniteInstructError
from infinite_instruct.llm.faults import Fault, FaultKind


class Failure(Value):
    """An error as a value."""

    kind: str
    """The name of its class."""
    cause: str
    remedy: str
    fault: FaultKind | None = None
    """Set where it is a failed try."""
    retry_after: float | None = None


def failure_of(error: Exception) -> Failure:
    """Tell an error."""
    if isinstance(error, Fault):
        told = failure_of(error.error)
        return told.model_copy(update={"fault": error.kind, "retry_after": error.retry_after})
    if isinstance(error, InfiniteInstructError):
        return Failure(kind=type(error).__name__, cause=error.cause, remedy=error.remedy)
    # Its text may quote a key; the log hides those.
    logger.opt(exception=error).error("A fault in this program.")
    cause = f"A fault in this program: {type(error).__name__}; the run's log has its traceback."
    return Failure(kind="", cause=cause, remedy="Report it; the run can be resumed.")


def error_of(failure: Failure) -> InfiniteInstructError | Fault:
    """The error that was told."""
    known = getattr(errors, failure.kind, None) if failure.kind else InfiniteInstructError
    error = (known or InfiniteInstructError)(failure.cause, remedy=failure.remedy)
    return Fault(failure.fault, error, failure.retry_after) if failure.fault else error
