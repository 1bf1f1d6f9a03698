"""What each part obeys: from the configuration, where a key is called as an operator reads it, to
the settings of the doors, the front and the hub, which know no configuration.

Made at the start, and again when the configuration is read again. Next: `assemble`.
"""

from __future__ import annotations

import resource

from hubbub.core import names
from hubbub.core.history import Visible
from hubbub.core.limits import Limits
from hubbub.doors.classic.settings import ClassicSettings
from hubbub.doors.front import FrontLimits
from hubbub.doors.irc.settings import IrcSettings
from hubbub.doors.networks import Networks
from hubbub.server.config import Config, ConfigError
from hubbub.server.config.keys import several

MOST_DESCRIPTORS = 10_240
"""What is taken where the system names no limit: macOS refuses more (OPEN_MAX)."""

DESCRIPTORS_PER_CONNECTION = 2
"""A classic connection has its socket and a duplicate to write to (doors/classic/outbox)."""


def require_sound(config: Config) -> None:
    """Raise `ConfigError` for what only shows when values are used, or are seen together."""
    trusted_gateways(config)
    if not names.is_room_name(config.room, config.rooms.name_length):
        most = f"rooms.name_length is {config.rooms.name_length} bytes"
        raise ConfigError(f"room is {config.room}, which no room can be called; {most}")


def trusted_gateways(config: Config) -> Networks:
    """Those who may say for whom they connect. Raises `ConfigError`."""
    try:
        return Networks(several(config.gateways.trusted))
    except ValueError as error:
        raise ConfigError(f"gateways.trusted: {error}; give addresses or networks") from error


def hub_limits(config: Config) -> Limits:
    """What of the configuration the rules of talk obey."""
    return Limits(
        message=config.limits.message,
        name=config.limits.name,
        replay=config.history.replay,
        history=config.limits.history_lines,
        visible=Visible(config.history.visible),
        redact_own=config.history.redact_own * 1000,
        keep=config.history.keep * 1000,
        keep_size=config.history.keep_size,
        keep_arrivals=config.history.keep_arrivals * 1000,
        keep_rooms=config.rooms.keep * 1000,
        room_name=config.rooms.name_length,
        topic=config.rooms.topic_length,
        rooms=config.rooms.per_person,
        masks=config.rooms.masks,
        watched=config.people.watched,
        real_name=config.people.real_name_length,
        away=config.people.away_length,
        username=config.people.username_length,
        metadata_keys=config.metadata.keys,
        metadata_value=config.metadata.value_length,
        subscriptions=config.metadata.subscriptions,
        bans=config.limits.bans,
    )


def front_limits(config: Config) -> FrontLimits:
    """How many connections the front admits, and how long they may be silent."""
    return FrontLimits(
        connections=config.limits.connections_for(
            raise_descriptors() // DESCRIPTORS_PER_CONNECTION
        ),
        connections_per_address=config.limits.connections_per_address,
        half_open=config.limits.half_open,
        login_timeout=config.limits.login_timeout,
    )


def classic_settings(config: Config) -> ClassicSettings:
    """What of the configuration the classic door obeys."""
    return ClassicSettings(
        width=None if config.classic.width == "auto" else config.classic.width,
        notices=config.classic.notices,
        quit_words=config.classic.quit_words,
        dialect=config.classic.dialect,
        frame=config.limits.frame,
        message=config.limits.message,
        outbox=config.limits.outbox,
        rate=config.limits.messages_per_second,
        burst=config.limits.message_burst,
        flood_seconds=config.limits.flood_seconds,
    )


def irc_settings(config: Config) -> IrcSettings:
    """What of the configuration the IRC door obeys."""
    return IrcSettings(
        server=config.irc.name,
        description=config.irc.description,
        network=config.network,
        motd=config.irc.motd,
        admin=config.irc.admin,
        icon=config.irc.icon,
        password=config.irc.password,
        gateways=trusted_gateways(config),
        webirc_password=config.gateways.webirc_password,
        ping_interval=config.irc.ping_interval,
        ping_timeout=config.irc.ping_timeout,
        sendq=config.irc.sendq,
        message_lines=config.irc.message_lines,
        rate=config.limits.messages_per_second,
        burst=config.limits.message_burst,
        flood_seconds=config.limits.flood_seconds,
    )


def raise_descriptors() -> int:
    """Let this process open as many files as it may; return how many that are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else hard
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        return most
    return most if soft == resource.RLIM_INFINITY else soft
