"""The one door to a model, assembled: ledger, stop switch, budget, endpoint, from outside in."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from infinite_instruct.errors import SettingsError
from infinite_instruct.events import Emit, Noticed
from infinite_instruct.llm.budget import Budget, BudgetedModel, Meter, Price, PriceTable
from infinite_instruct.llm.endpoint import EndpointConfig, EndpointModel
from infinite_instruct.llm.ledgered import LedgeredModel
from infinite_instruct.llm.local_server import LocalServer, ServerConfig
from infinite_instruct.llm.model import ChatModel, ChatReply, ChatRequest
from infinite_instruct.llm.routing import RoutedModel, StoppableModel, StopSwitch
from infinite_instruct.llm.weights import CATALOGUE, pull, pulled, weights_named
from infinite_instruct.prompts.pack import PromptPack
from infinite_instruct.runs.elapsed import seconds_before
from infinite_instruct.runs.jsontext import json_line
from infinite_instruct.runs.records import Call, total
from infinite_instruct.runs.store import RunStore
from infinite_instruct.settings import ROLES, Endpoint, Role, Settings

Progress = Callable[[int, int], None]


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
    limits = settings.budget
    budget = Budget(tokens=limits.tokens, usd=limits.usd, minutes=limits.minutes)
    paid = BudgetedModel(inner, budget, meter, _prices(settings))
    return LedgeredModel(StoppableModel(paid, switch), StoreLedger(store), on_replay=meter.add)


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


def model_names(settings: Settings) -> dict[Role, str]:
    """The model's name of each role, as requests carry it."""
    return {role: named(settings.endpoint(role)).name for role in ROLES}


def named(endpoint: Endpoint) -> Endpoint:
    """An endpoint, reduced to what names it; without a URL and a name, the default local model."""
    name = endpoint.name or ("" if endpoint.base_url else CATALOGUE[0].name)
    return Endpoint(base_url=endpoint.base_url, name=name, api_key_env=endpoint.api_key_env)


async def open_models(
    settings: Settings,
    pack: PromptPack,
    stack: AsyncExitStack,
    emit: Emit,
    progress: Progress | None,
) -> RoutedModel:
    """Open an endpoint for each role; roles with the same endpoint share it.

    Raises:
        EndpointError: One is not there, or refuses the key.
        MissingToolError: A local model is asked for, and its runtime is not installed.
    """
    opened: dict[Endpoint, EndpointModel] = {}
    for role in ROLES:
        endpoint = named(settings.endpoint(role))
        if endpoint not in opened:
            opened[endpoint] = await _open(settings, endpoint, pack, stack, emit, progress)
    return RoutedModel({role: opened[named(settings.endpoint(role))] for role in ROLES})


async def _open(
    settings: Settings,
    endpoint: Endpoint,
    pack: PromptPack,
    stack: AsyncExitStack,
    emit: Emit,
    progress: Progress | None,
) -> EndpointModel:
    base_url = endpoint.base_url
    if not base_url:
        base_url = await _serve(endpoint.name, stack, emit, progress)
    config = EndpointConfig(
        base_url=base_url,
        model=endpoint.name,
        api_key=endpoint.api_key(),
        timeout_seconds=settings.model.timeout,
        max_retries=settings.model.retries,
    )
    model = EndpointModel(config, emit, schema_note=pack.schema_note)
    await stack.enter_async_context(model)
    await model.check()
    return model


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
