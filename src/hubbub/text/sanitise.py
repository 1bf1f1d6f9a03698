"""Text made safe to keep, and to show on a terminal.

Owns what must never reach a screen: escape sequences, control characters, controls that turn a
line around. It knows no protocol and no length limit; nothing printable is ever removed.
All functions are linear in the text whatever it holds, and cost one C call for ordinary text.
"""

from __future__ import annotations

import re

# An escape sequence goes as a whole, or "[31m" would be left of it. The bodies of control strings
# stop at the first control character, as terminals do: an unterminated one takes nothing with it
# but its introducer, and no input makes the search start over (ECMA-48 §5.4, §5.6; xterm for BEL).
_ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]?"  # CSI: parameters, intermediates, final byte
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])"  # OSC, DCS, SOS, PM, APC …
    r"(?:[^\x00-\x1f\x7f-\x9f]*+(?:\x07|\x1b\\|\x9c))?"  # … up to BEL or ST
    r"|\x1b[ -/]*+[0-~]?"  # all other escapes, and a bare one
)
_NEWLINE = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # but newline and tab
_SURROGATE = re.compile(r"[\ud800-\udfff]")  # a half character, which no terminal can be sent
_DIRECTION = re.compile(r"[\u202a-\u202e\u2066-\u2069]")

_EMBEDDINGS = "\u202a\u202b\u202d\u202e"  # LRE RLE LRO RLO, closed by PDF
_ISOLATES = "\u2066\u2067\u2068"  # LRI RLI FSI, closed by PDI
_POP_EMBEDDING = "\u202c"
_POP_ISOLATE = "\u2069"


def without_nul(text: str) -> str:
    """The text as it is kept: a NUL, which not every database takes, is shown as ␀.

    Other controls are kept as they were written; those below take them from what is shown.
    """
    return text.replace("\0", "\N{SYMBOL FOR NULL}") if "\0" in text else text


def one_line(text: str) -> str:
    """The text as one line for a terminal: newlines and tabs become one space each."""
    if text.isprintable():  # true of no control, newline, surrogate or direction control
        return text
    return _paired(_cleaned(text, newline=" ").replace("\t", " "))


def without_controls(text: str) -> str:
    r"""The text for several lines of a terminal: as `one_line`, but "\n" and "\t" stay.

    Every other kind of newline becomes "\n".
    """
    if text.isprintable():
        return text
    clean = _cleaned(text, newline="\n")
    # Direction ends with its paragraph (UAX #9, P1), so a pair counts only within one line.
    return "\n".join(map(_paired, clean.split("\n")))


def _cleaned(text: str, *, newline: str) -> str:
    text = _ESCAPE_SEQUENCE.sub("", text)
    text = _NEWLINE.sub(newline, text)
    text = _CONTROL.sub("", text)
    return _SURROGATE.sub("\ufffd", text)


def _paired(line: str) -> str:
    """The line without direction controls that are not closed, or close nothing, within it."""
    controls = list(_DIRECTION.finditer(line))
    if not controls:
        return line
    stray = _stray([(found.start(), found[0]) for found in controls])
    return "".join(char for index, char in enumerate(line) if index not in stray)


def _stray(controls: list[tuple[int, str]]) -> set[int]:
    """The positions of the unpaired among (position, control) pairs (UAX #9, BD9 and BD11)."""
    stray = set()
    opened: list[tuple[int, str]] = []
    isolates = 0
    for position, control in controls:
        if control in _EMBEDDINGS:
            opened.append((position, control))
        elif control in _ISOLATES:
            opened.append((position, control))
            isolates += 1
        elif control == _POP_EMBEDDING and opened and opened[-1][1] in _EMBEDDINGS:
            opened.pop()
        elif control == _POP_ISOLATE and isolates:
            # The end of an isolate ends what was opened inside it, too.
            while opened[-1][1] not in _ISOLATES:
                stray.add(opened.pop()[0])
            opened.pop()
            isolates -= 1
        else:
            stray.add(position)
    stray.update(position for position, _ in opened)
    return stray
