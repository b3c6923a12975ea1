"""What is wrong with a vocabulary that cannot be read."""


class UnreadableError(ValueError):
    """A file is no vocabulary of its form. Its text goes on after "It cannot be read: "."""
