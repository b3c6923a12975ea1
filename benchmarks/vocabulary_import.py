"""How long a large vocabulary takes in each form: `python benchmarks/vocabulary_import.py [LINES]`.

Three words a line; a third of the lines are words that no other line has.
"""

import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.vocabularies.formats import read_entries
from infinite_instruct.tools.vocabularies.importing import VocabularyImport

WORDS = (  # noqa: SIM905 (three lines of words)
    "binary search tree hash map sort list graph queue stack lock cache parser lexer token event "
    "loop socket thread pool csv date time matrix vector string regex index table join query view"
).split()
FORMS: dict[str, Callable[[Iterable[str]], str]] = {
    "txt": "\n".join,
    "md": lambda words: "".join(f"- {word}\n" for word in words),
    "html": lambda words: "<ul>" + "".join(f"<li>{word}</li>\n" for word in words) + "</ul>",
    "csv": lambda words: "text,kind\n" + "".join(f"{word},\n" for word in words),
    "json": lambda words: json.dumps(list(words)),
}


def words(lines: int) -> list[str]:
    """The same words for the same number of lines."""
    rng = random.Random(1)  # noqa: S311 (no secret)
    made = (" ".join(rng.choices(WORDS, k=3)) for _ in range(lines))
    return [f"{word}{number}" if number % 3 == 0 else word for number, word in enumerate(made)]


def main() -> None:
    """Import the words in each form into an empty graph, and print a line each."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    listed = words(lines)
    for form, written in FORMS.items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"words.{form}"
            path.write_text(written(listed))
            start = time.process_time()
            entering = VocabularyImport(KnowledgeGraph(), path.name)
            for _ in entering.take(read_entries(path, entering.passed)):
                pass
            seconds = time.process_time() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"{entering.summary.told}; {seconds:.1f} s of CPU, peak so far {peak} MB")


if __name__ == "__main__":
    main()
