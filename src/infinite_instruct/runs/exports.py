"""The accepted rows in the formats that trainers take. An exporter is a function in a table."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import Field

from infinite_instruct.domain import Attempt, Language, Message, Sample, Status, Value
from infinite_instruct.errors import SettingsError
from infinite_instruct.runs.atomic import replacing
from infinite_instruct.runs.jsontext import json_line
from infinite_instruct.runs.parquet import parquet_file
from infinite_instruct.runs.reader import RunReader


class Chat(Value):
    """Messages alone: TRL, axolotl (`chat_template`), LLaMA-Factory (`sharegpt`, OpenAI tags)."""

    messages: tuple[Message, ...]


class Alpaca(Value):
    """Stanford Alpaca's fields."""

    instruction: str
    input: str = ""
    output: str


class Turn(Value):
    """One turn of a ShareGPT conversation."""

    speaker: str = Field(serialization_alias="from")
    value: str


class ShareGpt(Value):
    """ShareGPT's conversation."""

    conversations: tuple[Turn, ...]


class Repair(Value):
    """A faulty answer, what the analyzers said, and the answer that they accepted."""

    id: str
    language: Language
    prompt: str
    fault: str
    reason: str
    diagnostics: tuple[str, ...]
    fix: str


class Preference(Value):
    """A pair for preference training (TRL's DPO: prompt, chosen, rejected)."""

    prompt: str
    chosen: str
    rejected: str


Exporter = Callable[[Sample], Iterable[Value]]

_SPEAKERS = {"user": "human", "assistant": "gpt"}


def _chat(sample: Sample) -> Iterator[Chat]:
    yield Chat(messages=sample.messages)


def _alpaca(sample: Sample) -> Iterator[Alpaca]:
    yield Alpaca(instruction=sample.prompt, output=sample.response)


def _sharegpt(sample: Sample) -> Iterator[ShareGpt]:
    turns = (
        Turn(speaker=_SPEAKERS.get(message.role, message.role), value=message.content)
        for message in sample.messages
    )
    yield ShareGpt(conversations=tuple(turns))


def _repairs(sample: Sample) -> Iterator[Repair]:
    for fault, fix in _repaired(sample):
        verdict = fault.verdict
        told = tuple(
            f"line {finding.line}: {finding.message} [{finding.tool} {finding.rule}]"
            for finding in verdict.diagnostics
        )
        yield Repair(
            id=sample.id,
            language=sample.language,
            prompt=sample.prompt,
            fault=fault.answer.text,
            reason=verdict.reason,
            diagnostics=told or (verdict.detail,),
            fix=fix.answer.text,
        )


def _dpo(sample: Sample) -> Iterator[Preference]:
    for fault, fix in _repaired(sample):
        yield Preference(prompt=sample.prompt, chosen=fix.answer.text, rejected=fault.answer.text)


def _repaired(sample: Sample) -> Iterator[tuple[Attempt, Attempt]]:
    """Each rejected attempt with the accepted one that came after it.

    Attempts that were merely unverifiable are no faults, and an equal text is no fix.
    """
    last = sample.attempts[-1] if sample.attempts else None
    if last is None or not last.verdict.accepted:
        return
    for attempt in sample.attempts:
        rejected = attempt.verdict.status is Status.REJECTED
        if rejected and attempt.answer.text != last.answer.text:
            yield attempt, last


EXPORTERS: Mapping[str, Exporter] = {
    "jsonl": lambda sample: [sample],
    "chat": _chat,
    "alpaca": _alpaca,
    "sharegpt": _sharegpt,
    "repairs": _repairs,
    "dpo": _dpo,
}
"""The JSONL formats by name; an exporter gives the records of one sample, often one."""

FORMATS = (*EXPORTERS, "parquet")
"""All formats: `parquet` has the same rows as `jsonl`."""


def export(reader: RunReader, form: str, destination: Path) -> int:
    """Write the accepted rows in a format; the destination is replaced at once or not at all.

    Args:
        reader: The run, going on, ended or killed.
        form: One of FORMATS.
        destination: The file to write.

    Returns:
        The number of records.

    Raises:
        SettingsError: The format is not known.
        RunFolderError: The run cannot be read or the destination not be written.
    """
    if form not in FORMATS:
        near = difflib.get_close_matches(form, FORMATS, n=1)
        hint = f"Did you mean '{near[0]}'? " if near else ""
        raise SettingsError(
            f"'{form}' is no export format.", remedy=f"{hint}There are: {', '.join(FORMATS)}."
        )
    samples = (outcome for outcome in reader.outcomes() if isinstance(outcome, Sample))
    with replacing(destination) as temporary:
        if form == "parquet":
            return _to_parquet(samples, temporary)
        return _to_jsonl(samples, EXPORTERS[form], temporary)


def _to_jsonl(samples: Iterable[Sample], exporter: Exporter, path: Path) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for sample in samples:
            for record in exporter(sample):
                file.write(f"{json_line(record)}\n")
                count += 1
    return count


def _to_parquet(samples: Iterable[Sample], path: Path) -> int:
    count = 0
    with parquet_file(path, Sample) as file:
        for sample in samples:
            file.add(sample)
            count += 1
    return count
