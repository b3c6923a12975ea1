"""Whether a composed problem needs the keywords that it claims, as far as rules can tell."""

from collections.abc import Iterable, Mapping, Sequence
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
    because: Annotated[str, Field(max_length=300)]
    needs: ReplyWords


UsedKeywords = Annotated[list[UsedKeyword], Field(max_length=24)]


def uses_of(
    used: Sequence[UsedKeyword], offered: Sequence[Keyword], problem: str
) -> tuple[KeywordUse, ...]:
    """The keywords that a problem needs, each once and in the words of the offer.

    Args:
        used: The claims.
        offered: The keywords that it was to be composed from.
        problem: Its text.

    Raises:
        ValueError: Each claim that does not hold and why, in words for the model.
    """
    texts = {normal_form(keyword.text): keyword.text for keyword in offered}
    claims: dict[str, UsedKeyword] = {}
    for claim in used:
        name = normal_form(claim.keyword)
        if name in texts:
            claims.setdefault(texts[name], claim)
    uses = [use for text, claim in claims.items() if (use := _use(text, claim, texts, problem))]
    faults = [_unsupported(text) for text in claims if text not in {use.keyword for use in uses}]
    faults += [_alone(use.keyword) for use in uses if not _tied(use, uses)]
    if len(uses) < (enough := enough_of(len(offered))):
        faults.append(f"copy at least {enough} of the given keywords, exactly")
    if faults:
        raise ValueError(f"used: {'; '.join(faults)}")
    return tuple(uses)


def _use(
    text: str, claim: UsedKeyword, texts: Mapping[str, str], problem: str
) -> KeywordUse | None:
    """A claim that holds, with the reason that the rules found."""
    reason: Literal["stated", "required"] = "stated"
    if not supported_by(text, problem):
        reason = "required"
        if not supported_by(text, claim.because) or not shares_a_word(claim.because, problem, text):
            return None
    needs = dict.fromkeys(
        texts[name] for word in claim.needs if (name := normal_form(word)) in texts
    )
    return KeywordUse(
        keyword=text,
        reason=reason,
        because=claim.because,
        needs=tuple(need for need in needs if need != text),
    )


def _unsupported(text: str) -> str:
    return (
        f"the problem does not say '{text}': let it say so, or name '{text}' under `because` with "
        "what of the problem cannot be done without it, or leave it out"
    )


def _alone(text: str) -> str:
    return f"'{text}' stands alone: name under `needs` a used keyword that it depends on"


def enough_of(offered: int) -> int:
    """How many of the offered keywords a problem must need: half of them, and two."""
    return min(offered, max(MIN_USED, (offered + 1) // 2))


def _tied(use: KeywordUse, uses: Iterable[KeywordUse]) -> bool:
    """Whether a used keyword depends on another one, or another one on it."""
    others = [other for other in uses if other.keyword != use.keyword]
    return any(other.keyword in use.needs or use.keyword in other.needs for other in others)
