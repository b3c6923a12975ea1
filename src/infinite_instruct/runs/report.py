"""What a run has come to, computed from its store."""

import json
from collections import Counter
from dataclasses import dataclass, field

from infinite_instruct.domain import Outcome, Rejection, Sample, Status, Value
from infinite_instruct.runs.reader import RunReader
from infinite_instruct.runs.records import Spending, total

SKIPPED_SEEDS = "skipped-seeds"
"""The note that tells, as a JSON object, how many files and snippets were skipped for what."""


class Share(Value):
    """A part of a whole, in rows."""

    name: str
    part: int
    whole: int

    @property
    def rate(self) -> float:
        """0 to 1; 0 for an empty whole."""
        return self.part / self.whole if self.whole else 0.0


class Reason(Value):
    """Why rows were rejected, with one of them."""

    stage: str
    reason: str
    count: int
    example_row: str
    example: str
    """The detail of the first such row."""


class Fact(Value):
    """A number or a word with its name."""

    name: str
    value: str | int | float


class GraphReport(Value):
    """The knowledge graph of a run in numbers."""

    facts: tuple[tuple[str, str | int | float], ...] = ()
    """Names and values."""
    communities: tuple[Share, ...] = ()
    """Rows of each, most first."""
    new_keywords: tuple[Share, ...] = ()
    """Of the keywords of problems that came one after the other, those no earlier problem had."""
    new_pairs: tuple[Share, ...] = ()
    """Of their pairs of keywords, those that no earlier problem had together."""


class Report(Value):
    """A run in numbers."""

    name: str
    """The run folder's name."""
    unfinished: int
    """Rows in flight, or left by a kill."""
    funnel: tuple[Share, ...]
    """planned, posed, answered, verified, accepted: each as a part of the rows planned."""
    languages: tuple[Share, ...]
    """Accepted of the finished, most rows first; the three below, too."""
    types: tuple[Share, ...]
    origins: tuple[Share, ...]
    directions: tuple[Share, ...]
    attempts: tuple[Share, ...]
    """Accepted of the judged, by attempt: the first answer, repair 1, repair 2, ..."""
    repaired: int
    """Samples that were accepted after a repair only."""
    reasons: tuple[Reason, ...]
    """The most frequent first."""
    spending: tuple[Spending, ...]
    """By role and model."""
    total: Spending
    replayed: int
    """Calls whose reply came from the ledger and cost nothing."""
    skipped_seeds: tuple[Fact, ...]
    graph: GraphReport

    @property
    def accepted(self) -> int:
        """Rows in the data set."""
        return self.funnel[-1].part

    @property
    def tokens_per_accepted(self) -> float | None:
        """Tokens paid for one accepted row, all rejected ones included."""
        return self.total.tokens / self.accepted if self.accepted else None

    @property
    def cost_per_accepted(self) -> float | None:
        """US dollars; None where no price is known or no row was accepted."""
        priced = self.total.calls > self.total.unpriced
        return self.total.cost_usd / self.accepted if self.accepted and priced else None


def make_report(reader: RunReader, graph: GraphReport | None = None) -> Report:
    """Compute the report of a run: going on, ended or killed.

    Args:
        reader: The run.
        graph: Its knowledge graph, measured.

    Raises:
        RunFolderError: The store cannot be read.
    """
    with reader.snapshot():
        tally = _Tally()
        for outcome in reader.outcomes():
            tally.add(outcome)
        counts = reader.counts()
        spending = reader.spending()
        return Report(
            name=reader.ledger.folder.absolute().name,
            unfinished=counts.unfinished,
            funnel=tally.funnel(counts.planned),
            languages=_shares(tally.languages),
            types=_shares(tally.types),
            origins=_shares(tally.origins),
            directions=_shares(tally.directions),
            attempts=tally.attempt_shares(),
            repaired=tally.repaired,
            reasons=tally.most_frequent(),
            spending=spending,
            total=total(spending),
            replayed=reader.replayed(),
            skipped_seeds=_skipped(reader.notes().get(SKIPPED_SEEDS, "{}")),
            graph=graph or GraphReport(),
        )


_Judged = Counter[tuple[str, bool]]
"""How often each name was accepted and not."""


@dataclass
class _Tally:
    """Counts that grow with every outcome; their size does not grow with the rows."""

    stages: Counter[str] = field(default_factory=Counter[str])
    languages: _Judged = field(default_factory=Counter[tuple[str, bool]])
    types: _Judged = field(default_factory=Counter[tuple[str, bool]])
    origins: _Judged = field(default_factory=Counter[tuple[str, bool]])
    directions: _Judged = field(default_factory=Counter[tuple[str, bool]])
    attempts: Counter[tuple[int, bool]] = field(default_factory=Counter[tuple[int, bool]])
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    examples: dict[tuple[str, str], Rejection] = field(
        default_factory=dict[tuple[str, str], Rejection]
    )
    repaired: int = 0

    def add(self, outcome: Outcome) -> None:
        accepted = isinstance(outcome, Sample)
        self.languages[outcome.language, accepted] += 1
        self.types[outcome.type, accepted] += 1
        self.origins[outcome.origin, accepted] += 1
        self.directions.update((direction, accepted) for direction in outcome.directions)
        self.attempts.update((each.number, each.verdict.accepted) for each in outcome.attempts)
        self.repaired += accepted and len(outcome.attempts) > 1
        self._add_stages(outcome)
        if isinstance(outcome, Rejection):
            why = (outcome.stage, outcome.reason)
            self.reasons[why] += 1
            self.examples.setdefault(why, outcome)

    def _add_stages(self, outcome: Outcome) -> None:
        verdict = outcome.verification
        accepted = isinstance(outcome, Sample)
        judged = verdict is not None and verdict.status is not Status.UNVERIFIABLE
        self.stages["posed"] += bool(outcome.prompt)
        self.stages["answered"] += bool(outcome.attempts or outcome.response)
        self.stages["verified"] += judged or accepted
        self.stages["accepted"] += accepted

    def funnel(self, planned: int) -> tuple[Share, ...]:
        stages = [
            (name, self.stages[name]) for name in ("posed", "answered", "verified", "accepted")
        ]
        return tuple(
            Share(name=name, part=part, whole=planned)
            for name, part in [("planned", planned), *stages]
        )

    def attempt_shares(self) -> tuple[Share, ...]:
        return tuple(
            Share(
                name=f"repair {number}" if number else "first answer",
                part=self.attempts[number, True],
                whole=self.attempts[number, True] + self.attempts[number, False],
            )
            for number in sorted({number for number, _ in self.attempts})
        )

    def most_frequent(self) -> tuple[Reason, ...]:
        return tuple(
            Reason(
                stage=stage,
                reason=reason,
                count=count,
                example_row=self.examples[stage, reason].id,
                example=self.examples[stage, reason].detail,
            )
            for (stage, reason), count in self.reasons.most_common()
        )


def _shares(judged: _Judged) -> tuple[Share, ...]:
    names = {name for name, _ in judged}
    shares = [
        Share(
            name=str(name), part=judged[name, True], whole=judged[name, True] + judged[name, False]
        )
        for name in names
    ]
    return tuple(sorted(shares, key=lambda share: (-share.whole, share.name)))


def _skipped(note: str) -> tuple[Fact, ...]:
    counts: Counter[str] = Counter(json.loads(note))
    return tuple(Fact(name=name, value=count) for name, count in counts.most_common())
