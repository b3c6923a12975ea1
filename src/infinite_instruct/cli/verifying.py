"""`infinite-instruct verify`: the analyzers by themselves, on other people's data."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from infinite_instruct.assembly.analysis import analysis_of
from infinite_instruct.cli.flight import Flight
from infinite_instruct.cli.lines import opened, read_lines
from infinite_instruct.cli.terminal import console, plain
from infinite_instruct.domain import Answer, Language, Status, Value, Verdict
from infinite_instruct.errors import SettingsError
from infinite_instruct.settings import load_settings
from infinite_instruct.tools.answers import language_of_reply
from infinite_instruct.tools.languages import language_of_tag
from infinite_instruct.tools.verification import Verifier

_SHOWN_REASONS = 8


@dataclass(frozen=True)
class Reading:
    """Where a line keeps what."""

    code: str = "code"
    reply: str = ""
    """The field with a reply that has its code in fences; instead of `code`."""
    language: Language | None = None
    """Of lines that do not name theirs."""


class Sample(Value):
    """One line of the input."""

    id: str | int
    text: str = ""
    """The code or the reply."""
    language: Language | None = None
    fault: str = ""
    """What is wrong with the line itself."""


@dataclass(frozen=True)
class Line:
    """One line as it stands in the file, and what it says."""

    raw: bytes
    sample: Sample


def verify_file(where: str, reading: Reading, *, jobs: int = 0, keep: Path | None = None) -> None:
    """Judge each line of a file; a verdict a line on stdout, a summary on stderr.

    Args:
        where: A JSONL file, or `-` for stdin.
        reading: The names of its fields.
        jobs: Analyzer processes at a time; 0 for as many as the machine has cores.
        keep: Where the accepted lines are written to, as they are.

    Raises:
        SettingsError: The file cannot be read, or the settings are wrong.
    """
    settings = load_settings(None, {})
    analysis = analysis_of(settings, strict=False, jobs=jobs)
    counts: Counter[tuple[str, str]] = Counter()
    try:
        asyncio.run(_verify(analysis, where, reading, counts, keep))
    finally:
        _summarise(counts)


async def _verify(
    analysis: Verifier,
    where: str,
    reading: Reading,
    counts: Counter[tuple[str, str]],
    keep: Path | None,
) -> None:
    async def judge(line: Line) -> Verdict:
        return await _judge(analysis, line.sample, reading)

    flight = Flight(judge, lambda line: len(line.raw))
    with opened(where) as stream, _bar(where) as advance, _kept(keep) as kept:
        async for line, verdict in flight.results(_lines(read_lines(stream), reading)):
            counts[verdict.status.value, verdict.reason] += 1
            _tell(line, verdict)
            if kept and verdict.accepted:
                kept.write(line.raw + b"\n")
            advance(len(line.raw) + 1)


async def _lines(lines: AsyncIterator[bytes], reading: Reading) -> AsyncIterator[Line]:
    number = 0
    async for raw in lines:
        number += 1
        if raw.strip():
            yield Line(raw, read_sample(number, raw, reading))


async def _judge(analysis: Verifier, sample: Sample, reading: Reading) -> Verdict:
    if sample.fault:
        return Verdict(status=Status.UNVERIFIABLE, reason="unreadable-line", detail=sample.fault)
    if sample.language is None:
        detail = "It names no language that is known here; --language names one for all lines."
        return Verdict(status=Status.UNVERIFIABLE, reason="unknown-language", detail=detail)
    if reading.reply:
        return await analysis.verify(Answer(text=sample.text), sample.language)
    return await analysis.verify_code(sample.text, sample.language)


def read_sample(number: int, line: bytes, reading: Reading) -> Sample:
    """Read one line. What is wrong with it becomes its verdict: one bad line ends no filtering."""
    wanted = reading.reply or reading.code
    try:
        row = json.loads(line.decode(errors="replace"))
        given = row.get("id", number)
        named = given if isinstance(given, int) else str(given)[:200]
        tag = str(row.get("language") or row.get("lang") or "")
        text = row[wanted]
    except (ValueError, KeyError, AttributeError, RecursionError) as error:
        form = f'{{"id": "a", "language": "python", "{wanted}": "…"}}'
        return Sample(id=number, fault=f"Line {number} is not like {form}: {error!r}"[:500])
    if not isinstance(text, str):
        return Sample(id=named, fault=f"Line {number}: its '{wanted}' is no text.")
    language = language_of_tag(tag) if tag else reading.language
    if language is None and not tag and reading.reply:
        language = language_of_reply(text)
    return Sample(id=named, text=text, language=language)


def _tell(line: Line, verdict: Verdict) -> None:
    told = verdict.model_dump(mode="json", exclude={"status"})
    told["seconds"] = round(verdict.seconds, 4)
    whole = {"id": line.sample.id, "verdict": verdict.status.value, **told}
    sys.stdout.write(plain(json.dumps(whole, ensure_ascii=True)) + "\n")
    sys.stdout.flush()  # whoever reads our pipe gets each verdict when it is made


def _summarise(counts: Counter[tuple[str, str]]) -> None:
    out = console(stderr=True)
    by_status: Counter[str] = Counter()
    for (status, _), count in counts.items():
        by_status[status] += count
    told = ", ".join(f"{count} {status}" for status, count in sorted(by_status.items()))
    out.print(f"{counts.total()} judged: {told or 'none'}")
    why = [(reason, count) for (_, reason), count in counts.most_common() if reason != "clean"]
    if why:
        shown = ", ".join(f"{reason} {count}" for reason, count in why[:_SHOWN_REASONS])
        out.print(f"reasons: {shown}{', …' if len(why) > _SHOWN_REASONS else ''}")


def _kept(path: Path | None) -> AbstractContextManager[IO[bytes] | None]:
    if path is None:
        return nullcontext()
    try:
        return path.open("wb")
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be written: {error.strerror}.", remedy="Name another file."
        ) from error


@contextmanager
def _bar(where: str) -> Generator[Callable[[int], None]]:
    """A bar on stderr that counts bytes; silent without a terminal."""
    file = Path(where)
    total = file.stat().st_size if where != "-" and file.is_file() else None
    out = console(stderr=True)
    columns = (TextColumn("judged"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=out, disable=not out.is_terminal, transient=True) as progress:
        bar = progress.add_task("judged", total=total)
        yield lambda count: progress.advance(bar, count)
