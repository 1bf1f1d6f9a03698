"""Who is where: rooms, their topics and members, kept up with what the server tells.

Owns the state that JOIN, PART, KICK, QUIT, NICK, MODE, TOPIC, RENAME and NAMES change, and the
events they are. Small on purpose: modes that are no member's rank are not kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hubbub.client.events import (
    Arrived,
    Entered,
    Left,
    NickChanged,
    Ranked,
    Renamed,
    RoomRenamed,
    TopicChanged,
)
from hubbub.text.sanitise import one_line
from hubbub.wire.irc import numerics as n
from hubbub.wire.irc.modes import Kind, parse_modes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hubbub.client.events import Event
    from hubbub.client.irc.support import Support
    from hubbub.wire.irc.line import Line


@dataclass(slots=True)
class Member:
    """Somebody in a room. `signs` are those of their ranks: `@`, `+`."""

    nick: str
    signs: str = ""


@dataclass(slots=True)
class Room:
    """A room we are in."""

    name: str
    topic: str = ""
    members: dict[str, Member] = field(default_factory=dict)
    """By folded nick."""

    def entered(self, now: int) -> Entered:
        """The room as it is, as an event."""
        members = tuple((member.nick, member.signs) for member in self.members.values())
        return Entered(now, self.name, self.topic, members)


class Rooms:
    """The rooms we are in, by folded name. `me` is what we are called."""

    def __init__(self, support: Support) -> None:
        self._support = support
        self._rooms: dict[str, Room] = {}
        self.me = ""

    def __iter__(self) -> Iterator[Room]:
        return iter(self._rooms.values())

    def get(self, name: str) -> Room | None:
        """The room of this name, if we are in it."""
        return self._rooms.get(self._support.fold(name))

    def is_me(self, nick: str) -> bool:
        """Whether that is what we are called."""
        return self._support.fold(nick) == self._support.fold(self.me)

    def hear(self, line: Line, now: int) -> list[Event]:
        """Take a line; what it means as events, and nothing for those about other things."""
        who = one_line(line.source.partition("!")[0])
        match line.command, line.params:
            case "JOIN", [names, *_]:
                return [event for name in names.split(",") for event in self._join(who, name, now)]
            case "PART", [names, *reason]:
                why = one_line("".join(reason[:1]))
                return [e for name in names.split(",") for e in self._leave(who, name, now, why)]
            case "KICK", [name, victim, *reason]:
                return self._leave(victim, name, now, one_line("".join(reason[:1])), by=who)
            case "QUIT", params:
                return self._quit(who, now, one_line("".join(params[:1])))
            case "NICK", [nick, *_]:
                return self._rename(who, one_line(nick), now)
            case "TOPIC", [name, topic, *_]:
                return self._set_topic(name, topic, now, who)
            case "RENAME", [was, name, *reason]:
                return self._rename_room(was, name, now, who, one_line("".join(reason[:1])))
            case _:
                return self._hear_state(line, now, who)

    def _hear_state(self, line: Line, now: int, who: str) -> list[Event]:
        match line.command, line.params:
            case "MODE", [name, *modes]:
                return self._change(name, modes, now, who)
            case n.RPL_ENDOFNAMES, [_, name, *_] if room := self.get(name):
                return [room.entered(now)]
            case n.RPL_TOPIC, [_, name, topic, *_] if room := self.get(name):
                room.topic = one_line(topic)
            case n.RPL_NOTOPIC, [_, name, *_] if room := self.get(name):
                room.topic = ""
            case n.RPL_NAMREPLY, [_, _, name, words, *_] if room := self.get(name):
                for word in words.split():
                    self._name(room, word)
            case _:
                pass
        return []

    def _name(self, room: Room, word: str) -> None:
        nick = word.lstrip(self._support.kinds.signs)
        signs = word[: len(word) - len(nick)]
        nick = one_line(nick.partition("!")[0])  # "userhost-in-names"
        room.members[self._support.fold(nick)] = Member(nick, signs)

    def _join(self, who: str, name: str, now: int) -> list[Event]:
        folded = self._support.fold(name)
        if self.is_me(who):
            self._rooms[folded] = Room(one_line(name))
        room = self._rooms.get(folded)
        if room is None:
            return []
        room.members[self._support.fold(who)] = Member(who)
        return [Arrived(now, who, room.name)]

    def _leave(self, who: str, name: str, now: int, why: str, by: str = "") -> list[Event]:
        room = self.get(name)
        if room is None:
            return []
        room.members.pop(self._support.fold(who), None)
        if self.is_me(who):
            del self._rooms[self._support.fold(name)]
        return [Left(now, one_line(who), room.name, why, by)]

    def _quit(self, who: str, now: int, why: str) -> list[Event]:
        folded = self._support.fold(who)
        rooms = [room for room in self if room.members.pop(folded, None)]
        return [Left(now, who, room.name, why) for room in rooms]

    def _rename(self, was: str, nick: str, now: int) -> list[Event]:
        for room in self:
            member = room.members.pop(self._support.fold(was), None)
            if member is not None:
                room.members[self._support.fold(nick)] = Member(nick, member.signs)
        if self.is_me(was):
            self.me = nick
            return [Renamed(now, nick)]
        return [NickChanged(now, was, nick)]

    def _set_topic(self, name: str, topic: str, now: int, by: str) -> list[Event]:
        room = self.get(name)
        if room is None:
            return []
        room.topic = one_line(topic)
        return [TopicChanged(now, room.name, room.topic, by)]

    def _rename_room(self, was: str, name: str, now: int, by: str, why: str) -> list[Event]:
        room = self._rooms.pop(self._support.fold(was), None)
        if room is None:
            return []
        old, room.name = room.name, one_line(name)
        self._rooms[self._support.fold(name)] = room
        return [RoomRenamed(now, old, room.name, by, why)]

    def _change(self, name: str, modes: list[str], now: int, by: str) -> list[Event]:
        room = self.get(name)
        if room is None:
            return []
        kinds = self._support.kinds
        changed: dict[str, Member] = {}
        for change in parse_modes(modes, kinds=kinds):
            if change.kind is not Kind.PREFIX or change.param is None:
                continue
            member = room.members.get(self._support.fold(change.param))
            place = kinds.prefix.index(change.letter)
            if member is not None and place < len(kinds.signs):
                sign = kinds.signs[place]
                signs = set(member.signs) - {sign} | ({sign} if change.sign == "+" else set())
                member.signs = "".join(one for one in kinds.signs if one in signs)
                changed[member.nick] = member
        return [Ranked(now, room.name, one.nick, one.signs, by) for one in changed.values()]
