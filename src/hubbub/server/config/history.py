"""The keys of history: what of the talk is kept for how long, and who is shown what of it: a part
of the tree in `keys`. What they mean for the record is told in `hubbub.core.retention`.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hubbub.server.config.marks import BYTES, MESSAGES, NEXT_START, SECONDS

DAY = 24 * 3600
LONGEST = 100 * 365 * DAY
"""A century: whoever wants more wants all."""


class History(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is kept of the talk, and what who arrives is shown of it."""

    replay: Annotated[
        int,
        Meta(
            description="How many earlier messages someone who arrives is shown; 0 shows none.",
            ge=0,
            le=100,
            extra=MESSAGES,
        ),
    ] = 20
    visible: Annotated[
        Literal["all", "since-join"],
        Meta(
            description="How much of what was said in a room its members may read: all of it, or"
            " what was said since they came. A room with a key, or for the invited only, shows"
            " what was said since they came in any case."
        ),
    ] = "all"
    redact_own: Annotated[
        int,
        Meta(
            description="For how long one may edit what one has said, or take it back (`EDIT`,"
            " `REDACT`). 0 is never: then only operators of a room take messages out of it, which"
            " they always may.",
            ge=0,
            le=LONGEST,
            extra=SECONDS,
        ),
    ] = DAY
    keep: Annotated[
        int,
        Meta(
            description="For how long what was said is kept. What is older is deleted, with the"
            " search for it. 0 is for ever.",
            ge=0,
            le=LONGEST,
            extra=SECONDS,
        ),
    ] = 0
    keep_size: Annotated[
        int,
        Meta(
            description="How large the record may become: beyond it the oldest goes, whichever room"
            " it is from. It is the database that is measured, what is in use of it, and not the"
            " search index, which may come to half as much. 0 is no limit.",
            ge=0,
            le=1024**5,
            extra=BYTES,
        ),
    ] = 0
    keep_arrivals: Annotated[
        int,
        Meta(
            description="For how long it is kept who came, who left and who took another name."
            " 0 is as long as what was said.",
            ge=0,
            le=LONGEST,
            extra=SECONDS,
        ),
    ] = 30 * DAY
    keep_memory: Annotated[
        int,
        Meta(
            description='Entries kept per room when `durability = "none"`, in memory only.',
            ge=0,
            le=10_000_000,
            extra={"unit": "entries"} | NEXT_START,
        ),
    ] = 10_000
