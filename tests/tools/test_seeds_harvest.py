"""From sources to snippets: whole, independent, new, named in origin, and every loss counted."""

import json
from collections import Counter
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped] # it has no stubs
import pyarrow.parquet as pq  # type: ignore[import-untyped] # it has no stubs
import pytest

from infinite_instruct.domain import Language
from infinite_instruct.errors import SeedError
from infinite_instruct.tools.seeds.harvest import SeedRules, harvest

CLAMP = """\
def clamp(value: float, low: float, high: float) -> float:
    \"\"\"Bring a value into a range.\"\"\"
    if low > high:
        raise ValueError(f"{low} is above {high}")
    return max(low, min(high, value))
"""
GCD = """\
func gcd(a, b int) int {
	// Euclid's.
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
"""


def test_a_snippet_tells_all_of_its_origin(tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    header = "# SPDX-License-Identifier: MIT\nimport math\n\n\n"
    (tmp_path / "pkg" / "numbers.py").write_text(header + CLAMP.replace("max(", "math.fmod("))

    reading = harvest([tmp_path], SeedRules())
    (snippet,) = reading

    assert snippet.language is Language.PYTHON
    assert snippet.imports == "import math"
    assert snippet.name == "clamp"
    assert snippet.id == f"s{snippet.provenance.content_hash[:12]}"
    assert snippet.provenance.source == str(tmp_path)
    assert snippet.provenance.path == "pkg/numbers.py"
    assert (snippet.provenance.first_line, snippet.provenance.last_line) == (5, 9)
    assert snippet.provenance.licence == "MIT"
    assert (reading.files, reading.candidates, reading.kept) == (1, 1, 1)


def test_everything_is_kept_or_counted(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        CLAMP
        + "\n\ndef short(x):\n    return x\n"
        + "\n\ndef uses(x):\n    a = x + LIMIT\n    b = a * a\n    c = a + b\n    return a, b, c\n"
        + CLAMP
        + "\n\ndef long(x):\n" + "    x += 1\n" * 30
    )  # fmt: skip
    reading = harvest([tmp_path], SeedRules())
    kept = list(reading)

    assert [snippet.name for snippet in kept] == ["clamp"]
    assert reading.skipped == {"too-short": 1, "free-names": 1, "duplicate": 1, "too-long": 1}
    assert reading.candidates == reading.kept + sum(reading.skipped.values())
    assert "free-names: uses names that are defined elsewhere" in reading.tally.explain()


def test_near_duplicates_are_dropped_and_different_code_is_not(tmp_path: Path) -> None:
    longer = CLAMP.replace("    return", "    value = value * 2 - low * high\n    return")
    (tmp_path / "a.py").write_text(longer)
    (tmp_path / "b.py").write_text(longer.replace("clamp", "limit").replace("* 2", "/ 2"))
    (tmp_path / "c.go").write_text("package a\n\n" + GCD)
    reading = harvest([tmp_path], SeedRules())

    assert Counter(snippet.language.value for snippet in reading) == {"python": 1, "go": 1}
    assert reading.skipped == {"near-duplicate": 1}


def test_lengths_languages_and_licences_are_the_users(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("# SPDX-License-Identifier: GPL-3.0-only\n" + CLAMP)
    (tmp_path / "b.go").write_text("// SPDX-License-Identifier: MIT\npackage a\n\n" + GCD)

    def languages(rules: SeedRules) -> set[str]:
        return {snippet.language.value for snippet in harvest([tmp_path], rules)}

    assert languages(SeedRules()) == {"python", "go"}
    assert languages(SeedRules(languages=(Language.GO,))) == {"go"}
    assert languages(SeedRules(licenses=("MIT",))) == {"go"}
    assert languages(SeedRules(min_lines=6)) == {"go"}
    assert languages(SeedRules(max_lines=5)) == {"python"}


def test_the_same_seed_gives_the_same_snippets_in_the_same_order(tmp_path: Path) -> None:
    for number in range(12):
        names = [f"word{number}_{i}" for i in range(6)]
        body = "".join(f"    {name} = {name} * 2 + {names[0]}\n" for name in names)
        (tmp_path / f"f{number}.py").write_text(
            f"def f{number}({', '.join(names)}):\n{body}    return {names[0]}\n"
        )

    first, again, other = (
        [each.id for each in harvest([tmp_path], SeedRules(), seed=seed)] for seed in (7, 7, 8)
    )

    assert first == again
    assert first != other
    assert sorted(first) == sorted(other)


def test_no_file_fills_a_small_run_alone(tmp_path: Path) -> None:
    words = ["alpha", "beta", "gamma", "delta"]
    many = "\n\n".join(
        GCD.replace("gcd", word).replace("a%b", f"{word}{word}(a%b, {number})")
        .replace("(a, b int)", f"(a, b int, {word}{word} func(int, int) int)")
        for number, word in enumerate(words)
    )  # fmt: skip
    (tmp_path / "many.go").write_text("package a\n\n" + many)
    (tmp_path / "one.py").write_text(CLAMP)

    languages = [snippet.language.value for snippet in harvest([tmp_path], SeedRules())]

    assert "python" in languages[:2]


def test_secrets_are_replaced_before_the_snippet_leaves(tmp_path: Path) -> None:
    mail = "jane.doe@" + "company.com"
    (tmp_path / "a.py").write_text(CLAMP.replace("a range.", f"a range, says {mail}."))
    reading = harvest([tmp_path], SeedRules())
    (snippet,) = reading

    assert mail not in snippet.model_dump_json()
    assert "says <EMAIL>." in snippet.code
    assert reading.redacted == 1


def test_oss_instruct_works_as_it_is(tmp_path: Path) -> None:
    rows = [
        {"lang": "python", "raw_index": 1, "seed": "x = cut_off(\n" * 3},
        {"lang": "go", "raw_index": 2, "seed": GCD, "problem": "p", "solution": "s"},
        {"lang": "cobol", "raw_index": 3, "seed": "MOVE A TO B."},
    ]
    path = tmp_path / "oss.jsonl"
    path.write_text("\n".join([*map(json.dumps, rows), "{broken", '{"seed": 7}']))
    reading = harvest([path], SeedRules())
    (snippet,) = reading

    assert snippet.name == "gcd"
    assert snippet.provenance.path == "oss.jsonl:row 2"
    assert reading.skipped == {"no-candidate": 1, "language-unknown": 1, "bad-row": 2}


def test_parquet_is_read_with_its_licences_and_paths(tmp_path: Path) -> None:
    path = tmp_path / "stack.parquet"
    table = {
        "content": [CLAMP, GCD],
        "path": ["src/a.py", "tests/b_test.go"],
        "licenses": [["MIT"], ["MIT"]],
    }
    pq.write_table(pa.table(table), path)
    reading = harvest([path], SeedRules())
    (snippet,) = reading

    assert snippet.provenance.path == "stack.parquet:row 1"
    assert snippet.provenance.licence == "MIT"
    assert reading.skipped == {"test": 1}


def test_a_code_column_can_be_named_and_an_unknown_one_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"language": "python", "body": CLAMP}))

    assert len(list(harvest([path], SeedRules(code_column="body")))) == 1
    with pytest.raises(SeedError, match="it has language, body") as caught:
        list(harvest([path], SeedRules()))
    assert "--code-column" in caught.value.remedy


@pytest.mark.parametrize("name", ["missing", "notes.txt"])
def test_a_source_that_is_none_is_an_error_before_anything_is_read(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "notes.txt").write_text("no code")

    with pytest.raises(SeedError, match=name):
        harvest([tmp_path / name], SeedRules())


def test_a_broken_parquet_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 nothing")

    with pytest.raises(SeedError, match=r"bad\.parquet"):
        list(harvest([tmp_path / "bad.parquet"], SeedRules()))


def test_masses_of_equal_files_cost_no_parsing(tmp_path: Path) -> None:
    for number in range(1_000):
        (tmp_path / f"f{number}.py").write_text(f"x = {number % 7}\n")
    reading = harvest([tmp_path], SeedRules())

    assert not list(reading)
    assert reading.files == 7
    assert reading.skipped == {"duplicate-file": 993, "no-candidate": 7}
