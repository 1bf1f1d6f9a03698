"""Masks: patterns for people, as lists of bans, exceptions and invitations hold them.

A mask is `nick!user@host` with `*` and `?`, compared in folded form. An extended mask has a letter
before a colon: `m:MASK` mutes whom it matches, `a:ACCOUNT` matches an account and never a nick.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from hubbub.core.names import fold

if TYPE_CHECKING:
    from hubbub.core.sessions import Session

MUTE = "m"
ACCOUNT = "a"
_EXTENDED = re.compile(rf"([{MUTE}{ACCOUNT}]):(.+)", re.DOTALL)


@dataclass(slots=True, frozen=True)
class Mask:
    """`text` is the whole mask in its canonical form, `pattern` what its people must match."""

    text: str
    pattern: str
    mutes: bool = False
    account: str | None = None

    @property
    def folded(self) -> str:
        """The form in which masks are compared: `BOB!*@*` is `bob!*@*`."""
        return fold(self.text)

    def matches(self, session: Session) -> bool:
        """Whether it means that session."""
        if self.account is not None:
            return session.account is not None and fold(session.account) == fold(self.account)
        return matches(self.pattern, session.mask)


def parse(text: str) -> Mask:
    """The mask that somebody typed, completed: `bob` is `bob!*@*`, `u@h` and `a.host` the rest."""
    extended = _EXTENDED.fullmatch(text)
    if extended is None:
        pattern = complete(text)
        return Mask(pattern, pattern)
    letter, rest = extended.groups()
    if letter == ACCOUNT:
        return Mask(f"{ACCOUNT}:{rest}", "", account=rest)
    inner = parse(rest)
    return Mask(f"{MUTE}:{inner.text}", inner.pattern, mutes=True, account=inner.account)


def complete(text: str) -> str:
    """A mask of all three parts, made of what was given of it."""
    nick, bang, rest = text.partition("!")
    if not bang:
        if "@" in text:
            user, _, host = text.rpartition("@")
            return f"*!{user or '*'}@{host or '*'}"
        if "." in text or ":" in text:  # which no nick holds
            return f"*!*@{text}"
        return f"{text or '*'}!*@*"
    user, _, host = rest.partition("@")
    return f"{nick or '*'}!{user or '*'}@{host or '*'}"


def matches(pattern: str, text: str) -> bool:
    """Whether a text matches a pattern of `*` and `?`, both compared in folded form."""
    return _compiled(fold(pattern)).fullmatch(fold(text)) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    first, *rest = (_literal(part) for part in pattern.split("*"))
    if not rest:
        return re.compile(first, re.DOTALL)
    # What stands between two stars is taken where it comes first and never given back (an atomic
    # group), so the time is linear however many stars a hostile mask has.
    middle = "".join(f"(?>.*?{part})" for part in rest[:-1])
    return re.compile(f"{first}{middle}.*{rest[-1]}", re.DOTALL)


def _literal(part: str) -> str:
    return "".join("." if char == "?" else re.escape(char) for char in part)
