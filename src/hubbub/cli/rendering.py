"""Events as lines for people: `12:03 bob > hi`.

Owns what a line looks like, on a terminal and in a pipe. A colour never says anything that the
line does not say as well, and nothing that was sent can break out of its line.
"""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias, assert_never

import click

from hubbub.client import (
    Arrived,
    Away,
    CaughtUp,
    Disconnected,
    Edited,
    Entered,
    Event,
    Gap,
    Hint,
    Joined,
    Left,
    Message,
    NickChanged,
    Notice,
    Ranked,
    Reacted,
    Read,
    Redacted,
    Refused,
    Renamed,
    RoomRenamed,
    Settled,
    TopicChanged,
    Typing,
    Waiting,
)
from hubbub.client.opening import system_time
from hubbub.client.replay import without_stamp
from hubbub.text.sanitise import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

COLOURS = ("cyan", "green", "magenta", "yellow", "blue", "bright_red", "bright_cyan")
UNSENT = " (not sent yet)"
REFUSED = " (not said)"
PARTLY_REFUSED = " (not all of it was said)"

Happened: TypeAlias = Arrived | Left | NickChanged | TopicChanged | RoomRenamed | Redacted | Edited
"""Who came and went, and the like; classic servers say it in words, as a `Notice`."""

HAPPENED = (Arrived, Left, NickChanged, TopicChanged, RoomRenamed, Redacted, Edited)

Unshown: TypeAlias = Entered | Ranked | Away | Typing | Reacted | Read | Settled
"""What a conversation of lines has no place for."""

UNSHOWN = (Entered, Ranked, Away, Typing, Reacted, Read, Settled)


class Rendering:
    """Makes lines of events, with or without colour. Times of day are local.

    What is said elsewhere than in `room`, which may change, says where: `12:03 [#tea] bob > hi`.
    """

    def __init__(self, *, colour: bool, room: str = "", now: Callable[[], int] = system_time):
        self._colour = colour
        self.room = room
        self._now = now

    def move(self, room: str) -> None:
        """Hear that we talk in another room now."""
        self.room = room

    def line(self, event: Event) -> str:
        """The line for an event, always one; "" for what is `UNSHOWN`."""
        match event:
            case Entered() | Ranked() | Away() | Typing() | Reacted() | Read() | Settled():
                return ""
            case Message(replayed=replayed):
                when = self._when(event) if replayed else clock(event.time)
                where = self._where(event)
                return self._said_at(
                    f"{when}{where}", event.sender, without_stamp(event), action=event.action
                )
            case Notice(time, sender, text):
                return f"{clock(time)} {self._dim(f'-- {_name(sender)}: {one_line(text)}')}"
            case Refused(time, sender, reason):
                text = f"!! {_name(sender)}: error: {one_line(reason)}"
                return f"{clock(time)} {self._style(text, fg='red')}"
            case (
                Arrived()
                | Left()
                | NickChanged()
                | TopicChanged()
                | RoomRenamed()
                | Redacted()
                | Edited()
            ):
                return f"{clock(event.time)} {self._dim(f'-- {happened(event)}')}"
            case _:
                return self._dim(f"-- {_status(event)}")

    def spoken(self, time: int, sender: str, text: str, *, action: bool = False) -> str:
        """What somebody said, or what we say ourselves."""
        return self._said_at(clock(time), sender, text, action=action)

    def _said_at(self, when: str, sender: str, text: str, *, action: bool = False) -> str:
        if not sender:
            return f"{when} {one_line(text)}"
        if action:
            return f"{when} * {self._coloured(_name(sender))} {one_line(text)}"
        return f"{when} {self._coloured(_name(sender))} > {one_line(text)}"

    def _when(self, message: Message) -> str:
        """When something of the past was said: as a classic server wrote it, else in our zone."""
        if not message.room:
            return message.replayed
        said, today = day(message.time), day(self._now())
        return clock(message.time) if said == today else f"{said} {clock(message.time)}"

    def _where(self, message: Message) -> str:
        if message.direct:
            return " [direct]"
        elsewhere = message.room and message.room.lower() != self.room.lower()
        return f" [{_name(message.room)}]" if elsewhere else ""

    def _coloured(self, name: str) -> str:
        return self._style(name, fg=COLOURS[zlib.crc32(name.encode()) % len(COLOURS)])

    def _dim(self, text: str) -> str:
        return self._style(text, dim=True)

    def _style(self, text: str, *, fg: str | None = None, dim: bool | None = None) -> str:
        return click.style(text, fg=fg, dim=dim) if self._colour else text


def clock(time: int) -> str:
    """The local time of day, HH:MM, of milliseconds since the epoch."""
    return datetime.fromtimestamp(time / 1000, UTC).astimezone().strftime("%H:%M")


def day(time: int) -> str:
    """The local date, `21 Nov`, of milliseconds since the epoch."""
    return datetime.fromtimestamp(time / 1000, UTC).astimezone().strftime("%-d %b")


def _name(sender: str) -> str:
    """The sender, unable to pass for a sender and what it said."""
    return one_line(sender).replace(">", "›")


def happened(event: Happened) -> str:
    """What happened, in words: `bob joined #lobby`."""
    match event:
        case Arrived(_, name, room):
            return f"{_name(name)} joined {one_line(room)}"
        case Left(_, name, room, reason, by):
            why = f" ({one_line(reason)})" if reason else ""
            how = (
                f"was sent out of {one_line(room)} by {_name(by)}"
                if by
                else f"left {one_line(room)}"
            )
            return f"{_name(name)} {how}{why}"
        case NickChanged(_, was, name):
            return f"{_name(was)} is called {_name(name)} now"
        case TopicChanged(_, room, topic, by):
            about = one_line(topic) or "nothing in particular"
            return f"{one_line(room)} is about: {about} (says {_name(by)})"
        case RoomRenamed(_, was, room, by):
            return f"{one_line(was)} is called {one_line(room)} now (says {_name(by)})"
        case Redacted(_, name, room):
            return f"{_name(name)} took back something said in {one_line(room)}"
        case Edited(_, name, room, _, text):
            return f"{_name(name)} changed something said in {one_line(room)} to: {one_line(text)}"
        case _:
            assert_never(event)


def renamed(event: Joined) -> str:
    """That we are called otherwise than we wanted, and why: `ben is taken, you are ben_2`."""
    return f"{one_line(event.why)}, you are {_name(event.name)}"


def _status(event: Joined | Renamed | Hint | Gap | Disconnected | Waiting | CaughtUp) -> str:
    match event:
        case Joined():
            back = ", as before" if event.resumed else ""
            rooms = f" in {', '.join(map(one_line, event.rooms))}" if event.rooms else ""
            return f"joined {event.server} as {_name(event.name)}{rooms}{back}"
        case Renamed():
            return f"you are called {_name(event.name)} here"
        case Hint():
            return f"hint: {one_line(event.text)}"
        case Gap():
            return f"{event.count} lines were dropped here: they came faster than they were read"
        case Disconnected():
            return f"disconnected: {one_line(event.reason)}"
        case Waiting():
            return f"trying again ({one_line(event.reason)}); what you type is kept"
        case CaughtUp(texts=texts):
            return f"sent what was kept: {_count(len(texts))}"
        case _:
            assert_never(event)


def _count(lines: int) -> str:
    return "1 line" if lines == 1 else f"{lines} lines"
