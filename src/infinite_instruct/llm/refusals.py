"""What the SDK's exceptions mean for the user: the cause, the remedy, and how much it ends."""

import re
from http import HTTPStatus

import httpx2
import openai

from infinite_instruct.errors import EndpointError, InfiniteInstructError, ModelReplyError
from infinite_instruct.llm.faults import root_of
from infinite_instruct.llm.wire import HIDDEN

_MAX_WORDS = 300
_MAX_MODELS_NAMED = 20
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_THIS_REQUEST_ONLY = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.INTERNAL_SERVER_ERROR,
)


class Refusals:
    """Explains what an endpoint refused. It never shows the key, even where the endpoint does."""

    def __init__(self, base_url: str, model: str, key: str) -> None:
        self._base_url = base_url
        self._model = model
        self._key = key

    def words(self, error: openai.APIError) -> str:
        """The endpoint's own words, shortened, fit for a terminal, without the key."""
        return self._fit_to_show(error.message)

    def explain(self, error: openai.APIError, models: tuple[str, ...]) -> InfiniteInstructError:
        """The error to raise: of the endpoint, or of this one request.

        Args:
            error: What the SDK raised.
            models: The models that the endpoint has, where that is known.
        """
        if isinstance(error, openai.APIConnectionError):
            return self._unreachable(error)
        if isinstance(error, openai.APIStatusError):
            return self._refused(error, models)
        return self._useless(self.words(error))

    def undecodable(self, error: Exception) -> ModelReplyError:
        """For a reply that was no chat completion in every attempt."""
        return self._useless(self._fit_to_show(str(error)))

    def _fit_to_show(self, text: str) -> str:
        shown = text.replace(self._key, HIDDEN) if self._key else text
        return _CONTROLS.sub(" ", shown)[:_MAX_WORDS]

    def _unreachable(self, error: openai.APIConnectionError) -> InfiniteInstructError:
        cause = root_of(error)
        if isinstance(cause, httpx2.ReadTimeout):
            return ModelReplyError(
                f"{self._model} at {self._base_url} did not finish a reply in time ({cause}).",
                remedy="Lower the concurrency, or raise the timeout.",
            )
        return EndpointError(
            f"The endpoint {self._base_url} cannot be reached: {cause}",
            remedy="Check --base-url and that the server runs; then resume.",
        )

    def _refused(
        self, error: openai.APIStatusError, models: tuple[str, ...]
    ) -> InfiniteInstructError:
        said = f"{self._base_url} says {error.status_code}: {self.words(error)}"
        match error.status_code:
            case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
                remedy = "Check the key: name the variable that holds it by --api-key-env."
            case HTTPStatus.NOT_FOUND:
                said = f"{self._base_url} does not know the model {self._model}. {said}"
                remedy = choose_from(models)
            case HTTPStatus.TOO_MANY_REQUESTS:
                remedy = "Lower --concurrency, or check the quota of the account; then resume."
            case status if status in _THIS_REQUEST_ONLY:
                return self._useless(said)
            case _:
                remedy = "Look into the server's log, then resume."
        return EndpointError(said, remedy=remedy)

    def _useless(self, why: str) -> ModelReplyError:
        return ModelReplyError(
            f"{self._model} gave no usable reply to a request: {why}",
            remedy="If this happens often, look into the endpoint's log.",
        )


def choose_from(models: tuple[str, ...]) -> str:
    """What to do about an unknown model, naming those there are."""
    if not models:
        return "Check --model, and that --base-url ends with the API's path, mostly /v1."
    named = _CONTROLS.sub(" ", ", ".join(models[:_MAX_MODELS_NAMED]))
    return f"Use one of its models by --model: {named}."
