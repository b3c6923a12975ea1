"""`infinite-instruct verify` and `doctor`: the analyzers by themselves."""

import asyncio
import importlib.util
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO

import typer

from infinite_instruct.assembly.crew import analysis_of
from infinite_instruct.cli.terminal import console, plain, table
from infinite_instruct.domain import Answer, Language, Status, Value, Verdict
from infinite_instruct.errors import SettingsError
from infinite_instruct.settings import load_settings
from infinite_instruct.tools.analyzers import doctor
from infinite_instruct.tools.jail import detect_jail
from infinite_instruct.tools.languages import language_of_tag
from infinite_instruct.tools.verification import Verifier

AT_ONCE = 100
"""Samples judged at once: analyzers take them in batches."""
MAX_LINE = 4 * 1024 * 1024


class Sample(Value):
    """One line of the input."""

    id: str
    text: str
    """The code; what is wrong with the line where there is no language."""
    language: Language | None = None


def verify_file(where: str, field: str) -> None:
    """Judge each line of a file; a verdict a line on stdout, a summary on stderr."""
    counts = asyncio.run(_verify(where, field))
    summary = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    typer.echo(f"{sum(counts.values())} judged: {summary or 'none'}", err=True)


def show_doctor() -> None:
    """Print each analyzer with its version, or what is lost without it; the jail; the model."""
    settings = load_settings(None, {})
    analysis = analysis_of(settings, strict=False)
    states = asyncio.run(doctor(analysis.analyzers))
    shown = table("analyzer", "version", "languages", "lost without it", "install")
    for state in states:
        missing = state.version is None
        shown.add_row(
            state.name,
            state.version or "MISSING",
            ", ".join(state.languages),
            state.lost if missing else "",
            state.install if missing else "",
        )
    console().print(shown)
    jail = detect_jail(settings.verifier.jail)
    typer.echo(f"jail: {jail.name} ({jail.why})")
    runtime = importlib.util.find_spec("xllamacpp") is not None
    lost = "MISSING: no run without an endpoint; pip install 'infinite-instruct[local]'"
    typer.echo(f"local model's runtime: {'here' if runtime else lost}")


async def _verify(where: str, field: str) -> Counter[str]:
    analysis = analysis_of(load_settings(None, {}), strict=False)
    counts: Counter[str] = Counter()
    with _opened(where) as lines:
        async for line, verdict in _verdicts(analysis, lines, field):
            counts[verdict.status] += 1
            typer.echo(_told(line, verdict))
    return counts


async def _verdicts(
    analysis: Verifier, lines: Iterator[str], field: str
) -> AsyncIterator[tuple[str, Verdict]]:
    """Verdicts in the order of the input; memory holds one window of samples."""
    samples = (_sample(number, line, field) for number, line in enumerate(lines, 1) if line.strip())
    while window := list(islice(samples, AT_ONCE)):
        verdicts = await asyncio.gather(*(_judge(analysis, sample, field) for sample in window))
        for sample, verdict in zip(window, verdicts, strict=True):
            yield sample.id, verdict


async def _judge(analysis: Verifier, sample: Sample, field: str) -> Verdict:
    if sample.language is None:
        return Verdict(
            status=Status.UNVERIFIABLE, reason="unreadable-line", detail=sample.text, tools=()
        )
    if field:
        return await analysis.verify(Answer(text=sample.text), sample.language)
    return await analysis.verify_code(sample.text, sample.language)


def _sample(number: int, line: str, field: str) -> Sample:
    """Read one line. What is wrong with it becomes its verdict: one bad line ends no filtering."""
    wanted = field or "code"
    try:
        row = json.loads(line[:MAX_LINE])
        named = str(row.get("id", number))[:200]
        language = language_of_tag(str(row.get("language") or row.get("lang") or ""))
        text = row[wanted]
    except (ValueError, KeyError, AttributeError, RecursionError) as error:
        form = f'{{"id": "a", "language": "python", "{wanted}": "…"}}'
        fault = f"Line {number} is not like {form}: {error!r}"[:500]
        return Sample(id=str(number), text=fault)
    if language is None or not isinstance(text, str):
        fault = f"Line {number} has no known 'language', or its '{wanted}' is no text."
        return Sample(id=named, text=fault)
    return Sample(id=named, text=text, language=language)


def _told(name: str, verdict: Verdict) -> str:
    told = verdict.model_dump(mode="json", exclude={"status"})
    line = {"id": name, "verdict": verdict.status.value, **told}
    return plain(json.dumps(line, ensure_ascii=True))


@contextmanager
def _opened(where: str) -> Generator[IO[str]]:
    if where == "-":
        yield sys.stdin
        return
    try:
        with Path(where).open(encoding="utf-8", errors="replace") as file:
            yield file
    except OSError as error:
        raise SettingsError(
            f"{where} cannot be read: {error.strerror}.",
            remedy="Name a JSONL file, or - for stdin.",
        ) from error
