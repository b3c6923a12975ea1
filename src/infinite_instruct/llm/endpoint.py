"""A model behind an OpenAI-compatible endpoint, through LangChain's `ChatOpenAI`."""

import asyncio
import contextlib
import time
from typing import Self

import openai
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from pydantic import Field, SecretStr

from infinite_instruct.domain import Value
from infinite_instruct.errors import InfiniteInstructError
from infinite_instruct.events import Emit, Noticed, nobody
from infinite_instruct.llm.ceiling import Ceiling
from infinite_instruct.llm.chat import PlainChat
from infinite_instruct.llm.dialect import Dialect, SchemaNote, bare_schema_note
from infinite_instruct.llm.faults import Fault, FaultKind, kind_of
from infinite_instruct.llm.flow import Flow, FlowRules
from infinite_instruct.llm.headers import retry_after
from infinite_instruct.llm.http_client import BoundedClient, OnHeaders
from infinite_instruct.llm.lane import Ask, Lane
from infinite_instruct.llm.model import ChatReply, ChatRequest
from infinite_instruct.llm.pace import Pace
from infinite_instruct.llm.refusals import Refusals, choose_from
from infinite_instruct.llm.wire import to_langchain, to_reply, without

_UNDECODABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
_NO_KEY = "none"
_MAX_MODELS = 1_000
_PREFLIGHT_SECONDS = 20.0


class EndpointConfig(Value):
    """Where a model is, and how it may be used."""

    base_url: str
    """With the path of the API: `https://api.openai.com/v1`, `http://localhost:8000/v1`."""
    model: str
    api_key: SecretStr = SecretStr(_NO_KEY)
    """Never shown or stored. Servers without keys take any."""
    concurrency: int = Field(default=64, ge=1)
    """Requests on their way at once, at most."""
    requests_per_minute: int | None = Field(default=None, ge=1)
    tokens_per_minute: int | None = Field(default=None, ge=1)
    """Prompt and completion tokens together."""
    timeout_seconds: float = Field(default=600, gt=0)
    """For one try."""
    max_retries: int = Field(default=5, ge=0)
    """After 429, 5xx, lost connections and replies that are no chat completion."""
    max_reply_bytes: int = Field(default=4 * 1024 * 1024, gt=0)


class EndpointModel:
    """Asks an endpoint. Build one per model and close it by `aclose`, or use it as a context.

    By itself it is a whole model. Several can share the work in a `Flow` over their lanes.

    Args:
        config: Where it is.
        emit: Hears of fallbacks: no json_schema, no token counts.
        schema_note: Words for a schema in the prompt, where the endpoint takes none.
        sender: Makes the tries in place of this process.
        on_headers: Hears the headers of replies in place of the lane's pace.

    Attributes:
        config: Where it is.
        lane: The endpoint, for a flow.
    """

    def __init__(
        self,
        config: EndpointConfig,
        emit: Emit = nobody,
        *,
        schema_note: SchemaNote = bare_schema_note,
        sender: Ask | None = None,
        on_headers: OnHeaders | None = None,
    ) -> None:
        self.config = config
        self._emit = emit
        self._dialect = Dialect(config.base_url, emit, schema_note)
        key = config.api_key.get_secret_value()
        self._key = "" if key == _NO_KEY else key
        self._refusals = Refusals(config.base_url, config.model, self._key)
        pace = Pace(config.requests_per_minute, config.tokens_per_minute)
        ask, ceiling = sender or self.ask, Ceiling(config.concurrency)
        self.lane = Lane(config.base_url, ask, ceiling, pace, emit)
        self._flow = Flow([self.lane], FlowRules(retries=config.max_retries))
        self._client = BoundedClient(
            config.base_url,
            seconds=config.timeout_seconds,
            max_bytes=config.max_reply_bytes,
            on_headers=on_headers
            or (lambda headers: pace.read(headers, asyncio.get_running_loop().time())),
        )
        self._chat = _chat_openai(config, self._client)
        self._said_estimated = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Answer one request, by as many tries as it needs.

        Raises:
            EndpointError: The endpoint cannot be used: unreachable, wrong key, unknown model.
            ModelReplyError: It gave no usable reply to this request.
        """
        return await self._flow.complete(request)

    async def ask(self, request: ChatRequest) -> ChatReply:
        """Make one try.

        Raises:
            Fault: It brought no reply.
        """
        started = time.monotonic()
        try:
            message = await self._ask(request)
        except openai.APIError as error:
            raise await self._fault(error) from error
        except _UNDECODABLE as error:
            raise Fault(FaultKind.PASSING, self._refusals.undecodable(error)) from error
        reply = to_reply(message, request, seconds=time.monotonic() - started)
        reply = without(reply, self._key)
        self._tell_estimated(reply)
        return reply

    async def models(self) -> tuple[str, ...]:
        """The models that the endpoint says it has; none where it does not say.

        Raises:
            EndpointError: It cannot be reached, or refuses the key.
        """
        try:
            return await self._listed()
        except Fault as fault:
            raise fault.error from fault

    async def check(self) -> None:
        """Look before a run whether the endpoint is there and takes the key; costs no tokens.

        A model that it does not list is only noticed: gateways serve more than they list.

        Raises:
            EndpointError: It is not, or does not.
        """
        fault = await self.look()
        if fault is not None:
            raise fault.error from fault

    async def look(self) -> Fault | None:
        """As `check`, but gives what stands against using it."""
        try:
            models = await self._listed()
        except Fault as fault:
            return fault
        if models and self.config.model not in models:
            message = f"{self.config.base_url} lists no model {self.config.model}."
            self._emit(Noticed(message=f"{message} {choose_from(models)}"))
        return None

    async def _listed(self) -> tuple[str, ...]:
        sdk = self._chat.root_async_client.with_options(timeout=_PREFLIGHT_SECONDS)
        try:
            page = await sdk.models.list()
            return tuple(str(model.id) for model in page.data[:_MAX_MODELS])
        except openai.NotFoundError:
            return ()
        except openai.APIError as error:
            raise Fault(kind_of(error), self._refusals.explain(error, ())) from error
        except (ValueError, TypeError, AttributeError):
            return ()

    async def _ask(self, request: ChatRequest) -> AIMessage:
        """Ask in the endpoint's dialect, as often as a refusal teaches something."""
        while True:
            form, body = self._dialect.form(request), self._dialect.body(request)
            try:
                return await self._chat.reply(
                    self._messages(request),
                    model=self.config.model,
                    # Not `response_format`: for it the SDK throws away replies that were cut off.
                    extra_body=body,
                )
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                if not self._dialect.learn(request, form, body, self._refusals.words(error)):
                    raise

    def _messages(self, request: ChatRequest) -> list[BaseMessage]:
        note = self._dialect.note(request)
        turns = [to_langchain(message) for message in request.messages]
        return [*turns, HumanMessage(note)] if note else turns

    async def _fault(self, error: openai.APIError) -> Fault:
        wait = (
            retry_after(error.response.headers)
            if isinstance(error, openai.APIStatusError)
            else None
        )
        return Fault(kind_of(error), await self._explained(error), wait)

    async def _explained(self, error: openai.APIError) -> InfiniteInstructError:
        models: tuple[str, ...] = ()
        if isinstance(error, openai.NotFoundError):
            with contextlib.suppress(InfiniteInstructError):
                models = await self.models()
        return self._refusals.explain(error, models)

    def _tell_estimated(self, reply: ChatReply) -> None:
        if reply.estimated and not self._said_estimated:
            self._said_estimated = True
            where = self.config.base_url
            self._emit(Noticed(message=f"{where} sends no token counts: they are estimated."))


def _chat_openai(config: EndpointConfig, client: BoundedClient) -> PlainChat:
    sdk = openai.AsyncOpenAI(
        base_url=config.base_url,
        api_key=config.api_key.get_secret_value(),
        # Tries are the flow's: it must hear of every refusal.
        max_retries=0,
        timeout=config.timeout_seconds,
        http_client=client,
    )
    return PlainChat(
        base_url=config.base_url,
        model=config.model,
        api_key=config.api_key,
        http_async_client=client,
        root_async_client=sdk,
        # Only the two above are used. Of these, LangChain makes what is not there, with connections
        # and certificates of its own.
        async_client=sdk,
        client=sdk,
        use_responses_api=False,
        # LangGraph's streaming would turn calls into streams, which are not bounded.
        disable_streaming=True,
        cache=False,
    )
