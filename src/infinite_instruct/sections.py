"""The groups of settings, with meanings and defaults; `settings.py` puts them together.

Each class is a table of the TOML file; docs/settings.md is made from them.
"""

import os
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar, cast, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    model_validator,
)

from infinite_instruct.domain import Difficulty, Language, Origin, ProblemType

Role = Literal["writer", "composer", "solver", "judge", "curator"]
ROLES: tuple[Role, ...] = get_args(Role)


class Section(BaseModel):
    """A group of settings: unknown keys are errors, not typos that go unseen."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)


class SeedSettings(Section):
    """Where the source code comes from and which snippets are taken."""

    paths: tuple[Path, ...] = ()
    """Directories, source files, JSONL or Parquet files."""
    languages: tuple[Language, ...] = ()
    """Only these; empty for all that the pack allows."""
    licenses: tuple[str, ...] = ()
    """Only snippets under these SPDX ids; empty for all."""
    min_lines: int = Field(default=5, ge=1)
    """Lines of the shortest snippet, without its imports."""
    max_lines: int = Field(default=20, ge=1)
    """Lines of the longest."""
    code_column: str = ""
    """The column of a data set that holds the code; empty: found by itself."""
    max_snippets: int = Field(default=20_000, ge=1)
    """How many snippets are kept in memory for a second and third use."""


class Endpoint(Section):
    """One OpenAI-compatible endpoint and model."""

    base_url: str = ""
    """Empty: the embedded local model."""
    name: str = ""
    """The model's name at the endpoint, or the local model's (`infinite-instruct model list`)."""
    api_key_env: str = "OPENAI_API_KEY"
    """The environment variable which holds the key. The key itself is never a setting."""

    def api_key(self) -> SecretStr:
        """The key, from its variable; servers without keys take any."""
        return SecretStr(os.environ.get(self.api_key_env) or "none")


class Limits(Section):
    """How much one endpoint is asked for; what it refuses makes that less by itself."""

    concurrency: int = Field(default=0, ge=0)
    """Calls on their way to it at most; 0: as many as there are rows in flight."""
    requests_per_minute: int | None = Field(default=None, ge=1)
    """Calls a minute at most, retries counted; empty: what its own headers allow."""
    tokens_per_minute: int | None = Field(default=None, ge=1)
    """Prompt and completion tokens a minute at most."""


class Replica(Limits, Endpoint):
    """One address among several that serve the same model."""

    base_url: str = Field(min_length=1)
    name: str = ""
    """What it calls the model, where that is not the model's `name`."""
    api_key_env: str = ""
    """The variable which holds its key; empty: the model's `api_key_env`."""


class RoleModel(Limits, Endpoint):
    """The model of a role, at one endpoint or at several."""

    endpoints: tuple[Replica, ...] = ()
    """More endpoints that serve the same model, each with `base_url` and, if they differ, `name`,
    `api_key_env`, `concurrency`, `requests_per_minute`, `tokens_per_minute`."""

    def replicas(self) -> tuple[Replica, ...]:
        """Every address, nothing left to be looked up; none for the embedded local model."""
        own = self.model_dump(include=set(Replica.model_fields))
        first = (Replica.model_validate(own),) if self.base_url else ()
        told = {"name": self.name, "api_key_env": self.api_key_env}
        more = (
            each.model_copy(update={key: getattr(each, key) or told[key] for key in told})
            for each in self.endpoints
        )
        return tuple(dict.fromkeys((*first, *more)))


class ModelSettings(RoleModel):
    """The model of all roles, and how it is called."""

    timeout: float = Field(default=600.0, gt=0)
    """Seconds that one call may take."""
    retries: int = Field(default=5, ge=0)
    """After refusals for a while (429, 5xx) and lost connections; Retry-After is obeyed."""
    patience: float = Field(default=300.0, ge=0)
    """Seconds that a run waits for an endpoint while none can be used, before it ends."""
    choice: Literal["room", "order"] = "room"
    """Which of several endpoints is asked: the one with most free room for its `concurrency`, or
    the first one that has any."""
    reasks: int = Field(default=2, ge=0)
    """How often a malformed reply is asked for again."""


class MixSettings(Section):
    """Shares of the two constructions."""

    reverse: float = Field(default=0.6, ge=0)
    """Of rows that are made from snippets."""
    backfeed: float = Field(default=0.4, ge=0)
    """Of rows that are composed from keywords, once the graph has enough of them."""

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.reverse + self.backfeed == 0:
            raise ValueError("at least one share must be above 0")
        return self


_Number = int | float


def _share_or_rows(amount: _Number) -> _Number:
    if isinstance(amount, float) and amount > 1:
        raise ValueError("a share is at most 1.0, and a number of rows is a whole number")
    return amount


def _only_told(amounts: object) -> object:
    """Leave out what is None: so the command line takes back what a file says."""
    if not isinstance(amounts, dict):
        return amounts
    told = cast("dict[object, object]", amounts)
    return {name: amount for name, amount in told.items() if amount is not None}


_Name = TypeVar("_Name")
_Amount = Annotated[
    _Number, Field(ge=0, le=10**9, allow_inf_nan=False), AfterValidator(_share_or_rows)
]
Amounts = Annotated[dict[_Name, _Amount], BeforeValidator(_only_told)]


class QuotaSettings(Section):
    """What the accepted rows shall be: a share of them (0.5), or a number of rows (50).

    What a table leaves over goes to values that it does not name; an empty one is free.
    """

    language: Amounts[Language] = Field(default_factory=dict[Language, _Number])
    """By language: `{ python = 0.5, java = 0.2 }`."""
    type: Amounts[ProblemType] = Field(default_factory=dict[ProblemType, _Number])
    """By problem type: `code_generation`, `code_understanding`, `knowledge_question`."""
    origin: Amounts[Origin] = Field(default_factory=dict[Origin, _Number])
    """By construction: `reverse`, `backfeed`; it comes before `mix`."""
    difficulty: Amounts[Difficulty] = Field(default_factory=dict[Difficulty, _Number])
    """`easy`, `medium`, `hard`; without a quota all are `medium`."""


class BudgetSettings(Section):
    """Limits; none where empty."""

    tokens: int | None = Field(default=None, ge=1)
    """Prompt and completion tokens of the whole campaign, resumes included."""
    usd: float | None = Field(default=None, gt=0)
    """US dollars; needs the models' prices."""
    minutes: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Wall time of the whole campaign, resumes included, while it runs."""


class Price(Section):
    """What a model costs, in US dollars per million tokens."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)


class VerifierSettings(Section):
    """How answers are judged."""

    mode: Literal["tools", "agent"] = "tools"
    """`agent` lets the judge's model call the analyzers and lower the verdict."""
    max_attempts: int = Field(default=3, ge=1, le=10)
    """Answers per problem: the first one and its repairs."""
    accept_unverifiable: bool = False
    """Whether answers with unknown packages may enter the data set."""
    strict: bool = True
    """Whether all that mypy or pyright calls an error rejects, value judgements included: the
    answer is repaired then. `infinite-instruct verify` judges without it."""
    policy: Path | None = None
    """One's own policy file; empty for the shipped one."""
    jail: Literal["auto", "bwrap", "landlock", "off", "required"] = "auto"
    """What locks analyzers in; `auto`: bubblewrap, else Landlock, else limits only."""
    python: Literal["fast", "full"] = "full"
    """Who judges Python: `fast` ruff and ty, `full` mypy and pyright, too."""
    packages: Path | None = None
    """A virtual environment whose packages Python's answers may import: calls are checked then."""
    tools: Path | None = None
    """Where `doctor --install` puts analyzers; empty for a folder among the user's data."""
    cache: bool = True
    """Whether findings are kept on disk, so that the same text is never analyzed again."""


class GraphSettings(Section):
    """The knowledge graph."""

    expansions: int = Field(default=5, ge=0)
    """Around how many keywords a model is asked for more when the graph gives no new sets, in all
    sessions together; 0: never."""
    vocabularies: tuple[str, ...] = ()
    """Words that it begins with: shipped vocabularies (`python-stdlib`, `sql`) and files."""
    embedder: Literal["wordllama", "endpoint", "chroma"] = "wordllama"
    """What makes keywords' vectors: `wordllama` comes with the package and needs no network,
    `endpoint` asks `graph.embedding`, `chroma` downloads Chroma's default model (80 MB)."""
    embedding: Endpoint = Endpoint()
    """The embedding model, of any server with `/v1/embeddings`."""

    @model_validator(mode="after")
    def _endpoint_named(self) -> Self:
        if self.embedder == "endpoint" and not (self.embedding.base_url and self.embedding.name):
            raise ValueError("graph.embedding needs base_url and name for this embedder")
        return self


class GateSettings(Section):
    """What problems are compared with."""

    benchmarks: tuple[Path, ...] = ()
    """One's own benchmark files (JSONL), besides HumanEval and MBPP."""
    benchmark_fields: tuple[str, ...] = (
        "prompt",
        "question",
        "problem",
        "instruction",
        "text",
        "code",
        "canonical_solution",
        "solution",
    )
    """Their fields that hold tasks and solutions; a line may lack some."""
