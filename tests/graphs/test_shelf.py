from collections.abc import Iterable
from threading import Event

from crew import make_snippet
from infinite_instruct.domain import Language, ProblemType, Snippet
from infinite_instruct.graphs.shelf import Shelf

JS, GO = Language.JAVASCRIPT, Language.GO
ALL = tuple(ProblemType)
CODE, ABOUT, ASKED = ALL
FAR = 1_000


def snippets(*languages: Language) -> list[Snippet]:
    return [make_snippet(number, language) for number, language in enumerate(languages)]


def shelf(of: Iterable[Snippet], most: int = 100) -> Shelf:
    return Shelf(of, lambda language: language.value, most)


def test_language_is_found_among_others_which_are_kept_for_their_turn() -> None:
    stock = shelf(snippets(JS, JS, GO, JS))
    taken = [stock.take(label, ALL, FAR) for label in ("go", "javascript", "javascript")]
    assert [each and each.id for each in taken] == ["s2", "s0", "s1"]


def test_search_for_a_rare_language_ends_and_goes_on_later() -> None:
    stock = shelf(snippets(*[JS] * 30, GO))
    assert stock.take("go", ALL, 20) is None
    assert not stock.read_all
    found = stock.take("go", ALL, 20)
    assert found is not None
    assert found.language is GO


def test_snippet_serves_once_for_each_type_and_then_the_shelf_is_empty() -> None:
    stock = shelf(snippets(GO, GO))
    served: list[tuple[str, ProblemType]] = []
    while (snippet := stock.take("go", ALL, FAR)) is not None:
        kind = stock.free(snippet, ALL)[0]
        stock.use(snippet, kind)
        served.append((snippet.id, kind))
    assert len(set(served)) == len(served) == 2 * len(ALL)
    assert [name for name, _ in served[:2]] == ["s0", "s1"], "all once before one comes again"


def test_snippet_that_was_passed_over_serves_when_its_type_is_wanted_again() -> None:
    stock = shelf(snippets(GO))
    for _ in ALL:
        snippet = stock.take("go", (CODE,), FAR)
        if snippet is not None:
            stock.use(snippet, CODE)
    assert stock.take("go", (CODE,), FAR) is None
    again = stock.take("go", (CODE, ABOUT), FAR)
    assert again is not None
    assert stock.free(again, (CODE, ABOUT)) == [ABOUT]


def test_snippets_that_were_passed_over_serve_in_their_order_until_nothing_is_left() -> None:
    stock = shelf(snippets(*[GO] * 4))
    for _ in range(3 * 4):
        snippet = stock.take("go", (CODE,), FAR)
        if snippet is not None:
            stock.use(snippet, CODE)
    served: list[tuple[str, ProblemType]] = []
    for types in [(ABOUT,), (CODE, ABOUT), (ABOUT, ASKED), (ASKED,), *[ALL] * 9]:
        snippet = stock.take("go", types, FAR)
        if snippet is not None:
            served.append((snippet.id, stock.free(snippet, types)[0]))
            stock.use(snippet, served[-1][1])
    assert len(set(served)) == len(served) == 2 * 4
    assert [name for name, kind in served if kind is ABOUT] == ["s0", "s1", "s2", "s3"]


def test_one_language_does_not_take_the_room_of_another() -> None:
    stock = shelf(snippets(*[JS] * 50, GO, GO), most=3)
    found = [stock.take("go", (CODE,), FAR) for _ in range(2)]
    assert all(found)
    kept: list[Snippet] = []
    while (snippet := stock.take("javascript", (CODE,), FAR)) is not None:
        stock.use(snippet, CODE)
        kept.append(snippet)
    assert len(kept) == 3, "memory is bounded"


def test_catching_up_passes_over_what_served_and_keeps_it_for_its_second_turn() -> None:
    stock = shelf(snippets(GO, JS, GO, GO, GO))
    stock.remember([("s0", CODE), ("s1", CODE), ("s2", ABOUT)])
    stock.held = True
    stock.catch_up(Event())
    assert not stock.held
    taken = [stock.take("go", ALL, FAR) for _ in range(3)]
    assert [each and each.id for each in taken] == ["s3", "s4", "s0"]


def test_catching_up_can_be_given_up() -> None:
    stock, given_up = shelf(snippets(*[GO] * 5)), Event()
    stock.remember([("s0", CODE), ("s1", CODE)])
    given_up.set()
    stock.catch_up(given_up)
    first = stock.take("go", ALL, FAR)
    assert first is not None
    assert first.id == "s2", "it is read as it is needed then"
