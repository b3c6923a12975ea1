"""A command that takes the options of another one: both stay the same by themselves."""

import inspect
from collections.abc import Callable
from typing import Any, cast

Command = Callable[..., None]


def with_options_of(other: Command) -> Callable[[Command], Command]:
    """Give a command the other's options, beside its own; it gets them in `**said`."""

    def decorate(command: Command) -> Command:
        own = inspect.signature(command)
        kept = [each for each in own.parameters.values() if each.kind is not each.VAR_KEYWORD]
        options = [*inspect.signature(other).parameters.values(), *kept]
        # Typer reads both; like a wrapper made by functools.
        described = cast("Any", command)
        described.__signature__ = own.replace(parameters=options)
        described.__annotations__ = {each.name: each.annotation for each in options}
        return command

    return decorate
