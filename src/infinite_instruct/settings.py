"""All settings, from one TOML file, environment variables and the command line.

The command line wins over the environment (`INFINITE_INSTRUCT_` + key, `__` between the parts of a
key: `INFINITE_INSTRUCT_MODEL__NAME`), which wins over the TOML file. This is the only module that
knows these names; only the assembly and the command line read it.
"""

import ast
import difflib
import inspect
import os
import tomllib
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

import tomli_w
from pydantic import (
    BaseModel,
    Field,
    SecretStr,
    ValidationError,
)
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as UnreadableVariable

from infinite_instruct.errors import SettingsError
from infinite_instruct.sections import (
    ROLES,
    BudgetSettings,
    GateSettings,
    GraphSettings,
    MixSettings,
    ModelSettings,
    Price,
    QuotaSettings,
    Role,
    RoleModel,
    Section,
    SeedSettings,
    VerifierSettings,
)

PREFIX = "INFINITE_INSTRUCT_"
# What may be otherwise where a run is resumed on another machine: no row means another thing.
_OF_THE_MACHINE = frozenset({"verifier.jail", "verifier.tools", "verifier.cache"})


class Settings(BaseSettings):
    """Everything that a campaign can be told."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
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
    """Rows in flight; 0: 4 with the local model, 32 with an endpoint, or half as many again as the
    calls that the endpoints take at once, where `concurrency` of each is set. In that case the last
    rows begin together, up to 2.5 times as many as calls, so that no endpoint idles at the end."""
    workers: int = Field(default=1, ge=1)
    """Processes that take rows; 1: all in one. With the engine `ray` and 1: as many as the cluster
    has CPUs."""
    engine: Literal["local", "ray"] = "local"
    """Where workers run: on this machine, or on a Ray cluster (`RAY_ADDRESS`; needs the extra
    `ray`)."""
    checkpoint: bool = False
    """Whether LangGraph keeps the state after each node (`checkpoints.sqlite`), to travel in time.
    Needs the extra `checkpoint`, and costs some milliseconds a row."""
    pack: str = "default"
    """A shipped prompt pack's name, or a folder."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """Of the log file in the run folder."""
    store: SecretStr = Field(default=SecretStr(""), exclude=True)
    """Of a large campaign: the URL of a PostgreSQL database for the ledger,
    `postgresql://user@host:5432/name`; empty: an SQLite file in the run folder. The folder
    remembers it without its password, which comes with the URL, or from `PGPASSWORD` or
    `~/.pgpass`. Needs the extra `postgres`."""
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
    return tuple(
        Setting(key, _default(section, name), _meaning(section, name))
        for key, section, name in _fields_of(Settings, "")
    )


def _fields_of(section: type[BaseModel], prefix: str) -> Iterator[tuple[str, type[BaseModel], str]]:
    """Each setting's key, its class and its name there."""
    for name, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            yield from _fields_of(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", section, name


def _default(section: type[BaseModel], name: str) -> object:
    field = section.model_fields[name]
    return field.get_default(call_default_factory=True, validated_data={})


def _meaning(section: type[BaseModel], name: str) -> str:
    """The text below a field. Pydantic would read all of them, whenever a command starts."""
    owner = next(base for base in section.__mro__ if name in vars(base).get("__annotations__", ()))
    tree = ast.parse(inspect.getsource(owner))
    for field, text in pairwise(cast("ast.ClassDef", tree.body[0]).body):
        match field, text:
            case (
                ast.AnnAssign(target=ast.Name(id=found)),
                ast.Expr(value=ast.Constant(value=str(meaning))),
            ) if found == name:
                return inspect.cleandoc(meaning)
            case _:
                pass
    return ""


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
    keys = [key for key, _, _ in _fields_of(Settings, "")]
    near = difflib.get_close_matches(key, keys, n=1, cutoff=0.0)
    return f"There is no setting '{key}'. Did you mean '{near[0]}'?"


def _flat(tree: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(cast("dict[str, Any]", value), f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)
