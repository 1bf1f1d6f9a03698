"""Partners: whose a conversation of two is, for people who read its name, which is made of ids.

A conversation is named by the ids of its persons (core.world.direct_name). One that was imported
kept the name it had where it came from; there its own entries say who spoke.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from hubbub.store.schema import entries, people, rooms

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import Connection

TWO: Final = 2


def partners(connection: Connection, names: Collection[str]) -> dict[str, tuple[str, ...]]:
    """See `Archive.partners`."""
    return {name: _two(connection, name) for name in names}


def ids(name: str) -> tuple[int, ...]:
    """The ids of which a conversation's name is made; none of a name that is not made so."""
    low, _, high = name.removeprefix("@").partition(":")
    try:
        return int(low, 16), int(high, 16)
    except ValueError:
        return ()


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """The first two of the names, in the order of the alphabet."""
    return tuple(sorted(islice(dict.fromkeys(names), TWO), key=str.casefold))


def _two(connection: Connection, name: str) -> tuple[str, ...]:
    persons = _persons(connection, name)
    return in_order(persons if len(persons) == TWO else [*persons, *_speakers(connection, name)])


def _persons(connection: Connection, name: str) -> list[str]:
    return list(connection.scalars(select(people.c.nick).where(people.c.id.in_(ids(name)))))


def _speakers(connection: Connection, name: str) -> list[str]:
    """What each who spoke was called last."""
    room = select(rooms.c.id).where(rooms.c.folded == name).scalar_subquery()
    here = entries.c.room_id == room
    last = select(func.max(entries.c.seq)).where(here).group_by(entries.c.person_id)
    said = select(entries.c.nick_as_shown).where(here, entries.c.seq.in_(last))
    return list(connection.scalars(said))
