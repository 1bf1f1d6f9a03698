"""Rooms: where people talk, and who is in them.

A room has a *log*: the sequence of its events as they are decided, numbered by `position` from
the start of the process. A member is in the room from a position on, one who left was in it up
to another, so who hears an event is settled when it is decided, however late it is delivered.
`seq` and `time` are another count: what the store knows, given when a batch is sealed.
A direct conversation is a room between two persons and has no members.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from hubbub.core.events import reworded
from hubbub.core.roles import Role
from hubbub.core.settings import ListKind, Settings

if TYPE_CHECKING:
    from hubbub.core.events import Entry, Said
    from hubbub.core.sessions import Session


MAX_AMENDED: Final = 100
"""Amended messages that a room remembers: as many as can be on their way to somebody, read
before and shown after it."""

MAX_ROLES: Final = 1000
"""Persons that have a role in one room."""


class RoomKind(StrEnum):
    """A room that people enter, a conversation between two, or what is kept of a room that was."""

    ROOM = "room"
    DIRECT = "direct"
    ENDED = "ended"


class Departed(NamedTuple):
    """One who left: hears the log's positions `since <= position < until`."""

    session: Session
    since: int
    until: int


class Arrival(NamedTuple):
    """One who came: the entry that says so, and the last seq that was sealed by then."""

    joined: Entry
    last_seq: int


@dataclass(slots=True, eq=False)
class Room:
    """A room or a direct conversation.

    `id` never changes, `name` may; `folded` is the name in its comparing form. `last_seq` and
    `last_time` (milliseconds) are those of the last entry sealed. `recent` holds the last
    messages delivered, oldest first, for those who arrive. `kept` says that the store has a row.
    `roles` are by the id of the person. `changes` counts how often settings or roles changed,
    `changes_saved` is the count that the store has. `created` is milliseconds, and so is
    `governed`: when it lost its operator, should none be in it now (0: it never had one).
    `speakers` are members found to be free to speak, as long as nothing changes about them or here.
    `metadata` is what the room's operators say of it, by key.
    `arrivals` say since when members are here. `renamed` is when its name changed (milliseconds).
    `amended` are messages (by msgid) that were edited or taken away lately: the last edit that is
    saved, or None, stands for what they say now. `edits` are those that are not saved yet.
    """

    id: int
    name: str
    folded: str
    kind: RoomKind = RoomKind.ROOM
    last_seq: int = 0
    last_time: int = 0
    kept: bool = False
    recent: deque[Said] = field(default_factory=lambda: deque(maxlen=100))
    members: dict[Session, int] = field(default_factory=dict)
    departed: list[Departed] = field(default_factory=list)
    position: int = 0
    created: int = 0
    settings: Settings = field(default_factory=Settings)
    roles: dict[int, Role] = field(default_factory=dict)
    changes: int = 0
    changes_saved: int = 0
    governed: int = 0
    renamed: int = 0
    speakers: set[Session] = field(default_factory=set, repr=False)
    metadata: dict[str, str] = field(default_factory=dict, repr=False)
    arrivals: dict[Session, Arrival] = field(default_factory=dict, repr=False)
    amended: dict[str, Entry | None] = field(default_factory=dict, repr=False)
    edits: set[Entry] = field(default_factory=set, repr=False)

    def enter(self, session: Session) -> None:
        """Let `session` hear the log from its own arrival on, which is the next position."""
        self.members[session] = self.position
        session.rooms.add(self)

    def leave(self, session: Session) -> None:
        """Let `session` hear the log up to here and no further; its own leaving comes after."""
        since = self.members.pop(session)
        self.arrivals.pop(session, None)
        self.speakers.discard(session)
        session.rooms.discard(self)
        self.departed.append(Departed(session, since, self.position))

    def hand_over(self, former: Session, session: Session) -> None:
        """Let `session` be here in place of `former`, which hears the log up to here."""
        arrival = self.arrivals.get(former)
        self.leave(former)
        self.enter(session)
        if arrival is not None:
            self.arrivals[session] = arrival

    def arrived(self, session: Session, joined: Entry) -> None:
        """Note the entry that tells of a member's arrival; it need not have its seq yet."""
        self.arrivals[session] = Arrival(joined, self.last_seq)

    def since(self, session: Session) -> int:
        """The seq before which, that one included, all was said before a member came."""
        arrival = self.arrivals.get(session)
        if arrival is None:
            return self.last_seq
        # An arrival that could not be saved has no seq; nor has what was said with it.
        return arrival.joined.seq - 1 if arrival.joined.seq else arrival.last_seq

    def amend(self, msgid: str, edit: Entry | None = None) -> None:
        """Note that a message was edited, or is being taken away, for those who have read it."""
        self.amended.pop(msgid, None)  # those noted longest ago stand first
        self.amended[msgid] = edit
        if len(self.amended) > MAX_AMENDED:
            del self.amended[next(iter(self.amended))]

    def is_gone(self, msgid: str) -> bool:
        """Whether a message was taken away lately, or is about to be."""
        return msgid in self.amended and self.amended[msgid] is None

    def forget(self, msgid: str) -> None:
        """Drop a message from `recent`: it is gone."""
        kept = [event for event in self.recent if event.msgid != msgid]
        self.recent.clear()
        self.recent.extend(kept)

    def reword(self, msgid: str, text: str, time: int) -> None:
        """Let a message in `recent` say what an edit of that time has made of it."""
        for index, event in enumerate(self.recent):
            if event.msgid == msgid:
                self.recent[index] = reworded(event, text, time)

    def forget_until(self, time: int) -> None:
        """Drop from `recent` what was said up to a moment (milliseconds): it is gone."""
        kept = [event for event in self.recent if event.time > time]
        self.recent.clear()
        self.recent.extend(kept)

    @property
    def unsaved(self) -> bool:
        """Whether the store does not know the last change."""
        return self.changes != self.changes_saved

    def touch(self) -> None:
        """Count a change of settings or roles, so that it is saved with what is recorded next."""
        self.changes += 1
        self.speakers.clear()

    def grant(self, person_id: int, role: Role) -> None:
        """Give a person a role. When that is one too many, who has one longest and is gone
        loses it."""
        self.roles[person_id] = self.roles.get(person_id, Role.NONE) | role
        if len(self.roles) > MAX_ROLES:
            here = {member.person.id for member in self.members} | {person_id}
            gone = next((id_ for id_ in self.roles if id_ not in here), None)
            if gone is not None:
                del self.roles[gone]
        self.touch()

    def revoke(self, person_id: int, role: Role) -> None:
        """Take a role from a person."""
        left = self.roles.pop(person_id, Role.NONE) & ~role
        if left:
            self.roles[person_id] = left
        self.touch()

    def role(self, session: Session) -> Role:
        """What a member, or somebody who was one, may do here."""
        return self.roles.get(session.person.id, Role.NONE)

    def is_operator(self, session: Session) -> bool:
        """Whether a session may change the room."""
        return session in self.members and Role.OPERATOR in self.role(session)

    def is_listed(self, kind: ListKind, session: Session, *, mutes: bool = False) -> bool:
        """Whether a list has a mask that means a session: of those that mute, or of the others."""
        return any(
            listed.mask.mutes is mutes and listed.mask.matches(session)
            for listed in self.settings.lists[kind].values()
        )

    def is_banned(self, session: Session, *, mutes: bool = False) -> bool:
        """Whether a ban (or a mute) means a session, and no exception does.

        An exception from mutes is none from bans; one from bans is from both.
        """
        return self.is_listed(ListKind.BAN, session, mutes=mutes) and not (
            self.is_listed(ListKind.EXCEPTION, session)
            or (mutes and self.is_listed(ListKind.EXCEPTION, session, mutes=True))
        )

    def forget_departed(self, position: int) -> None:
        """Drop those who left at or before `position`: all they were due is delivered."""
        if self.departed:
            self.departed = [gone for gone in self.departed if gone.until > position]
