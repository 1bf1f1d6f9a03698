"""Bans of the server: how a target is kept, and whom it means."""

from __future__ import annotations

import pytest

from hubbub.core.bans import Ban, Bans, Peer, canonical, means

BOB = Peer("bob", "bobby", "bob.example", "192.0.2.7")
SIX = Peer("eve", "eve", "2001:db8::7", "2001:db8::7")
MAPPED = Peer("old", "old", "::ffff:192.0.2.9", "::ffff:192.0.2.9")
LOCAL = Peer("eve", "eve", "local", "local socket")
LINK = Peer("lan", "lan", "fe80::7%eth0", "fe80::7%eth0")


def ban(target: str, until: int | None = None) -> Ban:
    return Ban(canonical(target), "root", "why", 0, until)


@pytest.mark.parametrize(
    ("typed", "target"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7/32", "192.0.2.7"),
        ("192.0.2.7/24", "192.0.2.0/24"),
        ("*!*@192.0.2.7/24", "192.0.2.0/24"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("2001:db8::1/32", "2001:db8::/32"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("*!bob@::FFFF:C000:0207/120", "*!bob@192.0.2.0/24"),
        ("bob", "bob!*@*"),
        ("bob!bobby", "bob!bobby@*"),
        ("bobby@192.0.2.7/24", "*!bobby@192.0.2.0/24"),
        ("*.example", "*!*@*.example"),
        ("@user/alice", "*!*@user/alice"),
    ],
)
def test_a_target_has_one_form(typed: str, target: str) -> None:
    assert canonical(typed) == target
    assert canonical(target) == target


@pytest.mark.parametrize(
    "typed", ["", "*", "*!*@*", "?*", "0.0.0.0/0", "::/0", "::ffff:0:0/96", "*.*", "*@*:*"]
)
def test_everybody_is_no_target(typed: str) -> None:
    with pytest.raises(ValueError, match="it is everybody"):
        canonical(typed)


def test_nor_is_a_network_that_is_none() -> None:
    with pytest.raises(ValueError, match="it is no network"):
        canonical("192.0.2.7/33")


@pytest.mark.parametrize(
    ("target", "meant"),
    [
        ("192.0.2.7", [BOB]),
        ("192.0.2.0/24", [BOB, MAPPED]),
        ("2001:db8::/32", [SIX]),
        ("fe80::/10", [LINK]),
        ("e*", [SIX, LOCAL]),
        ("*.example", [BOB]),
        ("*@192.0.2.?", [BOB]),
        ("root@192.0.2.0/24", []),
        ("old!*@192.0.2.0/24", [MAPPED]),
        ("*@local*", [LOCAL]),
    ],
)
def test_whom_a_target_means(target: str, meant: list[Peer]) -> None:
    peers = [BOB, SIX, MAPPED, LOCAL, LINK]
    assert [
        peer for peer, is_meant in zip(peers, means(ban(target), peers), strict=True) if is_meant
    ] == meant


def test_a_ban_holds_until_it_is_over() -> None:
    bans = Bans()
    bans.put(ban("192.0.2.7", until=1000))
    assert bans.find(BOB, 999) is not None
    assert bans.find(BOB, 1000) is None
    assert bans.find(SIX, 0) is None


def test_the_ban_of_a_target_takes_the_place_of_the_one_before() -> None:
    bans = Bans()
    bans.put(ban("BOB", until=1000))
    bans.put(ban("eve"))
    bans.put(ban("bob", until=2000))
    assert [(one.target, one.until) for one in bans] == [("eve!*@*", None), ("bob!*@*", 2000)]
    assert len(bans) == 2
    assert "Bob!*@*" in bans


def test_a_ban_is_lifted_once() -> None:
    bans = Bans()
    bans.put(ban("bob"))
    lifted = bans.take("BOB!*@*")
    assert lifted is not None
    assert lifted.target == "bob!*@*"
    assert bans.take("bob!*@*") is None


def test_those_that_are_over_are_dropped() -> None:
    bans = Bans()
    bans.put(ban("bob", until=1000))
    bans.put(ban("eve"))
    bans.drop_those_over(1000)
    assert [one.target for one in bans] == ["eve!*@*"]
