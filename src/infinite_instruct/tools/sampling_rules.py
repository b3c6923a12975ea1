"""How keyword sets are drawn: numbers that a pack may set under `[sampling]`."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from infinite_instruct.domain import KeywordKind, Value

MAX_OF_A_KIND = 8
"""More keywords of one kind than this fit into no problem."""


def _ordered(bounds: tuple[int, int]) -> tuple[int, int]:
    if not 0 <= bounds[0] <= bounds[1] <= MAX_OF_A_KIND:
        raise ValueError(f"it must go from fewest to most, 0 to {MAX_OF_A_KIND}")
    return bounds


Bounds = Annotated[tuple[int, int], AfterValidator(_ordered)]
"""Fewest and most."""


class SamplingRules(Value):
    """How sets are drawn. The paper does not tell its rule; all of this is our choice."""

    tasks: Bounds = (1, 1)
    instructions: Bounds = (1, 2)
    knowledge_points: Bounds = (2, 4)
    variety: int = Field(default=2, ge=0, le=1_000)
    """The graph gives sets when it knows so many more of each kind than a set needs."""
    min_coherence: float = Field(default=0.0, ge=-1, le=1)
    """Below it, a set is too loose: its keywords are strangers."""
    max_coherence: float = Field(default=0.8, ge=-1, le=1)
    """Above it, too tight: its keywords always come together, nothing new can follow."""
    explore: float = Field(default=0.1, ge=0, le=1)
    """Chance of a step that jumps to a keyword without a known tie."""
    pool: int = Field(default=24, ge=2, le=1_000)
    """Candidates weighed at each step: bounds the cost of a step in a large graph."""
    saturated_at: int = Field(default=3, ge=1)
    """When each keyword was drawn so often, the graph needs more of them."""
    tries: int = Field(default=60, ge=1, le=10_000)
    """Sets drawn before giving up."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if sum(bounds[0] for bounds in self.bounds.values()) < 2:  # noqa: PLR2004 - one alone is no set
            raise ValueError("a set needs two keywords or more")
        if self.min_coherence >= self.max_coherence:
            raise ValueError("min_coherence must be below max_coherence")
        return self

    @property
    def bounds(self) -> dict[KeywordKind, tuple[int, int]]:
        """Fewest and most keywords of each kind in a set."""
        return {
            KeywordKind.TASK: self.tasks,
            KeywordKind.INSTRUCTION: self.instructions,
            KeywordKind.KNOWLEDGE_POINT: self.knowledge_points,
        }


DEFAULT_RULES = SamplingRules()
