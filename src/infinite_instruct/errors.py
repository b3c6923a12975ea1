"""Errors that a user can act on: each tells its cause and remedy, and has its exit code."""


class InfiniteInstructError(Exception):
    """The base of all errors that are shown without a traceback.

    Args:
        cause: What happened, naming the thing (file, setting, endpoint, row).
        remedy: What the user can do about it, in one sentence.
    """

    exit_code = 1

    def __init__(self, cause: str, *, remedy: str) -> None:
        super().__init__(cause)
        self.cause = cause
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.cause}\n{self.remedy}"


class SettingsError(InfiniteInstructError):
    """A setting, an option, a pack or a configuration file is wrong: nothing was started."""

    exit_code = 2


class SeedError(InfiniteInstructError):
    """The seeds are missing, unreadable or give no snippet."""

    exit_code = 66


class VocabularyError(InfiniteInstructError):
    """A vocabulary is missing or cannot be read."""

    exit_code = 66


class MissingToolError(InfiniteInstructError):
    """Something that has to be installed is not there."""

    exit_code = 69


class EndpointError(InfiniteInstructError):
    """The model's endpoint cannot be reached, refuses the key, or does not know the model."""

    exit_code = 69


class EngineError(InfiniteInstructError):
    """Worker processes cannot be started, or are not like their driver."""

    exit_code = 69


class ModelReplyError(InfiniteInstructError):
    """A model's reply stayed unusable after every re-ask. It ends one row, never the run."""

    exit_code = 70


class RunInUseError(InfiniteInstructError):
    """Another process writes in this run folder."""

    exit_code = 73


class RunFolderError(InfiniteInstructError):
    """The run folder cannot be read or written (full disk, other settings, damaged store)."""

    exit_code = 74


class BudgetExhaustedError(InfiniteInstructError):
    """A limit on tokens or money is reached: no further call is made. The run can be resumed."""

    exit_code = 75


class StoppedError(InfiniteInstructError):
    """The user stopped the run: calls in flight are kept, no further one is made."""

    exit_code = 130
