"""Audit: what operators of the server did, one record for each act.

Who did it is kept as they were seen then: the session is gone when somebody asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ActKind(StrEnum):
    """What an operator can do to the server and those on it."""

    OPER = "oper"
    """Became an operator; `by` is whoever it is, `target` the operator's name."""
    OPER_FAILED = "oper-failed"
    """Wanted to, and was not let."""
    KILL = "kill"
    BAN = "ban"
    UNBAN = "unban"
    WALLOPS = "wallops"
    REHASH = "rehash"


@dataclass(slots=True, frozen=True)
class Act:
    """One act. `time` is milliseconds; `by` a mask (and the operator's name), or a word for the
    command line; `target` whom or what it was done to; `text` the reason given."""

    time: int
    kind: ActKind
    by: str
    target: str = ""
    text: str = ""
