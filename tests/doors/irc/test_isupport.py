"""005: what it says is what holds, and no token has a second `=`, at which clients split."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doors.irc.client import Client, said
from hubbub.core.limits import Limits
from hubbub.doors.irc.isupport import changes, lines, tokens
from hubbub.doors.irc.settings import IrcSettings
from hubbub.server.config import ConfigError, load_config

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conversations.stage import Stage

    Opened = Callable[..., Awaitable[Stage]]

ICON = "https://chat.example/icon?size=64&of=us"
SMALL = {
    "rooms.per_person": 2,
    "rooms.name_length": 12,
    "rooms.topic_length": 20,
    "rooms.masks": 2,
    "people.away_length": 16,
    "people.real_name_length": 16,
    "people.username_length": 4,
    "people.watched": 2,
    "limits.name": 8,
}


# -- the icon ----------------------------------------------------------------------------------


def test_there_is_no_icon_unless_there_is_one() -> None:
    assert not [token for token in tokens(IrcSettings(), Limits()) if "ICON" in token]


def test_an_icon_is_one_token_without_another_equals_sign() -> None:
    (token,) = (one for one in tokens(IrcSettings(icon=ICON), Limits()) if "ICON" in one)
    name, value = token.split("=")  # and no third
    assert name == "draft/ICON"
    assert value.replace(r"\x3D", "=") == ICON


def test_no_token_has_two() -> None:
    assert all(token.count("=") <= 1 for token in tokens(IrcSettings(icon=ICON), Limits()))


def test_the_longest_icon_fits_into_a_line() -> None:
    icon = "https://a.example/?" + "=" * 20 + "x" * 161
    assert load_config(None, {"HUBBUB_IRC__ICON": icon}, {}).irc.icon == icon
    found = lines(tokens(IrcSettings(icon=icon), Limits(name=255)), "n" * 64, "s" * 63)
    (line,) = (one for one in found if b"ICON" in one)
    assert line.endswith(b":are supported by this server\r\n")
    assert rb"\x3D" * 20 in line


@pytest.mark.parametrize(
    "icon",
    [
        "icon.png",
        "ftp://a.example/i.png",
        "https://",
        "https://a.example/a b",
        r"https://a.example/\x3D",
        "https://a.example/" + "=" * 21,
        "https://a.example/é",
        "data:image/png;base64,AAAA",
    ],
)
def test_what_is_no_address_is_refused_with_what_would_be(icon: str) -> None:
    with pytest.raises(ConfigError, match=r"irc\.icon is .* must be an address that begins with"):
        load_config(None, {"HUBBUB_IRC__ICON": icon}, {})


# -- the limits --------------------------------------------------------------------------------


async def test_the_limits_are_told(opened: Opened) -> None:
    stage = await opened(SMALL)
    async with Client(stage.port) as alice:
        told = {
            name: value
            for line in await alice.arrive("alice")
            if line.command == "005"
            for name, _, value in (word.partition("=") for word in line.params[1:-1])
        }
    assert {name: told[name] for name in LIMITS} == LIMITS


LIMITS = {
    "CHANLIMIT": "#:2",
    "CHANNELLEN": "12",
    "TOPICLEN": "20",
    "MAXLIST": "beI:2",
    "AWAYLEN": "16",
    "NAMELEN": "16",
    "USERLEN": "4",
    "MONITOR": "2",
    "NICKLEN": "8",
}


async def test_the_limits_hold(opened: Opened) -> None:
    stage = await opened(SMALL)
    async with Client(stage.port) as alice:
        await alice.arrive("alice")
        alice.send("NICK " + "a" * 9, "JOIN #" + "a" * 12, "JOIN #one,#two,#three")
        assert [line[1] for line in said(await alice.heard(), "432", "403", "405")] == [
            "432",
            "403",
            "405",
        ]
        alice.send("TOPIC #one :" + "t" * 30, "AWAY :" + "a" * 30, "MONITOR + a,b,c")
        alice.send("MODE #one +bbb a!*@* b!*@* c!*@*", "WHOIS alice")
        heard = await alice.heard()
        assert said(heard, "TOPIC")[0][-1] == "t" * 20
        assert said(heard, "301")[0][-1] == "a" * 16
        assert said(heard, "734")[0][2:4] == ("alice", "2")
        assert said(heard, "478")[0][2:5] == ("alice", "#one", "c!*@*")
        ((*_, username, _host, _star, real_name),) = said(heard, "311")
        assert (username, real_name) == ("alic", "alice the tester")


# -- news --------------------------------------------------------------------------------------


def test_what_changed_is_what_is_new_and_what_is_gone() -> None:
    assert changes(["A=1", "B", "C=3"], ["A=2", "B", "D"]) == ["A=2", "D", "-C"]
    assert changes(["A=1"], ["A=1"]) == []
