"""The configuration is read again: what changes, what waits, and that a mistake changes nothing."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from conversations.stage import Stage, configured
from doors.conftest import opened, stage
from doors.irc.client import Client, said
from doors.peer import Peer
from doors.secured import Secured
from hubbub.server.config import Config, ConfigError, Operator
from hubbub.server.config.changes import changes, taken
from hubbub.server.config.describe import all_keys
from hubbub.server.config.marks import Effect

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Opened = Callable[..., Awaitable[Stage]]

__all__ = ["opened", "stage"]

ROOT = Operator(name="root", password="sesame")
SECRETS = {key.name for key in all_keys().values() if key.is_secret}


def irc(name: str) -> Callable[[Stage], object]:
    return lambda stage: getattr(stage.doors.irc.settings, name)


def classic(name: str) -> Callable[[Stage], object]:
    return lambda stage: getattr(stage.doors.classic.settings, name)


def hub(name: str) -> Callable[[Stage], object]:
    return lambda stage: getattr(stage.hub.limits, name)


def front(name: str) -> Callable[[Stage], object]:
    return lambda stage: getattr(stage.doors.front._limits, name)


def policy(stage: Stage) -> object:
    config = stage.doors.irc.policy
    return (config._names, config._config.duration, config._config.port)  # type: ignore[attr-defined]


OTHERS: dict[str, tuple[object, Callable[[Stage], object]]] = {
    "tls": ("auto", lambda stage: stage.doors.certificate),
    "network": ("Elsewhere", lambda stage: stage.doors.status().network),
    "log.level": ("error", lambda _: logging.getLogger().level),
    "log.format": ("json", lambda _: None),
    "http.metrics": (True, lambda stage: stage.doors._metrics_if_shown() is None),
    "http.origins": ("https://a.example", lambda stage: stage.doors.web._sockets._origins),  # type: ignore[union-attr]
    "classic.width": (16, classic("width")),
    "classic.notices": (False, classic("notices")),
    "classic.quit_words": (True, classic("quit_words")),
    "classic.dialect": ("single", classic("dialect")),
    "gateways.trusted": ("192.0.2.1", lambda stage: "192.0.2.1" in stage.doors.front.proxies),
    "gateways.webirc_password": ("secret", irc("webirc_password")),
    "irc.description": ("another", irc("description")),
    "irc.motd": ("hello", irc("motd")),
    "irc.admin": ("root@a.example", irc("admin")),
    "irc.icon": ("https://a.example/i.png", irc("icon")),
    "irc.password": ("secret", irc("password")),
    "irc.operators": ((ROOT,), lambda stage: stage.doors.irc.verify.rights("root")),  # type: ignore[attr-defined]
    "irc.ping_interval": (7, irc("ping_interval")),
    "irc.ping_timeout": (7, irc("ping_timeout")),
    "irc.sendq": (1 << 20, irc("sendq")),
    "irc.message_lines": (5, irc("message_lines")),
    "sts.hosts": ("chat.example", policy),
    "sts.duration": (60, policy),
    "sts.port": (6697, policy),
    "rooms.per_person": (3, hub("rooms")),
    "rooms.name_length": (20, hub("room_name")),
    "rooms.topic_length": (50, hub("topic")),
    "rooms.masks": (5, hub("masks")),
    "rooms.keep": (86_400, hub("keep_rooms")),
    "people.away_length": (50, hub("away")),
    "people.real_name_length": (50, hub("real_name")),
    "people.username_length": (9, hub("username")),
    "people.watched": (5, hub("watched")),
    "metadata.keys": (5, hub("metadata_keys")),
    "metadata.value_length": (20, hub("metadata_value")),
    "metadata.subscriptions": (5, hub("subscriptions")),
    "limits.connections": (50, front("connections")),
    "limits.connections_per_address": (5, front("connections_per_address")),
    "limits.half_open": (5, front("half_open")),
    "limits.login_timeout": (5, front("login_timeout")),
    "limits.frame": (2048, classic("frame")),
    "limits.name": (20, hub("name")),
    "limits.outbox": (1 << 17, classic("outbox")),
    "limits.messages_per_second": (3.0, irc("rate")),
    "limits.message_burst": (3, classic("burst")),
    "limits.flood_seconds": (3, irc("flood_seconds")),
    "limits.history_lines": (3, hub("history")),
    "limits.bans": (3, hub("bans")),
    "history.replay": (3, hub("replay")),
    "history.visible": ("since-join", hub("visible")),
    "history.redact_own": (3, hub("redact_own")),
    "history.keep": (86_400, hub("keep")),
    "history.keep_size": (1 << 30, hub("keep_size")),
    "history.keep_arrivals": (86_400, hub("keep_arrivals")),
}
"""For each key that a running server can change: another value, and where it is obeyed."""

WAIT: dict[str, object] = {
    "host": "192.0.2.1",
    "port": 4321,
    "durability": "os",
    "room": "#elsewhere",
    "loop": "asyncio",
    "lan.announce": True,
    "irc.name": "irc.a.example",
    "limits.message": 1024,
    "limits.backlog": 500,
    "limits.disk_reserve": 0,
    "history.keep_memory": 5,
}
"""For each key that waits for the next start: another value."""


# -- each key does what its declaration says ---------------------------------------------------


def test_every_key_is_here() -> None:
    effects = {key.name: key.effect for key in all_keys().values()}
    assert set(OTHERS) | set(WAIT) == set(effects)
    assert {name for name, effect in effects.items() if effect is Effect.NEXT_START} == set(WAIT)


@pytest.mark.parametrize("name", OTHERS)
async def test_what_can_change_changes(
    stage: Stage, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    level = logging.getLogger().level
    other, obeyed = OTHERS[name]
    before = obeyed(stage)
    stage.rewrite({name: other})
    try:
        (told,) = (await stage.reload()).changes
        after = obeyed(stage)
    finally:
        logging.getLogger().setLevel(level)
    assert told.startswith(f"{name} has changed" if name in SECRETS else f"{name}: ")
    if name != "log.format":  # see tests/server/test_logs.py
        assert after != before
    if name != "log.level":
        (logged,) = facts(caplog, "configuration")
        assert logged["key"] == name
    assert "sesame" not in caplog.text + told
    assert "secret" not in caplog.text + told
    assert (await stage.reload()).changes == ()


@pytest.mark.parametrize("name", WAIT)
async def test_what_cannot_is_named(
    stage: Stage, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    stage.rewrite({name: WAIT[name]})
    for _ in range(2):  # as often as it is asked, until the server is started again
        (told,) = (await stage.reload()).changes
        assert told.startswith(f"{name}: ")
        assert told.endswith(", at the next start")
    assert stage.doors.config == stage.config
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 2


def test_what_is_wanted_is_taken_but_for_what_waits() -> None:
    wanted = configured({"port": 1, "irc.motd": "hi", "irc.name": "x", "limits.name": 9})
    assert taken(Config(), wanted) == configured({"irc.motd": "hi", "limits.name": 9})
    assert [str(change) for change in changes(Config(), wanted)] == [
        "port: 1234 becomes 1, at the next start",
        'irc.name: "hubbub.local" becomes "x", at the next start',
        'irc.motd: "" becomes "hi"',
        "limits.name: 64 becomes 9",
    ]


def test_times_and_sizes_are_told_as_people_write_them() -> None:
    was = configured({"history.keep": 90 * 86400, "irc.sendq": 4 << 20, "limits.message": 1000})
    now = configured({"history.keep": 36 * 3600, "irc.sendq": 1 << 30, "limits.message": 4096})
    assert {str(change) for change in changes(was, now)} == {
        'history.keep: "90 days" becomes "36 hours"',
        'irc.sendq: "4 MiB" becomes "1 GiB", for new connections',
        'limits.message: 1000 becomes "4 KiB", at the next start',
    }


# -- mistakes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "mistake"),
    [
        (ConfigError("hubbub.toml: there is no key prot"), "hubbub.toml: there is no key prot"),
        ({"gateways.trusted": "nonsense"}, "gateways.trusted: 'nonsense' does not appear to be"),
        ({"tls": "/nowhere/cert.pem,/nowhere/key.pem"}, "tls: /nowhere/cert.pem: No such file"),
        ({"rooms.name_length": 5}, "room is #lobby, which no room can be called"),
    ],
)
async def test_a_mistake_changes_nothing(
    stage: Stage, caplog: pytest.LogCaptureFixture, written: Any, mistake: str
) -> None:
    if isinstance(written, ConfigError):
        stage.written = written
    else:
        stage.rewrite(written | {"irc.motd": "new"})
    reloaded = await stage.reload()
    assert reloaded.mistake.startswith(mistake)
    assert reloaded.changes == ()
    assert stage.doors.config == stage.config
    assert stage.doors.irc.settings.motd == ""
    assert caplog.messages == [f"the configuration stays as it was: {reloaded.mistake}"]


# -- those who are here ------------------------------------------------------------------------


async def test_nobody_is_dropped(stage: Stage) -> None:
    async with Client(stage.port) as alice, Peer(stage.port) as bob:
        await alice.arrive("alice")
        await bob.arrive("bob")
        alice.send("JOIN #lobby")
        await alice.heard()
        every = {name: other for name, (other, _) in OTHERS.items() if name != "log.level"}
        stage.rewrite(every | {"rooms.name_length": 20})
        *changed, trouble = (await stage.reload()).changes
        assert len(changed) == len(every)
        assert trouble.startswith("no STS for chat.example")  # which nobody vouches for
        await bob.say("still here")
        assert ("bob", "PRIVMSG", "#lobby", "still here") in said(await alice.heard())
        alice.send("PRIVMSG #lobby :so am I")
        await alice.heard()
        assert ("alice", "so am I") in await bob.until_answered()


async def test_clients_are_told_what_005_says_otherwise_now(opened: Opened) -> None:
    stage = await opened({"irc.icon": "https://a.example/?size=64"})
    async with Client(stage.port) as alice, Client(stage.port) as bob, Client(stage.port) as eve:
        tokens = {word for line in await alice.arrive("alice") for word in line.params}
        assert r"draft/ICON=https://a.example/?size\x3D64" in tokens
        await bob.arrive("bob", "batch", "draft/extended-isupport")
        eve.send("NICK eve")  # has not arrived, and is told everything then
        stage.rewrite({"network": "Elsewhere", "rooms.topic_length": 100, "irc.icon": ""})
        await stage.reload()

        told = ["NETWORK=Elsewhere", "TOPICLEN=100", "-draft/ICON", "are supported by this server"]
        assert said(await alice.heard()) == [("hubbub.local", "005", "alice", *told)]
        begin, tokens_for_bob, end = await bob.heard()
        assert (begin.command, begin.params[1], end.command) == ("BATCH", "draft/isupport", "BATCH")
        assert tokens_for_bob.params[1:] == told
        stage.rewrite({"network": "Elsewhere", "rooms.topic_length": 100, "irc.icon": ""})
        await stage.reload()
        assert await alice.heard() == []


async def test_a_new_limit_holds_for_those_who_are_here(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice")
        alice.send("JOIN #one,#two")
        await alice.heard()
        stage.rewrite({"rooms.per_person": 2, "rooms.topic_length": 16})
        await stage.reload()
        alice.send("JOIN #three", "TOPIC #one :" + "x" * 30)
        lines = said(await alice.heard(), "405", "TOPIC")
        assert [(line[1], line[-1]) for line in lines] == [
            ("405", "You have joined too many channels"),
            ("TOPIC", "x" * 16),
        ]


async def test_tls_begins_and_ends_with_the_configuration(stage: Stage) -> None:
    stage.rewrite({"tls": "auto"})
    await stage.reload()
    async with Secured(stage.port) as alice:
        await alice.send(b"NICK alice\r\nUSER a 0 * :A\r\n")
        await alice.until(b" 001 alice ")
        stage.rewrite({"tls": "off"})
        await stage.reload()
        await alice.send(b"PING still\r\n")
        await alice.until(b"still")
        with pytest.raises(OSError, match=r"(?i)protocol.version"):
            async with Secured(stage.port):
                pass


async def test_who_says_nothing_has_as_much_time_as_the_new_limit_gives(opened: Opened) -> None:
    stage = await opened({"limits.login_timeout": 3600})
    async with Peer(stage.port) as peer, Client(stage.port) as alice:
        await alice.arrive("alice")
        stage.rewrite({"limits.login_timeout": 0})
        await stage.reload()
        assert await peer.receive() == b""
        await alice.heard()


# -- REHASH ------------------------------------------------------------------------------------


async def operator(client: Client, nick: str = "alice", *capabilities: str) -> None:
    await client.arrive(nick, *capabilities)
    client.send("OPER root sesame")
    assert [line.command for line in await client.heard()] == ["381", "MODE"]


async def test_an_operator_is_told_what_changed(opened: Opened) -> None:
    stage = await opened({"irc.operators": (ROOT,)})
    async with Client(stage.port) as alice:
        await operator(alice, "alice", "batch", "labeled-response")
        stage.rewrite({"irc.operators": (ROOT,), "irc.motd": "hi", "irc.password": "x", "port": 5})
        alice.send("@label=one REHASH")
        begin, *answer, end = await alice.heard()
        assert begin.tags["label"] == "one"
        assert end.command == "BATCH"
        assert said(answer) == [
            ("hubbub.local", "382", "alice", "configuration", "Rehashing"),
            ("hubbub.local", "NOTICE", "alice", "port: 1234 becomes 5, at the next start"),
            ("hubbub.local", "NOTICE", "alice", 'irc.motd: "" becomes "hi"'),
            ("hubbub.local", "NOTICE", "alice", "irc.password has changed"),
        ]
        stage.rewrite({"irc.operators": (ROOT,), "irc.motd": "hi", "irc.password": "x"})
        alice.send("REHASH")
        assert said(await alice.heard(), "NOTICE")[0][-1] == "Nothing has changed"


async def test_an_operator_is_told_of_a_mistake(opened: Opened) -> None:
    stage = await opened({"irc.operators": (ROOT,)})
    async with Client(stage.port) as alice:
        await operator(alice)
        stage.written = ConfigError("hubbub.toml: there is no key prot; did you mean port?")
        alice.send("REHASH")
        why = "Nothing has changed: hubbub.toml: there is no key prot; did you mean port?"
        assert said(await alice.heard()) == [
            ("hubbub.local", "382", "alice", "configuration", "Rehashing"),
            ("hubbub.local", "FAIL", "REHASH", "INVALID_CONFIGURATION", why),
        ]


async def test_others_may_not(opened: Opened) -> None:
    helper = Operator(name="root", password="sesame", privileges=("kill",))
    stage = await opened({"irc.operators": (helper,)})
    stage.written = ConfigError("nobody reads this")
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await operator(alice)
        await bob.arrive("bob")
        for client in (alice, bob):
            client.send("REHASH")
            assert [line.command for line in await client.heard()] == ["481"]


async def test_it_is_in_the_record(opened: Opened) -> None:
    stage = await opened({"irc.operators": (ROOT,), "durability": "full"})
    async with Client(stage.port) as alice:
        await operator(alice)
        alice.send("REHASH")
        await alice.heard()
        (act, *_) = await stage.hub.archive.acts(5)
        assert (act.kind, act.by) == ("rehash", "alice!alice@127.0.0.1 (root)")


async def test_who_is_no_operator_any_more_is_told_so(opened: Opened) -> None:
    stage = await opened({"irc.operators": (ROOT,)})
    async with Client(stage.port) as alice:
        await operator(alice)
        stage.rewrite({"irc.operators": ()})
        await stage.reload()
        mode, notice = said(await alice.heard())
        assert mode == ("alice", "MODE", "alice", "-o")
        assert notice[-1].startswith("You are no operator of this server any more")
        alice.send("REHASH")
        assert [line.command for line in await alice.heard()] == ["481"]


def facts(caplog: pytest.LogCaptureFixture, message: str) -> list[dict[str, Any]]:
    return [
        record.__dict__["fields"] for record in caplog.records if record.getMessage() == message
    ]
