"""What people, vocabularies and expansions change in the graph."""

import pytest

from infinite_instruct.domain import Keyword, KeywordKind, KeywordSet, Language
from infinite_instruct.tools.graph_events import Proposal, Word
from infinite_instruct.tools.keyword_node import KeywordRelation, Tried
from infinite_instruct.tools.knowledge import KnowledgeGraph

PYTHON, GO = Language.PYTHON, Language.GO
TASK, POINT = KeywordKind.TASK, KeywordKind.KNOWLEDGE_POINT
SOME = ("sorting", "heap", "closure")


def points(*texts: str) -> list[Keyword]:
    return [Keyword(kind=POINT, text=text) for text in texts]


def keyword_set(*texts: str) -> KeywordSet:
    return KeywordSet(language=PYTHON, keywords=tuple(points(*texts)), why="test", coherence=0)


def word(text: str, *parents: str, language: Language | None = PYTHON, domain: str = "") -> Word:
    return Word(text=text, kind=POINT, language=language, domain=domain, parents=parents)


@pytest.fixture
def graph() -> KnowledgeGraph:
    graph = KnowledgeGraph()
    graph.add_problem("r1", PYTHON, points(*SOME))
    return graph


def test_a_node_tells_where_it_comes_from(graph: KnowledgeGraph) -> None:
    graph.import_words("course.md", [word("Sorting", domain="algorithms"), word("stability")])
    added = Proposal(text="timsort", kind=POINT, relation="part-of", verdict="added", why="new")
    graph.record_expansion("sorting", [added])
    assert graph.node("sorting").origins == ("rows", "vocabulary")
    assert graph.node("sorting").vocabularies == ("course.md",)
    assert graph.node("sorting").domains == ("algorithms",)
    assert graph.node("stability").origins == ("vocabulary",)
    assert graph.node("timsort").origins == ("expansion",)
    assert graph.node("timsort").expanded_from == ("sorting",)


def test_a_node_tells_its_coverage_by_difficulty(graph: KnowledgeGraph) -> None:
    graph.mark_sampled("r2", keyword_set("sorting", "heap"), "easy")
    graph.mark_sampled("r3", keyword_set("sorting", "closure"), "hard")
    graph.mark_accepted("r3", keyword_set("sorting", "closure"), "hard")
    node = graph.node("sorting")
    assert (node.sampled, node.accepted) == (2, 1)
    assert node.coverage == {"easy": Tried(sampled=1), "hard": Tried(sampled=1, accepted=1)}
    assert graph.accepted("heap") == 0


def test_imported_words_can_be_drawn_in_their_language_or_in_all(graph: KnowledgeGraph) -> None:
    graph.import_words(
        "tags.csv", [word("goroutine", language=GO), word("deadlock", language=None)]
    )
    assert list(graph.role(GO, POINT)) == ["goroutine", "deadlock"]
    assert list(graph.role(PYTHON, POINT)) == [*SOME, "deadlock"]
    assert list(graph.role(None, POINT)) == ["deadlock"]
    assert graph.has_role("deadlock", PYTHON, POINT)
    assert not graph.has_role("goroutine", PYTHON, POINT)
    assert graph.node("goroutine").languages == {GO: 0}, "of Go, in no problem yet"


def test_a_role_is_a_sequence_like_any_other(graph: KnowledgeGraph) -> None:
    graph.import_words("tags.csv", [word("deadlock", language=None)])
    role = graph.role(PYTHON, POINT)
    assert (len(role), role[-1], role[2:]) == (4, "deadlock", ["closure", "deadlock"])
    with pytest.raises(IndexError):
        role[4]


def test_parents_of_a_vocabulary_make_parts_in_any_order(graph: KnowledgeGraph) -> None:
    words = [word("merge sort", "Sorting", "unheard of"), word("bubble sort", "slow sorts")]
    graph.import_words("course.md", [*words, word("slow sorts", "sorting")])
    assert graph.parents("merge sort") == ("sorting",)
    assert graph.parents("bubble sort") == ("slow sort",)
    assert graph.parts("sorting") == ("merge sort", "slow sort")
    assert "unheard of" not in graph


def test_relations_follow_merges_and_return(graph: KnowledgeGraph) -> None:
    graph.add_problem("r2", PYTHON, points("ordering", "comparison"))
    graph.relate("Ordering", "comparison", "needs", "user")
    graph.merge("ordering", "sorting", "alike")
    relation = KeywordRelation(
        source="sorting", target="comparison", relation="needs", origin="user"
    )
    assert graph.node("comparison").relations == (relation,)
    assert list(graph.relations()) == [relation]
    assert (graph.needs("sorting"), graph.needed_by("comparison")) == (
        ("comparison",),
        ("sorting",),
    )
    graph.unmerge("ordering", "they differ")
    assert (graph.needs("sorting"), graph.needs("ordering")) == ((), ("comparison",))


def test_relating_an_unknown_keyword_names_it(graph: KnowledgeGraph) -> None:
    with pytest.raises(KeyError, match="quantum"):
        graph.relate("sorting", "quantum", "needs", "user")


def test_an_expansion_adds_and_relates_and_keeps_what_was_refused(graph: KnowledgeGraph) -> None:
    graph.add_problem("r2", GO, points("sorting"))
    graph.import_words("course.md", [word("algorithm"), word("sorting", "algorithm")])
    replies = {
        "searching": ("sibling", "added"),
        "merge sort": ("part-of", "added"),
        "heap": ("needs", "merged"),
        "code": ("needs", "refused"),
    }
    proposals = [
        Proposal.model_validate(
            {"text": text, "kind": POINT, "relation": relation, "verdict": verdict, "why": "so"}
        )
        for text, (relation, verdict) in replies.items()
    ]
    event = graph.record_expansion("sorting", proposals)
    assert event.proposals == tuple(proposals), "every one, with its verdict"
    assert "code" not in graph
    assert graph.parents("searching") == ("algorithm",), "a sibling has the same whole"
    assert (graph.parts("sorting"), graph.needs("sorting")) == (("merge sort",), ("heap",))
    assert graph.has_role("merge sort", GO, POINT), "drawn where its keyword is"
    assert graph.has_role("merge sort", PYTHON, POINT)


def test_an_undone_merge_gives_back_what_came_after_it_too(graph: KnowledgeGraph) -> None:
    graph.add_problem("r2", PYTHON, points("ordering", "closure"))
    graph.merge("ordering", "sorting", "the model said so")
    graph.add_problem("r3", PYTHON, points("ordering", "heap"))
    graph.mark_sampled("r4", keyword_set("ordering", "heap"))
    graph.unmerge("Ordering", "they differ")
    assert graph.node("ordering").rows == ("r2", "r3")
    assert graph.node("sorting").rows == ("r1",)
    assert graph.together("ordering", "heap") == graph.together("sorting", "heap") == 1
    assert graph.was_drawn(frozenset({"ordering", "heap"}))
    assert not graph.was_drawn(frozenset({"sorting", "heap"}))
    assert (graph.draws("ordering"), graph.draws("sorting")) == (1, 0)
    assert graph.node("sorting").merges == ()


def test_an_inner_merge_is_undone_with_all_that_came_by_it(graph: KnowledgeGraph) -> None:
    graph.add_problem("r2", PYTHON, points("ranking", "ordering"))
    graph.merge("ranking", "ordering", "one")
    graph.merge("ordering", "sorting", "two")
    graph.unmerge("ordering", "they differ")
    assert graph.resolve("ranking") == "ordering", "the first merge still stands"
    assert [merge.why for merge in graph.node("ordering").merges] == ["one"]


def test_only_a_merged_keyword_can_be_parted(graph: KnowledgeGraph) -> None:
    for text in ("sorting", "quantum", ""):
        with pytest.raises(KeyError):
            graph.unmerge(text, "no")


def test_an_undone_merge_is_remembered_until_a_person_merges_again(graph: KnowledgeGraph) -> None:
    assert not graph.kept_apart("heap", "sorting")
    graph.merge("heap", "sorting", "alike")
    graph.unmerge("heap", "they differ")
    assert graph.kept_apart("Sorting", "heaps")
    graph.merge("heap", "sorting", "after all")
    graph.unmerge("heap", "no")
    graph.merge("sorting", "heap", "the other way round")
    assert not graph.kept_apart("heap", "sorting")


@pytest.mark.parametrize("way", ["problem", "vocabulary", "expansion", "merge"])
def test_a_blocked_word_never_comes_back(graph: KnowledgeGraph, way: str) -> None:
    graph.block("Quantum!", "not our field")
    graph.block("heap", "too vague")
    added = Proposal(text="quantum", kind=POINT, relation="part-of", verdict="added", why="")
    if way == "problem":
        graph.add_problem("r2", PYTHON, points("quantum", "HEAPS", "sorting"))
    elif way == "vocabulary":
        graph.import_words("tags.csv", [word("quantum"), word("heap", "quantum")])
    elif way == "expansion":
        graph.record_expansion("sorting", [added, added.model_copy(update={"text": "heap"})])
    else:
        for pair in (("heap", "sorting"), ("sorting", "heap")):
            with pytest.raises(KeyError, match="heap"):
                graph.merge(*pair, "alike")
    assert "quantum" not in graph
    assert graph.node("heap").rows == ("r1",), "what was known stays told"
    assert graph.node("heap").origins == ("rows",)
    assert graph.node("heap").blocked == "too vague"
    assert graph.is_blocked("heaps")
    assert "heap" not in [*graph.role(PYTHON, POINT), *graph.neighbours("sorting")]


def test_a_block_holds_for_all_names_even_when_they_are_parted(graph: KnowledgeGraph) -> None:
    graph.merge("heap", "sorting", "alike")
    graph.block("heap", "no")
    assert graph.is_blocked("sorting")
    graph.unmerge("heap", "they differ")
    assert graph.is_blocked("heap")
    assert graph.is_blocked("sorting")
    graph.unblock("sorting")
    assert (graph.is_blocked("heap"), graph.is_blocked("sorting")) == (True, False)
    assert graph.neighbours("sorting") == ("closure",)


def test_an_unblocked_keyword_is_what_it_was(graph: KnowledgeGraph) -> None:
    before = graph.node("heap"), list(graph.edges()), list(graph.role(PYTHON, POINT))
    graph.block("heap", "no")
    assert graph.blocked() == {"heap": "no"}
    graph.unblock("HEAP")
    assert (graph.node("heap"), list(graph.edges()), list(graph.role(PYTHON, POINT))) == before


def test_nothing_to_block_or_to_unblock_is_said(graph: KnowledgeGraph) -> None:
    with pytest.raises(KeyError):
        graph.block("\u200f () ", "")
    with pytest.raises(KeyError):
        graph.unblock("heap")


HOSTILE = {
    "empty": " ",
    "control": "bell\x07\x1b[31m",
    "right-to-left": "\u202egnitros\u202c",
    "language": "python",
    "longest": "x" * 80,
    "case": "SORTING",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_keyword_breaks_the_graph(graph: KnowledgeGraph, text: str) -> None:
    graph.add_problem("r2", PYTHON, points(text, "heap"))
    graph.import_words("evil.txt", [word(text, text, "heap")])
    graph.block(text, "no") if text in graph else None
    for name in graph:
        assert name == graph.resolve(name), "an id finds its node"
        assert graph.node(name).text.isprintable()


def test_a_model_that_merges_everything_can_be_undone(graph: KnowledgeGraph) -> None:
    before = [graph.node(name) for name in graph], list(graph.edges())
    for source, target in (("heap", "sorting"), ("closure", "heap"), ("sorting", "closure")):
        graph.merge(source, target, "all is one")
    assert (len(graph), list(graph.edges())) == (1, [])
    for source in ("closure", "heap"):
        graph.unmerge(source, "nonsense")
    assert ([graph.node(name) for name in graph], list(graph.edges())) == before


def test_an_id_finds_its_node_even_where_rules_would_change_it(graph: KnowledgeGraph) -> None:
    graph.add_problem("r2", PYTHON, points("Big O", "depth rpc back"))
    for name in graph:
        assert graph.node(name).id == name
    graph.block(graph.resolve("Big O"), "no")
    assert graph.is_blocked(graph.resolve("Big O"))
