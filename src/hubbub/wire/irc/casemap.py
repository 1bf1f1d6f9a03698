"""Which names are equal, by the casemapping that a server announces.

Owns the mappings of Modern's CASEMAPPING token. Ours is `ascii` over NFC, the same rule as
`hubbub.core.names.fold` (the wire knows no core; a test holds them equal). The others are for our
client, which meets servers of all kinds.
"""

from __future__ import annotations

import string
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

CASEMAPPING = "ascii"
"""What our servers announce."""

_ASCII = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_STRICT = str.maketrans(string.ascii_uppercase + "[]\\", string.ascii_lowercase + "{}|")
_RFC1459 = _STRICT | str.maketrans("~", "^")


def fold(name: str) -> str:
    """The form in which names are compared: NFC, A-Z as a-z."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", name).translate(_ASCII)


def folding(casemapping: str) -> Callable[[str], str]:
    """How a server that announces `casemapping` compares names; `fold` when it is unknown."""
    return _FOLDINGS.get(casemapping, fold)


def _fold_rfc1459(name: str) -> str:
    return name.translate(_RFC1459)


def _fold_rfc1459_strict(name: str) -> str:
    return name.translate(_STRICT)


_FOLDINGS: dict[str, Callable[[str], str]] = {
    "ascii": fold,
    "rfc1459": _fold_rfc1459,
    "rfc1459-strict": _fold_rfc1459_strict,
    "strict-rfc1459": _fold_rfc1459_strict,
}
