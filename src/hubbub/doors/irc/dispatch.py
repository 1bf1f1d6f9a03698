"""The gate: what a client may send, declared once for each command.

A declaration says how a command is written, when and by whom it may be sent and what it costs.
The gate checks all of that, so handlers only translate. HELP, docs/commands.md and a table test
read the same declarations. A handler has up to two steps: `prepare` may wait for the store; then
the handler decides, in one go, so that nothing comes between what a label holds together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from hubbub.core.refusals import Reason, Refused
from hubbub.wire.irc.numerics import (
    ERR_ALREADYREGISTERED,
    ERR_NEEDMOREPARAMS,
    ERR_NOTREGISTERED,
    ERR_UNKNOWNCOMMAND,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from hubbub.core.sessions import Privilege
    from hubbub.doors.irc.door import IrcDoor
    from hubbub.wire.irc.line import Line

    Handler = Callable[["IrcDoor", Line], None]
    Prepare = Callable[["IrcDoor", Line], Coroutine[Any, Any, Handler | None] | None]


class When(Enum):
    """When a command may be sent."""

    ANY = "any time"
    BEFORE = "before registration"
    AFTER = "after registration"


@dataclass(frozen=True)
class Command:
    """`usage` is what follows the name: words in angle brackets are needed, in square ones not.

    `prepare` fetches what the handler will want; it gives None when there is nothing to wait for,
    and may give the handler that knows what was fetched.
    `cost` is what it takes of the sender's allowance, 1 is a message. A `silent` command without
    enough parameters reaches its handler, which has a numeric of its own for that. `details` is
    what HELP and the docs tell besides, line by line.
    """

    name: str
    usage: str
    summary: str
    handler: Handler
    when: When = When.AFTER
    privilege: Privilege | None = None
    cost: float = 1.0
    prepare: Prepare | None = None
    silent: bool = False
    details: tuple[str, ...] = ()

    @cached_property
    def needs(self) -> int:
        """How many parameters it needs."""
        return 0 if self.silent else self.usage.partition("[")[0].count("<")

    @property
    def synopsis(self) -> str:
        """How it is written."""
        return f"{self.name} {self.usage}".rstrip()


COMMANDS: dict[str, Command] = {}
"""Every command by its name; the modules in `commands` declare them."""


def declare(*commands: Command) -> None:
    """Let commands be found."""
    for command in commands:
        if command.name in COMMANDS:
            raise ValueError(command.name)
        COMMANDS[command.name] = command


class TurnedAway(Exception):  # noqa: N818 (nothing broke)
    """The gate does not let a line pass; `words` are the numeric and what stands behind it."""

    def __init__(self, *words: str) -> None:
        super().__init__(*words)
        self.words = words


def admitted(door: IrcDoor, line: Line) -> Command:
    """The command of a line, if this client may send it so now.

    Raises `TurnedAway`; `Refused`: NOT_PRIVILEGED.
    """
    name = line.command
    command = COMMANDS.get(name)
    session = door.session_or_none
    if session is None and (command is None or command.when is When.AFTER):
        raise TurnedAway(ERR_NOTREGISTERED, "You have not registered")
    if command is None:
        raise TurnedAway(ERR_UNKNOWNCOMMAND, name[:64], "Unknown command")
    if command.when is When.BEFORE and session is not None:
        raise TurnedAway(ERR_ALREADYREGISTERED, "You may not reregister")
    needs = command.needs
    if needs and (len(line.params) < needs or "" in line.params[:needs]):
        raise TurnedAway(ERR_NEEDMOREPARAMS, name, "Not enough parameters")
    if command.privilege is not None and not door.session.may(command.privilege):
        raise Refused(Reason.NOT_PRIVILEGED)
    return command
