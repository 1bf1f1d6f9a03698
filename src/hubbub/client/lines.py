"""What happens, as lines of a timeline.

Owns which events are a line, what kind it is, and where it belongs. Pure; `mirror` uses it for
what happens now and for pages of the past alike, so that both look the same.
"""

from __future__ import annotations

from hubbub.client import events as e
from hubbub.client.replay import without_stamp
from hubbub.client.timeline import Entry, Kind


def entry_of(event: e.Event) -> Entry | None:
    """The line that an event is; None for what is not shown as one."""
    match event:
        case e.Message(time, sender):
            kind = Kind.ACTION if event.action else Kind.MESSAGE
            text, edited = without_stamp(event), event.edited
            return Entry(time, kind, sender, text, event.msgid, event.reply_to, edited=edited)
        case e.Notice(time, sender, text):
            return Entry(time, Kind.NOTICE, sender, text)
        case e.Refused(time, sender, reason):
            return Entry(time, Kind.ERROR, sender, reason)
        case e.Hint(time, text):
            return Entry(time, Kind.STATUS, "", text)
        case e.Gap(time, count):
            return Entry(time, Kind.STATUS, "", f"{count} lines came too fast and were dropped")
        case e.Joined() | e.Disconnected():
            return Entry(event.time, Kind.STATUS, "", _link(event))
        case _:
            return _moved(event)


def _moved(event: e.Event) -> Entry | None:
    match event:
        case e.Arrived(time, name):
            return Entry(time, Kind.JOINED, name, "")
        case e.Left(time, name, _, reason, by):
            return Entry(time, Kind.KICKED if by else Kind.LEFT, name, reason, by=by)
        case e.NickChanged(time, was, name):
            return Entry(time, Kind.NICK, was, name)
        case e.TopicChanged(time, _, topic, by):
            return Entry(time, Kind.TOPIC, by, topic)
        case e.Ranked(time, _, name, signs, by):
            return Entry(time, Kind.RANK, name, signs, by=by)
        case e.RoomRenamed(time, was, room, by):
            return Entry(time, Kind.RENAMED, was, room, by=by)
        case _:
            return None


def _link(event: e.Joined | e.Disconnected) -> str:
    if isinstance(event, e.Disconnected):
        return f"disconnected: {event.reason}"
    back = ", as before" if event.resumed else ""
    why = f" ({event.why})" if event.why else ""
    return f"connected to {event.server} as {event.name}{back}{why}"


def place_of(event: e.Event) -> tuple[str, bool]:
    """The room or person that a line belongs to, "" for the server; whether it is a person."""
    match event:
        case e.Message(room=room, direct=direct):
            return room, direct
        case e.Notice(room=room) | e.Refused(room=room) | e.TopicChanged(room=room):
            return room, False
        case _:
            return "", False
