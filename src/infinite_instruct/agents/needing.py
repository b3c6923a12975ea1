"""Whether a composed problem needs the keywords that it claims, as far as rules can tell."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Annotated, Literal, Protocol

from pydantic import Field

from infinite_instruct.agents.desk import Reply
from infinite_instruct.agents.replied_words import ReplyWord, ReplyWords
from infinite_instruct.domain import Keyword, KeywordUse
from infinite_instruct.tools.keywords import normal_form, shares_a_word, supported_by

MIN_USED = 2
"""A problem from fewer keywords of its set is no composition."""


Reason = Literal["stated", "required"]
_UNSUPPORTED = (
    "the problem does not say '{text}': let it say so, or name '{text}' under `because` with what "
    "of the problem cannot be done without it, or leave it out"
)
_ALONE = "'{text}' stands alone: name under `needs` a used keyword that it depends on"


class UsedKeyword(Reply):
    """One keyword that a problem claims to need."""

    keyword: ReplyWord
    because: Annotated[str, Field(max_length=300)]
    needs: ReplyWords


UsedKeywords = Annotated[list[UsedKeyword], Field(max_length=24)]


class Composition(Protocol):
    """What a composed problem says of its keywords."""

    @property
    def connection(self) -> str:
        """How they depend on each other, in a sentence or two."""
        ...

    @property
    def problem(self) -> str:
        """Its text."""
        ...

    @property
    def used(self) -> list[UsedKeyword]:
        """Those that it claims to need."""
        ...


def uses_of(composed: Composition, offered: Sequence[Keyword]) -> tuple[KeywordUse, ...]:
    """The keywords that a problem needs, in the order and words of the offer.

    Args:
        composed: The problem with its claims. A keyword that its text has needs no claim.
        offered: The keywords that it was to be composed from.

    Raises:
        ValueError: Each claim that does not hold and why, in words for the model.
    """
    claims = {normal_form(claim.keyword): claim for claim in reversed(composed.used)}
    texts = [keyword.text for keyword in offered]
    claimed = {text: claims.get(normal_form(text)) for text in texts}
    supported: dict[str, Reason] = {}
    for text in texts:
        if reason := _reason(text, claimed[text], composed.problem):
            supported[text] = reason
    ties = {text: _needs(text, claimed[text], supported) for text in supported}
    told = {text for text in supported if supported_by(text, composed.connection)}
    tied = [text for text in supported if _tied(text, ties, told)]
    _check(claimed, supported, tied)
    return tuple(_use(text, supported[text], claimed[text], ties[text], tied) for text in tied)


def enough_of(offered: int) -> int:
    """How many of the offered keywords a problem must need: half of them, and two."""
    return min(offered, max(MIN_USED, (offered + 1) // 2))


def _reason(text: str, claim: UsedKeyword | None, problem: str) -> Reason | None:
    """Why a keyword is needed, as the rules see it; None where they do not."""
    if supported_by(text, problem):
        return "stated"
    if claim is None or not supported_by(text, claim.because):
        return None
    return "required" if shares_a_word(claim.because, problem, but=text) else None


def _needs(text: str, claim: UsedKeyword | None, supported: Iterable[str]) -> tuple[str, ...]:
    """The others that a claim names, as a need or in its reason."""
    if claim is None:
        return ()
    named = {normal_form(word) for word in claim.needs}
    return tuple(
        other
        for other in supported
        if other != text and (normal_form(other) in named or supported_by(other, claim.because))
    )


def _tied(text: str, ties: Mapping[str, Collection[str]], told: Collection[str]) -> bool:
    """Whether a keyword depends on another, another on it, or the connection tells of both."""
    together = text in told and len(told) > 1
    return together or bool(ties[text]) or any(text in needs for needs in ties.values())


def _check(
    claimed: Mapping[str, UsedKeyword | None],
    supported: Mapping[str, Reason],
    tied: Collection[str],
) -> None:
    claims = [text for text, claim in claimed.items() if claim]
    faults = [_UNSUPPORTED.format(text=text) for text in claims if text not in supported]
    alone = [text for text in claims if text in supported and text not in tied]
    faults += [_ALONE.format(text=text) for text in alone]
    if len(tied) < (enough := enough_of(len(claimed))):
        faults.append(f"copy at least {enough} of the given keywords, exactly")
    if faults:
        raise ValueError(f"used: {'; '.join(faults)}")


def _use(
    text: str,
    reason: Reason,
    claim: UsedKeyword | None,
    needs: Iterable[str],
    tied: Collection[str],
) -> KeywordUse:
    return KeywordUse(
        keyword=text,
        reason=reason,
        because=claim.because if claim else "",
        needs=tuple(need for need in needs if need in tied),
    )
