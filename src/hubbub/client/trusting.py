"""Whom to trust when nobody said: whoever can be verified, or was there the first time.

Owns the rule. A certificate that the system's authorities vouch for is believed, as browsers do,
and may change. Any other is believed at first sight and told of in words, to be compared with those
that the server shows; from then on that server must have it, and a change is refused until somebody
says that it is meant. `secure` shakes hands; where pins are kept is `local.trusted`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from hubbub.client.errors import (
    CannotConnect,
    CannotKeep,
    CertificateChanged,
    NotTrusted,
    NotVerified,
)
from hubbub.client.secure import secure, words_of
from hubbub.client.stream import open_stream

if TYPE_CHECKING:
    from hubbub.client.address import Address
    from hubbub.client.secure import SecureStream, Trust


@dataclass(frozen=True, slots=True)
class Pin:
    """A certificate that was believed. `since` is in milliseconds since the epoch."""

    fingerprint: str
    since: int


class Pins(Protocol):
    """Who remembers certificates."""

    def known(self, host: str, port: int) -> Pin | None:
        """The certificate that a server had; None for one that was not seen yet."""
        ...

    def remember(self, host: str, port: int, fingerprint: str) -> None:
        """Believe this one from now on."""
        ...


class FirstUse:
    """Trust on first use, to be given as `trust`: encryption is not asked for by it."""

    def __init__(self, pins: Pins) -> None:
        self.pins = pins


class Why(enum.Enum):
    """Why a certificate is believed."""

    VERIFIED = "verified"
    """The system's authorities vouch for it."""
    GIVEN = "given"
    """It is the one that the caller named."""
    REMEMBERED = "remembered"
    """The server had it before."""
    FIRST = "first"
    """Nobody was there before."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a server has shown. `words` are those that a hubbub server prints."""

    fingerprint: str
    why: Why

    @property
    def words(self) -> str:
        """The fingerprint to be said aloud."""
        return words_of(self.fingerprint)


async def open_secure(
    where: Address,
    trust: Trust | FirstUse,
    timeout: float,  # noqa: ASYNC109
) -> tuple[SecureStream, Certificate]:
    """Reach a server by TLS, and believe it or not. Raises BadTrust, NotTrusted, CannotConnect."""
    if not isinstance(trust, FirstUse):
        why = Why.VERIFIED if trust is None else Why.GIVEN
        return await _shake_hands(where, trust, timeout, why)
    try:
        pin = trust.pins.known(where.host, where.port)
        if pin is not None:
            return await _as_before(where, pin, timeout)
        return await _for_the_first_time(where, trust.pins, timeout)
    except CannotKeep as error:
        raise CannotConnect(f"no certificate can be remembered: {error}") from error


def first_sight(where: Address, seen: Certificate) -> str:
    """What to tell of a certificate that is believed because nobody was there before."""
    return (
        f"this is the first time here, so the certificate of {where} is believed from now on:"
        f" {seen.words}. Compare these words with those that the server shows when it starts"
    )


async def _as_before(where: Address, pin: Pin, seconds: float) -> tuple[SecureStream, Certificate]:
    try:
        return await _shake_hands(where, pin.fingerprint, seconds, Why.REMEMBERED)
    except NotTrusted as other:
        try:
            # Somebody has given it a certificate that anybody can verify: no reason to worry.
            return await _shake_hands(where, None, seconds, Why.VERIFIED)
        except NotVerified:
            raise _changed(where, pin, other) from other


async def _for_the_first_time(
    where: Address, pins: Pins, seconds: float
) -> tuple[SecureStream, Certificate]:
    try:
        return await _shake_hands(where, None, seconds, Why.VERIFIED)
    except NotVerified:
        stream, seen = await _shake_hands(where, lambda _: True, seconds, Why.FIRST)
    try:
        pins.remember(where.host, where.port, seen.fingerprint)
    except BaseException:
        stream.close()
        raise
    return stream, seen


async def _shake_hands(
    where: Address, trust: Trust, seconds: float, why: Why
) -> tuple[SecureStream, Certificate]:
    inner = await open_stream(where.host, where.port, timeout=seconds)
    stream = await secure(inner, where.host, where.port, trust, within=seconds)
    return stream, Certificate(stream.fingerprint, why)


def _changed(where: Address, pin: Pin, other: NotTrusted) -> CertificateChanged:
    day = datetime.fromtimestamp(pin.since / 1000).astimezone().date().isoformat()
    return CertificateChanged(
        f"THE CERTIFICATE OF {where} HAS CHANGED, and nothing was said to it. Since {day} it was"
        f" {words_of(pin.fingerprint)}, now it is {other.words}. Either the server was given a new"
        " one, or somebody else answers in its place: compare with the words that the server"
        f" shows when it starts. If these are the new ones: hubbub trust forget {where}, and"
        " connect again",
        other.fingerprint,
        other.words,
    )
