"""What a server says of itself in 005, as far as a client must know it.

Owns the defaults for servers that say nothing (RFC 1459) and the forms of the tokens. Pure.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hubbub.wire.irc.casemap import folding
from hubbub.wire.irc.line import MAX_LINE
from hubbub.wire.irc.modes import ModeKinds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_HEX = re.compile(r"\\x([0-9A-Fa-f]{2})")


class Support:
    """The tokens that count, each as something to ask."""

    def __init__(self) -> None:
        self._tokens: dict[str, str] = {}
        self._prefix = "(ov)@+"
        self._chanmodes = "b,k,l,imnpst"
        self.fold: Callable[[str], str] = folding("rfc1459")
        self.kinds = ModeKinds.from_isupport(self._chanmodes, self._prefix)

    def take(self, tokens: Sequence[str]) -> None:
        """Read the tokens of one 005; the last parameter, which is for people, left out."""
        for token in tokens:
            name, _, value = token.partition("=")
            if name.startswith("-"):
                self._tokens.pop(name[1:], None)
            else:
                self._tokens[name] = _HEX.sub(lambda found: chr(int(found[1], 16)), value)
        self.fold = folding(self._tokens.get("CASEMAPPING", "rfc1459"))
        self.kinds = ModeKinds.from_isupport(
            self._tokens.get("CHANMODES", self._chanmodes),
            self._tokens.get("PREFIX", self._prefix),
        )

    def is_room(self, target: str) -> bool:
        """Whether a target is a room, and no person."""
        return target[:1] in (self._tokens.get("CHANTYPES", "#&") or "#")

    def room_of(self, target: str) -> str:
        """The room that `@#room`, said to its operators alone, is about."""
        return target.lstrip(self._tokens.get("STATUSMSG", "")) or target

    @property
    def line_length(self) -> int:
        """Bytes of a line with its CR LF, tags left out."""
        return max(MAX_LINE, self._number("LINELEN"))

    @property
    def history_limit(self) -> int:
        """How many messages one CHATHISTORY may ask for; 0 when the server names no limit."""
        return self._number("CHATHISTORY")

    @property
    def refers_by_msgid(self) -> bool:
        """Whether CHATHISTORY takes message ids."""
        return "msgid" in self._tokens.get("MSGREFTYPES", "msgid,timestamp").split(",")

    def _number(self, token: str) -> int:
        value = self._tokens.get(token, "")
        return int(value) if value.isascii() and value.isdigit() else 0
