"""All settings, from one TOML file, environment variables and the command line.

The command line wins over the environment (`INFINITE_INSTRUCT_` + key, `__` between the parts of a
key: `INFINITE_INSTRUCT_MODEL__NAME`), which wins over the TOML file. This is the only module that
knows these names; only the assembly and the command line read it.
"""

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self, TypeVar, cast, get_args

import tomli_w
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as UnreadableVariable

from infinite_instruct.domain import Difficulty, Language, Origin, ProblemType
from infinite_instruct.errors import SettingsError

PREFIX = "INFINITE_INSTRUCT_"
Role = Literal["writer", "composer", "solver", "judge", "curator"]
ROLES: tuple[Role, ...] = get_args(Role)


class Section(BaseModel):
    """A group of settings: unknown keys are errors, not typos that go unseen."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", coerce_numbers_to_str=True, use_attribute_docstrings=True
    )


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


# What may be otherwise where a run is resumed on another machine: no row means another thing.
_OF_THE_MACHINE = frozenset({"verifier.jail", "verifier.tools", "verifier.cache"})


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


class Settings(BaseSettings):
    """Everything that a campaign can be told."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
    )

    out: Path = Path("run")
    """The run folder."""
    rows: int = Field(default=10, ge=1)
    """How many accepted rows are made."""
    max_rows: int | None = Field(default=None, ge=1)
    """How many rows may be tried; empty: 20 for each accepted row, and 20 more."""
    seed: int = 0
    """Of everything random."""
    concurrency: int = Field(default=0, ge=0)
    """Rows in flight; 0: 4 with the local model, 32 with an endpoint."""
    checkpoint: bool = False
    """Whether LangGraph keeps the state after each node (`checkpoints.sqlite`), to travel in time.
    Needs the extra `checkpoint`, and costs some milliseconds a row."""
    pack: str = "default"
    """A shipped prompt pack's name, or a folder."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """Of the log file in the run folder."""
    seeds: SeedSettings = SeedSettings()
    model: ModelSettings = ModelSettings()
    models: dict[Role, RoleModel] = Field(default_factory=dict[Role, RoleModel])
    """Another model for a role; the other roles keep `model`."""
    prices: dict[str, Price] = Field(default_factory=dict[str, Price])
    """Price of each model by name; a model without a price is counted in tokens only."""
    mix: MixSettings = MixSettings()
    quota: QuotaSettings = QuotaSettings()
    budget: BudgetSettings = BudgetSettings()
    verifier: VerifierSettings = VerifierSettings()
    gate: GateSettings = GateSettings()
    graph: GraphSettings = GraphSettings()

    @property
    def row_limit(self) -> int:
        """How many rows may be tried."""
        return self.max_rows if self.max_rows is not None else 20 * self.rows + 20

    def endpoint(self, role: Role) -> RoleModel:
        """The model of a role, and where it is."""
        return self.models.get(role, self.model)

    def secrets(self) -> tuple[str, ...]:
        """The keys in use: nothing that is written may hold them."""
        named = [self.endpoint(role) for role in ROLES]
        keys = {each.api_key().get_secret_value() for each in (*named, self.graph.embedding)}
        replicas = (each for endpoint in named for each in endpoint.replicas())
        keys |= {each.api_key().get_secret_value() for each in replicas}
        return tuple(sorted(keys - {"none"}))

    def fingerprint(self) -> dict[str, str]:
        """What decides a row's meaning, key by key: a resume may not change it."""
        keys = ("seed", "pack", "seeds", "verifier", "gate")
        nested = {key: self.model_dump(mode="json")[key] for key in keys}
        models = {f"models.{role}": self.endpoint(role).name for role in ROLES}
        told = dict(_flat(nested)) | models
        return {key: value for key, value in told.items() if key not in _OF_THE_MACHINE}


def load_settings(config: Path | None, overrides: Mapping[str, object]) -> Settings:
    """Merge the TOML file, the environment and the command line.

    Args:
        config: The TOML file, if there is one.
        overrides: From the command line, by dotted key (`model.name`); None means not given.

    Raises:
        SettingsError: A file cannot be read, a key is unknown (the nearest is named), or a value
            is wrong.
    """
    if config is not None and not config.is_file():
        raise SettingsError(
            f"There is no configuration file {config}.",
            remedy="Name an existing TOML file with --config.",
        )
    _refuse_unknown_variables()
    try:
        return _sourced(config)(**_nested(overrides))
    except ValidationError as error:
        raise SettingsError(
            "\n".join(_tell(fault) for fault in error.errors()),
            remedy="See docs/settings.md for every setting, its meaning and default.",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"The configuration {config} is not TOML: {error}.",
            remedy="Correct it at that place; docs/settings.md has an example.",
        ) from error
    except UnreadableVariable as error:
        raise SettingsError(
            f"An environment variable is wrong: {error}.",
            remedy='Lists and tables are written as JSON there: \'["python", "go"]\'.',
        ) from error


def _sourced(config: Path | None) -> type[Settings]:
    class Sourced(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            del dotenv_settings, file_secret_settings
            toml = TomlConfigSettingsSource(settings_cls, config) if config else None
            return (init_settings, env_settings, *((toml,) if toml else ()))

    return Sourced


def dump_toml(settings: Settings) -> str:
    """All settings as TOML text, as they were used. It holds no key and no secret."""
    return tomli_w.dumps(settings.model_dump(mode="json", exclude_none=True))


class Setting(NamedTuple):
    """One setting, as the documentation tells it."""

    key: str
    """Dotted: `model.name`."""
    default: object
    meaning: str


def all_settings() -> tuple[Setting, ...]:
    """Every setting, in the order of the classes."""
    return tuple(_settings_of(Settings, ""))


def _settings_of(section: type[BaseModel], prefix: str) -> Iterator[Setting]:
    for name, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            yield from _settings_of(kind, f"{prefix}{name}.")
        else:
            default = field.get_default(call_default_factory=True, validated_data={})
            yield Setting(f"{prefix}{name}", default, field.description or "")


def _refuse_unknown_variables() -> None:
    """Refuse what pydantic-settings passes over: a variable whose first part is no setting."""
    for name in sorted(os.environ):
        key = name.removeprefix(PREFIX).lower().replace("__", ".")
        if name.startswith(PREFIX) and key.partition(".")[0] not in Settings.model_fields:
            raise SettingsError(
                f"The environment variable {name} sets nothing. {_unknown(key)}",
                remedy="Correct or unset it; docs/settings.md has every setting.",
            )


def _nested(overrides: Mapping[str, object]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for name, value in overrides.items():
        *parents, leaf = name.split(".")
        place = tree
        for parent in parents:
            place = place.setdefault(parent, {})
        if value is not None:
            place[leaf] = value
    return tree


def _tell(fault: ErrorDetails) -> str:
    key = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "enum":
        return _no_value(fault)
    if fault["type"] != "extra_forbidden":
        return f"The setting '{key}' is wrong: {fault['msg']} (it is {fault['input']!r})."
    return _unknown(key)


def _no_value(fault: ErrorDetails) -> str:
    said = repr(fault["input"])[:80]
    key = ".".join(str(part) for part in fault["loc"] if part not in ("[key]", fault["input"]))
    known = str(fault.get("ctx", {}).get("expected", "")).replace(" or ", ", ").split(", ")
    near = difflib.get_close_matches(said, known, n=1, cutoff=0.0)
    return (
        f"The setting '{key}' is wrong: it knows no {said}. Did you mean {near[0]}? "
        f"It knows {', '.join(known)}."
    )


def _unknown(key: str) -> str:
    keys = [setting.key for setting in all_settings()]
    near = difflib.get_close_matches(key, keys, n=1, cutoff=0.0)
    return f"There is no setting '{key}'. Did you mean '{near[0]}'?"


def _flat(tree: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(cast("dict[str, Any]", value), f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)
