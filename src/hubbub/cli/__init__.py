"""The command `hubbub`: one click group whose verbs are imported when they are used.

A verb is a module of this package with a click command of the same name in it (`cli/serve.py`
holds `serve`); the table below is all that `hubbub --help` needs, so it stays fast whatever the
verbs import. Verbs translate: they read options, call the layers below, print. How they fail is
in `errors`, the options they share are in `options`.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING, Any

import click

from hubbub import __version__
from hubbub.cli.errors import end_in_one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

VERBS = {
    "serve": "Open the room: start the server.",
    "chat": "Join a room from this terminal, or from a pipe.",
    "say": "Say one thing and leave.",
    "tail": "Print what is said, as it is said.",
    "servers": "List the servers that can be joined from here.",
    "trust": "List and forget the certificates of servers.",
    "who": "List who is connected to the server on this machine.",
    "audit": "Show what operators of the server did.",
    "history": "Search, export and import what was said.",
    "db": "Check, back up, clean and migrate the data.",
    "config": "Check, show and explain the configuration.",
}

EXAMPLES = """\
\b
Examples:
  hubbub serve                  open a room on port 1234
  hubbub serve --data ./room    keep what is said in a folder here
  hubbub chat 192.168.1.20      join it from another machine
  echo "tea is ready" | hubbub chat --name kitchen
  hubbub history search tea     find it again, tomorrow
"""


class Verbs(click.Group):
    """A group that knows its verbs from the table and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs whose modules are installed, in the order of the table."""
        return [name for name in VERBS if importlib.util.find_spec(f"{__name__}.{name}")]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the verb's module and return its command; None for a verb unknown."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command = getattr(importlib.import_module(f"{__name__}.{cmd_name}"), cmd_name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{__name__}.{cmd_name} holds no click command {cmd_name}")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table without importing a verb."""
        with formatter.section("Verbs"):
            formatter.write_dl([(name, VERBS[name]) for name in self.list_commands(ctx)])

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002  # click's signature
        **extra: Any,
    ) -> Any:
        """Run the command line; every failure is one line and an exit status."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        with end_in_one_line():
            status = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        # Without standalone mode click returns the status of ctx.exit() in place of exiting.
        raise SystemExit(status if isinstance(status, int) else 0)


@click.group(
    cls=Verbs,
    epilog=EXAMPLES,
    subcommand_metavar="VERB …",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "--version", "-V", message="hubbub %(version)s")
def main() -> None:
    """A chat server with its clients: one command, one port, everything saved.

    `hubbub VERB --help` explains each verb. On bad usage or a bad configuration the exit status
    is 2, with one line that says what to do.
    """
