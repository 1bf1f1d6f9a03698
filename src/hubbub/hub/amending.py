"""Amending: what was said is put otherwise ("edit"), or taken away ("redaction").

One's own words for a time; in a room its operators take away whatever was said there, and change
nobody's words but their own. What is amended stands in the record already, so the store is asked
first (`find`), and what may have changed since is checked again when it is decided. The text itself
is the store's to change; here the room says it otherwise or forgets it, and remembers the msgid for
those whose answers are still on their way (`as_of_now`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from hubbub.core.events import TALK, Edited, EntryKind, Redacted, reworded
from hubbub.core.refusals import Reason, Refused
from hubbub.core.rooms import RoomKind
from hubbub.hub.entries import entry, for_role, role_of
from hubbub.hub.past import readable, require_readable
from hubbub.hub.rooms import may_govern, require_here
from hubbub.hub.talk import CTCP, require_length, require_voice, with_role
from hubbub.text.sanitise import without_nul
from hubbub.text.split import split_utf8

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hubbub.core.events import Entry, Live
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session
    from hubbub.hub.hub import Hub
    from hubbub.hub.past import Readable

A = TypeVar("A", Edited, Redacted)
E = TypeVar("E", bound="Live")


@dataclass(slots=True, frozen=True)
class Meant:
    """A message that somebody means, and where it stands."""

    where: Readable
    room: Room
    message: Entry

    @property
    def details(self) -> tuple[str, str]:
        """What a refusal says of it: where, and the msgid."""
        return self.where.name, self.message.msgid


async def find(hub: Hub, session: Session, to: str, msgid: str) -> Meant:
    """The message of that msgid in a room, or in the conversation with somebody.

    Raises `Refused`: NO_SUCH_ROOM, NOT_IN_ROOM, NO_SUCH_NICK, NO_SUCH_MESSAGE; `StoreError`.
    """
    where = await readable(hub, session, to)
    await hub.timeline.settled()  # what was said in the same breath is found, too
    room = where.room
    message = None if room is None else await hub.archive.message(room.id, msgid)
    if room is None or message is None:
        raise Refused(Reason.NO_SUCH_MESSAGE, where.name, msgid)
    return Meant(where, room, message)


def edit(hub: Hub, session: Session, meant: Meant, text: str) -> Edited:
    """Put what one has said otherwise. An action stays an action, and who heard it hears of it.

    Raises `Refused`: NOT_IN_ROOM, NO_SUCH_MESSAGE, NOT_YOUR_WORDS, TOO_LATE, CANNOT_SPEAK,
    BAD_EDIT, TEXT_TOO_LONG, UNWRITABLE, STOPPING, ENDED.
    """
    room, message = _require_there(hub, session, meant), meant.message
    if message.person_id != session.person.id:
        # Operators, too: what stands under somebody's name is what they said, or nothing.
        raise Refused(Reason.NOT_YOUR_WORDS, *meant.details)
    if not _governs(session, room):
        _require_in_time(hub, meant)
    if room.kind is RoomKind.ROOM:
        require_voice(session, room, text)
    _require_words(hub, meant, text)
    event = _amendment(Edited, EntryKind.EDIT, hub, session, meant, room, without_nul(text))
    event.was, event.said = message.kind, message.time
    room.edits.add(event)
    hub.timeline.record(event)
    hub.timeline.then(partial(_settle_edit, event))
    return event


def redact(hub: Hub, session: Session, meant: Meant, reason: str = "") -> Redacted:
    """Take a message away; a longer reason is cut.

    Raises `Refused`: NOT_IN_ROOM, NO_SUCH_MESSAGE, NOT_AUTHOR, TOO_LATE, UNWRITABLE, STOPPING,
    ENDED.
    """
    room, message = _require_there(hub, session, meant), meant.message
    if not _governs(session, room):
        if message.person_id != session.person.id:
            raise Refused(Reason.NOT_AUTHOR, *meant.details)
        _require_in_time(hub, meant)
    why = split_utf8(reason, hub.limits.topic)[0] if reason else ""
    event = _amendment(Redacted, EntryKind.REDACT, hub, session, meant, room, why)
    event.author, event.said = message.nick, message.time
    room.amend(message.msgid)
    hub.timeline.record(event)
    hub.timeline.then(partial(_settle, event))
    return event


def as_of_now(events: Iterable[E]) -> list[E]:
    """What was read a moment ago, as it is now: without what was taken away since, and with the
    words that were changed. Edits on their way were waited for (`past.at_rest`)."""
    found = []
    for event in events:
        room = event.room
        about = event.target if event.kind is EntryKind.EDIT else event.msgid
        if room.is_gone(about or ""):
            continue
        now = room.amended.get(event.msgid)
        found.append(event if now is None else reworded(event, now.text, now.time))
    return found


def in_words(event: Edited | Redacted, when: str) -> str:
    """What happened, for those whose protocol has no word for it; `when` the message was said."""
    if isinstance(event, Edited):
        action = "* " if event.was is EntryKind.ACTION else ""
        return f"{event.nick} changed what they said at {when} to: {action}{event.text}"
    if event.author == event.nick:
        told = f"{event.nick} took back what they said at {when}"
    else:
        told = f"{event.nick} removed what {event.author} said at {when}"
    return f"{told}: {event.text}" if event.text else told


# -- who may, and what -------------------------------------------------------------------------


def _require_there(hub: Hub, session: Session, meant: Meant) -> Room:
    """The room of a message that stands there still, where somebody may read it."""
    require_here(session)
    require_readable(session, meant.where)
    hub.timeline.require_writable()
    room = opened(hub, session, meant)
    if room.is_gone(meant.message.msgid):
        raise Refused(Reason.NO_SUCH_MESSAGE, *meant.details)
    return room


def _governs(session: Session, room: Room) -> bool:
    """Whether a room is theirs to keep in order; a conversation is nobody's."""
    return room.kind is RoomKind.ROOM and may_govern(session, room)


def _require_in_time(hub: Hub, meant: Meant) -> None:
    window = hub.limits.redact_own
    if hub.clock.now() - meant.message.time >= window:
        raise Refused(Reason.TOO_LATE, *meant.details, str(window // 1000))


def _require_words(hub: Hub, meant: Meant, text: str) -> None:
    """Raise `Refused` unless words for people are to be put in the place of such words."""
    message = meant.message
    if message.kind not in TALK:
        raise Refused(Reason.BAD_EDIT, *meant.details, "Only words can be edited")
    if CTCP in {message.text[:1], text[:1]}:
        raise Refused(Reason.BAD_EDIT, *meant.details, "What is for programs cannot be edited")
    if not text.strip():
        raise Refused(Reason.BAD_EDIT, *meant.details, "No text is left: take the message away")
    require_length(text, hub.limits.message)


# -- what happens ------------------------------------------------------------------------------


def _amendment(  # noqa: PLR0917 (who does what to which message)
    event: type[A],
    kind: EntryKind,
    hub: Hub,
    session: Session,
    meant: Meant,
    room: Room,
    text: str,
) -> A:
    """What is to happen to a message, heard by all who have heard it."""
    role = role_of(meant.message)
    return entry(
        event,
        hub,
        room,
        session,
        kind,
        text,
        target=meant.message.msgid,
        extra=for_role(role) if role else None,
        audience=audience_of(hub, meant),
        to=room.name if room.kind is RoomKind.ROOM else meant.where.name,
    )


def audience_of(hub: Hub, meant: Meant) -> tuple[Session, ...] | None:
    """Those who have heard the message, None for all of a room."""
    if meant.where.other is not None:
        other = hub.world.acting(meant.where.other)
        return () if other is None else (other,)
    role = role_of(meant.message)
    return with_role(meant.room, role) if role else None


def opened(hub: Hub, session: Session, meant: Meant) -> Room:
    """The room as it is open; a conversation that is open no more, or not yet, is opened for this.

    With oneself, should the other person have left: it is closed when either of them leaves.
    """
    room = hub.world.room(meant.room.folded)
    if room is None and meant.where.other is not None:
        room = meant.room
        other = hub.world.acting(meant.where.other) or session
        hub.world.add_room(room)
        session.conversations[room] = other
        other.conversations[room] = session
    return room or meant.room


def _settle(event: Redacted) -> None:
    """Forget the message, or that it was to be forgotten, when that could not be saved."""
    msgid = event.target or ""
    if event.seq:
        event.room.forget(msgid)
    else:
        event.room.amended.pop(msgid, None)


def _settle_edit(event: Edited) -> None:
    """Let the message say what it says now, if that could be saved."""
    room, msgid = event.room, event.target or ""
    room.edits.discard(event)
    if event.seq:
        room.reword(msgid, event.text, event.time)
        if not room.is_gone(msgid):
            room.amend(msgid, event)
