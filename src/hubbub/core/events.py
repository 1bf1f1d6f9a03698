"""Events: all that can happen, a closed set.

What is kept is an `Entry`; each live event is an entry with the room and the session it belongs
to. `seq` and `time` are given when its batch is sealed, nothing may refer to them before.
An event is a *fact* (it happened, whether the disk likes it or not), *talk* (a claim: refused to
its author and heard by nobody unless it is saved) or a claim on a room's state (`TopicSet`,
`Changed`, `RoomRenamed`: it stays in force, and is saved first when the disk can again).
Doors and delivery `match` on the classes and end with `assert_never`.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from hubbub.core.metadata import MetadataSet, MetadataShown, MetadataUnsaved
from hubbub.core.roles import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hubbub.core.refusals import Reason
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session
    from hubbub.core.settings import Change

E = TypeVar("E", bound="Entry")

NO_TAGS: Mapping[str, str] = MappingProxyType({})
"""What a client adds that adds nothing."""


class EntryKind(StrEnum):
    """What an entry in the store records."""

    MESSAGE = "message"
    ACTION = "action"
    NOTICE = "notice"
    EDIT = "edit"
    REDACT = "redact"
    REACT = "react"
    UNREACT = "unreact"
    JOIN = "join"
    PART = "part"
    QUIT = "quit"
    NICK = "nick"
    KICK = "kick"
    TOPIC = "topic"
    MODE = "mode"
    RENAME = "rename"


TALK = frozenset({EntryKind.MESSAGE, EntryKind.ACTION, EntryKind.NOTICE})

SAID = TALK | {EntryKind.REACT, EntryKind.UNREACT}
"""What can be taken away again: words, and what else is said about them."""

AMENDING = frozenset({EntryKind.EDIT, EntryKind.REDACT})
"""What changes what another entry says."""


@dataclass(slots=True, eq=False)
class Entry:
    """One line of the record.

    `nick` is the name as it was shown then. `seq` orders a room's entries (positive when they
    happened here, negative when imported), `time` never decreases with it. `text` is the
    message, or the reason of a leave. `target` is the msgid that an edit or reaction is about.
    `edited` is when the text came to be what it is (milliseconds), 0 if it is the first.
    """

    room_id: int
    kind: EntryKind
    msgid: str
    person_id: int
    nick: str
    text: str = ""
    account: str | None = None
    target: str | None = None
    extra: str | None = None
    seq: int = 0
    time: int = 0
    edited: int = 0


def reworded(entry: E, text: str, time: int) -> E:
    """A message as an edit of that time leaves it. The message itself stays as it was: who is about
    to be shown it, because they came before the edit, holds it still."""
    now = copy(entry)
    now.text, now.edited = text, time
    return now


@dataclass(slots=True, eq=False, kw_only=True)
class Live(Entry):
    """An entry as it happens: where, and who does it. `source` is that one's mask at the time.

    `audience` is None for the members of the room, else the sessions that hear it (a direct
    message, or words for those with a role).
    """

    room: Room
    session: Session
    source: str = ""
    audience: tuple[Session, ...] | None = None


@dataclass(slots=True, eq=False, init=False)
class Said(Live):
    """Somebody said something. Talk.

    `to` is how it was addressed, `tags` what the sender's client adds for others. `send_id` makes
    a repeated sending recognisable.
    """

    to: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    send_id: str | None = None

    def __init__(  # noqa: PLR0917 (by position it costs a quarter; all that is said passes)
        self,
        session: Session,
        room: Room,
        text: str,
        msgid: str,
        kind: EntryKind = EntryKind.MESSAGE,
        to: str = "",
        audience: tuple[Session, ...] | None = None,
        extra: str | None = None,
        tags: Mapping[str, str] = NO_TAGS,
        send_id: str | None = None,
    ) -> None:
        self.room_id = room.id
        self.kind = kind
        self.msgid = msgid
        self.person_id = session.person.id
        self.nick = session.nick
        self.text = text
        self.account = session.account
        self.target = None
        self.extra = extra
        self.seq = self.time = self.edited = 0
        self.room = room
        self.session = session
        self.source = session.mask
        self.to = to
        self.audience = audience
        self.tags = tags
        self.send_id = send_id


@dataclass(slots=True, eq=False, kw_only=True)
class Happened(Live):
    """Something happened in a room that was called `where` then: rooms are renamed, too."""

    where: str


@dataclass(slots=True, eq=False, kw_only=True)
class Redacted(Happened):
    """Somebody took a message (`target`) away; `text` says why. Talk.

    `to` is how the message was addressed. `author` is who had said it, as they were called then,
    and `said` when (milliseconds), for those who can only be told so in words.
    """

    to: str = ""
    author: str = ""
    said: int = 0


@dataclass(slots=True, eq=False, kw_only=True)
class Edited(Happened):
    """Somebody has put a message of theirs (`target`) otherwise: `text` is what it says now. Talk.

    `to` is how the message was addressed, `was` its kind, and `said` when it was said
    (milliseconds; 0 when that is not told), for those who can only be told so in words.
    """

    to: str = ""
    was: EntryKind = EntryKind.MESSAGE
    said: int = 0


@dataclass(slots=True, eq=False, kw_only=True)
class Reacted(Happened):
    """Somebody reacts to a message (`target`) with what `text` is, or takes that back. Talk.

    `to` is how it was addressed, `tags` are what the sender's client says it with.
    """

    to: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, eq=False, kw_only=True)
class Joined(Happened):
    """A session entered a room. A fact. `role` is what it has there at once: it is the first, or
    had it before."""

    role: Role = Role.NONE


@dataclass(slots=True, eq=False, kw_only=True)
class Parted(Happened):
    """A session left a room; `text` says why. A fact."""


@dataclass(slots=True, eq=False, kw_only=True)
class Quit(Happened):
    """A session ended while it was in the room; `text` says why. A fact."""


@dataclass(slots=True, eq=False, kw_only=True)
class Renamed(Happened):
    """A session goes by another name, which is `text`; `nick` is the one it had. A fact."""


@dataclass(slots=True, eq=False, kw_only=True)
class Kicked(Happened):
    """`session` made `victim` leave; `text` says why. A fact once it is done."""

    victim: Session


@dataclass(slots=True, eq=False, kw_only=True)
class TopicSet(Happened):
    """The room is about something else, which is `text`."""


@dataclass(slots=True, eq=False, kw_only=True)
class Changed(Happened):
    """The room's settings, lists or roles changed."""

    changes: tuple[Change, ...]


@dataclass(slots=True, eq=False, kw_only=True)
class RoomRenamed(Happened):
    """The room goes by another name, which is `text`; `where` and `target` are the one it had.
    `reason` says why. A claim on the room's state."""

    reason: str = ""


TalkEvent: TypeAlias = Said | Edited | Redacted | Reacted
"""What its author may be refused still when it is to be saved."""

RoomEvent: TypeAlias = (
    TalkEvent | Joined | Parted | Quit | Renamed | Kicked | TopicSet | Changed | RoomRenamed
)
"""What is kept: it joins a room's log (or, with an audience of its own, goes to that)."""


@dataclass(slots=True, eq=False, kw_only=True)
class Passing:
    """What happens and is not kept. `time` (milliseconds) is when it was decided."""

    session: Session
    source: str
    time: int


@dataclass(slots=True, eq=False, kw_only=True)
class Tagged(Passing):
    """A session sends tags alone: it is typing, it likes what was said."""

    to: str
    tags: Mapping[str, str]
    msgid: str


@dataclass(slots=True, eq=False, kw_only=True)
class AwaySet(Passing):
    """A session is away, which is why; or here again (None)."""

    away: str | None


@dataclass(slots=True, eq=False, kw_only=True)
class RealNameSet(Passing):
    """A session has another real name."""

    real_name: str


@dataclass(slots=True, eq=False, kw_only=True)
class HostSet(Passing):
    """A session is seen with another user name or host; `source` is its mask before."""

    username: str
    host: str


@dataclass(slots=True, eq=False, kw_only=True)
class Invited(Passing):
    """A session is asked into a room. Heard by the guest as its own, by the room's operators as
    bystanders."""

    room: Room
    guest: Session


@dataclass(slots=True, eq=False, kw_only=True)
class AccountSet(Passing):
    """A session has signed in to an account, or out of it (None)."""

    account: str | None


@dataclass(slots=True, eq=False, kw_only=True)
class Wallops(Passing):
    """An operator of the server tells all who listen (`Trait.LISTENING`)."""

    text: str


PassingEvent: TypeAlias = Tagged | AwaySet | RealNameSet | HostSet | AccountSet | Invited | Wallops


@dataclass(slots=True, frozen=True)
class Repeated:
    """To its sender alone: it was said before with the same send-once id, and is not said again.

    `first` is the message as its sender would say it now, with the msgid and time of the first.
    """

    first: Said


@dataclass(slots=True, frozen=True)
class Refusal:
    """To one session alone: what it `said` was not. The late form of `Refused`."""

    reason: Reason
    said: TalkEvent
    details: tuple[str, ...] = ()


@dataclass(slots=True, frozen=True)
class Replay:
    """To one session alone: the room's last messages before it came, oldest first."""

    room: Room
    entries: tuple[Entry, ...]


@dataclass(slots=True, frozen=True)
class Unsaved:
    """To whoever changed a room: the change is in force and will be saved when the disk can."""

    room: Room


@dataclass(slots=True, frozen=True)
class Online:
    """To a watcher: somebody is here under a watched name; `source` is their mask."""

    nick: str
    source: str


@dataclass(slots=True, frozen=True)
class Offline:
    """To a watcher: nobody is here under a watched name any more, written as its last owner did."""

    nick: str


@dataclass(slots=True, frozen=True)
class Watched:
    """To a watcher who shares no room with somebody: what those who share one hear of them."""

    event: AwaySet | RealNameSet | HostSet | AccountSet


Told: TypeAlias = MetadataSet | MetadataShown | MetadataUnsaved
"""What those hear who follow metadata."""

PrivateEvent: TypeAlias = Repeated | Refusal | Replay | Unsaved | Online | Offline | Watched | Told
"""What one session hears alone, and is not kept."""

Event: TypeAlias = RoomEvent | PassingEvent | PrivateEvent
