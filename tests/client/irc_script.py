"""A conversation with the IRC state machine, written as a script: what comes, what goes.

No socket and no clock: the test is the server. `Script.sent` gives what the client wants to send
since it was asked last, as text lines.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from hubbub.client.events import Event, Message
from hubbub.client.irc.protocol import IrcProtocol

if TYPE_CHECKING:
    from hubbub.client.irc.memory import Memory
    from hubbub.client.pieces import Piece

ALL = (
    "batch cap-notify draft/chathistory echo-message hubbub.chat/resume hubbub.chat/send-once"
    " labeled-response message-tags multi-prefix server-time standard-replies"
)


class Script:
    """One connection of ada's."""

    def __init__(
        self,
        name: str = "ada",
        *,
        memory: Memory | None = None,
        rooms: tuple[str, ...] = ("#lobby",),
        recent: int = 0,
        password: str = "",
        secure: bool = False,
        everything: bool = False,
    ) -> None:
        self.now = 1_000_000
        ids = (f"id-{number:019}" for number in count(1))
        self.protocol = IrcProtocol(
            name,
            server="irc.example:6667",
            ids=lambda: next(ids),
            rooms=rooms,
            recent=recent,
            password=password,
            memory=memory,
            secure=secure,
            everything=everything,
        )
        self.events: list[Event] = self.protocol.begin(self.now)

    def hears(self, *lines: str) -> list[str]:
        """The server says these lines; gives what is sent then."""
        data = "".join(f"{line}\r\n" for line in lines).encode()
        self.events += self.protocol.receive(data, self.now)
        return self.sent()

    def sent(self) -> list[str]:
        """What is to be sent."""
        return b"".join(self.protocol.outgoing()).decode().split("\r\n")[:-1]

    def says(self, text: str, to: str = "") -> list[Piece]:
        """Ada says something."""
        pieces = self.protocol.pieces(text, to)
        for piece in pieces:
            self.protocol.say(piece, self.now)
        return pieces

    def told(self) -> list[str]:
        """The texts of the messages that were told."""
        return [event.text for event in self.events if isinstance(event, Message)]

    def is_welcomed(self, *isupport: str, caps: str = "", nick: str = "ada") -> list[str]:
        """The server lets her in; gives what she sends then."""
        self.sent()
        sent = []
        if caps:
            sent += self.hears(f":irc.example CAP * LS :{caps}")
            for line in sent:
                if line.startswith("CAP REQ"):
                    names = line.removeprefix("CAP REQ ").removeprefix(":")
                    sent = self.hears(f":irc.example CAP * ACK :{names}")
        return sent + self.hears(
            f":irc.example 001 {nick} :Welcome to the network, {nick}!u@h",
            f":irc.example 005 {nick} {' '.join(isupport)} :are supported",
            f":irc.example 422 {nick} :No MOTD",
        )

    def enters(self, room: str = "#lobby", *, tags: str = "") -> list[str]:
        """The server lets her into a room, and says that this is all."""
        nick = self.protocol.name
        return self.hears(
            f"{tags}:{nick}!u@h JOIN {room}",
            f":irc.example 353 {nick} = {room} :@{nick} +bob carol",
            f":irc.example 366 {nick} {room} :End",
            ":irc.example PONG irc.example :hubbub-1",
        )


def live(caps: str = "", *isupport: str, memory: Memory | None = None) -> Script:
    """Ada, in the lobby."""
    script = Script(memory=memory)
    script.is_welcomed(*isupport, caps=caps)
    script.enters()
    script.sent()
    return script


def label_of(line: str) -> str:
    """The label of a line that was sent."""
    tags = line.partition(" ")[0].removeprefix("@").split(";")
    return next(tag.removeprefix("label=") for tag in tags if tag.startswith("label="))
