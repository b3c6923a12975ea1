"""The report as one HTML page, and the data set's card."""

from collections import Counter
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from infinite_instruct.domain import Sample, Status, Value
from infinite_instruct.runs.atomic import write_atomically
from infinite_instruct.runs.jsontext import utf8
from infinite_instruct.runs.reader import RunReader
from infinite_instruct.runs.report import Report

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


class Sources(Value):
    """What the accepted rows were made from and by, each with its rows, most first."""

    licences: tuple[tuple[str, int], ...]
    models: tuple[tuple[str, int], ...]
    packs: tuple[tuple[str, int], ...]
    tools: tuple[tuple[str, int], ...]
    """The analyzers which looked, with versions."""
    unverifiable: int
    """Accepted rows whose use of packages could not be checked in full."""


def write_report(report: Report, path: Path) -> None:
    """Write the report as one page that needs no network.

    Raises:
        RunFolderError: The folder cannot be written.
    """
    write_atomically(path, _render("report.html.j2", report=report))


def write_card(report: Report, sources: Sources, path: Path) -> None:
    """Write the data set's card, with the front matter that the Hugging Face hub reads.

    Raises:
        RunFolderError: The folder cannot be written.
    """
    size = next((name for bound, name in _SIZES if report.accepted < bound), "n>1M")
    write_atomically(path, _render("card.md.j2", report=report, sources=sources, size=size))


def read_sources(reader: RunReader) -> Sources:
    """Collect the sources of the accepted rows.

    Raises:
        RunFolderError: The store cannot be read.
    """
    licences: Counter[str] = Counter()
    models: Counter[str] = Counter()
    packs: Counter[str] = Counter()
    tools: Counter[str] = Counter()
    unverifiable = 0
    for sample in (outcome for outcome in reader.outcomes() if isinstance(outcome, Sample)):
        snippet, verdict = sample.lineage.snippet, sample.verification
        licences[snippet.licence if snippet else "none: composed from keywords"] += 1
        models.update(set(sample.lineage.models))
        packs[sample.lineage.pack] += 1
        tools.update(verdict.tools if verdict else ())
        unresolved = verdict is not None and bool(verdict.unresolved)
        unverifiable += unresolved or verdict is None or verdict.status is Status.UNVERIFIABLE
    return Sources(
        licences=tuple(licences.most_common()),
        models=tuple(models.most_common()),
        packs=tuple(packs.most_common()),
        tools=tuple(tools.most_common()),
        unverifiable=unverifiable,
    )


def _render(template: str, **values: Any) -> str:  # noqa: ANN401 - a template takes any value
    environment = Environment(
        loader=PackageLoader("infinite_instruct.runs", "templates"),
        autoescape=template.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(number=_number, percent=_percent, money=_money, cell=_cell)
    return utf8(environment.get_template(template).render(values))


def _number(value: float | str) -> str:
    """Thousands apart by thin spaces; fractions only where they matter."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) or value >= 100:  # noqa: PLR2004 - three digits are enough
        return f"{value:,.0f}".replace(",", "\N{THIN SPACE}")
    return f"{value:.3g}"


def _money(dollars: float) -> str:
    """Cents from a dollar on, two digits below: `$12.40`, `$0.00046`."""
    return f"${dollars:,.2f}" if dollars >= 1 else f"${dollars:.2g}"


def _percent(rate: float) -> str:
    return f"{rate:.0%}"


def _cell(text: str) -> str:
    """Untrusted text as a cell of a Markdown table: no markup, no line ends."""
    shortened = text if len(text) <= 200 else f"{text[:200]}…"  # noqa: PLR2004 - a line or two
    flat = " ".join(shortened.split())
    return "".join(f"\\{mark}" if mark in "\\`*_[]<>|#&" else mark for mark in flat)
