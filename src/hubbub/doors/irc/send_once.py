"""Send-once: the id that a client gives a message which it may have to send again.

Owns how the tag is written (docs/protocols/irc.md). That a repeat is said once is the store's
(`store/sends`), how it is told is `kind`'s (`Repeated`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hubbub.doors.irc.capabilities import Cap

if TYPE_CHECKING:
    from hubbub.doors.irc.door import IrcDoor
    from hubbub.wire.irc.line import Line

TAG: Final = "hubbub.chat/send-once"
_ID: Final = re.compile(r"[A-Za-z0-9_-]{22,64}")


def send_id(door: IrcDoor, line: Line) -> str | None:
    """The send-once id of a message, None when it has none; see `is_fit`."""
    given = line.tags.get(TAG)
    return given if given is not None and Cap.SEND_ONCE in door.caps else None


def is_fit(door: IrcDoor, line: Line, given: str) -> bool:
    """Whether an id and its message may be; who sent it is told when not.

    "A message with this tag MUST have exactly one target."
    """
    target = line.params[0]
    if "," in target:
        text = "A message with a send-once id goes to one target"
        door.fail(line.command, "SEND_ONCE_TOO_MANY_TARGETS", target, text)
    elif _ID.fullmatch(given) is None:
        text = "A send-once id has 22 to 64 of the characters A-Z a-z 0-9 - _"
        door.fail(line.command, "INVALID_SEND_ONCE_ID", target, text)
    else:
        return True
    return False
