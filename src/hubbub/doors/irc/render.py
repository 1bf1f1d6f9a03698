"""Events as lines, without their tags: what an IRC reader sees of what happens.

`lines` is told the capabilities of the reader's kind and nothing else of the reader, so that what
it makes can be shared. Tags and the joining of lines are `kind`'s.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, assert_never

from hubbub.core.events import (
    AccountSet,
    AwaySet,
    Changed,
    Edited,
    EntryKind,
    HostSet,
    Invited,
    Joined,
    Kicked,
    Offline,
    Online,
    Parted,
    Quit,
    Reacted,
    RealNameSet,
    Redacted,
    Refusal,
    Renamed,
    Repeated,
    Replay,
    RoomRenamed,
    Said,
    Tagged,
    TopicSet,
    Unsaved,
    Wallops,
    Watched,
)
from hubbub.core.metadata import MetadataSet, MetadataShown, MetadataUnsaved
from hubbub.core.roles import Role
from hubbub.doors.irc import keyvalues, letters
from hubbub.doors.irc.capabilities import Cap
from hubbub.doors.irc.playback import addressed, time_of_day
from hubbub.doors.irc.refusals import explain
from hubbub.hub.amending import in_words
from hubbub.hub.entries import cuts_of
from hubbub.wire.irc.line import MAX_BODY, head, line, room, with_text
from hubbub.wire.irc.modes import format_modes
from hubbub.wire.irc.multiline import bounded, parts
from hubbub.wire.irc.numerics import RPL_MONOFFLINE, RPL_MONONLINE

if TYPE_CHECKING:
    from hubbub.core.events import Event, PassingEvent, PrivateEvent, TalkEvent, Told
    from hubbub.core.sessions import Session

CTCP = "\x01"
ACTION = f"{CTCP}ACTION {{}}{CTCP}"
MOST_LINES = 100
"""Lines of one message for those who do not know "multiline"; the rest of it stands on the last."""
EDITED = "* edited: "
"""What nobody takes for something new."""


@lru_cache(8192)
def begun(command: str, to: str, source: str) -> bytes:
    """A line that says something, all but what it says."""
    return head(command, to, source=source)


def lines(event: Event, caps: Cap, server: str) -> list[bytes]:  # noqa: C901, PLR0911, PLR0912 (a table)
    """An event for bystanders with these capabilities; none when it shows nothing to them."""
    match event:
        case Said():
            return said(event)
        case Reacted(to=to):
            return _if(caps & Cap.MESSAGE_TAGS, line("TAGMSG", to, source=event.source))
        case Edited():
            return _edited(event)
        case Redacted():
            return _redacted(event, caps, server)
        case Joined():
            return _joined(event, caps, server)
        case Parted():
            reason = (event.text,) if event.text else ()
            return [line("PART", event.where, *reason, source=event.source, trailing=True)]
        case Quit():
            return [line("QUIT", event.text, source=event.source, trailing=True)]
        case Renamed():
            return [line("NICK", event.text, source=event.source)]
        case Kicked():
            words = (event.where, event.target or "*", event.text or event.nick)
            return [line("KICK", *words, source=event.source, trailing=True)]
        case TopicSet():
            return [line("TOPIC", event.where, event.text, source=event.source, trailing=True)]
        case Changed():
            return _changed(event)
        case RoomRenamed():
            # "channel-rename": the third parameter is always there. Others see what `moved` shows.
            names = (event.where, event.text, event.reason)
            renamed = line("RENAME", *names, source=event.source, trailing=True)
            return _if(caps & Cap.CHANNEL_RENAME, renamed)
        case (
            Tagged() | AwaySet() | RealNameSet() | HostSet() | AccountSet() | Invited() | Wallops()
        ):
            return _passing(event, caps)
        case Repeated() | Refusal() | Replay() | Unsaved() | Online() | Offline() | Watched():
            return _private(event, caps, server)
        case MetadataSet() | MetadataShown() | MetadataUnsaved():
            return _private(event, caps, server)
        case _:
            assert_never(event)


def command(event: TalkEvent) -> str:
    """By which command something was said."""
    if isinstance(event, Redacted):
        return "REDACT"
    if isinstance(event, Reacted):
        return "TAGMSG"
    if isinstance(event, Edited):
        return "EDIT"
    return "NOTICE" if event.kind is EntryKind.NOTICE else "PRIVMSG"


def said(event: Said) -> list[bytes]:
    """What somebody said, in as many lines as it takes, for those who know no other way."""
    begin = begun(command(event), event.to, event.source)
    text = event.text
    if event.kind is EntryKind.ACTION:
        space = room(begin) - len(ACTION.format(""))
        return [with_text(begin, ACTION.format(part)) for part in _parts(event, space)]
    if "\n" not in text and len(begin) + 4 * len(text) <= MAX_BODY and event.extra is None:
        return [with_text(begin, text)]
    return [with_text(begin, part) for part in _parts(event, room(begin))]


def fits(kind: EntryKind, to: str, source: str, text: str) -> bool:
    """Whether others will hear that text in one line."""
    word = "NOTICE" if kind is EntryKind.NOTICE else "PRIVMSG"
    space = room(begun(word, to, source))
    if kind is EntryKind.ACTION:
        space -= len(ACTION.format(""))
    return len(text.encode()) <= space


def _parts(event: Said, space: int) -> list[str]:
    text = bounded(event.text, MOST_LINES)
    # What follows the first line was no CTCP, and must not become one that programs answer.
    texts = [
        part.text.lstrip(CTCP) if index else part.text
        for index, part in enumerate(parts(text, space, cuts_of(event)))
    ]
    # "multiline": "Servers MUST NOT send blank lines to clients that have not negotiated" it.
    return [text for text in texts if text] or [""]


def _joined(event: Joined, caps: Cap, server: str) -> list[bytes]:
    name, session = event.where, event.session
    found = [entering(name, session, caps, source=event.source)]
    if event.role is not Role.NONE:
        found.append(line("MODE", name, *_given(event.role, event.nick), source=server))
    if caps & Cap.AWAY_NOTIFY and session.away is not None:
        found.append(line("AWAY", session.away, source=event.source, trailing=True))
    return found


def entering(name: str, session: Session, caps: Cap, *, source: str) -> bytes:
    """That a session, whose mask is `source`, enters a room."""
    if caps & Cap.EXTENDED_JOIN:
        who = (session.account or "*", session.real_name)
        return line("JOIN", name, *who, source=source, trailing=True)
    return line("JOIN", name, source=source)


def _given(role: Role, nick: str) -> list[str]:
    """What whoever comes back had before, for those who are there."""
    given = [letter for letter, one in letters.ROLES.items() if one in role]
    return [f"+{''.join(given)}", *[nick] * len(given)]


def _changed(event: Changed) -> list[bytes]:
    modes = [letters.written(change) for change in event.changes]
    space = room(begun("MODE", event.where, event.source))
    return [
        line("MODE", event.where, *params, source=event.source)
        for params in format_modes(modes, room=space)
    ]


def _edited(event: Edited) -> list[bytes]:
    """What those hear who do not know EDIT: words of the author's, who said the first, too."""
    if not event.said:
        return []  # of the past the message itself is shown as it is now
    word = "NOTICE" if event.was is EntryKind.NOTICE else "PRIVMSG"
    begin = begun(word, addressed(event), event.source)
    text = f"* {event.nick} {event.text}" if event.was is EntryKind.ACTION else event.text
    space = room(begin) - len(EDITED)
    return [with_text(begin, f"{EDITED}{one.text}") for one in parts(text, space) if one.text]


def _redacted(event: Redacted, caps: Cap, server: str) -> list[bytes]:
    if caps & Cap.MESSAGE_REDACTION:
        words = (event.to, event.target or "*", *([event.text] if event.text else []))
        return [line("REDACT", *words, source=event.source, trailing=bool(event.text))]
    # "message-redaction" leaves it to us whether others are told. Not of the past, where the
    # message is not shown at all and nobody knows any more who its author was.
    if not event.author:
        return []
    told = in_words(event, time_of_day(event.said, event.time))
    return [line("NOTICE", event.to, told, source=server, trailing=True)]


def _passing(event: PassingEvent, caps: Cap) -> list[bytes]:
    source = event.source
    match event:
        case Tagged(to=to):
            return _if(caps & Cap.MESSAGE_TAGS, line("TAGMSG", to, source=source))
        case AwaySet(away=away):
            reason = () if away is None else (away,)
            return _if(caps & Cap.AWAY_NOTIFY, line("AWAY", *reason, source=source, trailing=True))
        case RealNameSet(real_name=name):
            return _if(caps & Cap.SETNAME, line("SETNAME", name, source=source, trailing=True))
        case HostSet(username=user, host=host):
            return _if(caps & Cap.CHGHOST, line("CHGHOST", user, host, source=source))
        case AccountSet(account=account):
            return _if(caps & Cap.ACCOUNT_NOTIFY, line("ACCOUNT", account or "*", source=source))
        case Invited():
            return _if(caps & Cap.INVITE_NOTIFY, invitation(event))
        case Wallops(text=text):
            return [line("WALLOPS", text, source=source, trailing=True)]
        case _:
            assert_never(event)


def invitation(event: Invited) -> bytes:
    """What the one who is invited hears."""
    return line("INVITE", event.guest.nick, event.room.name, source=event.source)


def _metadata(event: Told, caps: Cap, server: str) -> list[bytes]:
    match event:
        case MetadataSet():
            return [keyvalues.unasked(event, server)]
        case MetadataShown():
            return [keyvalues.shown(event, server)]
        case MetadataUnsaved(target):
            return _if(caps & Cap.STANDARD_REPLIES, _unsaved("METADATA", target, server))
        case _:
            assert_never(event)


def _unsaved(command: str, target: str, server: str) -> bytes:
    words = (command, "NOT_SAVED", target, "It holds, and is saved when the disk can")
    return line("NOTE", *words, source=server, trailing=True)


def _private(event: PrivateEvent, caps: Cap, server: str) -> list[bytes]:
    match event:
        case Refusal(reason, what, details):
            nick = what.session.nick
            return [explain(reason, details, command=command(what), nick=nick, server=server)]
        case Unsaved(room=where):
            return _if(caps & Cap.STANDARD_REPLIES, _unsaved("MODE", where.name, server))
        # "monitor": the nick of who is told may be `*`.
        case Online(source=mask):
            return [line(RPL_MONONLINE, "*", mask, source=server, trailing=True)]
        case Offline(nick=nick):
            return [line(RPL_MONOFFLINE, "*", nick, source=server, trailing=True)]
        case Watched(seen):
            return _passing(seen, caps) if caps & Cap.EXTENDED_MONITOR else []
        case Repeated() | Replay():
            return []  # the echo of the first is `kind`'s; what was before, IRC clients ask for
        case MetadataSet() | MetadataShown() | MetadataUnsaved():
            return _metadata(event, caps, server)
        case _:
            assert_never(event)


def _if(condition: object, one: bytes) -> list[bytes]:
    return [one] if condition else []
