"""Reload: the configuration is read again while the chat goes on.

All of it is checked before any of it is taken, so a mistake changes nothing; what changed is
logged, key by key, and told to whoever asked: by `REHASH`, `hubbub config reload` or SIGHUP.
Which keys can change in a running server is declared with them (`config/keys`); what is then
obeyed by whom is `assemble.Doors.obey`.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

from hubbub.hub.operations import Reloaded
from hubbub.server import logs
from hubbub.server.config import ConfigError
from hubbub.server.config.changes import changes, taken
from hubbub.server.config.sources import HIDDEN
from hubbub.server.logs import fields
from hubbub.server.settings import require_sound
from hubbub.server.threads import in_thread
from hubbub.server.tls import TlsError, open_certificate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hubbub.server.assemble import Doors
    from hubbub.server.config import Config
    from hubbub.server.config.changes import Change
    from hubbub.server.tls import Certificate

log = logging.getLogger(__name__)


class Reloading:
    """Calling it reads the configuration again and lets the doors have what has changed.

    `read` gives the configuration as it is written now, or raises `ConfigError`; `folder` is where
    a certificate of our own is kept.
    """

    def __init__(self, doors: Doors, read: Callable[[], Config], folder: Path) -> None:
        self._doors = doors
        self._read = read
        self._folder = folder
        self._one_at_a_time = asyncio.Lock()

    async def __call__(self) -> Reloaded:
        """What changed, or the mistake for which nothing did."""
        async with self._one_at_a_time:
            running = self._doors.config
            try:
                # A disk that hangs must not stop the chat.
                wanted = await in_thread(self._read, "hubbub-config")
                config = taken(running, wanted)
                require_sound(config)
                certificate = await self._certificate_for(config)
            except (ConfigError, TlsError) as error:
                log.error("the configuration stays as it was: %s", error)  # noqa: TRY400 (no bug)
                return Reloaded(mistake=str(error))
            return self._take(config, certificate, changes(running, wanted))

    def _take(
        self, config: Config, certificate: Certificate | None, changed: list[Change]
    ) -> Reloaded:
        if config.log != self._doors.config.log:
            logs.adjust(config.log)
        policy = self._doors.policy
        self._doors.obey(config, certificate)
        troubles = [] if self._doors.policy is policy else self._doors.policy.troubles
        for change in changed:
            _log(change)
        if not changed:
            log.info("the configuration was read again: nothing has changed")
        return Reloaded(changes=(*map(str, changed), *troubles))

    async def _certificate_for(self, config: Config) -> Certificate | None:
        """The certificate in use, its files looked at again, or another if that is asked for."""
        if config.tls != self._doors.config.tls:
            now = self._doors.hub.clock.now()
            opening = partial(open_certificate, config.tls, config.hosts, self._folder, now=now)
            return await in_thread(opening, "hubbub-tls")
        if self._doors.certificate is not None:
            self._doors.certificate.refresh()
        return self._doors.certificate


def _log(change: Change) -> None:
    """One line for a key. Of a secret it says that it changed."""
    key = change.key
    was, now = (HIDDEN, HIDDEN) if key.is_secret else (change.was, change.now)
    facts = fields(key=key.name, was=was, now=now, effect=str(key.effect))
    log.log(logging.WARNING if change.waits else logging.INFO, "configuration", extra=facts)
