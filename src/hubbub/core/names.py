"""Names: which are equal, which are reserved, and how a typed one becomes a nick.

Equality is `text.casefold`'s. A classic user may type anything; it is translated once, on arrival,
into a nick that every protocol can show.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from precis_i18n import get_profile

from hubbub.core.lookalikes import skeleton
from hubbub.text.casefold import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MAX_NICK_BYTES", "SUFFIXES", "fold", "is_reserved", "nick_from", "variations"]

MAX_NICK_BYTES = 64
SUFFIXES = 99
"""How many variations of a name in use are tried: alice_2 … alice_99."""

# What no IRC nick may hold: separators of masks, targets and prefixes, and what breaks a line.
_ILLEGAL = re.compile(r"[\x00-\x20\x7f-\xa0!@,*?:#&+%~$./\\\"'`;<>=()]")
# What prints as nothing and is no control: variation selectors, joiners and fillers (Unicode's
# default ignorables that are marks or letters) and the blank Braille cell. "server" with one of
# these looks like "server", so they are left out, not replaced.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)
_ILLEGAL_IN_ROOMS = re.compile(r"[\x00-\x20\x7f-\xa0,\u200b-\u200f\u2028-\u202f\u2060-\u206f]")
_PROFILE = get_profile("UsernameCasePreserved")
_FORBIDDEN_FIRST = re.compile(r"[0-9\-]")
_RESERVED = frozenset({"server", "*", "hubbub"})
_RESERVED_LOOKS = frozenset(map(skeleton, _RESERVED))


def is_reserved(name: str) -> bool:
    """Whether a person may not be called so: it would pass for the house.

    Compared without case, width and decoration, so `＃Ｓｅｒｖｅｒ＃` is found out too, and so are
    letters of other alphabets: `ѕerver`.
    """
    plain = unicodedata.normalize("NFKC", name).casefold().strip("#_ ")
    if plain.isascii():
        return not plain or plain in _RESERVED
    return skeleton(plain) in _RESERVED_LOOKS


def why_no_nick(nick: str, max_bytes: int = MAX_NICK_BYTES) -> str:
    """Why nobody may be called so, "" when somebody may (RFC 8265 UsernameCasePreserved)."""
    if not nick:
        return "it is empty"
    if len(nick.encode("utf-8", "replace")) > max_bytes:
        return f"it is longer than {max_bytes} bytes"
    if _ILLEGAL.search(nick) or _FORBIDDEN_FIRST.match(nick):
        return "it holds what a name may not hold"
    if is_reserved(nick):
        return "it is the server's own"
    if not nick.isascii():
        try:
            enforced = _PROFILE.enforce(nick)
        except UnicodeEncodeError:
            return "it holds letters that a name may not hold"
        if enforced != nick:
            return f"it would be written {enforced}"
    return ""


def is_room_name(name: str, max_bytes: int) -> bool:
    """Whether a room may be called so: `#` and something visible."""
    return (
        len(name) > 1
        and name[0] == "#"
        and len(name.encode("utf-8", "replace")) <= max_bytes
        and not _ILLEGAL_IN_ROOMS.search(name)
        and all(char.isprintable() for char in name)
    )


def nick_from(typed: str, max_bytes: int = MAX_NICK_BYTES) -> str:
    """A nick made of what a classic user typed, "" when nothing is left to make one of.

    Spaces and characters illegal in a nick become `_`, what nobody can see is left out, a
    forbidden first character gets `_` before it, and it is cut at `max_bytes` of UTF-8 before a
    combining mark is torn off. The cost does not grow with what was typed.
    """
    # What is invisible goes first: it can keep a letter and its mark from being composed.
    name = _INVISIBLE.sub("", typed.strip()[: 4 * max_bytes]).strip()
    name = unicodedata.normalize("NFC", name)
    name = "".join("_" if _is_unprintable(char) else char for char in name)
    name = _ILLEGAL.sub("_", name)
    if _FORBIDDEN_FIRST.match(name):
        name = "_" + name
    return _cut(name, max_bytes) if name.strip("_") else ""


def variations(nick: str, max_bytes: int = MAX_NICK_BYTES) -> Iterator[str]:
    """The names to try when `nick` is in use, in order: nick_2, nick_3, …"""
    for number in range(2, SUFFIXES + 1):
        suffix = f"_{number}"
        yield _cut(nick, max_bytes - len(suffix)) + suffix


def _is_unprintable(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"}


def _cut(name: str, max_bytes: int) -> str:
    raw = name.encode("utf-8", "replace")
    if len(raw) <= max_bytes:
        return name
    kept = raw[:max_bytes].decode("utf-8", "ignore")
    if unicodedata.combining(name[len(kept)]):
        while kept and unicodedata.combining(kept[-1]):
            kept = kept[:-1]
        kept = kept[:-1]
    return kept
