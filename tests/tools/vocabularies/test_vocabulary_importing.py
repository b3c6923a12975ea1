from pathlib import Path

import pytest
from vocabulary_files import enter, entries

from infinite_instruct.domain import Keyword, KeywordKind, Language
from infinite_instruct.tools.graph_events import GRAPH_EVENT
from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.vocabularies.entries import Entry
from infinite_instruct.tools.vocabularies.importing import Given


def texts(*words: str) -> list[Entry]:
    return [Entry(word) for word in words]


def known(*words: str) -> KnowledgeGraph:
    graph = KnowledgeGraph()
    keywords = [Keyword(kind=KeywordKind.KNOWLEDGE_POINT, text=word) for word in words]
    graph.add_problem("r1", Language.PYTHON, keywords)
    return graph


def test_every_text_is_counted_once_with_its_reason() -> None:
    summary, _ = enter(
        known("hash map"),
        texts("Hash Maps", "linked list", "linked-lists", "", "Next", "code", "x" * 10_000),
    )
    assert summary.merged == {"known": 1, "repeated": 1}
    assert summary.refused == {"no-word": 1, "boilerplate": 1, "generic": 1, "too-long": 1}
    assert (summary.read, summary.added) == (7, 1)
    assert summary.examples["boilerplate"] == ("Next",)
    assert summary.told == (
        "words: 7 read: 1 added, 2 merged (known 1, repeated 1), "
        "4 refused (no-word 1, boilerplate 1, generic 1, too-long 1)"
    )


def test_words_equal_but_for_case_are_one() -> None:
    graph = KnowledgeGraph()
    summary, _ = enter(graph, texts("Binary Search", "BINARY SEARCH", "binary search"))
    assert (len(graph), summary.added, summary.merged) == (1, 1, {"repeated": 2})


def test_sure_rules_merge_and_the_rest_stays_apart() -> None:
    graph = known("sort a list", "read a file")
    summary, events = enter(graph, texts("list sorting", "write a file", "depth first search"))
    assert summary.merged == {"by-rule": 1}
    assert summary.examples["by-rule"] == ("list sorting = sort a list",)
    assert graph.resolve("list sorting") == graph.resolve("sort a list")
    assert graph.resolve("write a file") != graph.resolve("read a file")
    assert [event.kind for event in events] == ["words-imported", "merged"]


def test_a_merge_that_was_undone_is_not_made_again() -> None:
    graph = known("sort a list")
    enter(graph, texts("list sorting"))
    graph.unmerge("list sorting", "not the same here")
    _, events = enter(graph, texts("list sorting"), source="another")
    assert "merged" not in [event.kind for event in events]


def test_nesting_becomes_part_of_over_titles_that_are_no_keywords(tmp_path: Path) -> None:
    graph = KnowledgeGraph()
    toc = "# Python Tutorial\n## 1. Data structures\n### Introduction\n- Lists\n  - Slices\n"
    enter(graph, entries(tmp_path, "toc.md", toc))
    assert graph.parents("list") == ("data structure",)
    assert graph.parents("slice") == ("list",)
    assert graph.node("slice").languages == {Language.PYTHON: 0}
    assert "introduction" not in graph


def test_a_parent_without_a_row_of_its_own_enters_with_its_part(tmp_path: Path) -> None:
    graph = KnowledgeGraph()
    enter(graph, entries(tmp_path, "w.csv", "text,parents\nlists,data types|sequences\n"))
    assert set(graph.parents("list")) == {graph.resolve("data types"), "sequence"}


def test_a_word_of_several_languages_and_places_has_them_all() -> None:
    graph = KnowledgeGraph()
    enter(
        graph,
        [
            Entry("data types"),
            Entry("sequences"),
            Entry("lists", ("data types",), languages=("python",)),
            Entry("lists", ("sequences",), languages=("go", "py")),
        ],
    )
    assert set(graph.node("lists").languages) == {Language.PYTHON, Language.GO}
    assert set(graph.parents("list")) == {graph.resolve("data types"), "sequence"}


@pytest.mark.parametrize(
    ("entry", "given", "kind", "language"),
    [
        pytest.param(
            Entry("sort a list"), Given(), KeywordKind.TASK, None, id="guessed-by-its-form"
        ),
        pytest.param(
            Entry("sort a list"),
            Given(kind=KeywordKind.INSTRUCTION, language=Language.GO),
            KeywordKind.INSTRUCTION,
            Language.GO,
            id="given-by-the-user",
        ),
        pytest.param(
            Entry("sort a list", ("Python", "Tasks")),
            Given(kind=KeywordKind.INSTRUCTION, language=Language.GO),
            KeywordKind.TASK,
            Language.PYTHON,
            id="titles-above-win",
        ),
        pytest.param(
            Entry("sort a list", ("Python", "Tasks"), "kp", ("rust",)),
            Given(),
            KeywordKind.KNOWLEDGE_POINT,
            Language.RUST,
            id="its-own-fields-win",
        ),
        pytest.param(
            Entry("sort a list", languages=("any",)),
            Given(language=Language.GO),
            KeywordKind.TASK,
            None,
            id="all-languages",
        ),
    ],
)
def test_kind_and_language_come_from_the_nearest_that_tells(
    entry: Entry, given: Given, kind: KeywordKind, language: Language | None
) -> None:
    graph = KnowledgeGraph()
    enter(graph, [entry], given)
    assert graph.node("sort a list").kind is kind
    assert list(graph.node("sort a list").languages) == ([language] if language else [])


def test_unknown_languages_and_kinds_are_told_not_guessed() -> None:
    found = [
        Entry("monads", languages=("haskell",)),
        Entry("channels", languages=("haskell", "go")),
        Entry("lists", kind="chapter"),
    ]
    graph = KnowledgeGraph()
    summary, _ = enter(graph, found)
    assert summary.refused == {"unknown-language": 1, "unknown-kind": 1}
    assert list(graph.node("channels").languages) == [Language.GO]


def test_blocked_words_do_not_come_back() -> None:
    graph = KnowledgeGraph()
    graph.block("goto", "bad manners")
    summary, events = enter(graph, texts("GOTO", "loops"))
    assert summary.refused == {"blocked": 1}
    assert "goto" not in graph
    assert len(events) == 1


def test_a_second_import_changes_nothing() -> None:
    graph = KnowledgeGraph()
    found = [
        Entry("data types"),
        *texts("sort a list", "list sorting"),
        Entry("sets", ("data types",)),
    ]
    enter(graph, found)
    summary, events = enter(graph, found)
    assert events == []
    assert summary.merged == {"known": 4}
    summary, events = enter(graph, [Entry("sets", kind="task")])
    assert len(events) == 1, "what is new of a known word is kept"


def test_replayed_events_give_the_same_graph() -> None:
    graph = known("sort a list")
    found = [Entry(f"word {number}", ("sort a list",)) for number in range(1_200)]
    _, events = enter(graph, [*found, Entry("list sorting")])
    assert len(events) == 4, "batches of 500, and a merge"
    again = known("sort a list")
    for event in events:
        again.apply(GRAPH_EVENT.validate_json(event.model_dump_json()))
    assert [again.node(name) for name in again] == [graph.node(name) for name in graph]


def test_words_over_the_limit_are_counted_and_known_ones_still_merge() -> None:
    summary, _ = enter(
        known("hash map"), texts("trees", "heaps", "tries", "Tree", "hash maps"), limit=2
    )
    assert (summary.read, summary.added) == (5, 2)
    assert summary.refused == {"over-the-limit": 1}
    assert summary.merged == {"repeated": 1, "known": 1}


def test_hostile_texts_never_stop_an_import() -> None:
    graph = KnowledgeGraph()
    hostile = [
        "\x00",
        "\u202e" * 50,
        "a" * 100_000,
        "()" * 999,
        "[[",
        "\ud800",
        "ﷺ" * 70,
        "İ",
        "__",
    ]
    summary, _ = enter(graph, [Entry(text, (text,) * 12, text, (text,), text) for text in hostile])
    assert summary.read == len(hostile)
    assert summary.model_dump_json(), "it is stored as a note"
    for text in hostile:
        _, events = enter(graph, [Entry("sound word", (text,), domain=text)], source=text)
        assert all(event.model_dump_json().encode() for event in events)
    assert [graph.node(name).id for name in graph] == list(graph)
