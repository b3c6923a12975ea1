"""Why two keywords are not one thing, however near their embeddings are."""

import re
from collections.abc import Callable
from functools import cache
from itertools import product

from infinite_instruct.tools.phrases import Phrase, is_verb, root
from infinite_instruct.tools.words import lexicon

_OPPOSING_PREFIXES = ("un", "de", "dis", "non", "im", "in", "ir", "a", "anti")
_OPPOSED_BEGINNINGS = (("over", "under"), ("up", "down"), ("in", "out"), ("pre", "post"))
_OPPOSED_ENDS = (("ful", "less"),)
_SHORTEST_STEM = 3
_DIALECTS = frozenset({"sql", "mysql", "postgresql", "sqlite", "tsql"})


def opposed(left: Phrase, right: Phrase) -> str | None:
    """Why two keywords must not merge; None where no rule knows a reason."""
    for rule in _RULES:
        if why := rule(left, right):
            return why
    return None


def _siblings(left: Phrase, right: Phrase) -> str | None:
    for (word, form), (other, other_form) in product(_alone(left, right), _alone(right, left)):
        if _are_siblings(form, other_form) or _are_opposites(word, other):
            return f"'{word}' and '{other}' are siblings or opposites"
    return None


def _alone(phrase: Phrase, other: Phrase) -> list[tuple[str, str]]:
    """The words of a keyword, prepositions too, of which the other has no form at all."""
    known = {form for _, form in other.forms}
    return [(word, form) for word, form in phrase.forms if form not in known]


def _are_siblings(form: str, other: str) -> bool:
    groups = _groups()
    return bool(groups.get(form, frozenset()) & groups.get(other, frozenset()))


@cache
def _groups() -> dict[str, frozenset[int]]:
    """The sibling groups of each root."""
    groups: dict[str, frozenset[int]] = {}
    for number, members in enumerate(lexicon().pairs.siblings):
        for member in members:
            groups[root(member)] = groups.get(root(member), frozenset()) | {number}
    return groups


def _are_opposites(word: str, other: str) -> bool:
    """Whether one word denies the other by its spelling: lock/unlock, stateful/stateless."""
    short, long = sorted((word, other), key=len)
    prefix = long.removesuffix(short)
    if len(short) >= _SHORTEST_STEM and prefix != long and prefix in _OPPOSING_PREFIXES:
        return True
    return any(
        {word, other} == {f"{one}{rest}", f"{two}{rest}"}
        for one, two in _OPPOSED_BEGINNINGS
        for rest in {word.removeprefix(one), word.removeprefix(two)} - {word}
    ) or any(
        {word, other} == {f"{rest}{one}", f"{rest}{two}"}
        for one, two in _OPPOSED_ENDS
        for rest in {word.removesuffix(one), word.removesuffix(two)} - {word}
    )


def _homographs(left: Phrase, right: Phrase) -> str | None:
    for word, other in product(*differing(left, right)):
        if frozenset((word, other)) in lexicon().pairs.homographs:
            return f"'{word}' and '{other}' share no more than a stem"
    return None


def differing(left: Phrase, right: Phrase) -> tuple[list[str], list[str]]:
    """The words of each that the other does not have, in the order of the text."""
    return (
        [word for word in left.content if word not in right.content],
        [word for word in right.content if word not in left.content],
    )


def _numbers(left: Phrase, right: Phrase) -> str | None:
    mine, others = _numbers_of(left), _numbers_of(right)
    if mine == others or not mine or not others:
        return None
    return f"numbers differ: {', '.join(mine)} and {', '.join(others)}"


def _numbers_of(phrase: Phrase) -> list[str]:
    return sorted(number for word in phrase.words for number in re.findall(r"\d+(?:\.\d+)*", word))


def _negation(left: Phrase, right: Phrase) -> str | None:
    negating = lexicon().words.negating
    one_sided = bool(negating & set(left.words)) != bool(negating & set(right.words))
    return "one negates" if one_sided else None


def _symbols(left: Phrase, right: Phrase) -> str | None:
    if not left.symbols or not right.symbols or left.symbols & right.symbols:
        return None
    return f"operators differ: {' '.join(sorted(left.symbols))}, {' '.join(sorted(right.symbols))}"


def _languages(left: Phrase, right: Phrase) -> str | None:
    if not left.languages or not right.languages or left.languages & right.languages:
        return None
    if left.languages | right.languages <= _DIALECTS and "sql" in left.languages | right.languages:
        return None
    named = min(left.languages), min(right.languages)
    return f"'{named[0]}' and '{named[1]}' are siblings: languages"


def _other_way_round(left: Phrase, right: Phrase) -> str | None:
    """`string to list` and `list to string`, `list of dictionaries` and `dictionary of lists`."""
    if left.roots != right.roots or left.order == right.order:
        return None
    known = lexicon().words
    turning = known.reversing | {"of", "using"}
    mine, others = (turning & set(phrase.words) for phrase in (left, right))
    both = mine & others or (known.reversing & mine and known.reversing & others)
    swapped = _things(left) != _things(right) or bool(_owned(left) & _owned(right, turned=True))
    return "the same words, the other way round" if both and swapped else None


def _owned(phrase: Phrase, *, turned: bool = False) -> set[tuple[str, ...]]:
    """What stands on both sides of each `of`."""
    sides = zip(phrase.words, phrase.words[1:], phrase.words[2:], strict=False)
    owned = ((root(one), root(other)) for one, between, other in sides if between == "of")
    return {pair[::-1] if turned else pair for pair in owned}


def _things(phrase: Phrase) -> list[str]:
    """The roots in the order of the text, without what is done with them."""
    return [root(word) for word in phrase.content if not is_verb(word)]


def _kind_or_part(left: Phrase, right: Phrase) -> str | None:
    """`pointer` and `smart pointer` are a thing and a kind of it, `tree` and `tree node` a part."""
    if left.acts or right.acts:
        return None  # what is done with it may go without saying
    short, long = sorted((left, right), key=lambda phrase: len(phrase.content))
    more = [word for word in long.content if root(word) not in short.roots]
    if not more or not set(short.roots) <= set(long.roots):
        return None
    known = lexicon().words
    if long.content[-1] in more and long.content[-1] in known.heads:
        return f"'{long.content[-1]}' names another thing"
    if long.content[-1] in more or more[0] not in known.modifiers:
        return None
    return f"'{more[0]}' names a special kind"


_RULES: tuple[Callable[[Phrase, Phrase], str | None], ...] = (
    _languages,
    _siblings,
    _homographs,
    _numbers,
    _negation,
    _symbols,
    _other_way_round,
    _kind_or_part,
)
