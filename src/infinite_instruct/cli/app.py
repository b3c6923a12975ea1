"""The command line. Each command imports what it needs when it is called, so that help is quick."""

import gc
import logging
import sys
import warnings
from pathlib import Path
from typing import Annotated

import typer

from infinite_instruct.cli.graph_commands import graph_app
from infinite_instruct.cli.same_options import with_options_of
from infinite_instruct.errors import InfiniteInstructError
from infinite_instruct.tools.process_end import ProcessEnd

app = typer.Typer(
    name="infinite-instruct",
    help="Turn source code into verified code-instruction data (arXiv 2505.23177).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
model_app = typer.Typer(help="The embedded local model.", no_args_is_help=True)
prompts_app = typer.Typer(help="Prompt packs.", no_args_is_help=True)
app.add_typer(graph_app, name="graph")
app.add_typer(model_app, name="model")
app.add_typer(prompts_app, name="prompts")
app.add_typer(graph_app, name="graph")

Run = Annotated[Path, typer.Argument(metavar="DIR", help="A run folder.")]


def main() -> None:
    """Run the command line; known errors end it with cause, remedy and their exit code."""
    end = ProcessEnd()
    try:
        _run_command()
    except SystemExit as stop:
        end.code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        raise


def _run_command() -> None:
    # Else Python searches what is being imported for cycles, again and again: a fifth of the start,
    # which makes 360,000 objects.
    gc.set_threshold(600_000, 20, 50)
    # Some libraries configure the root logger when they are imported; with a handler there they
    # can't, and the terminal stays ours.
    logging.getLogger().addHandler(logging.NullHandler())
    warnings.filterwarnings("ignore", module="langchain_openai")
    try:
        app()
    except InfiniteInstructError as error:
        sys.stderr.write(f"error: {error.cause}\n{error.remedy}\n")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


def _refuse_in_use(run: Path | None) -> None:
    """Refuse a folder that another process writes in, before what a campaign needs is loaded."""
    from infinite_instruct.runs.folder import RunFolder

    if run is not None:
        RunFolder.refuse_in_use(run)


@app.command()
def run(
    seeds: Annotated[
        list[Path] | None,
        typer.Option(help="Source code: directories, files, JSONL, Parquet. Repeat for several."),
    ] = None,
    vocabulary: Annotated[
        list[str] | None,
        typer.Option(help="Words to begin with: python-stdlib, sql, a file. Repeat for several."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The run folder to make.")] = None,
    rows: Annotated[int | None, typer.Option("-n", "--rows", help="Accepted rows.")] = None,
    languages: Annotated[str | None, typer.Option(help="Only these: python,go.")] = None,
    licenses: Annotated[str | None, typer.Option(help="Only these SPDX ids.")] = None,
    mix: Annotated[str | None, typer.Option(help="reverse=0.6,backfeed=0.4")] = None,
    expansions: Annotated[
        int | None, typer.Option(help="Keywords to ask a model for more around, at most.")
    ] = None,
    quota: Annotated[
        list[str] | None,
        typer.Option(help="Shares or rows of languages, types, origins, difficulties: python=0.5"),
    ] = None,
    pack: Annotated[str | None, typer.Option(help="A prompt pack: name or folder.")] = None,
    base_url: Annotated[
        str | None, typer.Option(help="OpenAI-compatible endpoint; none: the local model.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="The model's name.")] = None,
    api_key_env: Annotated[str | None, typer.Option(help="Variable that holds the key.")] = None,
    verifier: Annotated[str | None, typer.Option(help="tools or agent.")] = None,
    concurrency: Annotated[int | None, typer.Option(help="Rows in flight.")] = None,
    max_rows: Annotated[int | None, typer.Option(help="Rows to try at most.")] = None,
    budget_tokens: Annotated[int | None, typer.Option(help="Tokens to spend at most.")] = None,
    budget_usd: Annotated[float | None, typer.Option(help="Dollars to spend at most.")] = None,
    budget_minutes: Annotated[float | None, typer.Option(help="Minutes to run at most.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of everything random.")] = None,
    checkpoint: Annotated[
        bool | None, typer.Option("--checkpoint", help="Keep LangGraph's state after each node.")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that take rows.")] = None,
    engine: Annotated[
        str | None, typer.Option(help="Where they run: local, or ray (RAY_ADDRESS).")
    ] = None,
    store: Annotated[
        str | None, typer.Option(help="postgresql://… for the ledger; none: a file in the folder.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="Settings in TOML.")] = None,
) -> None:
    """Make a dataset: N accepted rows, the rejected ones with reasons, graph, trace, report."""
    _refuse_in_use(out)
    from infinite_instruct.cli.campaigns import RunOptions, start

    start(
        RunOptions(
            seeds=tuple(seeds) if seeds else None,
            vocabulary=tuple(vocabulary) if vocabulary else None,
            out=out,
            rows=rows,
            languages=languages,
            licenses=licenses,
            mix=mix,
            expansions=expansions,
            quota=tuple(quota) if quota else None,
            pack=pack,
            base_url=base_url,
            model=model,
            api_key_env=api_key_env,
            verifier=verifier,
            concurrency=concurrency,
            max_rows=max_rows,
            budget_tokens=budget_tokens,
            budget_usd=budget_usd,
            budget_minutes=budget_minutes,
            seed=seed,
            checkpoint=checkpoint,
            workers=workers,
            engine=engine,
            store=store,
        ),
        config,
    )


@app.command()
@with_options_of(run)
def estimate(
    tries: Annotated[int, typer.Option(min=4, max=1_000, help="Rows to try for it.")] = 8,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    **said: object,
) -> None:
    """Say what a run would cost and take, from a few rows that are made and thrown away."""
    from infinite_instruct.cli.estimating import show_estimate

    show_estimate(said, tries=tries, as_json=as_json)


@app.command()
@with_options_of(run)
def preview(
    each: Annotated[int, typer.Option(min=1, max=100, help="Rows of each kind.")] = 3,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the run folder.")] = False,
    **said: object,
) -> None:
    """Show a few rows of each kind, whole, without starting a campaign."""
    from infinite_instruct.cli.previewing import show_preview

    show_preview(said, each=each, keep=keep)


@app.command()
def resume(
    directory: Run,
    rows: Annotated[int | None, typer.Option("-n", "--rows", help="Another target.")] = None,
    quota: Annotated[
        list[str] | None, typer.Option(help="Other quotas, in place of all; '' for none.")
    ] = None,
    concurrency: Annotated[int | None, typer.Option(help="Rows in flight.")] = None,
    max_rows: Annotated[int | None, typer.Option(help="Rows to try at most.")] = None,
    budget_tokens: Annotated[int | None, typer.Option(help="Tokens to spend at most.")] = None,
    budget_usd: Annotated[float | None, typer.Option(help="Dollars to spend at most.")] = None,
    budget_minutes: Annotated[float | None, typer.Option(help="Minutes to run at most.")] = None,
    base_url: Annotated[str | None, typer.Option(help="The endpoint, if it moved.")] = None,
    mix: Annotated[
        str | None, typer.Option(help="reverse=0: from the graph alone, without seeds.")
    ] = None,
    expansions: Annotated[
        int | None, typer.Option(help="Keywords to ask a model for more around, at most.")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that take rows.")] = None,
    engine: Annotated[str | None, typer.Option(help="Where they run: local or ray.")] = None,
    store: Annotated[
        str | None, typer.Option(help="The database, if it moved or wants its password.")
    ] = None,
) -> None:
    """Go on with a run that was stopped or killed. No finished call is paid again."""
    _refuse_in_use(directory)
    from infinite_instruct.cli.campaigns import RunOptions, go_on

    go_on(
        directory,
        RunOptions(
            rows=rows,
            quota=tuple(quota) if quota else None,
            concurrency=concurrency,
            max_rows=max_rows,
            budget_tokens=budget_tokens,
            budget_usd=budget_usd,
            budget_minutes=budget_minutes,
            base_url=base_url,
            mix=mix,
            expansions=expansions,
            workers=workers,
            engine=engine,
            store=store,
        ),
    )


@app.command()
def report(directory: Run) -> None:
    """Print the run's funnel, pass rates, reasons and costs; write report.html."""
    from infinite_instruct.cli.reports import show_report

    show_report(directory)


@app.command()
def trace(
    directory: Run,
    row: Annotated[str | None, typer.Argument(help="A row's id; none: list the rows.")] = None,
) -> None:
    """Tell a row's story: who decided what, on what, with which prompt, model and findings."""
    from infinite_instruct.cli.traces import list_rows, tell_story

    if row is None:
        list_rows(directory)
    else:
        tell_story(directory, row)


@app.command()
def export(
    directory: Run,
    form: Annotated[str, typer.Option("--format", help="jsonl, parquet, chat, alpaca, …")],
    to: Annotated[Path | None, typer.Option(help="File to write; none: in the folder.")] = None,
) -> None:
    """Write the accepted rows in a format that trainers take."""
    from infinite_instruct.cli.reports import write_export

    write_export(directory, form, to)


@app.command()
def verify(
    file: Annotated[str, typer.Argument(help="JSON lines {id, language, code}; - for stdin.")],
    field: Annotated[
        str, typer.Option(help="Take the code out of the fences of this field's reply.")
    ] = "",
    code: Annotated[str, typer.Option(help="The field that holds code as a whole.")] = "code",
    language: Annotated[str, typer.Option(help="Of lines that do not name theirs.")] = "",
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", min=0, help="Analyzer processes at a time; 0: all cores.")
    ] = 0,
    keep: Annotated[
        Path | None, typer.Option(help="Write the accepted lines to this file, as they are.")
    ] = None,
) -> None:
    """Judge code statically: a verdict a line, in the order of the input. Nothing is executed."""
    from infinite_instruct.cli.verifying import Reading, verify_file
    from infinite_instruct.tools.languages import parse_language

    fallback = parse_language(language) if language else None
    reading = Reading(code=code, reply=field, language=fallback)
    verify_file(file, reading, jobs=jobs, keep=keep)


@app.command()
def doctor(
    install: Annotated[
        bool, typer.Option("--install", help="Fetch what pip and npm can give, pinned.")
    ] = False,
) -> None:
    """Per language: which analyzers are here, what is missing, and the command that brings it."""
    from infinite_instruct.cli.doctoring import install_tools, show_doctor

    install_tools() if install else show_doctor()


@model_app.command("list")
def model_list() -> None:
    """The local models by name, with size and whether they are here."""
    from infinite_instruct.cli.models import list_models

    list_models()


@model_app.command("pull")
def model_pull(name: Annotated[str, typer.Argument(help="See `model list`.")]) -> None:
    """Fetch a local model's weights into the cache; resumes, and checks them."""
    from infinite_instruct.cli.models import pull_model

    pull_model(name)


@model_app.command("serve")
def model_serve(
    name: Annotated[str, typer.Argument(help="See `model list`.")] = "",
    port: Annotated[int, typer.Option(help="0: any free port.")] = 0,
) -> None:
    """Serve a local model, OpenAI-compatible, on the loopback address, until Ctrl-C."""
    from infinite_instruct.cli.models import serve_model

    serve_model(name, port)


@prompts_app.command("new")
def prompts_new(
    directory: Annotated[Path, typer.Argument(help="Folder to make.")],
    extends: Annotated[str, typer.Option(help="The pack to differ from.")] = "default",
) -> None:
    """Make a prompt pack that holds only what differs from another."""
    from infinite_instruct.cli.packs import new_pack

    new_pack(directory, extends)


@prompts_app.command("check")
def prompts_check(pack: Annotated[str, typer.Argument(help="Name or folder.")]) -> None:
    """Check every prompt of a pack: unknown variables, missing parts, unsafe constructs."""
    from infinite_instruct.cli.packs import check_pack

    check_pack(pack)


@prompts_app.command("show")
def prompts_show(
    name: Annotated[str | None, typer.Argument(help="A prompt; none: list them.")] = None,
    pack: Annotated[str, typer.Option(help="Name or folder.")] = "default",
) -> None:
    """Show a prompt's text, or the prompts with their agents and variables."""
    from infinite_instruct.cli.packs import list_prompts, show_prompt

    if name is None:
        list_prompts(pack)
    else:
        show_prompt(pack, name)
