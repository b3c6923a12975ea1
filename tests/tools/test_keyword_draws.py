"""What is drawn for a row, by the names of that time and by today's ids."""

from infinite_instruct.tools.keyword_draws import DrawBook
from infinite_instruct.tools.keyword_names import NameBook

HEAP, TRIE = frozenset({"heap"}), frozenset({"trie"})


def book_of(*known: str) -> tuple[NameBook, DrawBook]:
    names = NameBook()
    for name in known:
        names.own(name)
    return names, DrawBook(names)


def test_a_draw_counts_once_and_another_for_its_row_counts_too() -> None:
    names, book = book_of("heap", "trie")
    for drawn, difficulty in [(HEAP, ""), (HEAP, ""), (HEAP, "hard"), (TRIE, "")]:
        book.draw("r1", drawn, difficulty)
    assert [len(names.own(name).drawn) for name in ("heap", "trie")] == [2, 1]
    assert [book.difficulty(draw) for draw in names.own("heap").drawn] == ["", "hard"]
    assert (len(book), HEAP in book, HEAP | TRIE in book) == (2, True, False)


def test_a_row_is_accepted_once_though_nobody_drew_for_it() -> None:
    names, book = book_of("heap", "trie")
    book.accept("r1", HEAP, "easy")
    book.accept("r1", TRIE, "easy")
    assert [len(names.own(name).accepted) for name in ("heap", "trie")] == [1, 0]
    assert (len(names.own("heap").drawn), HEAP in book) == (0, False)
    book.draw("r1", HEAP, "easy")
    assert (len(names.own("heap").drawn), HEAP in book) == (1, True), "told in another order"


def test_a_set_with_a_name_that_nobody_knows_was_not_drawn() -> None:
    names, book = book_of("heap")
    assert frozenset({"heap", "quantum"}) not in book
    assert "quantum" not in names, "asking enters nothing"
