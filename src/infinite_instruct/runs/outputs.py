"""The data set: files for people and trainers, all made again from the store at any time."""

from contextlib import ExitStack
from pathlib import Path
from typing import Literal

from infinite_instruct.domain import Outcome, Rejection, Row, Sample, Status, Value
from infinite_instruct.errors import RunFolderError
from infinite_instruct.runs.atomic import replacing
from infinite_instruct.runs.jsontext import json_line
from infinite_instruct.runs.ledger import Ledger
from infinite_instruct.runs.parquet import parquet_file
from infinite_instruct.runs.reader import RunReader


class Unfiltered(Row):
    """A row that got an answer, with what became of it."""

    verdict: Literal["accepted", "rejected", "unverifiable"]
    reason: str
    """Why it was not accepted; `accepted` where it was."""


class Balance(Value):
    """What went into the files."""

    finished: int
    """Rows with an outcome: samples and rejections."""
    samples: int
    unfiltered: int
    rejections: int
    unfinished: int
    """Rows without an outcome, in none of the files."""

    def __str__(self) -> str:
        told = (
            f"{self.finished} rows in = {self.samples} kept + {self.rejections} dropped; "
            f"{self.unfiltered} got an answer"
        )
        return f"{told}; {self.unfinished} still unfinished" if self.unfinished else told


class _Twins:
    """One set of rows as JSONL and as Parquet; both appear when the stack ends well."""

    def __init__(self, stack: ExitStack, folder: Path, name: str, kind: type[Value]) -> None:
        lines = stack.enter_context(replacing(folder / f"{name}.jsonl"))
        table = stack.enter_context(replacing(folder / f"{name}.parquet"))
        self._lines = stack.enter_context(lines.open("w", encoding="utf-8", newline="\n"))
        self._table = stack.enter_context(parquet_file(table, kind))
        self.count = 0

    def add(self, value: Value) -> None:
        self._lines.write(f"{json_line(value)}\n")
        self._table.add(value)
        self.count += 1


def write_outputs(reader: RunReader, folder: Path) -> Balance:
    """Write `samples`, `unfiltered` and `rejections` as JSONL and Parquet, in the rows' order.

    Works on a run that was killed at any point, and on one that goes on: then the files tell of
    one moment. Memory does not grow with the rows.

    Raises:
        RunFolderError: The folder cannot be written, or the store's counts do not add up.
    """
    with reader.snapshot(), ExitStack() as stack:
        samples = _Twins(stack, folder, "samples", Sample)
        unfiltered = _Twins(stack, folder, "unfiltered", Unfiltered)
        rejections = _Twins(stack, folder, "rejections", Rejection)
        for outcome in reader.outcomes():
            (samples if isinstance(outcome, Sample) else rejections).add(outcome)
            if outcome.attempts or outcome.response:
                unfiltered.add(_unfiltered(outcome))
        counts = reader.counts()
        balance = Balance(
            finished=counts.finished,
            samples=samples.count,
            unfiltered=unfiltered.count,
            rejections=rejections.count,
            unfinished=counts.unfinished,
        )
        _check(balance, reader.ledger)
    return balance


def _unfiltered(outcome: Outcome) -> Unfiltered:
    fields = {name: getattr(outcome, name) for name in Row.model_fields}
    if isinstance(outcome, Sample):
        return Unfiltered(**fields, verdict="accepted", reason="accepted")
    verification = outcome.verification
    doubted = verification is not None and verification.status is Status.UNVERIFIABLE
    verdict: Literal["rejected", "unverifiable"] = "unverifiable" if doubted else "rejected"
    return Unfiltered(**fields, verdict=verdict, reason=outcome.reason)


def _check(balance: Balance, ledger: Ledger) -> None:
    if balance.samples + balance.rejections != balance.finished:
        raise RunFolderError(
            f"{ledger} does not add up: {balance}.",
            remedy="The store is damaged: restore it from a copy. The old files were kept.",
        )
