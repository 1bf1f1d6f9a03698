"""Which names clients may be bound to: those that the certificate is good for in anybody's eyes.

Found out as a client would, by a handshake with ourselves in memory against what this system
trusts; nothing is sent. It is repeated when the certificate changes, and not believed beyond the
certificate's end. What clients are told is in `hubbub.doors.irc.sts`.
"""

from __future__ import annotations

import logging
import ssl
from typing import TYPE_CHECKING, Final

from hubbub.doors.irc.sts import Policy
from hubbub.server.addresses import is_loopback
from hubbub.server.config.keys import several
from hubbub.server.logs import fields
from hubbub.server.tls import HTTP

if TYPE_CHECKING:
    from hubbub.core.ports import Clock
    from hubbub.server.config import Config
    from hubbub.server.tls import Certificate

log = logging.getLogger(__name__)

ROUNDS: Final = 8
"""Turns of both sides after which a handshake is not going to end."""


class Bound:
    """Answers with the policy that holds now, None when there is none.

    `troubles` are the names that are wanted and cannot be told, a line for each with the reason.
    """

    def __init__(self, config: Config, certificate: Certificate | None, clock: Clock) -> None:
        only_here = config.hosts and all(map(is_loopback, config.hosts))
        names = () if only_here else several(config.sts.hosts)
        self._names = [name.lower().rstrip(".") for name in names]
        self._config = config.sts
        self._certificate = certificate
        self._clock = clock
        self._verified = ""  # the certificate that was looked at, by its fingerprint
        self._policy: Policy | None = None
        self._until = 0
        self.troubles: list[str] = []

    def __call__(self) -> Policy | None:
        """The policy that holds now."""
        if not self._names or self._certificate is None:
            return None
        if self._certificate.sha256 != self._verified:
            self._verify(self._certificate)
        if self._clock.now() >= self._until:
            return None
        return self._policy

    def _verify(self, certificate: Certificate) -> None:
        self._verified = certificate.sha256
        self.troubles = []
        ends: dict[str, int] = {}
        for name in self._names:
            try:
                ends[name] = verified_until(certificate.context(HTTP), name)
                log.info("sts", extra=fields(host=name, duration=self._config.duration))
            except (ssl.SSLError, ValueError) as error:  # the other is a name that cannot be one
                why = getattr(error, "verify_message", "") or str(error)
                trouble = f"no STS for {name}: clients cannot verify the certificate: {why}"
                self.troubles.append(trouble)
                log.warning(trouble)
        self._until = min(ends.values(), default=0)
        self._policy = Policy(frozenset(ends), self._config.duration, self._config.port)


def verified_until(server: ssl.SSLContext, name: str) -> int:
    """When (ms) the certificate ends that a client gets who asks for that name and verifies it.

    Raises `ssl.SSLError` when it does not take it (unknown issuer, another name, too old), and
    `ValueError` when it is no name.
    """
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    trusting = ssl.create_default_context()
    client = trusting.wrap_bio(to_client, to_server, server_hostname=name)
    ours = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(ROUNDS):
        if _is_done(client):
            shown = client.getpeercert()
            assert shown is not None
            return int(ssl.cert_time_to_seconds(str(shown["notAfter"])) * 1000)
        _is_done(ours)
    raise ssl.SSLError("the handshake with ourselves does not end")


def _is_done(side: ssl.SSLObject) -> bool:
    """Take a step; whether that side needs to hear no more of the other."""
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True
