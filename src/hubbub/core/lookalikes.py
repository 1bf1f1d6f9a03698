"""Look-alikes: names that people take for one another although they are not equal.

A name's skeleton is the same for all names that look like it (UTS 39 §4, with the letters' case
folded first). Marks count: José and Jose may sit in one classroom, an `а` from another alphabet
may not pass for an `a`. Names of ASCII alone never stand for one another: `bob` and `b0b` are what
their owners typed.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import Any, cast

from confusable_homoglyphs import confusables  # type: ignore[import-untyped]

_DATA = cast("dict[str, list[dict[str, Any]]]", confusables.confusables_data)
_DIRECTION = "\u200e"  # the data put it around what is written from right to left


def skeleton(name: str) -> str:
    """What a name looks like: without case and width, each letter as its plainest twin."""
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    prototypes = unicodedata.normalize("NFD", "".join(_prototype(char) for char in letters))
    # UTS 39 §5.5: a mark twice in a row looks like one.
    once = "".join(
        char
        for before, char in pairwise(" " + prototypes)
        if char != before or not unicodedata.combining(char)
    )
    return once.replace("i\u0307", "i").replace("j\u0307", "j")  # these have their dot already


@lru_cache(maxsize=4096)
def _prototype(char: str) -> str:
    """What all that look like one letter are compared as: its plainest twin, or its parts."""
    letters, spellings = _twins(char)
    if not spellings:
        return _plainest(letters)
    parts = min(spellings, key=lambda spelling: (len(spelling), spelling))
    return "".join(_plainest(_twins(part)[0]) for part in parts)


def _twins(char: str) -> tuple[set[str], set[str]]:
    """Everything that looks like a letter: letters, and letters with marks or several (ø, æ)."""
    letters, spellings = {char}, set()
    waiting = [char]
    while waiting:
        for twin in _DATA.get(waiting.pop(), ()):
            other = unicodedata.normalize("NFD", str(twin["c"]).strip(_DIRECTION).casefold())
            if len(other) > 1:
                spellings.add(other)
            elif other not in letters:
                letters.add(other)
                waiting.append(other)
    return letters, spellings


def _plainest(letters: set[str]) -> str:
    return min(letters, key=lambda letter: (not letter.isascii(), letter))
