"""Check that a run folder holds all that a run leaves behind, well formed, and adds up."""

import json
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pyarrow.parquet as pq

FIELDS = {
    "id", "prompt", "response", "type", "messages", "language", "keywords", "origin", "directions",
    "verification", "lineage",
}  # fmt: skip


def rows(path: Path) -> list[dict[str, object]]:
    """The rows of a JSONL file, which must equal those of its Parquet twin in number."""
    read = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert pq.read_metadata(path.with_suffix(".parquet")).num_rows == len(read), path
    return read


def main() -> None:
    """Look at the folder; an assertion names what is wrong."""
    folder, wanted = Path(sys.argv[1]), int(sys.argv[2])
    samples, rejections = rows(folder / "samples.jsonl"), rows(folder / "rejections.jsonl")
    rows(folder / "unfiltered.jsonl")
    assert len(samples) == wanted, f"{len(samples)} samples, not {wanted}"
    assert all(sample.keys() >= FIELDS for sample in samples)
    assert all(sample["verification"]["status"] == "accepted" for sample in samples)  # type: ignore[index]
    assert all(rejection["reason"] for rejection in rejections)
    ids = [row["id"] for row in (*samples, *rejections)]
    assert len(ids) == len(set(ids)), "a row stands in two places"
    ET.parse(folder / "graph.graphml")  # noqa: S314 (our own file)
    for page in ("graph.html", "report.html"):
        assert (folder / page).read_text(encoding="utf-8").startswith("<!doctype html>"), page
    print(f"demo: {len(samples)} samples and {len(rejections)} rejections, well formed")


main()
