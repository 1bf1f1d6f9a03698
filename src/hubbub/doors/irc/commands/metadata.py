"""Metadata: METADATA, what people and channels say of themselves ("metadata").

One command with a table of subcommands; the verbs are `hub.metadata`'s, how keys and values look is
`keyvalues`'s. Before registration completes it is `following` that takes down what is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from hubbub.core import metadata as rules
from hubbub.core.refusals import Reason, Refused
from hubbub.doors.irc import following, keyvalues
from hubbub.doors.irc.dispatch import Command, When, declare
from hubbub.doors.irc.following import COMMAND
from hubbub.doors.irc.refusals import explain
from hubbub.hub import metadata
from hubbub.hub.metadata import SELF
from hubbub.wire.irc import numerics as n
from hubbub.wire.irc.line import line as written
from hubbub.wire.irc.split import LIST_ROOM, groups

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hubbub.doors.irc.door import IrcDoor
    from hubbub.wire.irc.line import Line


class _Subcommand(NamedTuple):
    """How many parameters follow its name, and what does it; `subscribing` is for aware clients."""

    run: Callable[[IrcDoor, str, list[str]], None]
    least: int
    most: int | None = None
    subscribing: bool = False


def _metadata(door: IrcDoor, line: Line) -> None:
    target, name, *params = [*line.params, "", ""][: max(2, len(line.params))]
    found = _SUBCOMMANDS.get(name.upper())
    if found is None:
        _invalid(
            door, name or "*", f'Unknown subcommand "{name}"' if name else "Too few parameters"
        )
    elif not target or len(params) < found.least:
        _invalid(door, name, "Too few parameters")
    elif found.most is not None and len(params) > found.most:
        _invalid(door, name, "Too many parameters")
    elif found.subscribing and not keyvalues.is_aware(door):
        _invalid(door, name, "That takes the capabilities draft/metadata-3 and batch")
    else:
        found.run(door, target, params)


def _invalid(door: IrcDoor, name: str, text: str) -> None:
    door.fail(COMMAND, "INVALID_PARAMS", name, text)


def _is_here(door: IrcDoor) -> bool:
    return door.session_or_none is not None


def _require_self(door: IrcDoor, target: str) -> None:
    """Raise `Refused` NO_SUCH_TARGET for anybody else, and for any name of who has none yet."""
    if target == SELF:
        return
    who = door.hub.world.session(target)
    if who is None or who is not door.session_or_none:
        raise Refused(Reason.NO_SUCH_TARGET, target)


# -- asking ------------------------------------------------------------------------------------


def _known(door: IrcDoor, name: str) -> tuple[str, dict[str, str]]:
    """Of whom a client asks, and what it may know of them. Raises `Refused`: NO_SUCH_TARGET."""
    if not _is_here(door):
        _require_self(door, name)
        return SELF, following.said(door)
    target = metadata.find(door.hub, door.session, name)
    return target.name, metadata.values(door.session, target)


def _get(door: IrcDoor, name: str, keys: list[str]) -> None:
    target, known = _known(door, name)
    lines: list[bytes] = []
    # "metadata": "The ordering of responses within the batch MUST match the order keys were
    # specified by the client".
    for key in keys:
        if rules.is_key(key):
            lines += keyvalues.answers(door, target, [(key, known.get(key))])
        else:
            lines.append(_warning(door, Refused(Reason.BAD_METADATA_KEY, key)))
    keyvalues.put(door, target, lines)


def _list(door: IrcDoor, name: str, _none: list[str]) -> None:
    target, known = _known(door, name)
    keyvalues.put(door, target, keyvalues.answers(door, target, sorted(known.items())))


def _synchronise(door: IrcDoor, name: str, _none: list[str]) -> None:
    if _is_here(door):
        keyvalues.part(door, metadata.synchronise(door.hub, door.session, name))
    else:
        _invalid(door, "SYNC", "You have not registered")


# -- setting -----------------------------------------------------------------------------------


def _set(door: IrcDoor, name: str, params: list[str]) -> None:
    key, value = [*params, ""][:2]
    if _is_here(door):
        target = metadata.find(door.hub, door.session, name).name
        now = metadata.change(door.hub, door.session, name, key, value)
    else:
        _require_self(door, name)
        target, now = SELF, following.say(door, key, value)
    door.put(b"".join(keyvalues.answers(door, target, [(key, now)])))


def _clear(door: IrcDoor, name: str, _none: list[str]) -> None:
    if _is_here(door):
        target, keys = metadata.clear(door.hub, door.session, name)
    else:
        _require_self(door, name)
        target, keys = SELF, sorted(following.said(door))
        for key in keys:
            following.say(door, key, "")
    keyvalues.put(door, target, keyvalues.answers(door, target, [(key, None) for key in keys]))


# -- hearing of it -----------------------------------------------------------------------------


def _subscribe(door: IrcDoor, name: str, keys: list[str]) -> None:
    _require_self(door, name)
    is_new = False
    wanted: list[str] = []
    bad: list[bytes] = []
    for key in keys:
        try:
            if _is_here(door):
                is_new |= metadata.subscribe(door.hub, door.session, key)
            else:
                following.want(door, key)
        except Refused as no:
            if no.reason is Reason.TOO_MANY_SUBSCRIPTIONS:
                # "metadata": "If the server sends this, it MUST stop processing any further keys".
                bad.append(_explained(door, no))
                break
            bad.append(_warning(door, no))
        else:
            wanted.append(key)
    _name(door, n.RPL_METADATASUBOK, wanted)
    for one in bad:
        door.put(one)
    if is_new:
        # "metadata": after new subscriptions either all that is known of them, or this. A client
        # that subscribes is about to enter rooms, or to subscribe to more.
        keyvalues.later(door, metadata.EVERYTHING)


def _unsubscribe(door: IrcDoor, name: str, keys: list[str]) -> None:
    _require_self(door, name)
    gone: list[str] = []
    bad: list[bytes] = []
    for key in keys:
        try:
            metadata.require_key(key)
        except Refused as no:
            bad.append(_warning(door, no))
            continue
        if _is_here(door):
            metadata.unsubscribe(door.hub, door.session, key)
        else:
            door.registration.keys.pop(key, None)
        gone.append(key)
    _name(door, n.RPL_METADATAUNSUBOK, gone)
    for one in bad:
        door.put(one)


def _subscriptions(door: IrcDoor, name: str, _none: list[str]) -> None:
    _require_self(door, name)
    if _is_here(door):
        keys: Sequence[str] = door.hub.subscribers.keys(door.session)
    else:
        keys = list(door.registration.keys)
    server = door.doors.settings.server
    lines = [
        written(n.RPL_METADATASUBS, door.nick, *some, source=server)
        for some in groups(keys, LIST_ROOM)
    ]
    keyvalues.put(door, "", lines, "metadata-subs")


def _name(door: IrcDoor, numeric: str, keys: list[str]) -> None:
    """Answer with keys, each a parameter of its own."""
    for some in groups(keys, LIST_ROOM):
        door.put(written(numeric, door.nick, *some, source=door.doors.settings.server))


def _explained(door: IrcDoor, no: Refused) -> bytes:
    server = door.doors.settings.server
    return explain(no.reason, no.details, command=COMMAND, nick=door.nick, server=server)


def _warning(door: IrcDoor, no: Refused) -> bytes:
    """What of a command could not be done, the rest of which goes on ("standard-replies")."""
    return _explained(door, no).replace(b" FAIL ", b" WARN ", 1)


_SUBCOMMANDS: Final = {
    "GET": _Subcommand(_get, 1),
    "LIST": _Subcommand(_list, 0, 0),
    "SET": _Subcommand(_set, 1, 2),
    "CLEAR": _Subcommand(_clear, 0, 0),
    "SUB": _Subcommand(_subscribe, 1, subscribing=True),
    "UNSUB": _Subcommand(_unsubscribe, 1, subscribing=True),
    "SUBS": _Subcommand(_subscriptions, 0, 0, subscribing=True),
    "SYNC": _Subcommand(_synchronise, 0, 0, subscribing=True),
}

declare(
    Command(
        COMMAND,
        "<target> <subcommand> [<key> <value>]",
        "See or say who people are, and what channels are about",
        _metadata,
        When.ANY,
        cost=2.0,
        silent=True,
        details=(
            "The target is a nick, a channel, or * for yourself",
            "* SET display-name :Ada - say it of yourself; * SET display-name - say it no more",
            "bob GET avatar, bob LIST - what somebody says of themselves",
            "* SUB avatar - hear when it changes; UNSUB, SUBS, SYNC likewise",
        ),
    )
)
