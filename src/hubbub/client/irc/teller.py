"""What is told to the program, and when: events in order, and none twice.

Owns the holding back of what is said now until the past has been told, the memory of what was
told, and which lines besides talk are worth an event. Pure. Its user is `protocol`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.client.events import (
    Away,
    Edited,
    Entered,
    Message,
    Notice,
    Ranked,
    Reacted,
    Read,
    Redacted,
    Refused,
    Typing,
)
from hubbub.client.irc.about import IN_HISTORY, about
from hubbub.client.irc.memory import Place
from hubbub.client.irc.talk import TALK, event_of, place_of, time_of
from hubbub.text.sanitise import one_line
from hubbub.wire.irc.line import Line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hubbub.client.events import Event
    from hubbub.client.irc.memory import Memory
    from hubbub.client.irc.rooms import Rooms
    from hubbub.client.irc.support import Support


FOR_SCREENS = (Away, Edited, Entered, Ranked, Reacted, Read, Redacted, Typing)
"""What programs that answer messages are not told of; they ask for `everything` to hear it."""


class Teller:
    """Makes events of lines. It holds them back until `let_go`."""

    def __init__(
        self, support: Support, rooms: Rooms, memory: Memory, *, everything: bool = False
    ) -> None:
        """Without `everything` what only a screen has a use for is not told."""
        self._everything = everything
        self._support = support
        self._rooms = rooms
        self._memory = memory
        self._told: list[Event] = []
        self._held: list[Event | Line] = []
        self._holds = True

    def take(self) -> list[Event]:
        """The events that may be told now; each is given once."""
        told, self._told = self._told, []
        return told

    def hold(self) -> None:
        """Tell nothing of what comes, until `let_go`."""
        self._holds = True

    def let_go(self, now: int) -> None:
        """Tell what was held, and hold nothing any more."""
        self._holds = False
        self._memory.seen.begin()  # what was fetched does not go on in what is said now
        held, self._held = self._held, []
        for one in held:
            if isinstance(one, Line):
                self._tell_talk(one, now, replayed=False)
            else:
                self._told.append(one)

    def holds(self, msgid: str) -> bool:
        """Whether a message waits to be told."""
        return any(isinstance(one, Line) and one.tags.get("msgid") == msgid for one in self._held)

    def at_once(self, event: Event) -> None:
        """Tell it before all that is held."""
        if self._everything or not isinstance(event, FOR_SCREENS):
            self._told.append(event)

    def emit(self, event: Event) -> None:
        """Tell it in its turn."""
        if self._everything or not isinstance(event, FOR_SCREENS):
            (self._held if self._holds else self._told).append(event)

    def talk(self, line: Line, now: int) -> None:
        """Tell what somebody says now."""
        if self._holds:
            self._held.append(line)
        else:
            self._tell_talk(line, now, replayed=False)

    def replay(self, line: Line, now: int) -> None:
        """Tell what somebody said before, or what became of it."""
        if line.command in TALK:
            self._tell_talk(line, now, replayed=True)
        elif line.command in IN_HISTORY:
            self.about(line, now, replayed=True)

    def past(self, lines: Iterable[Line], now: int) -> list[Event]:
        """What lines that we asked for say; it is told to nobody, and may be known."""
        told: list[Event] = []
        for line in lines:
            one: Event | None = None
            if line.command in TALK:
                one = event_of(line, now, support=self._support, rooms=self._rooms, replayed=True)
            elif line.command in IN_HISTORY:
                one = about(line, now, support=self._support, rooms=self._rooms, replayed=True)
            told += [] if one is None else [one]
        return told

    def about(self, line: Line, now: int, *, replayed: bool = False) -> None:
        """Tell what a line says about a message, or about somebody."""
        event = about(line, now, support=self._support, rooms=self._rooms, replayed=replayed)
        if event is None:
            return
        if replayed:
            self.at_once(event)
        else:
            self.emit(event)

    def other(self, line: Line, now: int) -> None:
        """Tell what else is worth telling; most lines are not."""
        source = one_line(line.source.partition("!")[0])
        match line.command, line.params:
            case "INVITE", [_, room, *_]:
                self.emit(Notice(now, source, f"{source} invites you to {one_line(room)}"))
            case (("WALLOPS" | "WARN" | "NOTE"), [*_, text]):
                self.emit(Notice(now, source, one_line(text)))
            case "FAIL", [*_, text]:
                self.emit(Refused(now, source, one_line(text)))
            case command, [_, *words] if words and is_refusal(command):
                about = next((word for word in words[:-1] if self._support.is_room(word)), "")
                text = f"{about}: {words[-1]}" if about else words[-1]
                self.emit(Refused(now, source, one_line(text), room=one_line(about)))
            case _:
                pass

    def _tell_talk(self, line: Line, now: int, *, replayed: bool) -> None:
        """Tell what somebody said, unless it was told."""
        event = event_of(line, now, support=self._support, rooms=self._rooms, replayed=replayed)
        if event is None:
            return
        msgid, time = line.tags.get("msgid", ""), time_of(line.tags, 0)
        where, is_room = place_of(line, self._support, self._rooms)
        folded = self._support.fold(where)
        if not self._memory.seen.is_new(msgid, line.source, folded):
            return
        self._memory.latest = max(self._memory.latest, time)
        place = self._memory.places.get(folded)
        if place is None and msgid and not is_room and isinstance(event, Message):
            place = self._memory.places[folded] = Place(where, is_room=False)
        if place is not None:
            place.heard(msgid, time)
        self._told.append(event)


def is_refusal(command: str) -> bool:
    """Whether a numeric says no; that there is no message of the day is no refusal."""
    is_error = len(command) == 3 and command.isdigit() and command[0] in "45"
    return is_error and command != "422"
