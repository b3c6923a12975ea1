"""`infinite-instruct run` and `resume`: what the command line said, as a campaign's settings."""

import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from infinite_instruct.assembly.processes import open_processes
from infinite_instruct.cli.quota_option import quotas_said
from infinite_instruct.cli.run_folders import look
from infinite_instruct.errors import SettingsError
from infinite_instruct.settings import Settings, load_settings
from infinite_instruct.tools.languages import parse_language


@dataclass(frozen=True)
class RunOptions:
    """What the command line said; None where it said nothing."""

    seeds: tuple[Path, ...] | None = None
    vocabulary: tuple[str, ...] | None = None
    out: Path | None = None
    rows: int | None = None
    languages: str | None = None
    licenses: str | None = None
    mix: str | None = None
    expansions: int | None = None
    quota: tuple[str, ...] | None = None
    pack: str | None = None
    base_url: str | None = None
    model: str | None = None
    api_key_env: str | None = None
    verifier: str | None = None
    concurrency: int | None = None
    max_rows: int | None = None
    budget_tokens: int | None = None
    budget_usd: float | None = None
    budget_minutes: float | None = None
    seed: int | None = None
    checkpoint: bool | None = None
    workers: int | None = None
    engine: str | None = None
    store: str | None = None


_KEYS = {
    "seeds": "seeds.paths",
    "vocabulary": "graph.vocabularies",
    "base_url": "model.base_url",
    "model": "model.name",
    "api_key_env": "model.api_key_env",
    "verifier": "verifier.mode",
    "expansions": "graph.expansions",
    "budget_tokens": "budget.tokens",
    "budget_usd": "budget.usd",
    "budget_minutes": "budget.minutes",
}


def options_of(said: Mapping[str, Any]) -> tuple[RunOptions, Path | None]:
    """The options and the configuration file, of what the command line said to `run`."""
    options = {name: _frozen(value) for name, value in said.items() if name != "config"}
    return RunOptions(**options), said["config"]


def _frozen(value: Any) -> Any:  # noqa: ANN401 (as typer made it)
    """A list as a tuple, an empty one as nothing said."""
    return tuple(cast("list[object]", value)) or None if isinstance(value, list) else value


def start(options: RunOptions, config: Path | None) -> None:
    """Begin a campaign."""
    sys.exit(_exit_code(settings_of(options, config), resume=False))


def settings_of(options: RunOptions, config: Path | None) -> Settings:
    """The settings of a new campaign.

    Raises:
        SettingsError: One is wrong, or there are no seeds.
    """
    settings = load_settings(config, overrides(options))
    if not settings.seeds.paths and not settings.graph.vocabularies:
        raise SettingsError(
            "There are no seeds.",
            remedy="Name source code with --seeds DIR (or seeds.paths), or begin with words alone: "
            "--vocabulary python-stdlib.",
        )
    if not settings.seeds.paths and not settings.mix.backfeed:
        raise SettingsError(
            "There are no seeds, and no row may be composed from keywords (mix.backfeed is 0).",
            remedy="Name source code with --seeds DIR, or give backfeed a share: --mix backfeed=1.",
        )
    return settings


def go_on(directory: Path, options: RunOptions) -> None:
    """Resume the campaign of a run folder, with the settings that it was started with."""
    campaign = look(directory, options.store).restored_campaign()
    settings = load_settings(campaign, overrides(options) | {"out": directory})
    sys.exit(_exit_code(settings, resume=True))


def overrides(options: RunOptions) -> dict[str, object]:
    """The options as settings, by their dotted keys."""
    said = {name: value for name, value in asdict(options).items() if value is not None}
    made: dict[str, object] = {_KEYS.get(name, name): value for name, value in said.items()}
    if options.languages is not None:
        names = _listed(options.languages)
        made["seeds.languages"] = [parse_language(name).value for name in names]
        del made["languages"]
    if options.licenses is not None:
        made["seeds.licenses"] = _listed(made.pop("licenses"))
    if options.mix is not None:
        del made["mix"]
        made |= _shares(options.mix)
    if options.quota is not None:
        del made["quota"]
        made |= quotas_said(part for text in options.quota for part in _listed(text))
    return made


def _listed(text: object) -> list[str]:
    return [part.strip() for part in str(text).split(",") if part.strip()]


def _shares(text: str) -> dict[str, object]:
    """The shares as settings; of `reverse=0` alone, the other one has the rest."""
    parts = dict.fromkeys(("reverse", "backfeed"), "")
    for part in _listed(text):
        name, _, share = part.partition("=")
        if name not in parts:
            raise SettingsError(
                f"--mix knows no '{name}'.", remedy="Write --mix reverse=0.6,backfeed=0.4"
            )
        parts[name] = share
    said = [share for share in parts.values() if share]
    return {f"mix.{name}": share or _rest(said) for name, share in parts.items()}


def _rest(said: list[str]) -> float:
    """What one share leaves of 1; a share that is no number is told with its setting."""
    try:
        return max(0.0, 1 - float(said[0])) if said else 0.0
    except ValueError:
        return 0.0


def _exit_code(settings: Settings, *, resume: bool) -> int:
    with ExitStack() as stack:
        processes = open_processes(settings, stack)
        # A second's imports, beside those of the others.
        from infinite_instruct.cli.running import run

        return run(settings, processes, resume=resume)
