"""The world in memory: who is here and which rooms are open.

The one place where sessions and rooms are looked up. Only verbs change it, in their deciding
step, so nothing here waits and nothing needs a lock.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from hubbub.core import names
from hubbub.core.lookalikes import skeleton
from hubbub.core.rooms import RoomKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session


class World:
    """Sessions by nick and rooms by name, both in their folded form; sessions by person."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}
        self._looks: dict[str, list[Session]] = {}
        self._acting: dict[int, Session] = {}
        self._rooms: dict[str, Room] = {}
        self._marked: set[Session] = set()

    def __len__(self) -> int:
        return len(self._sessions)

    def __contains__(self, session: Session) -> bool:
        """Whether a session is here: it has arrived and not left."""
        return self._sessions.get(names.fold(session.nick)) is session

    @property
    def sessions(self) -> Iterable[Session]:
        """Everybody here, in the order of their arrival."""
        return self._sessions.values()

    @property
    def marked(self) -> Collection[Session]:
        """Those here who may have a trait or act for the server: few of many, to be counted."""
        return self._marked

    def mark(self, session: Session) -> None:
        """Count a session among those who may have a trait or act for the server."""
        self._marked.add(session)

    @property
    def opened(self) -> Iterable[Room]:
        """The rooms and conversations that are open."""
        return self._rooms.values()

    @property
    def rooms(self) -> Iterator[Room]:
        """The rooms that people can enter."""
        return (room for room in self._rooms.values() if room.kind is RoomKind.ROOM)

    def session(self, nick: str) -> Session | None:
        """Who is here under that name."""
        return self._sessions.get(names.fold(nick))

    def acting(self, person_id: int) -> Session | None:
        """The session of a person who is here."""
        return self._acting.get(person_id)

    def room(self, name: str) -> Room | None:
        """The open room or conversation of that name."""
        return self._rooms.get(names.fold(name))

    def add_session(self, session: Session) -> None:
        """Let a session be found by its nick, which must be free."""
        folded = names.fold(session.nick)
        if folded in self._sessions:
            raise ValueError(session.nick)
        self._sessions[folded] = self._acting[session.person.id] = session
        if session.traits or session.operator is not None:
            self.mark(session)
        self._looks.setdefault(skeleton(session.nick), []).append(session)

    def rename(self, session: Session, nick: str) -> None:
        """Let a session be found by another nick, which must be free or its own."""
        self.remove_session(session)
        session.name(nick)
        self.add_session(session)

    def is_confusing(self, nick: str, session: Session | None = None) -> bool:
        """Whether somebody else here could be taken for one of that name."""
        look = skeleton(nick)
        others = self._looks.get(look, ())
        return any(
            other is not session and not (nick.isascii() and other.nick.isascii())
            for other in others
        )

    def remove_session(self, session: Session) -> None:
        """Forget a session; its nick is free again."""
        del self._sessions[names.fold(session.nick)], self._acting[session.person.id]
        self._marked.discard(session)
        look = skeleton(session.nick)
        self._looks[look].remove(session)
        if not self._looks[look]:
            del self._looks[look]

    def add_room(self, room: Room) -> None:
        """Open a room, whose name must be free."""
        if room.folded in self._rooms:
            raise ValueError(room.name)
        self._rooms[room.folded] = room

    def rename_room(self, room: Room, name: str) -> None:
        """Let an open room be found by another name, which must be free or its own."""
        folded = names.fold(name)
        if self._rooms.get(folded, room) is not room:
            raise ValueError(name)
        del self._rooms[room.folded]
        room.name, room.folded = name, folded
        self._rooms[folded] = room

    def is_confusing_room(self, name: str, room: Room) -> bool:
        """Whether another room could be taken for one of that name."""
        look = skeleton(name)
        return any(
            other is not room
            and not (name.isascii() and other.name.isascii())
            and skeleton(other.name) == look
            for other in self.rooms
        )

    def close_room(self, room: Room) -> None:
        """Forget a room in memory, once or again; the store may know it further.

        Another that was opened under its name since stays.
        """
        if self._rooms.get(room.folded) is room:
            del self._rooms[room.folded]

    def free_nick(self, wanted: str, max_bytes: int = names.MAX_NICK_BYTES) -> str | None:
        """The wanted name or the first variation of it that nobody has, None when all are taken."""
        for nick in chain((wanted,), names.variations(wanted, max_bytes)):
            taken = names.fold(nick) in self._sessions or self.is_confusing(nick)
            if not taken and not names.is_reserved(nick):
                return nick
        return None


def direct_name(one: int, other: int) -> str:
    """The name of the conversation between two persons: both see it the same."""
    low, high = sorted((one, other))
    return f"@{low:016x}:{high:016x}"


def other_person(folded: str, person_id: int) -> int:
    """With whom a person has the conversation of that name; with themselves, perhaps."""
    one, other = (int(number, 16) for number in folded.removeprefix("@").split(":"))
    return other if one == person_id else one
