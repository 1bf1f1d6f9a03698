"""What a name may be, whatever the server speaks: found out before anybody is called.

What a protocol then makes of it is its own: IRC has no spaces in nicks (`irc.nicks`).
"""

from __future__ import annotations

from hubbub.client.dialect import Dialect
from hubbub.client.errors import BadName
from hubbub.text.sanitise import one_line, without_controls

NAME_LIMIT = 200  # bytes


def checked_name(name: str, dialect: Dialect | None = None) -> str:
    """The name as it can be sent; raises BadName with what to do."""
    clean = one_line(name).strip()
    if not clean:
        raise BadName("the name is empty: give one with --name")
    if len(without_controls(name).strip().split("\n")) > 1:
        raise BadName("the name has several lines: give one line")
    limit = min(NAME_LIMIT, (dialect or Dialect()).countable)
    if len(clean.encode()) > limit:
        raise BadName(f"the name is longer than {limit} bytes of UTF-8: give a shorter one")
    return clean
