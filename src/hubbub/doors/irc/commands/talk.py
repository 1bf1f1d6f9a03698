"""Talk: PRIVMSG, NOTICE, in one line or in a batch of several, and tags alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hubbub.core.events import EntryKind, Repeated
from hubbub.core.ports import StoreError
from hubbub.core.refusals import Reason, Refused
from hubbub.core.roles import Role
from hubbub.doors.irc import reactions, send_once, service
from hubbub.doors.irc.batches import Spoiled, Whole
from hubbub.doors.irc.commands.rooms import the_room
from hubbub.doors.irc.dispatch import Command, declare
from hubbub.doors.irc.isupport import MAX_TARGETS
from hubbub.doors.irc.letters import SIGNS
from hubbub.doors.irc.render import fits
from hubbub.hub import people, repeats, talk
from hubbub.wire.irc import numerics as n
from hubbub.wire.irc.tags import client_tags

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from hubbub.core.rooms import Room
    from hubbub.doors.irc.dispatch import Handler
    from hubbub.doors.irc.door import IrcDoor
    from hubbub.wire.irc.line import Line

ACTION = "\x01ACTION "
SURELY_FITS = 240
"""Bytes of text that fit a line after the longest source and target."""


# -- what is said ------------------------------------------------------------------------------


def _privmsg(door: IrcDoor, line: Line) -> None:
    params = line.params
    if not params or not params[0]:
        door.answer(n.ERR_NORECIPIENT, "No recipient given (PRIVMSG)")
        return
    if len(params) < 2 or not params[1]:
        door.answer(n.ERR_NOTEXTTOSEND, "No text to send")
        return
    text, how = params[1], talk.PLAINLY
    if line.tags or text[0] == "\x01" or type(line) is Whole:
        text, how = _read(door, line)
    _say(door, line, text, how)


def _notice(door: IrcDoor, line: Line) -> None:
    # RFC 2812 §3.3.2: nothing is ever answered to a NOTICE; that it cannot be saved is no answer,
    # and a send-once id asks for one.
    if len(line.params) < 2 or "" in line.params[:2]:
        return
    text, how = _read(door, line)
    _say(door, line, text, how)


def _read(door: IrcDoor, line: Line) -> tuple[str, talk.How]:
    """What a line says, and how, unless it is plain words."""
    text, kind = line.params[1], EntryKind.MESSAGE
    if line.command == "NOTICE":
        kind = EntryKind.NOTICE
    elif text.startswith(ACTION):
        text, kind = text.removeprefix(ACTION).removesuffix("\x01"), EntryKind.ACTION
    cuts = line.cuts if isinstance(line, Whole) else None
    return text, talk.How(kind, client_tags(line.tags), send_once.send_id(door, line), cuts)


def _say(door: IrcDoor, line: Line, text: str, how: talk.How) -> None:
    if how.send_id is not None and not send_once.is_fit(door, line, how.send_id):
        return
    for target in _targets(door, line):
        try:
            if len(text) * (1 if text.isascii() else 4) > SURELY_FITS:
                _require_fit(door, target, text, how)
            if target[0] == "#":
                talk.say(door.hub, door.session, the_room(door, target), text, how=how)
            elif target[0] in SIGNS:
                _say_to_roles(door, target, text, how)
            else:
                _tell(door, target, text, how)
        except Refused as no:
            is_silent = how.kind is EntryKind.NOTICE and how.send_id is None
            if not is_silent or no.reason is Reason.UNWRITABLE:
                door.refuse(no, line.command)


def _require_fit(door: IrcDoor, target: str, text: str, how: talk.How) -> None:
    """Raise `Refused` TEXT_TOO_LONG when a line would have to be two for others."""
    if how.cuts is None and not fits(how.kind, target, door.session.mask, text):
        raise Refused(Reason.TEXT_TOO_LONG)


def _say_to_roles(door: IrcDoor, target: str, text: str, how: talk.How) -> None:
    """To those with a role, or a higher one: `@#room`."""
    room, to = _with_sign(door, target)
    role = SIGNS[to[0]]
    talk.say_to_roles(door.hub, door.session, room, text, role=role, to=to, how=how)


def _tell(door: IrcDoor, nick: str, text: str, how: talk.How) -> None:
    try:
        other = people.somebody(door.hub, nick)
    except Refused:
        if not service.is_meant(nick):
            raise
        service.hear(door, text, how)
        return
    room = talk.conversation(door.hub, door.session, other)
    if room is None:  # whoever is called so now came while the store was asked
        raise Refused(Reason.NO_SUCH_NICK, nick)
    talk.tell(door.hub, door.session, other, room, text, how=how)
    if other.away is not None and how.kind is not EntryKind.NOTICE:
        door.answer(n.RPL_AWAY, other.nick, other.away)


def _look(door: IrcDoor, line: Line) -> Coroutine[Any, Any, Handler | None] | None:
    """Ask the store for what the handler will want: conversations that are not open, which it may
    know, what was said before with the id of a message that cannot be said now, or a search."""
    if line.tags and _needs_first(door, line):
        return _find_first(door, line)
    if len(line.params) < 2 or (line.params[0][:1] == "#" and "," not in line.params[0]):
        return None
    hub, session = door.hub, door.session
    closed = []
    for target in line.params[0].split(",")[:MAX_TARGETS]:
        if target[:1] and target[0] != "#" and target[0] not in SIGNS:
            other = hub.world.session(target)
            if other is None:
                if service.is_meant(line.params[0]):
                    return service.look(door, *_read(door, line))
            elif talk.conversation(hub, session, other) is None:
                closed.append(target)
    return _open(door, closed) if closed else None


async def _open(door: IrcDoor, nicks: list[str]) -> None:
    for nick in nicks:
        try:
            await talk.open_conversation(door.hub, door.session, nick)
        except Refused:
            continue  # the handler comes to the same conclusion


def _needs_first(door: IrcDoor, line: Line) -> bool:
    """Whether a message with a send-once id cannot be said now: it may have been said before."""
    if send_once.send_id(door, line) is None or len(line.params) < 2 or "" in line.params[:2]:
        return False
    target = line.params[0]
    if "," in target:
        return False  # which no message with an id may have
    text, how = _read(door, line)
    try:
        _require_fit(door, target, text, how)  # the mask may be longer than it was
        if target[0] == "#":
            talk.require_voice(door.session, the_room(door, target), text)
        elif target[0] in SIGNS:
            talk.require_voice(door.session, _with_sign(door, target)[0], text)
        elif not service.is_meant(target):
            people.somebody(door.hub, target)
    except Refused:
        return True
    return door.hub.timeline.trouble is not None


async def _find_first(door: IrcDoor, line: Line) -> Handler | None:
    """What answers with the first message that had the id, None when there is none."""
    text, how = _read(door, line)
    target = line.params[0]
    role = SIGNS.get(target[0], Role.NONE)
    try:
        first = await repeats.find(
            door.hub, door.session, target[1:] if role else target, text, how, role
        )
    except StoreError:
        return None  # the handler says what cannot be done, and that is all there is to know
    if first is None:
        return None
    first.to = target
    return lambda door, _line: door.hub.timeline.tell(door.session, Repeated(first))


# -- tags alone --------------------------------------------------------------------------------


def _look_at_tags(door: IrcDoor, line: Line) -> Coroutine[Any, Any, Handler | None] | None:
    """Ask the store for the message that tags are a reaction to."""
    msgid = reactions.about(line.tags)
    target = line.params[0]
    if not msgid or "," in target or target[0] in SIGNS or service.is_meant(target):
        return None
    return reactions.keep(door, line, msgid)


def _tagmsg(door: IrcDoor, line: Line) -> None:
    tags = client_tags(line.tags)
    hub, session = door.hub, door.session
    for target in _targets(door, line):
        try:
            if target[0] == "#":
                talk.send_tags(hub, session, the_room(door, target), tags)
            elif target[0] in SIGNS:
                room, to = _with_sign(door, target)
                talk.require_voice(session, room)
                audience = talk.with_role(room, SIGNS[to[0]])
                talk.send_tags_to(hub, session, audience, tags, to=to)
            elif not service.is_meant(target):
                other = people.somebody(hub, target)
                talk.send_tags_to(hub, session, (other,), tags, to=other.nick)
        except Refused as no:
            door.refuse(no, line.command)


# -- batches -----------------------------------------------------------------------------------


def _batch(door: IrcDoor, line: Line) -> None:
    """Say why nothing comes of a batch; one of which something comes is a `Whole` message."""
    assert isinstance(line, Spoiled)
    door.fail("BATCH", *line.words)


# -- targets -----------------------------------------------------------------------------------


def _targets(door: IrcDoor, line: Line) -> list[str]:
    given = line.params[0]
    if "," not in given:
        return [given]
    targets = [target for target in dict.fromkeys(given.split(",")) if target]
    if len(targets) > MAX_TARGETS:
        door.answer(n.ERR_TOOMANYTARGETS, targets[MAX_TARGETS], "Too many targets")
    return targets[:MAX_TARGETS]


def _with_sign(door: IrcDoor, target: str) -> tuple[Room, str]:
    """The room of `@#room`, and how it is written for all."""
    sign, name = target[0], target[1:]
    room = the_room(door, name)
    return room, sign + room.name


declare(
    Command(
        "PRIVMSG",
        "<targets> <text>",
        "Say something",
        _privmsg,
        prepare=_look,
        silent=True,
    ),
    Command(
        "NOTICE",
        "<targets> <text>",
        "Say something that nobody answers by itself",
        _notice,
        prepare=_look,
        silent=True,
    ),
    Command(
        "BATCH",
        "<+|-reference> [<type> <target>]",
        "Begin or end a message of several lines (draft/multiline)",
        _batch,
    ),
    Command("TAGMSG", "<targets>", "Send tags alone", _tagmsg, prepare=_look_at_tags),
)
