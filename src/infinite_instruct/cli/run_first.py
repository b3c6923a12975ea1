"""A group of commands that names the run first: `graph RUN stats`, `graph RUN merge A B`."""

from typing import Any

from typer.core import TyperCommand, TyperGroup

RUN = "RUN"
"""How help calls the first argument of commands that work on a run."""


class RunFirst(TyperGroup):
    """Reads `RUN COMMAND …`; each command declares RUN as its own first argument.

    `COMMAND RUN …` works, too, and a RUN alone is shown by the command `stats`.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - click's, which typer imports or carries
        """Put the command first, as click wants it."""
        return super().parse_args(ctx, self._command_first(args))

    def _command_first(self, args: list[str]) -> list[str]:
        if not args or args[0].startswith("-") or not self._takes_run(args[0]):
            return args
        run, *words = args
        if words and (words[0] in self.commands or run not in self.commands):
            # `RUN --help` asks for help of the group, as a run has none.
            return words if words[0].startswith("-") else [words[0], run, *words[1:]]
        return args if run in self.commands else ["stats", run]

    def _takes_run(self, name: str) -> bool:
        """Whether a word is a run, or a command on one."""
        command = self.commands.get(name)
        return command is None or isinstance(command, OnRun)


class OnRun(TyperCommand):
    """A command on a run: its help shows the run where a user writes it."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - click's, as above
        """Write `graph RUN merge A B`, though `merge` itself takes all three."""
        pieces = [piece for piece in self.collect_usage_pieces(ctx) if piece.strip("{}") != RUN]
        path = f"{ctx.parent.command_path} {RUN} {ctx.info_name}"
        formatter.write_usage(path, " ".join(pieces))
