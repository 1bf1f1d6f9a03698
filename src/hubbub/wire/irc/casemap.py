"""Which names are equal, by the casemapping that a server announces.

Owns the mappings of Modern's CASEMAPPING token. Ours is `ascii` over NFC (`text.casefold`). The
others are for our client, which meets servers of all kinds.
"""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

from hubbub.text.casefold import fold

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CASEMAPPING", "fold", "folding"]

CASEMAPPING = "ascii"
"""What our servers announce."""

_STRICT = str.maketrans(string.ascii_uppercase + "[]\\", string.ascii_lowercase + "{}|")
_RFC1459 = _STRICT | str.maketrans("~", "^")


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
