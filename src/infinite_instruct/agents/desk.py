"""What every agent works with: the prompt pack, the model, and a stream to tell what happened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from infinite_instruct.events import Decided, Emit, ModelCalled
from infinite_instruct.llm.ask import Asked, ask_with, parse_json
from infinite_instruct.llm.model import ChatMessage, ChatModel, ChatReply, ChatRequest
from infinite_instruct.llm.schema import schema_of
from infinite_instruct.prompts.pack import PromptPack, Rendered

Role = Literal["writer", "composer", "solver", "judge", "curator"]
MAX_SEEN = 2_000
"""Characters of what an agent saw that a trace keeps."""


class Errand(Protocol):
    """What an agent asks for: a row's plan, or work on the graph."""

    @property
    def id(self) -> str:
        """The row; empty where it is for the run."""
        ...

    @property
    def seed(self) -> int:
        """Sent to the model."""
        ...


class Reply(BaseModel):
    """A typed reply of a model: what it adds beyond its fields is dropped."""

    model_config = ConfigDict(frozen=True, extra="ignore")


M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


def _no_check(_reply: object) -> None:
    return


@dataclass(frozen=True)
class Job:
    """One kind of question of one agent."""

    agent: str
    role: Role
    prompt: str


@dataclass(frozen=True)
class Desk:
    """Render, ask, parse, re-ask, tell: the same for every agent."""

    pack: PromptPack
    model: ChatModel
    names: Mapping[Role, str]
    """The model's name for each role."""
    emit: Emit
    attempts: int = 3
    """How often a reply may be asked for until it has the right form."""

    async def ask(
        self,
        plan: Errand,
        job: Job,
        reply_type: type[M],
        variables: Mapping[str, object],
        check: Callable[[M], None] = _no_check,
    ) -> M:
        """Ask for a typed reply; `check` may find faults (ValueError) that a schema cannot say.

        Raises:
            ModelReplyError: The model never gave such a reply.
        """

        def read(reply: ChatReply) -> M:
            value = parse_json(reply, reply_type)
            check(value)
            return value

        rendered, request = self.request(plan, job, variables)
        bound = request.model_copy(
            update={"schema_name": reply_type.__name__, "json_schema": schema_of(reply_type)}
        )
        asked = await self._ask(plan, job, rendered, bound, read)
        return asked.value

    async def ask_text(self, plan: Errand, job: Job, variables: Mapping[str, object]) -> ChatReply:
        """Ask for plain text; a reply that was cut off comes back as it is, and says so.

        Raises:
            ModelReplyError: Every reply was empty.
        """

        def read(reply: ChatReply) -> ChatReply:
            if not reply.text.strip():
                raise ValueError("the reply is empty")
            return reply

        rendered, request = self.request(plan, job, variables)
        return (await self._ask(plan, job, rendered, request, read)).value

    def decide(self, plan: Errand, agent: str, decision: str, why: str, saw: str = "") -> None:
        """Tell a decision to whoever listens."""
        seen = saw if len(saw) <= MAX_SEEN else f"{saw[:MAX_SEEN]}…"
        self.emit(Decided(row=plan.id, agent=agent, decision=decision, why=why, saw=seen))

    def observed(self, plan: Errand, job: Job, rendered: Rendered) -> ChatModel:
        """The model, telling each of its replies."""
        return _Observed(self, plan.id, job.agent, f"{rendered.name}@{rendered.version}")

    def request(
        self, plan: Errand, job: Job, variables: Mapping[str, object]
    ) -> tuple[Rendered, ChatRequest]:
        """Render a prompt into a request."""
        rendered = self.pack.render(job.prompt, **variables)
        request = ChatRequest(
            role=job.role,
            model=self.names[job.role],
            messages=tuple(
                ChatMessage(role=turn.role, content=turn.content) for turn in rendered.messages
            ),
            temperature=rendered.head.temperature,
            max_tokens=rendered.head.max_tokens,
            seed=plan.seed,
        )
        return rendered, request

    async def _ask(
        self,
        plan: Errand,
        job: Job,
        rendered: Rendered,
        request: ChatRequest,
        read: Callable[[ChatReply], T],
    ) -> Asked[T]:
        return await ask_with(
            self.observed(plan, job, rendered),
            request,
            read,
            correction=self.correction,
            attempts=self.attempts,
        )

    def correction(self, fault: str) -> str:
        """The pack's words for a reply that could not be used."""
        return self.pack.render("correct-reply", fault=fault).messages[-1].content


@dataclass(frozen=True)
class _Observed:
    desk: Desk
    row: str
    agent: str
    purpose: str

    async def complete(self, request: ChatRequest) -> ChatReply:
        reply = await self.desk.model.complete(request)
        self.desk.emit(
            ModelCalled(
                row=self.row,
                agent=self.agent,
                purpose=self.purpose,
                model=reply.model or request.model,
                key=request.key,
                prompt_tokens=reply.prompt_tokens,
                completion_tokens=reply.completion_tokens,
                cost_usd=reply.cost_usd,
                seconds=reply.seconds,
                replayed=reply.replayed,
            )
        )
        return reply
