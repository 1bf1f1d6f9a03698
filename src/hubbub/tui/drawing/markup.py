"""What is in a text besides words: links, inline code, names of rooms, and blocks of code.

Owns where these stand; what they look like is `palette`'s. Few marks on purpose: a chat is no
document, and a star in C is no emphasis. Pure.
"""

from __future__ import annotations

import enum
import re
from typing import NamedTuple


class Look(enum.Enum):
    """What a part of a text is."""

    LINK = "link"
    CODE = "code"
    ROOM = "room"
    ME = "me"
    STRONG = "strong"


class Span(NamedTuple):
    """A part of a text."""

    start: int
    end: int
    look: Look


class Block(NamedTuple):
    """Lines of a text that belong together: talk, or code."""

    text: str
    is_code: bool = False
    language: str = ""


FENCE = "```"

_MARKS = re.compile(
    r"(?P<code>`[^`\n]+`)"
    r"|(?P<link>\b(?:https?|ftps?|ircs?|gopher|gemini)://[^\s<>\"]+|\bmailto:[^\s<>\"]+)"
    r"|(?P<strong>(?<![\w*])\*\*(?=\S)[^*\n]+(?<=\S)\*\*(?![\w*]))"
    r"|(?P<room>(?<![\w/&#])#[\w][\w.+-]*)",
)
_TRAILING = ".,;:!?'"


def spans(text: str, me: str = "") -> list[Span]:
    """The parts of a text, in order, apart from each other."""
    found: list[Span] = []
    if any(sign in text for sign in "`:#*"):
        for match in _MARKS.finditer(text):
            start, end = match.span()
            if match.lastgroup == "link":
                end = start + len(_without_tail(match[0]))
            found.append(Span(start, end, Look(match.lastgroup)))
    if me:
        pattern = re.compile(rf"(?<!\w){re.escape(me)}(?!\w)", re.IGNORECASE)
        free = [Span(*match.span(), Look.ME) for match in pattern.finditer(text)]
        found += [one for one in free if not any(_overlap(one, other) for other in found)]
        found.sort()
    return found


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _without_tail(link: str) -> str:
    """A link without the signs of the sentence around it."""
    while link and (
        link[-1] in _TRAILING or (link[-1] == ")" and link.count("(") < link.count(")"))
    ):
        link = link[:-1]
    return link


def links(text: str) -> list[str]:
    """The links in a text, in order."""
    return [text[one.start : one.end] for one in spans(text) if one.look is Look.LINK]


def blocks(text: str) -> list[Block]:
    """The talk and the code of a text; a fence that is not closed reaches to the end."""
    if FENCE not in text:
        return [Block(text)]
    found: list[Block] = []
    for number, part in enumerate(text.split(FENCE)):
        if number % 2:
            head, newline, rest = part.partition("\n")
            is_named = bool(newline) and re.fullmatch(r"[\w+#.-]{0,20}", head.strip()) is not None
            code = rest if is_named else part
            found.append(Block(code.strip("\n"), True, head.strip() if is_named else ""))  # noqa: FBT003
        elif part.strip():
            found.append(Block(part.strip("\n")))
    return found or [Block(text)]
