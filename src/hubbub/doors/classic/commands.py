"""What a classic user may type: commands declared once, and the gate that finds them.

A handler translates: it reads its argument, calls one verb, answers the asker alone. `/help` and
the documentation come from the declarations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hubbub.doors.classic.render import HISTORY_BYTES
from hubbub.hub import amending, history, people, searching, talk
from hubbub.text.query import QueryError, parse_query
from hubbub.text.zone import LocalZone

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from hubbub.doors.classic.door import ClassicDoor

    Handler = Callable[["ClassicDoor", str], Coroutine[Any, Any, None] | None]

MOST_FOUND = 20
"""Messages that one search shows."""


@dataclass(slots=True, frozen=True)
class Command:
    """`usage` is what follows the name; a command that needs an argument says so with it.

    `cost` is what it takes of the asker's allowance, in messages: answers are work, too.
    """

    name: str
    usage: str
    summary: str
    handler: Handler
    cost: int = 1
    needs_argument: bool = False

    @property
    def synopsis(self) -> str:
        """How it is typed."""
        return f"/{self.name} {self.usage}".rstrip()


def dispatch(door: ClassicDoor, line: str) -> Coroutine[Any, Any, None] | None:
    """Carry out a line that begins with `/`; a coroutine is for the caller to await."""
    name, argument = _word_and_rest(line[1:])
    command = _find(name)
    if command is None:
        door.answer_error(f"there is no command /{name[:32]}. /help lists them; // says a slash")
        return None
    if command.needs_argument and not argument:
        door.answer_error(f"please type {command.synopsis}")
        return None
    return command.handler(door, argument)


def cost(line: str) -> int:
    """What a line that begins with `/` takes of its sender's allowance, in messages."""
    command = _find(_word_and_rest(line[1:])[0])
    return 1 if command is None else command.cost


def _find(name: str) -> Command | None:
    return COMMANDS.get(name.lower())


def _word_and_rest(text: str) -> tuple[str, str]:
    """The first word, and the rest from its own first word on: its end is left as it is."""
    word, rest, *_ = (*text.split(None, 1), "", "")
    return word, rest


def _who(door: ClassicDoor, _argument: str) -> None:
    here = people.members(door.room)
    names = ", ".join(session.nick for session in here)
    door.answer(f"{len(here)} here: {names}")


async def _msg(door: ClassicDoor, argument: str) -> None:
    nick, text = _word_and_rest(argument)
    if not text:
        door.answer_error(f"please type {COMMANDS['msg'].synopsis}")
        return
    other, room = await talk.open_conversation(door.hub, door.session, nick)
    for part in door.messages(text):
        talk.tell(door.hub, door.session, other, room, part)


async def _history(door: ClassicDoor, argument: str) -> None:
    argument = argument.strip()
    if argument and not (argument.isascii() and argument.isdigit() and len(argument) < 6):
        door.answer_error(f"how many? Please type {COMMANDS['history'].synopsis}")
        return
    count = int(argument) if argument else 20
    read = await history.recent(door.hub, door.session, door.room, count)
    entries = amending.as_of_now(read)
    if not entries:
        door.answer("nothing has been said yet" if count else "nothing to show")
        return
    door.answer_pairs(door.kind.past(entries, HISTORY_BYTES))


async def _search(door: ClassicDoor, argument: str) -> None:
    try:
        query = parse_query(argument, now=door.hub.clock.now(), zone=LocalZone())
    except QueryError as no:
        door.answer_error(str(no))
        return
    found = await searching.search(door.hub, door.session, query, MOST_FOUND)
    found = searching.still_readable(door.hub, door.session, found)
    if found:
        door.answer_pairs(door.kind.past(found, HISTORY_BYTES))
    else:
        door.answer("nothing was found")


def _help(door: ClassicDoor, _argument: str) -> None:
    for command in COMMANDS.values():
        door.answer(f"{command.synopsis} - {command.summary}")


def _quit(door: ClassicDoor, _argument: str) -> None:
    door.leave("left")


COMMANDS: dict[str, Command] = {
    command.name: command
    for command in (
        Command("who", "", "who is here", _who, cost=2),
        Command("msg", "NAME TEXT", "say something to one person alone", _msg, needs_argument=True),
        Command("history", "[N]", "show the last N messages again (20)", _history, cost=10),
        Command("search", "WORDS", "find what was said", _search, cost=10, needs_argument=True),
        Command("help", "", "show this list", _help, cost=2),
        Command("quit", "", "leave", _quit),
    )
}
