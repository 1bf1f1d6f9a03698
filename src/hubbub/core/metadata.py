"""Metadata: what persons and rooms say of themselves, in keys and values.

The rules of keys and values, and what is told of them; pure. A person's are theirs to set, a room's
its operators'. Keys under `PRIVATE` are for the eyes of their person: what they have begun to
write in a room or a conversation, say. Next: `hub/metadata`, the verbs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from hubbub.text.sanitise import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hubbub.core.people import Person
    from hubbub.core.rooms import Room

MAX_KEY: Final = 64
"""Bytes of a key."""

PRIVATE: Final = "hubbub.chat/draft/"
"""What keys begin with that nobody sees but their person."""

_KEY: Final = re.compile(r"[a-z0-9_./-]+")

Owner: TypeAlias = "Person | Room"
"""Whose metadata it is."""


class Change(NamedTuple):
    """A key of somebody or a room gets a value, or goes (None)."""

    owner: Owner
    key: str
    value: str | None


@dataclass(slots=True, frozen=True)
class MetadataSet:
    """To a subscriber: of who or what is called `target` a key has that value now, or none."""

    target: str
    key: str
    value: str | None


@dataclass(slots=True, frozen=True)
class MetadataShown:
    """To one who follows metadata and learns that somebody is here: what is to be known of them."""

    target: str
    values: tuple[MetadataSet, ...]


@dataclass(slots=True, frozen=True)
class MetadataUnsaved:
    """To whoever changed it: the change is in force and will be saved when the disk can."""

    target: str


def is_key(text: str) -> bool:
    """Whether something can be set under that name."""
    return len(text) <= MAX_KEY and _KEY.fullmatch(text) is not None


def is_private(key: str) -> bool:
    """Whether only its person sees a key."""
    return key.startswith(PRIVATE)


def cleaned(key: str, value: str) -> str:
    """A value as others can be shown it; one that they never are stays as it is."""
    return value if is_private(key) else one_line(value)


def public(values: Mapping[str, str]) -> dict[str, str]:
    """What others see of a person's metadata."""
    return {key: value for key, value in values.items() if not is_private(key)}


def changed(values: Mapping[str, str], changes: Iterable[Change]) -> dict[str, str]:
    """Metadata with changes that came after."""
    now = dict(values)
    for _, key, value in changes:
        if value is None:
            now.pop(key, None)
        else:
            now[key] = value
    return now
