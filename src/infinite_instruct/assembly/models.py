"""The one door to a model, assembled: ledger, stop switch, budget, endpoint, from outside in."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial

from infinite_instruct.assembly.model_names import model_names, named
from infinite_instruct.errors import SettingsError
from infinite_instruct.events import Emit, Noticed
from infinite_instruct.llm.budget import (
    Budget,
    BudgetedModel,
    BudgetGuard,
    Meter,
    Price,
    PriceTable,
)
from infinite_instruct.llm.endpoint import EndpointConfig, EndpointModel
from infinite_instruct.llm.flow import Flow, FlowRules, Guard, let_pass
from infinite_instruct.llm.ledgered import LedgeredModel
from infinite_instruct.llm.local_server import LocalServer, ServerConfig
from infinite_instruct.llm.model import ChatModel, ChatReply, ChatRequest
from infinite_instruct.llm.preflight import check_all
from infinite_instruct.llm.routing import RoutedModel, StoppableModel, StopSwitch
from infinite_instruct.llm.weights import CATALOGUE, pull, pulled, weights_named
from infinite_instruct.prompts.pack import PromptPack
from infinite_instruct.runs.elapsed import seconds_before
from infinite_instruct.runs.jsontext import json_line
from infinite_instruct.runs.records import Call, total
from infinite_instruct.runs.store import RunStore
from infinite_instruct.sections import ROLES, Replica, RoleModel
from infinite_instruct.settings import Settings

Progress = Callable[[int, int], None]
_UNLIMITED = 4_096
"""Calls at once: the rows in flight are the limit."""


@dataclass(frozen=True)
class StoreLedger:
    """The run's store as the ledger of the door."""

    store: RunStore

    async def find(self, key: str) -> ChatReply | None:
        """The reply to the request with this key, if it was ever finished."""
        found = await self.store.find(key)
        return ChatReply.model_validate_json(found) if found else None

    async def record(self, request: ChatRequest, reply: ChatReply) -> None:
        """Store a finished reply; when this returns, it survives a kill -9."""
        await self.store.record(
            Call(
                key=request.key,
                role=request.role,
                model=request.model,
                request=json_line(request),
                reply=json_line(reply),
                prompt_tokens=reply.prompt_tokens,
                completion_tokens=reply.completion_tokens,
                cost_usd=reply.cost_usd,
                seconds=reply.seconds,
            )
        )


def open_door(
    settings: Settings, inner: ChatModel, store: RunStore, meter: Meter, switch: StopSwitch
) -> LedgeredModel:
    """Put ledger, switch and budget before a model."""
    paid = BudgetedModel(inner, _budget(settings), meter, _prices(settings))
    return LedgeredModel(StoppableModel(paid, switch), StoreLedger(store), on_replay=meter.add)


def budget_guard(settings: Settings, meter: Meter) -> BudgetGuard:
    """What holds the budget at the last moment before a call is sent."""
    return BudgetGuard(_budget(settings), meter, _prices(settings))


def _budget(settings: Settings) -> Budget:
    limits = settings.budget
    return Budget(tokens=limits.tokens, usd=limits.usd, minutes=limits.minutes)


def _prices(settings: Settings) -> PriceTable:
    told = {
        name: Price(prompt=price.input, completion=price.output)
        for name, price in settings.prices.items()
    }
    local = {weights.name: Price(prompt=0, completion=0) for weights in CATALOGUE}
    return PriceTable(models=local | told)


def require_prices(settings: Settings) -> None:
    """Tell before anything is started that a limit in dollars cannot be kept.

    Raises:
        SettingsError: Dollars are limited, and a model's price is not known.
    """
    unknown = sorted(set(model_names(settings).values()) - _prices(settings).models.keys())
    if settings.budget.usd is not None and unknown:
        raise SettingsError(
            f"A limit in dollars cannot be kept: the price of {', '.join(unknown)} is not known.",
            remedy="Tell it in the settings ([prices]), or limit tokens with --budget-tokens.",
        )


def spent(store: RunStore) -> Meter:
    """A meter that goes on from what earlier sessions spent."""
    before = total(store.spending())
    return Meter(tokens=before.tokens, usd=before.cost_usd, seconds=seconds_before(store))


Remote = Callable[[int, ChatRequest], Awaitable[ChatReply]]
"""Makes a try at an endpoint, by its number, in another process. Raises Fault."""


@dataclass(frozen=True)
class Sending:
    """How calls are sent."""

    switch: StopSwitch = field(default_factory=StopSwitch)
    """Once it is thrown no call is sent any more, retries included."""
    guard: Guard = let_pass
    """Asked before every call is sent: the budget's check."""
    remote: Remote | None = None
    """Makes the tries in place of this process."""


@dataclass(frozen=True)
class Endpoints:
    """The endpoints of all roles, open."""

    model: ChatModel
    """Answers for all of them."""
    all: tuple[EndpointModel, ...] = ()
    """Each once, by its number."""


async def open_models(
    settings: Settings,
    pack: PromptPack,
    stack: AsyncExitStack,
    emit: Emit,
    progress: Progress | None,
) -> ChatModel:
    """As `open_endpoints`, without limits."""
    return (await open_endpoints(settings, pack, stack, emit, progress)).model


async def open_endpoints(
    settings: Settings,
    pack: PromptPack,
    stack: AsyncExitStack,
    emit: Emit,
    progress: Progress | None,
    sending: Sending | None = None,
) -> Endpoints:
    """Open the endpoints of all roles; the stack closes them.

    Args:
        settings: What is asked for.
        pack: Has the words for a schema in the prompt.
        stack: Closes the endpoints.
        emit: Hears of endpoints that go and come, and of what they do not take.
        progress: Hears of the local model's weights while they are fetched.
        sending: How calls are sent.

    Raises:
        EndpointError: None of a role's endpoints is there, or one refuses the key.
        MissingToolError: A local model is asked for, and its runtime is not installed.
    """
    opening = _Opening(settings, pack, stack, emit, progress, sending or Sending())
    models: dict[str, ChatModel] = {
        role: await opening.model(settings.endpoint(role)) for role in ROLES
    }
    return Endpoints(RoutedModel(models), opening.opened)


@dataclass
class _Opening:
    """Opens each endpoint once, whichever roles ask for it."""

    settings: Settings
    pack: PromptPack
    stack: AsyncExitStack
    emit: Emit
    progress: Progress | None
    sending: Sending
    _flows: dict[tuple[Replica, ...], Flow] = field(default_factory=dict[tuple[Replica, ...], Flow])
    _models: dict[Replica, EndpointModel] = field(default_factory=dict[Replica, EndpointModel])
    _served: dict[str, Replica] = field(default_factory=dict[str, Replica])

    @property
    def opened(self) -> tuple[EndpointModel, ...]:
        """All endpoints."""
        return tuple(self._models.values())

    async def model(self, endpoint: RoleModel) -> Flow:
        """The flow to a model's endpoints."""
        places = endpoint.replicas() or (await self._local(named(endpoint).name),)
        if places not in self._flows:
            self._flows[places] = await self._flow(places, local=not endpoint.replicas())
        return self._flows[places]

    async def _flow(self, places: tuple[Replica, ...], *, local: bool) -> Flow:
        models = [await self._opened(place) for place in places]
        await check_all(models)
        told = self.settings.model
        # A server of our own that has died does not come back.
        patience = 0.0 if local else told.patience
        rules = FlowRules(retries=told.retries, patience=patience, choice=told.choice)
        return Flow(
            [model.lane for model in models], rules, self.sending.switch, self.sending.guard
        )

    async def _opened(self, place: Replica) -> EndpointModel:
        if place not in self._models:
            remote = self.sending.remote
            sender = partial(remote, len(self._models)) if remote else None
            model = EndpointModel(
                self._config(place), self.emit, schema_note=self.pack.schema_note, sender=sender
            )
            self._models[place] = await self.stack.enter_async_context(model)
        return self._models[place]

    def _config(self, place: Replica) -> EndpointConfig:
        told = self.settings.model
        return EndpointConfig(
            base_url=place.base_url,
            model=place.name,
            api_key=place.api_key(),
            concurrency=place.concurrency or _UNLIMITED,
            requests_per_minute=place.requests_per_minute,
            tokens_per_minute=place.tokens_per_minute,
            timeout_seconds=told.timeout,
            max_retries=told.retries,
        )

    async def _local(self, name: str) -> Replica:
        if name not in self._served:
            base_url = await _serve(name, self.stack, self.emit, self.progress)
            self._served[name] = Replica(base_url=base_url, name=name)
        return self._served[name]


async def _serve(name: str, stack: AsyncExitStack, emit: Emit, progress: Progress | None) -> str:
    """Start the embedded model, fetching it at its first use; gives its URL."""
    weights = weights_named(name)
    if pulled(weights) is None:
        emit(Noticed(message=f"Fetching the local model {name} ({weights.size / 1e9:.1f} GB)."))
    file = await asyncio.to_thread(pull, name, None, progress or _silent)
    emit(Noticed(message=f"Loading the local model {name}."))
    server = LocalServer(ServerConfig(model=file, alias=name))
    await stack.enter_async_context(server)
    return server.base_url


def _silent(_done: int, _total: int) -> None:
    """Show no progress."""
