"""Look-alikes: names that people take for one another although they are not equal.

A name's skeleton is the same for all names that look like it (Unicode TR39, in the small). Names
of ASCII alone never stand for one another: `bob` and `b0b` are what their owners typed.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any, cast

from confusable_homoglyphs import confusables  # type: ignore[import-untyped]

_DATA = cast("dict[str, list[dict[str, Any]]]", confusables.confusables_data)


def skeleton(name: str) -> str:
    """What a name looks like: without case, width and marks, each letter as its plainest twin."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(_twin(char) for char in plain if not unicodedata.combining(char))


@lru_cache(maxsize=4096)
def _twin(char: str) -> str:
    seen = {char}
    waiting = [char]
    while waiting:
        for twin in _DATA.get(waiting.pop(), ()):
            other = str(twin["c"]).casefold()
            if len(other) == 1 and other not in seen:
                seen.add(other)
                waiting.append(other)
    return min(seen, key=lambda twin: (not twin.isascii(), twin))
