"""Letters: how modes are written, and which setting, list or role each letter means."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from hubbub.core.roles import Role
from hubbub.core.sessions import Trait
from hubbub.core.settings import (
    Flag,
    FlagChange,
    KeyChange,
    LimitChange,
    ListChange,
    ListKind,
    RoleChange,
)
from hubbub.wire.irc.modes import Change as Mode
from hubbub.wire.irc.modes import Kind, ModeKinds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session
    from hubbub.core.settings import Change
    from hubbub.wire.irc.modes import Sign

FLAGS = {
    "C": Flag.NO_CTCP,
    "i": Flag.INVITE_ONLY,
    "m": Flag.MODERATED,
    "n": Flag.MEMBERS_ONLY,
    "s": Flag.SECRET,
    "t": Flag.TOPIC_LOCKED,
}
LISTS = {"b": ListKind.BAN, "e": ListKind.EXCEPTION, "I": ListKind.INVITATION}
ROLES = {"o": Role.OPERATOR, "v": Role.VOICE}
SIGNS = {"@": Role.OPERATOR, "+": Role.VOICE}
TRAITS = {"i": Trait.INVISIBLE, "w": Trait.LISTENING, "B": Trait.BOT}
"""What a user says of themselves; `o`, the operator, is given and never asked for."""

BOT = "B"
OPERATOR = "o"
KEY, LIMIT = "k", "l"
USER_MODES = "Biow"
KINDS = ModeKinds("".join(LISTS), KEY, LIMIT, "".join(FLAGS), "".join(ROLES), "".join(SIGNS))

MEANINGS = {
    "b": "<mask>: whoever matches nick!user@host neither enters nor speaks",
    "e": "<mask>: no ban counts for them",
    "I": "<mask>: they need no invitation",
    "k": "<word>: who does not know it does not enter",
    "l": "<number>: so many may be in",
    "C": ": no CTCP, except for what somebody does (/me)",
    "i": ": only who is invited enters",
    "m": ": only who has a voice, or is an operator, speaks",
    "n": ": only members speak",
    "s": ": outsiders see neither it nor who is in it",
    "t": ": only operators change the topic",
    "o": "<nick>: is an operator of it",
    "v": "<nick>: has a voice",
}
"""What each letter says of a room, for people; its parameter first."""

USER_MEANINGS = {
    "B": "is a program",
    "i": "is hidden from those who share no room with them",
    "o": "is an operator of the server (OPER gives it)",
    "w": "hears WALLOPS",
}

_LETTERS: dict[Flag | ListKind | Role, str] = {
    meaning: letter for table in (FLAGS, LISTS, ROLES) for letter, meaning in table.items()
}


def described() -> Iterator[str]:
    """All letters with their meanings, a line each."""
    for letter, meaning in MEANINGS.items():
        yield f"+{letter} {meaning}".replace(" :", ":")
    yield "A mask m:MASK mutes and no more; a:ACCOUNT is about an account, never a nick"
    for letter, meaning in USER_MEANINGS.items():
        yield f"of yourself, +{letter}: {meaning}"


def written(change: Change) -> Mode:
    """A change as its letter."""
    match change:
        case FlagChange(flag, on):
            return Mode(_sign(on), _LETTERS[flag])
        case KeyChange(None):
            return Mode("-", KEY, "*", Kind.PARAM)
        case KeyChange(key):
            return Mode("+", KEY, key, Kind.PARAM)
        case LimitChange(None):
            return Mode("-", LIMIT, kind=Kind.PARAM_TO_SET)
        case LimitChange(limit):
            return Mode("+", LIMIT, str(limit), Kind.PARAM_TO_SET)
        case ListChange(kind, mask, on):
            return Mode(_sign(on), _LETTERS[kind], mask.text, Kind.LIST)
        case RoleChange(session, role, on):
            return Mode(_sign(on), _LETTERS[role], session.nick, Kind.PREFIX)
        case _:
            assert_never(change)


def signs(role: Role) -> str:
    """The signs before the nick of a member who has that role, the highest first."""
    return "".join(sign for sign, one in SIGNS.items() if one in role)


def of_room(room: Room, *, with_key: bool) -> list[str]:
    """How a room is, as the parameters of a MODE."""
    settings = room.settings
    letters = "+" + "".join(letter for letter, flag in FLAGS.items() if flag in settings.flags)
    params = []
    if settings.key is not None:
        letters += KEY
        params.append(settings.key if with_key else "*")
    if settings.limit is not None:
        letters += LIMIT
        params.append(str(settings.limit))
    return [letters, *params]


def of_user(session: Session) -> str:
    """What a user says of themselves, and whether they are an operator of the server."""
    found = "".join(letter for letter, trait in TRAITS.items() if trait in session.traits)
    return f"+{found}{OPERATOR if session.operator is not None else ''}"


def _sign(on: bool) -> Sign:  # noqa: FBT001 (what is signed)
    return "+" if on else "-"
