"""What a piece of code needs from outside."""

from infinite_instruct.domain import Value


class Names(Value):
    """The names that code uses and does not bring along."""

    free: frozenset[str] = frozenset()
    """Names that it uses and does not introduce, without builtins."""
    missing_members: frozenset[str] = frozenset()
    """Members of its own class that it uses and does not define."""
