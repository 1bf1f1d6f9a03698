"""The mirror: all that is known of one server, made of what happened there and was typed here.

Owns the state that screens draw: buffers (rooms, conversations with a person, the server itself)
with their timelines, who is there, what is unread, who is typing. `apply` takes one event after the
other, of the library or of those below, and tells what changed. Pure: it has no clock, asks nobody,
and the same events make the same mirror. The order within a buffer is `timeline`'s.
"""

from __future__ import annotations

import re
from typing import NamedTuple, TypeAlias

from hubbub.client import events as e
from hubbub.client.buffers import (
    ACTIVE,
    PAUSED,
    Buffer,
    Closed,
    Judged,
    Link,
    Member,
    Opened,
    Page,
    Sort,
    Typed,
    Withdrawn,
)
from hubbub.client.lines import entry_of, place_of
from hubbub.client.timeline import Entry, Fate, Kind, Splice
from hubbub.text.casefold import fold

Input: TypeAlias = e.Event | Typed | Judged | Withdrawn | Page | Opened | Closed


class Change(NamedTuple):
    """What is otherwise now: entries of a buffer, or (None) something around them."""

    buffer: str
    """Its key."""
    splice: Splice | None = None


class Mirror:
    """One server, as we know it. `me` is what we are called there."""

    def __init__(self, me: str = "") -> None:
        self.me = me
        self.link = Link.NEW
        self.why = ""
        """Why the connection is down."""
        self.retry_at = 0
        """When the next attempt is made: ms since the epoch."""
        self.away: dict[str, str] = {}
        """The words of who is away, by folded nick."""
        self.buffers: dict[str, Buffer] = {"": Buffer("", Sort.SERVER)}
        self._names_me: re.Pattern[str] | None = None
        self._set_me(me)

    def get(self, name: str) -> Buffer | None:
        """The buffer of this name."""
        return self.buffers.get(fold(name))

    def is_me(self, nick: str) -> bool:
        """Whether that is what we are called."""
        return bool(self.me) and fold(nick) == fold(self.me)

    def apply(self, event: Input) -> list[Change]:
        """Take what happened; tells what changed."""
        match event:
            case e.Message() | e.Notice() | e.Refused() | e.Hint() | e.Gap() | e.TopicChanged():
                return self._take_line(event)
            case e.Arrived() | e.Left() | e.NickChanged() | e.Ranked() | e.RoomRenamed():
                return self._take_move(event)
            case e.Reacted() | e.Redacted() | e.Edited():
                return self._amend(event)
            case e.Joined() | e.Renamed() | e.Disconnected() | e.Waiting():
                return self._take_link(event)
            case Typed() | Judged() | Withdrawn() | e.Settled() | e.CaughtUp():
                return self._take_ours(event)
            case Page():
                return self._take_page(event)
            case _:
                return self._take_state(event)

    # --- lines

    def _open(self, name: str, sort: Sort) -> Buffer:
        buffer = self.buffers.get(fold(name))
        if buffer is None:
            buffer = self.buffers[fold(name)] = Buffer(name, sort)
            buffer.joined = sort is Sort.PERSON
        return buffer

    def _place(self, room: str, *, direct: bool = False) -> Buffer:
        if not room:
            return self.buffers[""]
        return self._open(room, Sort.PERSON if direct else Sort.ROOM)

    def _take_line(
        self,
        event: e.Message | e.Notice | e.Refused | e.Hint | e.Gap | e.TopicChanged,
    ) -> list[Change]:
        entry = entry_of(event)
        assert entry is not None
        room, direct = place_of(event)
        if not isinstance(event, e.Message | e.Notice) and room and fold(room) not in self.buffers:
            room = ""  # what is said about a place where we are not is the server's word
        buffer = self._place(room, direct=direct)
        if isinstance(event, e.TopicChanged):
            buffer.topic = event.topic
        replayed = isinstance(event, e.Message | e.Notice) and bool(event.replayed)
        self._look_at(entry)
        splice = buffer.timeline.add(entry, replayed=replayed)
        if splice is None:
            return []
        if splice.added > splice.removed:
            self._count(buffer, entry, replayed=replayed)
        return [Change(buffer.key, splice)]

    def _look_at(self, entry: Entry) -> None:
        """See whether it is ours, or names us."""
        entry.ours = entry.is_talk and self.is_me(entry.sender)
        if entry.is_talk and not entry.ours and self._names_me is not None:
            entry.mentions = self._names_me.search(entry.text) is not None

    def _count(self, buffer: Buffer, entry: Entry, *, replayed: bool) -> None:
        buffer.typing.pop(fold(entry.sender), None)
        is_new = entry.time > buffer.read if buffer.read else buffer.unread > 0
        if entry.ours or not entry.is_talk or (replayed and not is_new):
            return
        buffer.unread += 1
        buffer.mentions += entry.mentions
        if buffer.first_unread is None:
            buffer.first_unread = entry

    def _set_read(self, room: str, until: int) -> list[Change]:
        buffer = self.get(room)
        if buffer is None or until <= buffer.read:
            return []
        buffer.read = until
        buffer.unread = buffer.mentions = 0
        buffer.first_unread = None
        for entry in buffer.timeline.backwards():
            if entry.time <= until:
                break
            if entry.is_talk and not entry.ours:
                buffer.unread += 1
                buffer.mentions += entry.mentions
                buffer.first_unread = entry
        return [Change(buffer.key)]

    def _take_page(self, page: Page) -> list[Change]:
        buffer = self.get(page.room)
        if buffer is None:
            return []
        if page.complete:
            buffer.timeline.complete = True
        entries = [entry for entry in map(entry_of, page.events) if entry is not None]
        for entry in entries:
            self._look_at(entry)
        splices: list[Splice | None] = [
            *buffer.timeline.add_page(entries, page.before, _first_msgid(page)),
            *(
                buffer.timeline.amend(event, past=True)
                for event in reversed(page.events)
                if isinstance(event, e.Reacted | e.Redacted | e.Edited)
            ),
        ]
        changes = [Change(buffer.key, splice) for splice in splices if splice is not None]
        return changes or [Change(buffer.key)]

    def _amend(self, event: e.Reacted | e.Redacted | e.Edited) -> list[Change]:
        buffer = self.get(event.room)
        if buffer is None:
            return []
        splice = buffer.timeline.amend(event)
        return [] if splice is None else [Change(buffer.key, splice)]

    # --- what we say

    def _take_ours(
        self, event: Typed | Judged | Withdrawn | e.Settled | e.CaughtUp
    ) -> list[Change]:
        if isinstance(event, e.CaughtUp):
            return []  # each of them is `Settled`
        buffer = self._place(event.room, direct=not self._is_room(event.room))
        timeline = buffer.timeline
        splices: list[Splice | None] = []
        match event:
            case Typed(time, key, _, text, action, reply_to):
                kind = Kind.ACTION if action else Kind.MESSAGE
                splices.append(
                    timeline.type(
                        Entry(
                            *(time, kind, self.me, text),
                            reply_to=reply_to,
                            ours=True,
                            fate=Fate.PENDING,
                            key=key,
                        )
                    )
                )
            case Judged(key, _, fate, why):
                splices.append(timeline.judge(key, fate, why))
            case Withdrawn(key):
                splices.append(timeline.withdraw(key))
            case e.Settled(time, key, _, text, msgid, refused):
                typed = timeline.unsettled(key)
                if refused:
                    splices.append(timeline.judge(key, Fate.FAILED, refused))
                elif typed is not None or msgid:
                    kind = typed.kind if typed is not None else Kind.MESSAGE
                    reply_to = typed.reply_to if typed is not None else ""
                    saved = Entry(time, kind, self.me, text, msgid, reply_to, ours=True)
                    splices += timeline.save(key, saved)
        return [Change(buffer.key, splice) for splice in splices if splice is not None]

    def _is_room(self, name: str) -> bool:
        known = self.get(name)
        return known.sort is not Sort.PERSON if known is not None else name[:1] in "#&+!"

    # --- who is where, and what they do there

    def _take_state(
        self, event: e.Entered | e.Away | e.Typing | e.Read | Opened | Closed
    ) -> list[Change]:
        match event:
            case e.Entered():
                return self._enter(event)
            case e.Away(_, name, words):
                return self._set_away(name, words)
            case e.Typing():
                return self._set_typing(event)
            case e.Read(_, room, until):
                return self._set_read(room, until)
            case Opened(room, sort):
                return [Change(self._open(room, sort).key)]
            case Closed(room):
                return [Change(fold(room))] if self.buffers.pop(fold(room), None) else []

    def _enter(self, event: e.Entered) -> list[Change]:
        buffer = self._open(event.room, Sort.ROOM)
        buffer.topic, buffer.joined = event.topic, True
        buffer.members = {fold(nick): Member(nick, signs) for nick, signs in event.members}
        return [Change(buffer.key)]

    def _take_move(
        self, event: e.Arrived | e.Left | e.NickChanged | e.Ranked | e.RoomRenamed
    ) -> list[Change]:
        if isinstance(event, e.NickChanged):
            return self._rename(event)
        if isinstance(event, e.RoomRenamed):
            return self._rename_room(event)
        if isinstance(event, e.Arrived):
            self._open(event.room, Sort.ROOM)
        buffer = self.get(event.room)
        if buffer is None:
            return []
        folded, is_me = fold(event.name), self.is_me(event.name)
        match event:
            case e.Arrived():
                buffer.members.setdefault(folded, Member(event.name))
                buffer.joined = buffer.joined or is_me
            case e.Ranked():
                buffer.members[folded] = Member(event.name, event.signs)
            case e.Left():
                buffer.members.pop(folded, None)
                buffer.typing.pop(folded, None)
                if is_me:
                    buffer.joined, buffer.members = False, {}
        return self._note(buffer, event)

    def _rename_room(self, event: e.RoomRenamed) -> list[Change]:
        buffer = self.buffers.pop(fold(event.was), None)
        if buffer is None:
            return []
        buffer.name = event.room
        self.buffers[buffer.key] = buffer
        return [Change(fold(event.was)), *self._note(buffer, event)]

    def _note(self, buffer: Buffer, event: e.Event) -> list[Change]:
        entry = entry_of(event)
        splice = buffer.timeline.add(entry) if entry is not None else None
        return [Change(buffer.key, splice), Change(buffer.key)]

    def _rename(self, event: e.NickChanged) -> list[Change]:
        was, name = event.was, event.name
        changes: list[Change] = []
        if fold(was) in self.away:
            self.away[fold(name)] = self.away.pop(fold(was))
        talk = self.get(was)
        if talk is not None and talk.sort is Sort.PERSON and self.get(name) in (None, talk):
            del self.buffers[talk.key]
            talk.name = name
            self.buffers[talk.key] = talk
            changes += [Change(fold(was)), *self._note(talk, event)]
        for buffer in self.buffers.values():
            member = buffer.members.pop(fold(was), None)
            if member is not None:
                buffer.members[fold(name)] = Member(name, member.signs)
                changes += self._note(buffer, event)
        return changes

    def _set_away(self, name: str, words: str | None) -> list[Change]:
        if words is None:
            self.away.pop(fold(name), None)
        else:
            self.away[fold(name)] = words
        return [
            Change(buffer.key)
            for buffer in self.buffers.values()
            if fold(name) in buffer.members or buffer.key == fold(name)
        ]

    def _set_typing(self, event: e.Typing) -> list[Change]:
        buffer = self.get(event.room)
        if buffer is None or self.is_me(event.name):
            return []
        if event.on:
            lasts = PAUSED if event.paused else ACTIVE
            buffer.typing[fold(event.name)] = (event.name, event.time + lasts)
        else:
            buffer.typing.pop(fold(event.name), None)
        return [Change(buffer.key)]

    # --- the connection

    def _take_link(self, event: e.Joined | e.Renamed | e.Disconnected | e.Waiting) -> list[Change]:
        changes = [Change(key) for key in self.buffers]
        match event:
            case e.Joined(_, name, _, rooms):
                self._set_me(name)
                self.link, self.why, self.retry_at = Link.UP, "", 0
                self.away.clear()
                inside = {fold(room) for room in rooms}
                for buffer in self.buffers.values():
                    buffer.joined = buffer.sort is not Sort.ROOM or buffer.key in inside
            case e.Renamed(_, name):
                was = self.me
                self._set_me(name)
                if was:
                    changes += self._rename(e.NickChanged(event.time, was, name))
            case e.Disconnected(_, reason, _, retry):
                self.link, self.why = Link.DOWN if retry else Link.OVER, reason
                for buffer in self.buffers.values():
                    buffer.joined = False
                    buffer.typing.clear()
            case e.Waiting(time, delay, reason):
                self.link, self.why = Link.DOWN, reason
                self.retry_at = time + int(delay * 1000)
        entry = entry_of(event)
        splice = self.buffers[""].timeline.add(entry) if entry is not None else None
        return [*changes, Change("", splice)]

    def _set_me(self, name: str) -> None:
        self.me = name
        # Not in the middle of a word; a nick may itself begin or end with a sign.
        pattern = rf"(?<!\w){re.escape(name)}(?!\w)"
        self._names_me = re.compile(pattern, re.IGNORECASE) if name else None


def _first_msgid(page: Page) -> str:
    """The msgid that a page begins with; events that have none are passed over."""
    named = (
        event.msgid
        for event in page.events
        if isinstance(event, e.Message | e.Reacted | e.Edited | e.Redacted) and event.msgid
    )
    return next(named, "")
