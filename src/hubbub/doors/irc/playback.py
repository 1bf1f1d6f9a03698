"""Playback: the past as lines that nobody takes for what is said now.

Events are rendered as live ones are. Who knows batches gets them in one, who does not a notice on
either side; who knows no times gets the time before each text. Programs that know none of
this might answer what was said long ago, so what is meant for programs (CTCP) is left out for them.
"""

from __future__ import annotations

from copy import copy
from datetime import datetime
from typing import TYPE_CHECKING, Final

from hubbub.core.events import Said
from hubbub.doors.irc import labels
from hubbub.doors.irc.capabilities import Cap
from hubbub.doors.irc.letters import SIGNS
from hubbub.hub.entries import role_of
from hubbub.hub.talk import CTCP
from hubbub.wire.irc.line import line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hubbub.core.events import Edited, Entry, RoomEvent
    from hubbub.doors.irc.kind import IrcKind

REPLAY_BYTES: Final = 16 * 1024
"""Bytes of text that a client is shown without having asked, but for one message that is longer."""

_SIGN_OF = {role: sign for sign, role in SIGNS.items()}


def batch(events: Sequence[RoomEvent], kind: IrcKind, *, target: str, now: int) -> bytes:
    """Events of a room or conversation, which the reader calls `target`; none are a batch, too."""
    found = lines(events, kind, now=now)
    if kind.caps & Cap.BATCH:
        return labels.batched(found, f"chathistory {target}", kind.server)
    # Times do not say enough: irssi knows them and shows when a line came, unless told otherwise.
    return _framed(found, kind.server, target)


def lines(events: Iterable[RoomEvent], kind: IrcKind, *, now: int) -> list[bytes]:
    """Events as lines that tell when it was, by a tag or in the text."""
    if not kind.caps & Cap.SERVER_TIME:
        events = [_stamped(_addressed(event), now) for event in spoken(events)]
    return [one for event in events for one in _lines(event, kind)]


def spoken(events: Iterable[Entry]) -> list[Said]:
    """What people said to people."""
    return [event for event in events if isinstance(event, Said) and event.text[:1] != CTCP]


def _lines(event: RoomEvent, kind: IrcKind) -> list[bytes]:
    shown = _addressed(event) if isinstance(event, Said) else event
    return kind.render(shown).splitlines(keepends=True)


def _addressed(event: Said) -> Said:
    if not role_of(event):
        return event
    again = copy(event)
    again.to = addressed(event)
    return again


def addressed(event: Said | Edited) -> str:
    """To whom something was said; of a room perhaps to those who have a role, or a higher one."""
    role = role_of(event)
    return f"{_SIGN_OF[role]}{event.room.name}" if role else event.to


def _stamped(event: Said, now: int) -> Said:
    """What was said, with the time before each line of it."""
    stamp = f"[{time_of_day(event.time, now)}]"
    stamped = copy(event)
    stamped.extra = None  # what it says of the text is true no more
    stamped.text = "\n".join(f"{stamp} {one}" for one in event.text.split("\n") if one.strip("\r"))
    return stamped


def _framed(lines: list[bytes], server: str, target: str) -> bytes:
    def notice(text: str) -> bytes:
        return line("NOTICE", target, text, source=server, trailing=True)

    if not lines:
        return notice("--- nothing was said earlier ---")
    return b"".join(
        (notice("--- said earlier: ---"), *lines, notice("--- that was said earlier ---"))
    )


def time_of_day(moment: int, now: int) -> str:
    """A time (milliseconds) as people here read it: `12:03`, with the day if that is not today."""
    then = datetime.fromtimestamp(moment / 1000).astimezone()
    today = datetime.fromtimestamp(now / 1000).astimezone()
    if then.date() == today.date():
        return f"{then:%H:%M}"
    return f"{then:%Y-%m-%d %H:%M}"
