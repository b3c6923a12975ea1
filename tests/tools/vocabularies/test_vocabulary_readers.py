from pathlib import Path

import pytest
from vocabulary_files import entries, paths

from infinite_instruct.errors import VocabularyError
from infinite_instruct.tools.vocabularies.entries import MAX_DEPTH, MAX_TEXT, Passed
from infinite_instruct.tools.vocabularies.formats import Form, form_of, read_entries
from infinite_instruct.tools.vocabularies.lines import MAX_LINE, lines_of

MARKDOWN = """\
---
title: front matter is no heading
---
# Data
Prose with [a link](x) in it.

- [Lists](lists.md) - how to use them
  - `append`
  * two [linked](a) words
- **Dicts**: keys and values

  A second paragraph is prose.

## Sets
<p align="center"><a href="x">Power sets</a></p>

[Union](1) | [Difference](2)

```
# no heading
- no item
```

| topic | text |
|---|---|
| [Frozen sets](3) | more |

Setext
======
1. First
2. Second
"""
HTML = """\
<!DOCTYPE html><html><head><title>no</title><script>"<li>no</li>"</script>
<style>li { }</style></head><body>
<h1>Data &amp; types<a class="headerlink" href="#">&#182;</a></h1>
<p>Prose with <a href="1">a link</a> in it.</p>
<p><a href="1">Alone</a> | <a href="2">With others</a></p>
<div class="toctree"><ul>
<li><p><a href="csv"><code>csv</code></a> - reading tables</p><ul>
  <li>Dialects
  <li><b>Sniffer</b>: guesses
</ul></li>
<li>JSON<p>Prose below an item.</p></li>
</ul></div>
<h2>More</h2><div><a href="a">One</a><a href="b">Two</a></div>
<dl><dt>Term<dd>its meaning</dl>
"""


def test_markdown_nests_by_headings_and_lists(tmp_path: Path) -> None:
    assert paths(tmp_path, "toc.md", MARKDOWN) == [
        "Data",
        "Data > Lists",
        "Data > Lists > append",
        "Data > Lists > two linked words",
        "Data > Dicts",
        "Data > Sets",
        "Data > Sets > Power sets",
        "Data > Sets > Union",
        "Data > Sets > Difference",
        "Data > Sets > Frozen sets",
        "Setext",
        "Setext > First",
        "Setext > Second",
    ]


def test_html_nests_by_headings_and_lists_though_tags_are_left_open(tmp_path: Path) -> None:
    data = "Data & types\u00b6"
    assert paths(tmp_path, "toc.html", HTML) == [
        data,
        f"{data} > Alone",
        f"{data} > With others",
        f"{data} > csv",
        f"{data} > csv > Dialects",
        f"{data} > csv > Sniffer",
        f"{data} > JSON",
        f"{data} > More",
        f"{data} > More > One",
        f"{data} > More > Two",
        f"{data} > More > Term",
    ]


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        pytest.param("w.json", '["a b", "c"]', ["a b", "c"], id="list-of-texts"),
        pytest.param(
            "w.json",
            '[{"name": "lists", "children": ["slices", {"title": "copies"}]}, {"text": "sets"}]',
            ["lists", "sets", "lists > slices", "lists > copies"],
            id="list-of-objects",
        ),
        pytest.param(
            "w.json",
            '{"sorting": {"quick sort": null, "merge sort": ["stable"]}, "trees": "heaps"}',
            [
                *("sorting", "trees", "sorting > quick sort", "sorting > merge sort"),
                *("sorting > merge sort > stable", "trees > heaps"),
            ],
            id="nested-objects",
        ),
        pytest.param("w.json", '{"keywords": ["a", "b"], "about": "x"}', ["a", "b"], id="wrapped"),
        pytest.param("w.json", '{"text": "a"}\n{"text": "b"}\n', ["a", "b"], id="lines-named-json"),
        pytest.param("w.jsonl", '"a"\n{"text": "b"}\n', ["a", "b"], id="json-lines"),
        pytest.param("w.csv", "text\na\nb\n", ["a", "b"], id="csv"),
        pytest.param("w.csv", "plain words\nand more\n", ["plain words", "and more"], id="column"),
        pytest.param("w.tsv", "kind\tname\ntask\ta, b\n", ["a, b"], id="tabs"),
        pytest.param(
            "w.csv",
            "# a remark\nname;parent\nlists;data\ndata;\n",
            ["data", "data > lists", "data"],
            id="csv-parents",
        ),
        pytest.param(
            "w.txt",
            "data\n\tlists\n\t\tslices\n        sets\nend\n",
            ["data", "data > lists", "data > lists > slices", "data > sets", "end"],
            id="indented",
        ),
        pytest.param(
            "w", "# data\n- [lists](x)\n", ["data", "data > lists"], id="sniffed-markdown"
        ),
        pytest.param("w", "<ul><li>lists</ul>", ["lists"], id="sniffed-html"),
        pytest.param("w", '["lists"]', ["lists"], id="sniffed-json"),
        pytest.param("w.json", "<!doctype html><li>not found", ["not found"], id="saved-page"),
        pytest.param("w.txt", "", [], id="empty"),
    ],
)
def test_readers(tmp_path: Path, name: str, text: str, found: list[str]) -> None:
    assert sorted(paths(tmp_path, name, text)) == sorted(found)


def test_fields_of_a_record_are_kept(tmp_path: Path) -> None:
    table = "text,kind,languages,domain,parents\nlists,task,python|go,data,types;values\n"
    *_, entry = entries(tmp_path, "w.csv", table)
    assert (entry.kind, entry.languages, entry.domain) == ("task", ("python", "go"), "data")
    assert (entry.path, entry.also) == (("types",), ("values",))
    record = (
        '[{"text": "lists", "kind": "task", "languages": ["python", "go"], "domain": "data", '
        '"parents": ["types", "values"]}]'
    )
    assert entries(tmp_path, "w.json", record) == [entry]


def test_what_a_wrapper_tells_holds_for_all_below(tmp_path: Path) -> None:
    text = '{"language": "go", "kind": "task", "words": ["a", {"text": "b", "children": ["c"]}]}'
    found = {entry.text: entry for entry in entries(tmp_path, "w.json", text)}
    assert {entry.languages for entry in found.values()} == {("go",)}
    assert [found[text].kind for text in "abc"] == ["task", "task", ""], "a kind is not inherited"


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        pytest.param("w.md", b"%PDF-1.7 ...", "no text", id="pdf"),
        pytest.param("w.txt", b"PK\x03\x04 a spreadsheet", "no text", id="zip"),
        pytest.param("w.csv", b"a\0b", "no text", id="zero-bytes"),
        pytest.param("w.json", b'["a", ', "no JSON", id="cut-json"),
        pytest.param("w.json", b"[" * 100_000, "no JSON", id="deep-json"),
        pytest.param("w.csv", b"one,two\n1,2\n", "none of its columns", id="no-text-column"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str, data: bytes, why: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(VocabularyError, match=why):
        list(read_entries(tmp_path / name, Passed()))


def test_a_folder_is_no_vocabulary(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match="no file"):
        form_of(tmp_path)


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match="No such file"):
        form_of(tmp_path / "none.md")


def test_what_holds_no_word_is_counted(tmp_path: Path) -> None:
    passed = Passed()
    text = '["a", 1, null, {"text": "b", "links": ["c"]}]'
    assert [entry.text for entry in entries(tmp_path, "w.json", text, passed)] == ["a", "b"]
    assert passed.counts == {"no text": 2, "a field that names no words": 1}
    passed = Passed()
    assert len(entries(tmp_path, "w.jsonl", '"a"\n{broken\n"b"\n', passed)) == 2
    assert passed.counts == {"no JSON": 1}


def test_bytes_of_other_encodings_are_no_words_and_cost_no_others(tmp_path: Path) -> None:
    (tmp_path / "w.txt").write_bytes("lists\nM\u00e4nner\nsets\n".encode("latin-1"))
    first, odd, last = lines_of(tmp_path / "w.txt", Passed())
    assert (first, last) == ("lists\n", "sets\n")
    assert "\udce4" in odd
    (tmp_path / "u.txt").write_bytes("lists\n".encode("utf-16"))
    assert list(lines_of(tmp_path / "u.txt", Passed())) == ["lists\n"]


def test_a_line_without_end_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "w.txt").write_text("x" * (3 * MAX_LINE) + "\nlists\n")
    passed = Passed()
    assert [len(line) for line in lines_of(tmp_path / "w.txt", passed)] == [MAX_LINE, 6]
    assert passed.counts == {"rest-of-a-long-line": 1}, "what is cut off is told"
    first, last = entries(tmp_path, "w.txt", "x" * (3 * MAX_LINE) + "\nlists\n")
    assert (len(first.text), last.text) == (MAX_TEXT, "lists")


def test_a_quote_that_is_never_closed_costs_its_row_only(tmp_path: Path) -> None:
    passed = Passed()
    text = 'text,kind\nlists,\n"open,\n' + "row\n" * 40_000 + "sets,\n"
    found = entries(tmp_path, "w.csv", text, passed)
    assert found[0].text == "lists"
    assert passed.counts["no row of a table"] == 1
    assert found[-1].text == "sets"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("w.txt", "\n".join(" " * depth + f"w{depth}" for depth in range(3_000))),
        ("w.html", "".join(f"<ul><li>w{depth}" for depth in range(3_000))),
        ("w.json", '{"w":' * 400 + "1" + "}" * 400),
        ("w.md", "\n".join("  " * depth + f"- w{depth}" for depth in range(40))),
    ],
    ids=["text", "html", "json", "markdown"],
)
def test_deep_nesting_is_read_and_its_paths_are_bounded(
    tmp_path: Path, name: str, text: str
) -> None:
    found = entries(tmp_path, name, text)
    assert len(found) >= 40
    assert max(len(entry.path) for entry in found) == MAX_DEPTH


@pytest.mark.parametrize("part", ["<!--", "<a href='", "<li", "&", "<![CDATA[", "</"])
def test_html_that_never_ends_takes_linear_time(tmp_path: Path, part: str) -> None:
    found = paths(tmp_path, "w.html", "<html><h1>Data</h1>" + part * (200_000 // len(part)))
    assert found[0] == "Data"


def test_html_on_one_long_line_is_read_behind_long_comments_and_scripts(tmp_path: Path) -> None:
    text = f"<html><!--{'x' * 100_000}--><script>{'<' * 100_000}</script><h1>Data</h1>"
    assert paths(tmp_path, "w.html", text) == ["Data"]


def test_long_markdown_is_cut_where_nothing_is_torn(tmp_path: Path) -> None:
    block = "- outer\n  - inner\n\n```\n# no heading\n- no item\n```\n"
    found = paths(tmp_path, "w.md", "# Data\n" + block * 8_000)
    assert found == ["Data", *["Data > outer", "Data > outer > inner"] * 8_000]


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.MD", Form.MARKDOWN), ("a.htm", Form.HTML), ("a.tsv", Form.CSV), ("a.lst", Form.TEXT)],
)
def test_endings_tell_the_form(tmp_path: Path, name: str, form: Form) -> None:
    (tmp_path / name).write_text("words")
    assert form_of(tmp_path / name) is form
