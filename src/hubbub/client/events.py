"""What happens to a client, whatever protocol its server speaks.

Owns the words a program that uses the library sees. Every text and name in an event is safe to
print: control characters are gone (a text may hold newlines and tabs). Times are int milliseconds
since the epoch, UTC: when the server says it happened, or when we heard of it. `classic` and `irc`
make them, `reconnect` those about waiting.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Joined:
    """The server is reached and has been told our name. Classic servers confirm nothing."""

    time: int
    name: str
    server: str
    """Its address, as `host:port`."""

    rooms: tuple[str, ...] = ()
    """The rooms we are in, by name; classic servers have one, without a name."""

    resumed: bool = False
    """Whether the server knows us as whom we were before (`hubbub.chat/resume`)."""

    why: str = ""
    """Why `name` is not the one we gave: `ben is taken`; "" when it is."""


@dataclass(frozen=True, slots=True)
class Renamed:
    """The server knows us by another name than the one we gave."""

    time: int
    name: str


@dataclass(frozen=True, slots=True)
class Message:
    """Somebody said something."""

    time: int
    sender: str
    text: str

    replayed: str = ""
    """When it was said, as the server wrote it, if it is told again: to us who have just arrived,
    or because we missed it. Classic servers write `12:03` or `21 Nov 12:03`, in their zone, and
    the text begins with it, `[12:03] `, as it came; IRC servers `2026-11-22T12:03:06.685Z`."""

    room: str = ""
    """Where, as `say(to=…)` takes it: a room, or the other person. "" on classic servers."""

    direct: bool = False
    """Whether it was said to us alone, or by us to the person that `room` names."""

    msgid: str = ""
    """What the server calls it, "" if it does not. A long message goes on without."""

    action: bool = False
    """Whether it says what the sender does: `ada waves`."""

    reply_to: str = ""
    """The msgid of the message that it answers, if there is one."""

    edited: bool = False
    """Whether its author has put it otherwise since; `text` is the text of now."""


@dataclass(frozen=True, slots=True)
class Notice:
    """The house says something, or a program: who joined, an answer. Programs never answer it."""

    time: int
    sender: str
    text: str

    room: str = ""
    """Where, if it was to a room."""

    replayed: str = ""
    """As that of a `Message`."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The house says no to something we did; the connection lives unless it ends next."""

    time: int
    sender: str
    reason: str

    room: str = ""
    """The room it is about, if there is one."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """Somebody entered a room; it may be ourselves. Classic servers say it as a `Notice`."""

    time: int
    name: str
    room: str


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody left a room, was sent out of it (`by` whom), or left the server."""

    time: int
    name: str
    room: str
    reason: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class NickChanged:
    """Somebody else is called otherwise now."""

    time: int
    was: str
    name: str


@dataclass(frozen=True, slots=True)
class TopicChanged:
    """A room is about something else now; "" for nothing."""

    time: int
    room: str
    topic: str
    by: str


@dataclass(frozen=True, slots=True)
class Entered:
    """Where we are now, whole: what a room is about and who is in it, with the signs of ranks.

    It comes when we have entered, and after `Joined` for each room that we are in.
    """

    time: int
    room: str
    topic: str
    members: tuple[tuple[str, str], ...]
    """Nick and signs, as `("ada", "@")`."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """What somebody may do in a room has changed; `signs` are all of their ranks now."""

    time: int
    room: str
    name: str
    signs: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class RoomRenamed:
    """A room that we are in is called otherwise now."""

    time: int
    was: str
    room: str
    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody is away, or back when `words` is None."""

    time: int
    name: str
    words: str | None


@dataclass(frozen=True, slots=True)
class Typing:
    """Somebody is typing, or (`on` is False) has stopped. It is over by itself after 6 seconds,
    after 30 if they `paused`."""

    time: int
    name: str
    room: str
    on: bool
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Reacted:
    """Somebody put a sign to the message `target`, or (`on` is False) took it away."""

    time: int
    name: str
    room: str
    target: str
    text: str
    on: bool = True
    msgid: str = ""
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Redacted:
    """The message `target`, or the reaction that it was, was taken away."""

    time: int
    name: str
    room: str
    target: str
    reason: str = ""
    replayed: bool = False
    msgid: str = ""


@dataclass(frozen=True, slots=True)
class Edited:
    """The message `target` says something else now."""

    time: int
    name: str
    room: str
    target: str
    text: str
    msgid: str = ""
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """We have read a place up to a moment, on this screen or another; 0: not at all."""

    time: int
    room: str
    until: int


@dataclass(frozen=True, slots=True)
class Hint:
    """Something is not as it should be; `text` says what, and what to try."""

    time: int
    text: str
    room: str = ""
    """The room, or the person, of which something was said that cannot be told any more."""


@dataclass(frozen=True, slots=True)
class Gap:
    """The program did not read: the `count` oldest events that waited here were dropped."""

    time: int
    count: int


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The connection is over. Always the last event of a connection, and there always is one."""

    time: int
    reason: str
    clean: bool
    """Whether it was closed in order, by the server or by us, at the end of an event."""

    retry: bool = True
    """Whether connecting again can help; not when the server speaks another dialect."""

    doubtful: tuple[str, ...] = ()
    """What we sent in the last moments before an end that we did not ask for, oldest first.

    The system took it, but nothing tells whether the server did: sending it again might say it
    twice.
    """


@dataclass(frozen=True, slots=True)
class Waiting:
    """The connection is cut, or the last attempt failed; the next one is `delay` seconds away."""

    time: int
    delay: float
    reason: str


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one message of a text that was said with a `key`, in its place in the order.

    It is saved when `refused` is "". A text of several lines may be several messages.
    """

    time: int
    key: str
    room: str
    text: str
    msgid: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """What was said while there was no connection has now been sent, in order, and once."""

    time: int
    texts: tuple[str, ...]
    msgids: tuple[str, ...] = field(default=(), compare=False)
    """What the server calls each of `texts`, "" where it does not say; as many, or none."""


Event: TypeAlias = (
    Joined
    | Renamed
    | Message
    | Notice
    | Refused
    | Arrived
    | Left
    | NickChanged
    | TopicChanged
    | Entered
    | Ranked
    | RoomRenamed
    | Away
    | Typing
    | Reacted
    | Redacted
    | Edited
    | Read
    | Hint
    | Gap
    | Disconnected
    | Waiting
    | Settled
    | CaughtUp
)
