"""A call that brought no reply: whose fault that is, and when to ask again."""

from enum import StrEnum
from http import HTTPStatus

import aiohttp
import httpx2
import openai

from infinite_instruct.errors import InfiniteInstructError

_OVERLOADED = 529
"""Not of any standard, but several providers send it."""
_REFUSED = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE, _OVERLOADED)
_USELESS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.PAYMENT_REQUIRED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
)
_PASSING = (
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.CONFLICT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.INTERNAL_SERVER_ERROR,
)
_NO_MONEY = "insufficient_quota"


class FaultKind(StrEnum):
    """What a fault says about the request and about the endpoint."""

    REQUEST = "request"
    """This request will never be answered; the endpoint is well."""
    PASSING = "passing"
    """A hiccup: 500, a reply cut in half or too late. If it lasts, the request is to blame."""
    REFUSED = "refused"
    """Too much is asked (429, 503, 529)."""
    BROKEN = "broken"
    """Other 5xx and lost connections. If it lasts, the endpoint is to blame."""
    UNREACHABLE = "unreachable"
    """Nobody is there."""
    USELESS = "useless"
    """The key, the model's name or the account is wrong: waiting does not help."""


class Fault(Exception):  # noqa: N818 - told as an error only where nobody else can help
    """One try that failed.

    Args:
        kind: What it says.
        error: What the user is told if it is the last.
        retry_after: Seconds that the endpoint asked to wait, if it did.
    """

    def __init__(
        self, kind: FaultKind, error: InfiniteInstructError, retry_after: float | None = None
    ) -> None:
        super().__init__(error.cause)
        self.kind = kind
        self.error = error
        self.retry_after = retry_after


def kind_of(error: openai.APIError) -> FaultKind:
    """What the SDK's error says."""
    if isinstance(error, openai.APIStatusError):
        return _kind_of_status(error)
    if not isinstance(error, openai.APIConnectionError):
        return FaultKind.PASSING
    cause = root_of(error)
    if isinstance(cause, httpx2.ReadTimeout):
        return FaultKind.PASSING
    return FaultKind.UNREACHABLE if _is_nobody_there(cause) else FaultKind.BROKEN


def root_of(error: BaseException) -> BaseException:
    """The HTTP client's own exception: LangChain and the SDK wrap it once each."""
    while error.__cause__ is not None and not isinstance(error, httpx2.RequestError):
        error = error.__cause__
    return error


def _kind_of_status(error: openai.APIStatusError) -> FaultKind:
    status = error.status_code
    if status in _USELESS or error.code == _NO_MONEY:
        return FaultKind.USELESS
    if status in _REFUSED:
        return FaultKind.REFUSED
    if status in _PASSING:
        return FaultKind.PASSING
    return FaultKind.BROKEN if status >= HTTPStatus.INTERNAL_SERVER_ERROR else FaultKind.REQUEST


def _is_nobody_there(error: BaseException) -> bool:
    """Whether no connection was made; a lost one has the same class in the HTTP client."""
    known = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
    return isinstance(error.__cause__ or error.__context__, known) or isinstance(
        error, httpx2.ConnectError
    )
