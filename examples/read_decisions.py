"""Read the decisions of a run in Python: what was rejected, by whom, and why."""

import sys
from pathlib import Path

from infinite_instruct.events import AnswerVerified, Decided
from infinite_instruct.runs.folder import RunFolder
from infinite_instruct.runs.reader import RunReader
from infinite_instruct.runs.trace import rows, story


def main(out: str) -> None:
    """Print each row with its decisions and verdicts."""
    with RunReader(RunFolder.look(Path(out)).ledger) as reader:
        for row in rows(reader):
            print(f"{row.id} {row.state} {row.reason}")
            for step in story(reader, row.id).steps:
                if isinstance(step.event, Decided):
                    print(f"  {step.event.agent}: {step.event.decision} ({step.event.why[:60]})")
                elif isinstance(step.event, AnswerVerified):
                    print(f"  attempt {step.event.attempt}: {step.event.verdict.reason}")


if __name__ == "__main__":
    main(sys.argv[1])
