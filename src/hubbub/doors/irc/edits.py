"""Edits: how EDIT is written, and what history tells of it (hubbub.chat/edit).

Specified in docs/protocols/irc.md. The form is that of the IRCv3 draft for editing messages, under
names of ours. Whoever does not know it is told in a line of the author's (`render`). Who may edit
what is `hub.amending`'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hubbub.doors.irc.capabilities import Cap
from hubbub.wire.irc.tags import escape

if TYPE_CHECKING:
    from hubbub.core.events import Edited
    from hubbub.wire.irc.line import Line

EDITS: Final = Cap.EDIT | Cap.MESSAGE_TAGS
"""hubbub.chat/edit needs message-tags, in which it says all that it says."""

CHANGED: Final = "hubbub.chat/edited"
"""The tag of a message of the past that was edited: when that was."""

MOST_BYTES: Final = 3072
"""Of a new text as the value of a tag: the tags of a server have 4094 with all that they say."""

_TARGET: Final = "hubbub.chat/target-msgid"
_TEXT: Final = "hubbub.chat/edit-text"


def asked(line: Line) -> tuple[str, str]:
    """The msgid of the message that somebody means and what it is to say; "" is missing.

    Who cannot send tags gives both as parameters.
    """
    if _TARGET in line.tags or _TEXT in line.tags:
        msgid, text = line.tags.get(_TARGET, ""), line.tags.get(_TEXT, "")
        return msgid, text.replace("\r\n", "\n").replace("\r", "\n")
    _, msgid, text = [*line.params[:3], "", ""][:3]
    return msgid, text


def fits(text: str) -> bool:
    """Whether a text can be told to those who know the capability."""
    return len(escape(text).encode("utf-8", "replace")) <= MOST_BYTES


def tagged(section: bytes, event: Edited) -> bytes:
    """A section of tags, of a msgid at least, with what EDIT says: which message, and what now."""
    told = f"@{_TARGET}={escape(event.target or '')};{_TEXT}={escape(event.text)};"
    return told.encode("utf-8", "replace") + section.removeprefix(b"@")
