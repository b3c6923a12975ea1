"""`infinite-instruct report` and `export`: a run's numbers, and its rows for trainers."""

from collections.abc import Iterable
from pathlib import Path

import typer

from infinite_instruct.assembly.deliverables import deliver, report_of
from infinite_instruct.assembly.vocabulary import graph_of
from infinite_instruct.cli.graphs import print_graph
from infinite_instruct.cli.run_folders import look
from infinite_instruct.cli.terminal import console, plain, table
from infinite_instruct.runs.exports import export
from infinite_instruct.runs.folder import RunFolder
from infinite_instruct.runs.reader import RunReader
from infinite_instruct.runs.report import Report, Share


def show_report(directory: Path) -> None:
    """Print the report, and make all derived files again from the store."""
    folder = look(directory)
    balance = deliver(folder)
    print_report(folder)
    typer.echo(f"\n{balance}\nWritten: {folder.report}")


def print_report(folder: RunFolder) -> None:
    """Print a run's funnel, pass rates, reasons, repairs and costs."""
    with RunReader(folder.ledger) as reader:
        report = report_of(reader, graph_of(reader))
    out = console()
    out.print()
    out.print(_shares("Funnel", "of planned", report.funnel))
    for title, shares in (
        ("Accepted by language", report.languages),
        ("Accepted by problem type", report.types),
        ("Accepted by origin", report.origins),
        ("Accepted by attempt", report.attempts),
    ):
        if shares:
            out.print(_shares(title, "of", shares))
    if report.reasons:
        out.print(_reasons(report))
    print_graph(report.graph)
    out.print(_costs(report))


def write_export(directory: Path, form: str, to: Path | None) -> None:
    """Write the accepted rows in a trainer's format."""
    suffix = "parquet" if form == "parquet" else "jsonl"
    destination = to or directory / f"export-{form}.{suffix}"
    with RunReader(look(directory).ledger) as reader:
        count = export(reader, form, destination)
    typer.echo(f"{count} records written to {destination}")


def _shares(title: str, whole: str, shares: Iterable[Share]) -> object:
    made = table("", "#rows", f"#{whole}", "#share", title=title)
    for share in shares:
        made.add_row(plain(share.name), str(share.part), str(share.whole), f"{share.rate:.0%}")
    return made


def _reasons(report: Report) -> object:
    made = table("stage", "reason", "#rows", "for example", title="Rejected because")
    for reason in report.reasons:
        example = plain(f"{reason.example_row}: {reason.example}").replace("\n", " ")
        made.add_row(plain(reason.stage), plain(reason.reason), str(reason.count), example[:90])
    return made


def _costs(report: Report) -> object:
    total = report.total
    made = table("", "#", title="Costs")
    made.add_row("model calls paid", f"{total.calls:,}")
    made.add_row("calls replayed from the ledger", f"{report.replayed:,}")
    made.add_row("prompt tokens", f"{total.prompt_tokens:,}")
    made.add_row("completion tokens", f"{total.completion_tokens:,}")
    if report.tokens_per_accepted is not None:
        made.add_row("tokens per accepted row", f"{report.tokens_per_accepted:,.0f}")
    money = report.cost_per_accepted
    made.add_row("dollars per accepted row", "price unknown" if money is None else f"{money:.4f}")
    made.add_row("accepted after a repair", str(report.repaired))
    return made
