"""What calls cost, and the limits that stop them."""

import time
from collections.abc import Callable

from pydantic import Field

from infinite_instruct.domain import Value
from infinite_instruct.errors import BudgetExhaustedError, SettingsError
from infinite_instruct.llm.model import ChatModel, ChatReply, ChatRequest


class Price(Value):
    """US dollars per million tokens."""

    prompt: float
    completion: float


class PriceTable(Value):
    """The price of each model, by its name, as the settings tell it."""

    models: dict[str, Price] = Field(default_factory=dict[str, Price])

    def cost(self, model: str, reply: ChatReply) -> float | None:
        """What a reply costs in US dollars; None where the model's price is not known."""
        price = self.models.get(model)
        if price is None:
            return None
        tokens = price.prompt * reply.prompt_tokens + price.completion * reply.completion_tokens
        return tokens / 1_000_000


class Budget(Value):
    """Limits of a run; None is no limit."""

    tokens: int | None = None
    """Prompt and completion tokens together."""
    usd: float | None = None
    minutes: float | None = None
    """Wall time of all sessions."""


class Meter:
    """Counts what was spent. One for all models of a run.

    Args:
        tokens: Tokens that were spent before, to go on from.
        usd: US dollars that were spent before.
        seconds: Wall time that went by in earlier sessions.
        clock: Tells seconds.
    """

    def __init__(
        self,
        *,
        tokens: int = 0,
        usd: float = 0.0,
        seconds: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.tokens = tokens
        self.usd = usd
        self.calls = 0
        self.replayed = 0
        self._before = seconds
        self._clock = clock
        self._began: float | None = None

    def start(self) -> None:
        """From here on time is counted."""
        self._began = self._clock()

    def stop(self) -> None:
        """Count time no further."""
        self._before, self._began = self.seconds, None

    @property
    def seconds(self) -> float:
        """Wall time of all sessions, up to now."""
        return self._before + (self._clock() - self._began if self._began is not None else 0.0)

    def add(self, reply: ChatReply) -> None:
        """Count one reply; one from the ledger is counted, but costs nothing."""
        if reply.replayed:
            self.replayed += 1
            return
        self.calls += 1
        self.tokens += reply.prompt_tokens + reply.completion_tokens
        self.usd += reply.cost_usd or 0.0


class BudgetGuard:
    """Says whether a call may be made: by what was spent so far."""

    def __init__(self, budget: Budget, meter: Meter, prices: PriceTable) -> None:
        self._budget = budget
        self._meter = meter
        self._prices = prices

    def check(self, request: ChatRequest) -> None:
        """Let a request pass, or not.

        Raises:
            BudgetExhaustedError: A limit is reached.
            SettingsError: Money is limited, but the model's price is not known.
        """
        budget, meter = self._budget, self._meter
        if budget.tokens is not None and meter.tokens >= budget.tokens:
            raise _exhausted(f"{budget.tokens:,} tokens", f"{meter.tokens:,}", "--budget-tokens")
        if budget.minutes is not None and meter.seconds >= 60 * budget.minutes:
            spent = f"{meter.seconds / 60:.1f}"
            raise _exhausted(f"{budget.minutes:g} minutes", spent, "--budget-minutes")
        if budget.usd is None:
            return
        if meter.usd >= budget.usd:
            raise _exhausted(f"${budget.usd:.2f}", f"${meter.usd:.2f}", "--budget-usd")
        if request.model not in self._prices.models:
            raise SettingsError(
                f"A limit of ${budget.usd:.2f} cannot be kept: the price of {request.model} is not "
                "known.",
                remedy="Tell its price in the settings, or limit tokens with --budget-tokens.",
            )


class BudgetedModel:
    """Prices and counts every call, and makes none once a limit is reached.

    A limit can be passed by the calls on their way at that moment, never by a new one.
    """

    def __init__(self, inner: ChatModel, budget: Budget, meter: Meter, prices: PriceTable) -> None:
        self._inner = inner
        self._guard = BudgetGuard(budget, meter, prices)
        self._meter = meter
        self._prices = prices

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Answer one request, if the budget allows.

        Raises:
            BudgetExhaustedError: A limit is reached.
            SettingsError: Money is limited, but the model's price is not known.
        """
        self._guard.check(request)
        reply = await self._inner.complete(request)
        priced = reply.model_copy(update={"cost_usd": self._prices.cost(request.model, reply)})
        self._meter.add(priced)
        return priced


def _exhausted(limit: str, spent: str, option: str) -> BudgetExhaustedError:
    return BudgetExhaustedError(
        f"The budget of {limit} is spent ({spent}): no further call was made.",
        remedy=f"Resume the run with a higher {option}; finished calls are not paid again.",
    )
