"""Whether a composed problem needs the keywords that it claims, as far as rules can tell."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import Field

from infinite_instruct.agents.desk import Reply
from infinite_instruct.agents.replied_words import ReplyWord, ReplyWords
from infinite_instruct.domain import Keyword, KeywordUse
from infinite_instruct.tools.keywords import normal_form, shares_a_word, supported_by

MIN_USED = 2
"""A problem from fewer keywords of its set is no composition."""


class UsedKeyword(Reply):
    """One keyword that a problem claims to need."""

    keyword: ReplyWord
    reason: Literal["stated", "required"]
    because: Annotated[str, Field(max_length=300)]
    needs: ReplyWords


UsedKeywords = Annotated[list[UsedKeyword], Field(max_length=24)]


def uses_of(used: Sequence[UsedKeyword], offered: Sequence[Keyword]) -> tuple[KeywordUse, ...]:
    """The claims on offered keywords, in the words of the offer; each keyword once."""
    texts = {normal_form(keyword.text): keyword.text for keyword in offered}
    claims: dict[str, KeywordUse] = {}
    for claim in used:
        name = normal_form(claim.keyword)
        if name in texts and name not in claims:
            needs = dict.fromkeys(normal_form(word) for word in claim.needs)
            claims[name] = KeywordUse(
                keyword=texts[name],
                reason=claim.reason,
                because=claim.because,
                needs=tuple(texts[word] for word in needs if word in texts and word != name),
            )
    return tuple(claims.values())


def check_uses(uses: Sequence[KeywordUse], offered: Sequence[Keyword], problem: str) -> None:
    """Hold a problem to the keywords that it claims to need.

    Args:
        uses: The claims.
        offered: The keywords that it was to be composed from.
        problem: Its text.

    Raises:
        ValueError: Each claim that does not hold and why, in words for the model.
    """
    faults = [fault for use in uses if (fault := _fault(use, problem))]
    faults += [
        f"'{use.keyword}' stands alone: name under `needs` a used keyword that it depends on"
        for use in uses
        if not _tied(use, uses)
    ]
    enough = enough_of(len(offered))
    if len(uses) < enough:
        faults.append(f"copy at least {enough} of the given keywords, exactly")
    if faults:
        raise ValueError(f"used: {'; '.join(faults)}")


def enough_of(offered: int) -> int:
    """How many of the offered keywords a problem must need: half of them, and two."""
    return min(offered, max(MIN_USED, (offered + 1) // 2))


def _fault(use: KeywordUse, problem: str) -> str | None:
    if supported_by(use.keyword, problem):
        return None
    if use.reason == "stated":
        return f"the problem does not say '{use.keyword}': make it need that, or leave it out"
    if supported_by(use.keyword, use.because) and shares_a_word(use.because, problem, use.keyword):
        return None
    return (
        f"why is '{use.keyword}' required? Say under `because`, with the word, what of the problem "
        "cannot be done without it, or leave it out"
    )


def _tied(use: KeywordUse, uses: Iterable[KeywordUse]) -> bool:
    """Whether a used keyword depends on another one, or another one on it."""
    others = [other for other in uses if other.keyword != use.keyword]
    return any(other.keyword in use.needs or use.keyword in other.needs for other in others)
