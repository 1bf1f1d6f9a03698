"""What a line that is typed in `hubbub chat` does: talk, or a command.

Owns the commands of the line client for IRC servers, one table from which `/help` comes too. On a
classic server every line is talk: a hubbub server reads its own commands out of it. Each command
gives the lines that answer it; what went wrong is a `CannotDo`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from hubbub.client import ConnectionLost, Declined, Message, NotSpoken
from hubbub.client.address import room_name
from hubbub.text.sanitise import one_line

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from hubbub.client import Connection, Reconnecting


class CannotDo(Exception):  # noqa: N818
    """A command that was not carried out; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """Something that was said: as it is shown to whoever said it."""

    text: str
    sent: bool
    action: bool = False
    to: str = ""
    refused: str = ""
    """Why the server said no to some of it."""


Shown: TypeAlias = str | Spoken | Message
"""What a line comes to: words for whoever typed it, what they said, or what was said before."""


class Commands:
    """Carries out lines for one person, who talks in `room`."""

    def __init__(self, link: Reconnecting, room: str, moved: Callable[[str], None]) -> None:
        """`moved` is told of each other room that `room` becomes."""
        self.room = room
        self._link = link
        self._moved = moved

    @property
    def place(self) -> str:
        """Where talk goes, as it stands before a name; classic servers have one room."""
        if not self._link.speaks_irc:
            return ""
        return f"{one_line(self.room) or '(no room)'} "

    async def run(self, line: str) -> list[Shown]:
        """Carry out a line; gives what to show. Raises CannotDo, and KeptFull."""
        if not self._link.speaks_irc:
            return [await self._say(line)]
        if not line.startswith("/"):
            return [await self._say(line, self._here())]
        if line.startswith("//"):
            return [await self._say(line[1:], self._here())]
        name, _, words = line[1:].partition(" ")
        command = COMMANDS.get(name.lower())
        if command is None:
            raise CannotDo(f"there is no command /{one_line(name)}; /help lists them, // says a /")
        if "\n" in line:
            raise CannotDo("a command is one line")
        return await command.act(self, words.strip())

    # --- what they do

    async def me(self, words: str) -> list[Shown]:
        """Say what we do."""
        _need(words, "/me WORDS")
        done = await self._say(words, self._here(), action=True)
        if not done.sent:
            raise CannotDo("the line is cut, and what you do is of its moment: it was not said")
        return [done]

    async def msg(self, words: str) -> list[Shown]:
        """Say something to one person."""
        nick, _, text = words.partition(" ")
        _need(text.strip(), "/msg NICK TEXT")
        return [replace(await self._say(text.strip(), nick), to=nick)]

    async def who(self, words: str) -> list[Shown]:
        """Tell who is here."""
        wanted = self._named(words)
        for room in self._connection().rooms.values():
            if room.name.lower() == wanted.lower():
                names = sorted(f"{one.signs}{one.nick}" for one in room.members.values())
                return [f"{len(names)} in {room.name}: {', '.join(names)}"]
        raise CannotDo(f"you are not in {one_line(wanted)}: /join enters it")

    async def join(self, words: str) -> list[Shown]:
        """Enter a room, and talk there from now on."""
        _need(words, "/join #ROOM")
        name, *key = words.split()
        await self._ask("JOIN", room_name(name), *key[:1])
        self._talk_in(room_name(name))
        return [f"you talk in {one_line(self.room)} now"]

    async def part(self, words: str) -> list[Shown]:
        """Leave a room."""
        room = self._named(words)
        await self._ask("PART", room)
        if room.lower() == self.room.lower():
            self._talk_in(next(iter(self._connection().rooms), ""))
        return [f"you talk in {one_line(self.room)} now"] if self.room else ["you are in no room"]

    async def nick(self, words: str) -> list[Shown]:
        """Be called otherwise."""
        _need(words, "/nick NAME")
        await self._ask("NICK", words)
        return []  # the event tells

    async def topic(self, words: str) -> list[Shown]:
        """Tell what the room is about, or say it."""
        if words:
            await self._ask("TOPIC", self._here(), words)
            return []
        here = self._here()
        rooms = self._connection().rooms.values()
        topic = next((room.topic for room in rooms if room.name.lower() == here.lower()), "")
        return [f"{one_line(here)} is about: {topic or 'nothing in particular'}"]

    async def search(self, words: str) -> list[Shown]:
        """Find what was said."""
        _need(words, "/search WORDS")
        try:
            found = await self._connection().search(words)
        except (NotSpoken, ConnectionLost) as no:
            raise CannotDo(str(no)) from no
        return [*found, "nothing was found" if not found else f"found: {len(found)}"]

    async def help(self, _: str) -> list[Shown]:
        """List these commands."""
        lines = [f"{command.usage} - {command.does}" for command in COMMANDS.values()]
        return [*lines, "/quit - leave", "//… - say something that begins with a slash"]

    # --- how they do it

    async def _say(self, text: str, to: str = "", *, action: bool = False) -> Spoken:
        receipt = await self._link.say(text, to, action=action)
        refused = "" if receipt is None else receipt.refused
        return Spoken(text, receipt is not None, action=action, refused=refused)

    def _here(self) -> str:
        """The room that is meant where none is named."""
        if not self.room:
            raise CannotDo("you are in no room: /join #ROOM")
        return self.room

    def _named(self, words: str) -> str:
        """The room that is meant."""
        return room_name(words.split(maxsplit=1)[0]) if words else self._here()

    def _talk_in(self, room: str) -> None:
        self.room = room
        self._moved(room)

    def _connection(self) -> Connection:
        connection = self._link.connection
        if connection is None:
            raise CannotDo("there is no connection at the moment; try again when it is back")
        return connection

    async def _ask(self, command: str, *params: str) -> None:
        try:
            await self._connection().do(command, *params)
        except ConnectionLost as lost:
            raise CannotDo(f"{lost.reason}; try again when it is back") from lost
        except Declined as no:
            raise CannotDo(str(no)) from no


def _need(words: str, usage: str) -> None:
    if not words:
        raise CannotDo(f"something is missing: {usage}")


@dataclass(frozen=True, slots=True)
class Command:
    """A command as /help lists it."""

    usage: str
    does: str
    act: Callable[[Commands, str], Awaitable[list[Shown]]]


COMMANDS = {
    "me": Command("/me WORDS", "say what you do", Commands.me),
    "msg": Command("/msg NICK TEXT", "say something to one person", Commands.msg),
    "who": Command("/who", "who is here", Commands.who),
    "join": Command("/join #ROOM", "enter a room and talk there", Commands.join),
    "part": Command("/part", "leave the room", Commands.part),
    "nick": Command("/nick NAME", "be called otherwise", Commands.nick),
    "topic": Command("/topic [TEXT]", "what the room is about", Commands.topic),
    "search": Command("/search WORDS", "find what was said", Commands.search),
    "help": Command("/help", "this list", Commands.help),
}
