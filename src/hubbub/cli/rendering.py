"""Events as lines for people: `12:03 bob > hi`.

Owns what a line looks like, on a terminal and in a pipe. A colour never says anything that the
line does not say as well, and nothing that was sent can break out of its line.
"""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import assert_never

import click

from hubbub.client import (
    CaughtUp,
    Disconnected,
    Event,
    Gap,
    Hint,
    Joined,
    Message,
    Notice,
    Refused,
    Renamed,
    Waiting,
)
from hubbub.client.replay import without_stamp
from hubbub.text.sanitise import one_line

COLOURS = ("cyan", "green", "magenta", "yellow", "blue", "bright_red", "bright_cyan")
UNSENT = " (not sent yet)"


class Rendering:
    """Makes lines of events, with or without colour. Times of day are local."""

    def __init__(self, *, colour: bool) -> None:
        self._colour = colour

    def line(self, event: Event) -> str:
        """The line for an event; never empty, always one line."""
        match event:
            case Message(_, sender, text, replayed) if replayed:
                return self._said_at(replayed, sender, without_stamp(text))
            case Message(time, sender, text):
                return self.spoken(time, sender, text)
            case Notice(time, sender, text):
                return f"{clock(time)} {self._dim(f'-- {_name(sender)}: {one_line(text)}')}"
            case Refused(time, sender, reason):
                text = f"!! {_name(sender)}: error: {one_line(reason)}"
                return f"{clock(time)} {self._style(text, fg='red')}"
            case _:
                return self._dim(f"-- {_status(event)}")

    def spoken(self, time: int, sender: str, text: str) -> str:
        """What somebody said, or what we say ourselves."""
        return self._said_at(clock(time), sender, text)

    def _said_at(self, when: str, sender: str, text: str) -> str:
        if not sender:
            return f"{when} {one_line(text)}"
        return f"{when} {self._coloured(_name(sender))} > {one_line(text)}"

    def _coloured(self, name: str) -> str:
        return self._style(name, fg=COLOURS[zlib.crc32(name.encode()) % len(COLOURS)])

    def _dim(self, text: str) -> str:
        return self._style(text, dim=True)

    def _style(self, text: str, *, fg: str | None = None, dim: bool | None = None) -> str:
        return click.style(text, fg=fg, dim=dim) if self._colour else text


def clock(time: int) -> str:
    """The local time of day, HH:MM, of milliseconds since the epoch."""
    return datetime.fromtimestamp(time / 1000, UTC).astimezone().strftime("%H:%M")


def _name(sender: str) -> str:
    """The sender, unable to pass for a sender and what it said."""
    return one_line(sender).replace(">", "›")


def _status(event: Joined | Renamed | Hint | Gap | Disconnected | Waiting | CaughtUp) -> str:
    match event:
        case Joined():
            return f"joined {event.server} as {event.name}"
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
