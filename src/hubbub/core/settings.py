"""Settings: how a room is, and who is on its lists.

A closed set, each member of which one kind of rule asks for. Doors have the letters for them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from hubbub.core.masks import Mask
    from hubbub.core.roles import Role
    from hubbub.core.sessions import Session


class Flag(StrEnum):
    """A setting that is on or off."""

    INVITE_ONLY = "invite-only"
    MODERATED = "moderated"
    """Only those with a role speak."""
    MEMBERS_ONLY = "members-only"
    """Nobody speaks from outside."""
    SECRET = "secret"  # noqa: S105 (no password)
    """Not listed, and not told of its members."""
    TOPIC_LOCKED = "topic-locked"
    NO_CTCP = "no-ctcp"


class ListKind(StrEnum):
    """A list of masks."""

    BAN = "ban"
    EXCEPTION = "exception"
    """From bans."""
    INVITATION = "invitation"
    """Standing: who matches needs no other."""


@dataclass(slots=True, frozen=True)
class Listed:
    """An entry of a list: the mask, who set it, and when (milliseconds)."""

    mask: Mask
    by: str
    time: int


@dataclass(slots=True, frozen=True)
class Topic:
    """What a room is about; `by` a nick as shown then, `time` milliseconds."""

    text: str
    by: str
    time: int


@dataclass(slots=True, eq=False)
class Settings:
    """How a room is. `key` is the word that lets one in, `limit` how many may be in it.

    `lists` are by the folded form of their masks.
    """

    flags: set[Flag] = field(default_factory=lambda: {Flag.MEMBERS_ONLY, Flag.TOPIC_LOCKED})
    key: str | None = None
    limit: int | None = None
    topic: Topic | None = None
    lists: dict[ListKind, dict[str, Listed]] = field(
        default_factory=lambda: {kind: {} for kind in ListKind}
    )

    @property
    def bans(self) -> dict[str, Listed]:
        """The list of bans, which every word that is said asks for."""
        return self.lists[ListKind.BAN]

    def put(self, kind: ListKind, listed: Listed) -> None:
        """Put a mask on a list, in place of an equal one."""
        self.lists[kind][listed.mask.folded] = listed

    def take(self, kind: ListKind, mask: Mask) -> Listed | None:
        """Take a mask off a list and return what was there."""
        return self.lists[kind].pop(mask.folded, None)

    def has(self, kind: ListKind, mask: Mask) -> bool:
        """Whether a list has a mask."""
        return mask.folded in self.lists[kind]


@dataclass(slots=True, frozen=True)
class FlagChange:
    """A flag goes on or off."""

    flag: Flag
    on: bool


@dataclass(slots=True, frozen=True)
class KeyChange:
    """The key is set, or removed (None)."""

    key: str | None


@dataclass(slots=True, frozen=True)
class LimitChange:
    """The limit is set, or removed (None)."""

    limit: int | None


@dataclass(slots=True, frozen=True)
class ListChange:
    """A mask is put on a list, or taken off."""

    kind: ListKind
    mask: Mask
    on: bool


@dataclass(slots=True, frozen=True)
class RoleChange:
    """A member is given a role, or it is taken away."""

    session: Session
    role: Role
    on: bool


Change: TypeAlias = FlagChange | KeyChange | LimitChange | ListChange | RoleChange
"""One change of a room; several that are asked for together are one event."""
