"""The live screen: a listener of events, nothing more. Without a terminal it prints plain lines."""

import time
from datetime import timedelta
from types import TracebackType
from typing import Self

from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from infinite_instruct.cli.terminal import console, plain
from infinite_instruct.events import Event, ModelCalled, Noticed, RowEnded, RowStarted
from infinite_instruct.llm.budget import Meter


class Screen:
    """Shows accepted, rejected and rows in flight, tokens, cost and the time that is left."""

    def __init__(self, target: int) -> None:
        self._console = console(stderr=True)
        self._progress = Progress(
            TextColumn("accepted"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[state]}"),
            TimeElapsedColumn(),
            console=self._console,
        )
        self._bar = self._progress.add_task("accepted", total=target, state="")
        self._live = Live(self._progress, console=self._console, refresh_per_second=4)
        self._meter: Meter | None = None
        self._target = target
        self._accepted = self._before = self._rejected = self._flying = 0
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def begin(self, meter: Meter, accepted: int) -> None:
        """Show this meter's tokens and money, and what an earlier session accepted."""
        self._meter = meter
        self._accepted = self._before = accepted
        self._began = time.monotonic()

    def show_bytes(self, done: int, total: int) -> None:
        """Show how far the local model's weights are."""
        state = f"fetching the model: {done / 1e6:,.0f} of {total / 1e6:,.0f} MB"
        self._progress.update(self._bar, state=state)

    def __call__(self, event: Event) -> None:
        """Take note of an event."""
        match event:
            case RowStarted():
                self._flying += 1
            case RowEnded():
                self._end_row(event)
            case Noticed():
                self._console.print(plain(event.message))
            case ModelCalled():
                pass
            case _:
                return
        self._progress.update(self._bar, completed=self._accepted, state=self._state())

    def _end_row(self, event: RowEnded) -> None:
        self._flying -= 1
        self._accepted += event.accepted
        self._rejected += not event.accepted
        if not self._console.is_terminal:
            word = "accepted" if event.accepted else f"rejected ({event.reason})"
            self._console.print(
                plain(f"{event.row} {word}; {self._accepted}/{self._target}, ") + self._state()
            )

    def _state(self) -> str:
        parts = [f"{self._rejected} rejected", f"{self._flying} in flight"]
        if self._meter:
            parts.append(f"{self._meter.tokens:,} tokens")
            if self._meter.usd:
                parts.append(f"${self._meter.usd:.2f}")
        if self._before < self._accepted < self._target:
            seconds = (time.monotonic() - self._began) / (self._accepted - self._before)
            left = timedelta(seconds=round(seconds * (self._target - self._accepted)))
            parts.append(f"about {left} left")
        return ", ".join(parts)
