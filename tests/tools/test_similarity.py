from infinite_instruct.tools.similarity import NearDuplicates

PROBLEM = (
    "Write a function that reads the log file of a web server, counts the requests per address, "
    "and returns the ten addresses with the most requests, in descending order."
)
OTHER = (
    "Explain what a context manager does in Python, and show with an example when its exit method "
    "is called, and what it gets when the block has raised an exception."
)


def test_a_changed_word_is_a_duplicate_and_another_problem_is_not() -> None:
    known = NearDuplicates()
    assert known.add("first", PROBLEM) is None
    assert known.add("other", OTHER) is None
    assert known.add("again", PROBLEM.upper().replace("TEN", "five")) == "first"
    assert len(known) == 2, "a duplicate is not remembered"


def test_a_removed_or_replaced_text_is_forgotten() -> None:
    known = NearDuplicates()
    known.add("first", PROBLEM)
    known.replace("first", OTHER)
    assert known.find(PROBLEM) is None
    assert known.find(OTHER) == "first"
    known.remove("first")
    known.remove("never there")
    assert known.add("second", OTHER) is None


def test_a_text_is_no_duplicate_of_its_own_earlier_form() -> None:
    known = NearDuplicates()
    known.add("row", PROBLEM)
    assert known.add("row", PROBLEM) is None


def test_odd_texts_are_compared_too() -> None:
    known = NearDuplicates()
    assert known.add("empty", "") is None
    assert known.add("empty too", "   ") == "empty"
    assert known.add("surrogate", "lone \ud800") is None
