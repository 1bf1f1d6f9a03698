"""The keys of rooms and people, which clients of IRC are told in 005: a part of the tree in `keys`.

What may be typed has to fit into lines of 512 bytes beside names and hosts, so none of these
lengths can be more than what always does.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from hubbub.server.config.history import DAY, LONGEST
from hubbub.server.config.marks import BYTES, SECONDS

LONGEST_TEXT = 390
"""Bytes of a text that fits into a line of IRC beside the longest names."""


class Rooms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rooms, and how many of them one may be in."""

    per_person: Annotated[
        int,
        Meta(
            description="The rooms that one connection may be in at once (`CHANLIMIT`).",
            ge=1,
            le=10_000,
            extra={"unit": "rooms"},
        ),
    ] = 100
    name_length: Annotated[
        int,
        Meta(
            description="The longest name of a room with its #, in UTF-8 (`CHANNELLEN`). One"
            " that is longer is kept, and cannot be opened as long as it is.",
            ge=8,
            le=64,
            extra=BYTES,
        ),
    ] = 64
    topic_length: Annotated[
        int,
        Meta(
            description="The longest topic, in UTF-8; a longer one is cut (`TOPICLEN`).",
            ge=16,
            le=LONGEST_TEXT,
            extra=BYTES,
        ),
    ] = LONGEST_TEXT
    masks: Annotated[
        int,
        Meta(
            description="The masks that the lists of one room hold together: bans, exceptions,"
            " invitations (`MAXLIST`).",
            ge=1,
            le=10_000,
            extra={"unit": "masks"},
        ),
    ] = 200
    keep: Annotated[
        int,
        Meta(
            description="For how long a room lasts after anything has happened in it, when nobody"
            " is there. Then its topic, modes, bans and roles go, and its name is free for another."
            " 0 is for ever; the room of classic clients (`room`) always lasts.",
            ge=0,
            le=LONGEST,
            extra=SECONDS,
        ),
    ] = 30 * DAY


class Metadata(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What people and rooms say of themselves: `draft/metadata-3` (docs/protocols/irc.md)."""

    keys: Annotated[
        int,
        Meta(
            description="The keys that one person may set, and the operators of one room"
            " (`max-keys`).",
            ge=1,
            le=1_000,
            extra={"unit": "keys"},
        ),
    ] = 100
    value_length: Annotated[
        int,
        Meta(
            description="The longest value, in UTF-8 (`max-value-bytes`).",
            ge=16,
            le=240,  # with the longest key and the longest names it fits into a line
            extra=BYTES,
        ),
    ] = 240
    subscriptions: Annotated[
        int,
        Meta(
            description="The keys that one connection may hear of (`max-subs`).",
            ge=1,
            le=1_000,
            extra={"unit": "keys"},
        ),
    ] = 100


class People(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What people say of themselves, and whom they watch. Names are in `limits.name`."""

    away_length: Annotated[
        int,
        Meta(
            description="The longest reason for being away, in UTF-8; a longer one is cut"
            " (`AWAYLEN`).",
            ge=16,
            le=LONGEST_TEXT,
            extra=BYTES,
        ),
    ] = LONGEST_TEXT
    real_name_length: Annotated[
        int,
        Meta(
            description="The longest real name, in UTF-8 (`NAMELEN`).",
            ge=16,
            le=255,
            extra=BYTES,
        ),
    ] = 128
    username_length: Annotated[
        int,
        Meta(
            description="The longest user name in a mask; a longer one is cut (`USERLEN`).",
            ge=4,
            le=20,
            extra=BYTES,
        ),
    ] = 20
    watched: Annotated[
        int,
        Meta(
            description="The names that one connection may watch (`MONITOR`).",
            ge=1,
            le=10_000,
            extra={"unit": "names"},
        ),
    ] = 100
