"""Which nick to offer, and which next when the server will not have it.

Owns what a typed name becomes (`José García` → `José_García`), and the order of the others:
`ada_2` when it is taken, plain ASCII and then nine characters when it is no nick there. Pure.
"""

from __future__ import annotations

import re
import unicodedata

SHORT = 9
"""Characters of a nick that every server takes (RFC 1459)."""

MOST = 20
"""Nicks that are tried before we give up."""

# Modern, "Clients": what no nick may hold, and what none may begin with.
_FORBIDDEN = re.compile(r"[\s,*?!@.\x00-\x1f\x7f]+")
_NOT_FIRST = "$:#&~%+"
_NOT_ASCII_NICK = re.compile(r"[^A-Za-z0-9_\[\]\\`^{}|-]+")


def nick_of(name: str) -> str:
    """The name as a nick; "guest" when nothing is left of it."""
    nick = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", name.strip()))
    return f"_{nick[1:]}" if nick[:1] in tuple(_NOT_FIRST) and nick[1:] else nick or "guest"


class Nicks:
    """The nicks to try, in order."""

    def __init__(self, name: str) -> None:
        self._form = nick_of(name)
        self._forms = [form for form in _plainer(self._form) if form != self._form]
        self._short = False
        self._number = 1
        self._left = MOST

    @property
    def current(self) -> str:
        """The nick to try now."""
        suffix = f"_{self._number}" if self._number > 1 else ""
        length = SHORT - len(suffix) if self._short else None
        return f"{self._form[:length]}{suffix}"

    def taken(self) -> bool:
        """Hear that somebody has it; False when there is none left to try."""
        self._number += 1
        return self._spent()

    def bad(self) -> bool:
        """Hear that it is no nick there; False when there is none left to try."""
        if not self._forms:
            return False
        self._form, *self._forms = self._forms
        self._short = not self._forms
        return self._spent()

    def _spent(self) -> bool:
        self._left -= 1
        return self._left > 0


def _plainer(nick: str) -> list[str]:
    decomposed = unicodedata.normalize("NFKD", nick)
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    ascii_nick = _NOT_ASCII_NICK.sub("_", letters)
    if not ascii_nick.strip("_"):
        ascii_nick = "guest"
    if ascii_nick[0] in "0123456789-":
        ascii_nick = f"_{ascii_nick}"
    return list(dict.fromkeys([ascii_nick, ascii_nick[:SHORT]]))
