"""`infinite-instruct prompts`: make, check and show packs."""

from pathlib import Path

import tomli_w
import typer

from infinite_instruct.assembly.sampling import sampling_rules
from infinite_instruct.cli.terminal import console, plain, table
from infinite_instruct.errors import SettingsError
from infinite_instruct.prompts.catalogue import CATALOGUE
from infinite_instruct.prompts.pack import load_pack, open_pack


def new_pack(directory: Path, extends: str) -> None:
    """Make a folder with a pack.toml that extends another pack."""
    if directory.exists():
        raise SettingsError(f"{directory} exists already.", remedy="Name a new folder.")
    load_pack(extends)
    about = {"name": directory.name, "version": "1", "description": "", "extends": extends}
    directory.mkdir(parents=True)
    (directory / "pack.toml").write_text(tomli_w.dumps(about), encoding="utf-8")
    typer.echo(f"Made {directory}. Put into it only the prompts that differ, for example:")
    typer.echo(f"  infinite-instruct prompts show solve > {directory / 'solve.md.j2'}")
    typer.echo(f"  infinite-instruct prompts check {directory}")
    typer.echo(f"  infinite-instruct run --pack {directory} …")


def check_pack(where: str) -> None:
    """Check a pack; every fault is told."""
    pack = open_pack(where)
    sampling_rules(pack)
    own = sum(pack.file(spec.name).origin.startswith(f"{pack.about.name}/") for spec in CATALOGUE)
    typer.echo(f"{pack.identity} is sound: {own} prompts of its own, {len(CATALOGUE)} in all.")


def list_prompts(where: str) -> None:
    """List the prompts with who uses them and what they may name."""
    pack = load_pack(where)
    shown = table("prompt", "agent", "what for", "variables", "from")
    for spec in CATALOGUE:
        origin = pack.file(spec.name).origin.partition("/")[0]
        shown.add_row(spec.name, spec.agent, spec.purpose, " ".join(sorted(spec.variables)), origin)
    console().print(shown)


def show_prompt(where: str, name: str) -> None:
    """Print a prompt's file as it is, ready to be copied into a pack."""
    typer.echo(plain(load_pack(where).file(name).text), nl=False)
