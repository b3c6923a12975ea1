"""The accounts of a soak: what an endpoint saw, what the ledgers have, what the outputs hold."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from campaign_runs import ledger, lines
from mock_endpoint import Exchange

SLACK = 1.0
"""Seconds from a reply's last byte to its commit, on a machine that has much else to do."""
Window = tuple[float, float]
"""Before and after a run was ended; seconds since the epoch."""


@dataclass
class Accounts:
    """Counts over all campaigns, and what did not add up."""

    flight: int
    campaigns: int = 0
    requests: int = 0
    recorded: int = 0
    in_flight: int = 0
    """Calls that were on their way when a run was killed or told twice to stop."""
    paid_twice: int = 0
    planned: int = 0
    duplicates: int = 0
    orphans: int = 0
    memory: int = 0
    """MB of the largest process."""
    failed: Counter[str] = field(default_factory=Counter[str])
    endings: Counter[str] = field(default_factory=Counter[str])
    reasons: Counter[str] = field(default_factory=Counter[str])
    """Of rows; of accepted ones `accepted`."""
    faults: list[str] = field(default_factory=list[str])

    def check(self, what: str, *, holds: bool) -> None:
        """Note what does not hold."""
        if not holds:
            self.faults.append(what)
            print(f"FAULT: {what}", flush=True)

    def add_session(self, exchanges: list[Exchange], recorded: int, *, drained: bool) -> None:
        """A session's requests, and how many calls its ledger got."""
        failed = Counter(each.fault for each in exchanges if each.fault)
        in_flight = len(exchanges) - failed.total() - recorded
        self.requests += len(exchanges)
        self.failed += failed
        self.recorded += recorded
        self.in_flight += in_flight
        bound = 0 if drained else self.flight
        told = f"{in_flight} calls are neither in the ledger nor failed; {bound} could be"
        self.check(told, holds=0 <= in_flight <= bound)

    def add_campaign(
        self, out: Path, rows: int, exchanges: list[Exchange], ended: list[Window]
    ) -> None:
        """A campaign that came to its end."""
        self.campaigns += 1
        made = {name: lines(out / f"{name}.jsonl") for name in ("samples", "rejections")}
        planned = [str(row) for (row,) in ledger(out, "SELECT id FROM rows")]
        everyone = [*made["samples"], *made["rejections"]]
        self.planned += len(planned)
        self.reasons["accepted"] += len(made["samples"])
        self.reasons.update(str(row["reason"]) for row in made["rejections"])
        self.check(f"{out}: {rows} were asked for", holds=len(made["samples"]) == rows)
        same = sorted(str(row["id"]) for row in everyone) == sorted(planned)
        self.check(f"{out}: planned is not accepted + rejected", holds=same)
        doubled = len(everyone) - len({row["id"] for row in everyone})
        doubled += rows - len({row["prompt"] for row in made["samples"]})
        self.duplicates += doubled
        self.check(f"{out}: {doubled} duplicates", holds=not doubled)
        twice = sum(1 for each in _asked_again(exchanges) if not _was_in_flight(each, ended))
        self.paid_twice += twice
        self.check(f"{out}: {twice} finished calls were paid again", holds=not twice)
        self.check(f"{out}: a fault in the program", holds="internal-error" not in self.reasons)

    def __str__(self) -> str:
        rejected = self.reasons.total() - self.reasons["accepted"]
        told = {
            "campaigns": self.campaigns,
            "sessions": f"{self.endings.total()}: {_listed(self.endings)}",
            "requests at the endpoint": self.requests,
            "= calls in the ledgers": self.recorded,
            "+ failed tries": f"{self.failed.total()}: {_listed(self.failed)}",
            "+ calls in flight at kills": self.in_flight,
            "finished calls paid twice": self.paid_twice,
            "rows planned": self.planned,
            "= accepted": self.reasons["accepted"],
            "+ rejected": f"{rejected}: {_listed(self.reasons - Counter(accepted=10**9))}",
            "duplicates": self.duplicates,
            "orphans": self.orphans,
            "largest memory, MB": self.memory,
            "faults": len(self.faults),
        }
        return "\n".join(f"{name:28}{value}" for name, value in told.items())


def _asked_again(exchanges: list[Exchange]) -> Iterator[Exchange]:
    """Well-answered exchanges whose request came again later."""
    by_request: defaultdict[str, list[Exchange]] = defaultdict(list)
    for exchange in exchanges:
        by_request[exchange.hash].append(exchange)
    for same in by_request.values():
        yield from (earlier for earlier, _ in pairwise(same) if not earlier.fault)


def _was_in_flight(exchange: Exchange, ended: Iterable[Window]) -> bool:
    """Whether a run was ended while it was asked, or before its reply could be on disk."""
    last = float("inf") if exchange.sent is None else exchange.sent + SLACK
    return any(exchange.arrived <= after and before <= last for before, after in ended)


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())
