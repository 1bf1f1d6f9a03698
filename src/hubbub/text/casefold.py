"""When two names are the same: the one rule for people and rooms, in every protocol.

Equality is ASCII casefold of NFC, what `CASEMAPPING=ascii` promises.
"""

from __future__ import annotations

import string
import unicodedata

_ASCII = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def fold(name: str) -> str:
    """The form in which names are compared: NFC, A-Z as a-z. Idempotent."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", name).translate(_ASCII)
