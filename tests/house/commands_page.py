"""docs/commands.md, made of what the doors declare: `python tests/house/commands_page.py`.

The IRC door's commands stand by the areas of the house, which are the modules that declare them;
`test_docs` compares.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import hubbub.doors.irc.commands  # noqa: F401 (declares the commands)
from hubbub.doors.classic.commands import COMMANDS as CLASSIC
from hubbub.doors.irc.dispatch import COMMANDS as IRC
from hubbub.doors.irc.dispatch import When

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hubbub.doors.irc.dispatch import Command

AREAS = (
    *(
        "arrival",
        "gateways",
        "rooms",
        "talk",
        "amending",
        "history",
        "marks",
        "people",
        "metadata",
        "moderation",
    ),
    "operations",
)
PAGE = Path(__file__).parents[2] / "docs" / "commands.md"

HEAD = """\
<!-- Made by tests/house/commands_page.py; a test compares. Edit the words where the commands are
     declared: src/hubbub/doors/irc/commands/ and src/hubbub/doors/classic/commands.py. -->

# Commands

What can be sent to the server, from the declarations that it checks. `<angle brackets>` are
needed, `[square ones]` are not. *Costs* is what a command takes of its sender's allowance, in
messages: `limits.message_burst` at once and `limits.messages_per_second` for long
([configuration](configuration.md)). Who spends more is read more slowly.

In an IRC client one types a slash before them. `HELP` lists them, `HELP NAME` says what is said
here; where a client has a help of its own it is `/quote HELP NAME`.
"""

CLASSIC_HEAD = """\
## On a classic connection

Where [the classic protocol](protocols/classic.md) is spoken, a message that begins with a slash is
a command. `//` says a slash.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    by_area = sorted(IRC.values(), key=lambda command: AREAS.index(_area(command)))
    for area, commands in groupby(by_area, key=_area):
        parts.append(f"## IRC: {area}\n")
        parts.append("\n".join(_section(list(commands))) + "\n")
    parts += [CLASSIC_HEAD, "\n".join(_classic()) + "\n"]
    return "\n".join(parts)


def _area(command: Command) -> str:
    return command.handler.__module__.rpartition(".")[2]


def _section(commands: Iterable[Command]) -> Iterator[str]:
    yield from ("| command | what it does | who may, when | costs |", "|---|---|---|---:|")
    for command in commands:
        cells = (f"`{command.synopsis}`", command.summary, _who_and_when(command), _cost(command))
        yield f"| {' | '.join(cells)} |".replace("|  |", "| |")
    for command in commands:
        if command.details:
            yield from ("", f"`{command.name}`:", "", "```text", *command.details, "```")


def _who_and_when(command: Command) -> str:
    if command.privilege is not None:
        return f"operators with `{command.privilege}`"
    return "" if command.when is When.AFTER else str(command.when.value)


def _cost(command: Command) -> str:
    return f"{command.cost:g}"


def _classic() -> Iterator[str]:
    yield from ("| typed | what it does | costs |", "|---|---|---:|")
    for command in CLASSIC.values():
        yield f"| `{command.synopsis}` | {command.summary} | {command.cost} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
