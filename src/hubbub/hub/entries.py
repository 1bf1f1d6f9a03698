"""Entries: what every event that is kept begins with, made in one place; and for whom it was."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

from hubbub.core.roles import Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hubbub.core.events import Entry, EntryKind, Happened
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session
    from hubbub.hub.hub import Hub

E = TypeVar("E", bound="Happened")
_FOR = "for"
_TAGS = "tags"
_CUTS = "cuts"
_ROLES = {str(role.name).lower(): role for role in Role if role}


def entry(  # noqa: PLR0917 (who, where, what: the words of a sentence)
    event: type[E],
    hub: Hub,
    room: Room,
    session: Session,
    kind: EntryKind,
    text: str = "",
    **more: Any,
) -> E:
    """An event of that class: `session` does it, in `room`, now. `more` are the class's own."""
    return event(
        room.id,
        kind,
        hub.ids.msgid(hub.clock.now()),
        session.person.id,
        session.nick,
        text,
        session.account,
        room=room,
        session=session,
        source=session.mask,
        where=room.name,
        **more,
    )


def for_role(role: Role) -> str:
    """The `extra` of an entry that only members with a role have heard."""
    return json.dumps({_FOR: str(role.name).lower()})


def with_tags(extra: str | None, tags: Mapping[str, str]) -> str:
    """The `extra` with what the client of who spoke added for others."""
    told = json.loads(extra) if extra else {}
    return json.dumps(told | {_TAGS: dict(tags)}, ensure_ascii=False)


def with_cuts(extra: str | None, text: str, cuts: Sequence[int]) -> str:
    """The `extra` with where the client of who spoke went on in another line of `text`."""
    told = json.loads(extra) if extra else {}
    # The length tells whether it is that text still, should both be of an import.
    return json.dumps(told | {_CUTS: [*cuts, len(text)]}, ensure_ascii=False)


def is_for_all(entry: Entry) -> bool:
    """Whether everybody who may read a room's history may read this."""
    return entry.extra is None or role_of(entry) is Role.NONE


def role_of(entry: Entry) -> Role:
    """The role for which something was said, NONE for what all could hear."""
    name = _told(entry).get(_FOR)
    # A word from elsewhere (an import) hides what it is about from all but operators.
    return Role.NONE if name is None else _ROLES.get(name, Role.OPERATOR)


def tags_of(entry: Entry) -> dict[str, str]:
    """What the client of who spoke added for others."""
    tags = _told(entry).get(_TAGS)
    if not isinstance(tags, dict):
        return {}
    return {key: value for key, value in tags.items() if isinstance(value, str)}


def cuts_of(entry: Entry) -> tuple[int, ...]:
    """Where, in characters, the client of who spoke went on in another line: ascending."""
    if entry.edited or entry.extra is None or _CUTS not in entry.extra:
        return ()  # an edit is laid out anew
    cuts = _told(entry).get(_CUTS)
    if not isinstance(cuts, list) or not all(isinstance(cut, int) for cut in cuts):
        return ()  # of an import
    is_its_own = cuts[-1:] == [len(entry.text)] and all(one < two for one, two in pairwise(cuts))
    return tuple(cuts[:-1]) if is_its_own else ()


def _told(entry: Entry) -> dict[str, Any]:
    """What `extra` says beside the text; what it says of other kinds of entries is a list."""
    if entry.extra is None:
        return {}
    try:
        told = json.loads(entry.extra)
    except ValueError:  # `extra` of an import is any text
        return {}
    return told if isinstance(told, dict) else {}
