"""Make the index of benchmarks that the package ships: hashes of HumanEval and MBPP, no text.

Use: python scripts/build_benchmark_index.py HumanEval.jsonl.gz mbpp.jsonl
"""

import gzip
import json
import re
import sys
from pathlib import Path

from infinite_instruct.tools.contamination import BenchmarkIndex

TARGET = Path(__file__).parents[1] / "src/infinite_instruct/tools/data/benchmarks.jsonl.gz"
_DOCSTRING = re.compile(r'"""(.*?)"""|\'\'\'(.*?)\'\'\'', re.DOTALL)
_EXAMPLES = re.compile(r">>>|\bfor example\b|\bexamples?\b", re.IGNORECASE)


def docstring_of(prompt: str) -> str:
    """The prose of a HumanEval prompt: its last docstring, up to the examples."""
    found = _DOCSTRING.findall(prompt)
    return _EXAMPLES.split("".join(found[-1]))[0] if found else ""


def build(human_eval: Path, mbpp: Path) -> BenchmarkIndex:
    """Index the statements and the solutions of both benchmarks."""
    index = BenchmarkIndex()
    with gzip.open(human_eval, "rt", encoding="utf-8") as lines:
        for task in map(json.loads, lines):
            prompt = task["prompt"]
            texts = (prompt, docstring_of(prompt), task["canonical_solution"])
            index.add_task("HumanEval", task["task_id"], texts)
    with mbpp.open(encoding="utf-8") as lines:
        for task in map(json.loads, lines):
            index.add_task("MBPP", f"MBPP/{task['task_id']}", (task["text"], task["code"]))
    return index


if __name__ == "__main__":
    made = build(Path(sys.argv[1]), Path(sys.argv[2]))
    made.save(TARGET)
    print(f"{TARGET}: {len(made)} tasks, {TARGET.stat().st_size:,} bytes")
