"""Operators of the server: who they are, and whether a password is theirs.

A password in the configuration is plain or, better, a hash that `hubbub config hash` made. Hashing
takes tens of milliseconds on purpose, so it happens in a thread and the chat goes on.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from hubbub.core.sessions import Operator, Privilege

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubbub.server.config import Operator as Configured

PREFIX = "scrypt:"
# RFC 7914's parameters for logging in: 16 MiB and some 50 ms.
_COST, _BLOCK, _PARALLEL = 2**14, 8, 1


def hash_password(password: str) -> str:
    """What to write in the configuration in place of a password."""
    salt = secrets.token_bytes(16)
    return f"{PREFIX}{_text(salt)}:{_text(_derived(password, salt))}"


def is_password(password: str, kept: str) -> bool:
    """Whether a password is the one that is kept, as a hash or plain."""
    if not kept.startswith(PREFIX):
        return hmac.compare_digest(password.encode(), kept.encode())
    try:
        salt, derived = map(base64.b64decode, kept.removeprefix(PREFIX).split(":"))
    except ValueError:
        return False
    return hmac.compare_digest(_derived(password, salt), derived)


class Operators:
    """Verifies; knows nothing of sessions."""

    def __init__(self, configured: Sequence[Configured]) -> None:
        self._configured = {one.name: one for one in configured}

    async def __call__(self, name: str, password: str) -> Operator | None:
        """The operator of that name if the password is theirs, None for any other."""
        one = self._configured.get(name)
        if one is None or not await asyncio.to_thread(is_password, password, one.password):
            return None
        return self.rights(name)

    def rights(self, name: str) -> Operator | None:
        """What the operator of that name may do, None when there is none."""
        one = self._configured.get(name)
        if one is None:
            return None
        return Operator(one.name, frozenset(Privilege(word) for word in one.privileges))


def _derived(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=_COST, r=_BLOCK, p=_PARALLEL)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
