"""Chat completions posted as the SDK would, without building each request anew."""

import httpx2
import openai

from infinite_instruct.llm.http_client import BoundedClient

_PATH = b"chat/completions"


class Post:
    """Posts to one endpoint: address and headers are the SDK's, and so are the errors.

    The SDK makes both anew for every request and wraps them and the reply in objects of httpx:
    that costs as much CPU time as sending and receiving.

    Args:
        sdk: Whose address, key and errors it uses.
        client: What sends.
    """

    def __init__(self, sdk: openai.AsyncOpenAI, client: BoundedClient) -> None:
        self._sdk = sdk
        self._client = client
        self._url = sdk.base_url.copy_with(raw_path=sdk.base_url.raw_path + _PATH)
        self._address = str(self._url)
        told = {**sdk.auth_headers, **sdk.default_headers}
        self._headers = {name: text for name, text in told.items() if isinstance(text, str)}

    async def __call__(self, body: bytes) -> bytes:
        """Post a request's JSON; gives the reply's.

        Raises:
            openai.APIError: As the SDK's `post`.
        """
        if self._client.proxied:
            path = f"/{_PATH.decode()}"
            response = await self._sdk.post(path, cast_to=httpx2.Response, content=body)
            return response.content
        try:
            reply = await self._client.deliver(self._address, self._headers, body)
        except httpx2.TimeoutException as error:
            raise openai.APITimeoutError(request=self._request) from error
        except httpx2.RequestError as error:
            raise openai.APIConnectionError(request=self._request) from error
        if not httpx2.codes.is_success(reply.status):
            # Which error a status is, and its words, the SDK knows in a method of its own only.
            response = reply.to(self._request)
            raise self._sdk._make_status_error_from_response(response)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        return reply.body

    @property
    def _request(self) -> httpx2.Request:
        """For errors, which name it."""
        return httpx2.Request("POST", self._url)
