"""Changes of modes: `+o-v alice bob` taken apart, and put together again.

Owns the grammar of MODE and the kinds of Modern's CHANMODES and PREFIX tokens, which tell whether
a letter takes a parameter. What a mode does, who may set it and how many one may set at once are
not its business. User modes are the same with flags only.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Sign = Literal["+", "-"]


class Kind(enum.Enum):
    """What a letter is, and with that whether it takes a parameter."""

    LIST = "A"
    """Always takes one; without it the list is asked for."""
    PARAM = "B"
    """Always takes one."""
    PARAM_TO_SET = "C"
    """Takes one to be set, none to be unset."""
    FLAG = "D"
    """Never takes one."""
    PREFIX = "prefix"
    """Always takes one: the member whose rank it is."""
    UNKNOWN = "unknown"
    """Not known here; taken for a flag."""


@dataclass(frozen=True, slots=True)
class ModeKinds:
    """The letters of each kind. `prefix` and `signs` go in pairs, the highest rank first."""

    lists: str = ""
    param: str = ""
    param_to_set: str = ""
    flags: str = ""
    prefix: str = ""
    signs: str = ""

    @classmethod
    def from_isupport(cls, chanmodes: str, prefix: str = "") -> ModeKinds:
        """Of the values that a server announces, as `beI,k,l,imnst` and `(ov)@+`.

        Whatever they hold is accepted; kinds that future documents may add are left out.
        """
        lists, param, param_to_set, flags, *_ = [*chanmodes.split(","), "", "", "", ""]
        letters, _, signs = prefix.removeprefix("(").partition(")")
        return cls(lists, param, param_to_set, flags, letters, signs)

    @property
    def chanmodes(self) -> str:
        """The value of CHANMODES."""
        return ",".join((self.lists, self.param, self.param_to_set, self.flags))

    @property
    def prefixes(self) -> str:
        """The value of PREFIX."""
        return f"({self.prefix}){self.signs}"

    def kind(self, letter: str) -> Kind:
        """What the letter is."""
        for letters, kind in (
            (self.prefix, Kind.PREFIX),
            (self.flags, Kind.FLAG),
            (self.lists, Kind.LIST),
            (self.param, Kind.PARAM),
            (self.param_to_set, Kind.PARAM_TO_SET),
        ):
            if letter in letters:
                return kind
        return Kind.UNKNOWN


@dataclass(frozen=True, slots=True)
class Change:
    """One letter of a MODE. `param` is None when it takes none, or when none was left."""

    sign: Sign
    letter: str
    param: str | None = None
    kind: Kind = Kind.FLAG

    @property
    def asks_list(self) -> bool:
        """Whether this changes nothing but asks for the list."""
        return self.kind is Kind.LIST and self.param is None

    @property
    def lacks_param(self) -> bool:
        """Whether this can do nothing: a parameter should be there and is not."""
        return self.param is None and _takes_param(self.kind, self.sign) and not self.asks_list


def parse_modes(params: Sequence[str], *, kinds: ModeKinds) -> list[Change]:
    """The changes that these parameters of a MODE ask for, its target left out.

    Never fails: letters nobody knows come with Kind.UNKNOWN, missing parameters as None, and
    an empty one is a missing one. RFC 2812 §3.2.3 lets letters follow parameters again.
    """
    changes: list[Change] = []
    rest = list(reversed(params))
    while rest:
        letters = rest.pop()
        if changes and letters[:1] not in ("+", "-"):
            break  # a parameter that no letter takes
        sign: Sign = "+"
        for letter in letters:
            if letter in "+-":
                sign = "+" if letter == "+" else "-"
                continue
            kind = kinds.kind(letter)
            param = rest.pop() if rest and _takes_param(kind, sign) else None
            changes.append(Change(sign, letter, param or None, kind))
    return changes


def format_modes(
    changes: Iterable[Change], *, most: int | None = None, room: int | None = None
) -> list[list[str]]:
    """The changes as parameters of as many MODE lines as it takes: `["+o-v", "a", "b"]`.

    A sign is written where it changes. `most`: how many changes a line may have. `room`: bytes
    of a line's parameters together; a change longer than that has a line of its own.
    """
    lines: list[list[str]] = []
    sign = ""
    count = size = 0
    for change in changes:
        size += _size(change)
        if not lines or count == most or (room is not None and size > room):
            lines.append([""])
            sign = ""
            count, size = 0, _size(change)
        words = lines[-1]
        words[0] += change.letter if change.sign == sign else change.sign + change.letter
        if change.param is not None:
            words.append(change.param)
        sign = change.sign
        count += 1
    return lines


def _size(change: Change) -> int:
    """Bytes that a change may add to a line."""
    param = change.param
    return 2 if param is None else 3 + len(param.encode("utf-8", "replace"))


def _takes_param(kind: Kind, sign: Sign) -> bool:
    if kind is Kind.PARAM_TO_SET:
        return sign == "+"
    return kind in (Kind.LIST, Kind.PARAM, Kind.PREFIX)
