"""METADATA: what people and channels say of themselves ("metadata")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doors.irc.client import Client, said
from hubbub.wire.irc.line import MAX_LINE, line

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import pytest

    from conversations.stage import Stage
    from hubbub.wire.irc.line import Line

CAPABILITY = "draft/metadata-3"
AWARE = (CAPABILITY, "batch")
NUMERICS = ("760", "761", "766", "770", "771", "772", "774", "FAIL", "WARN", "NOTE")
DRAFT = "hubbub.chat/draft/_23lobby"


def told(lines: list[Line]) -> list[tuple[str, ...]]:
    """What is said of metadata, without whom it is said to."""
    return [
        (command, *(words if command in {"FAIL", "WARN", "NOTE"} else words[1:]))
        for _, command, *words in said(lines, *NUMERICS)
    ]


def batches(lines: list[Line]) -> list[tuple[str, ...]]:
    """The kinds and targets of the batches that begin."""
    return [
        (*one.params[1:],)
        for one in lines
        if one.command == "BATCH" and one.params[0].startswith("+")
    ]


async def test_the_capability_says_what_may_be(
    opened: Callable[..., Awaitable[Stage]],
) -> None:
    stage = await opened({"metadata.keys": 7, "metadata.value_length": 33})
    shown = f"{CAPABILITY}=before-connect,max-subs=100,max-keys=7,max-key-bytes=64,max-value-bytes="
    async with Client(stage.port) as alice:
        lines = await alice.arrive("alice")
        offered = [word for one in lines if one.command == "CAP" for word in one.params[-1].split()]
        assert f"{shown}33" in offered
        stage.rewrite({"metadata.value_length": 34})
        await stage.reload()
        assert [one[-2:] for one in said(await alice.heard(), "CAP")] == [("NEW", f"{shown}34")]


# -- asking and setting ------------------------------------------------------------------------


async def test_it_is_set_asked_for_and_taken_away(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice", *AWARE)
        await bob.arrive("bob", *AWARE)
        alice.send("METADATA * SET display-name :Ada Lovelace", "METADATA alice SET color #c90076")
        assert told(await alice.heard()) == [
            ("761", "alice", "display-name", "*", "Ada Lovelace"),
            ("761", "alice", "color", "*", "#c90076"),
        ]
        bob.send("METADATA Alice GET color $url$ avatar display-name", "METADATA alice list")
        lines = await bob.heard()
        assert batches(lines) == [("metadata", "alice"), ("metadata", "alice")]
        assert told(lines) == [
            ("761", "alice", "color", "*", "#c90076"),
            ("WARN", "METADATA", "INVALID_KEY", "$url$", "That cannot be a key"),
            ("766", "alice", "avatar", "Key not set"),
            ("761", "alice", "display-name", "*", "Ada Lovelace"),
            ("761", "alice", "color", "*", "#c90076"),
            ("761", "alice", "display-name", "*", "Ada Lovelace"),
        ]
        assert all(one.tags.get("batch") for one in lines if one.command in {"761", "766", "WARN"})
        alice.send("METADATA * SET color", "METADATA * SET color :", "METADATA * CLEAR")
        alice.send("METADATA * LIST", "METADATA * CLEAR")
        lines = await alice.heard()
        assert told(lines) == [
            ("766", "alice", "color", "Key not set"),
            ("766", "alice", "color", "Key not set"),
            ("766", "alice", "display-name", "Key not set"),
        ]
        assert batches(lines) == [("metadata", "alice")] * 3


async def test_what_is_wrong_is_told(opened: Callable[..., Awaitable[Stage]]) -> None:
    stage = await opened(
        {"metadata.keys": 1, "metadata.value_length": 16, "metadata.subscriptions": 1}
    )
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice", *AWARE)
        await bob.arrive("bob", *AWARE)
        alice.send("JOIN #tea")
        await alice.heard()
        bob.send("METADATA", "METADATA *", "METADATA * GET", "METADATA * SNEEZE")
        bob.send("METADATA #tea :: hi!", "METADATA * LIST more", "METADATA * SET a b c")
        bob.send("METADATA nobody LIST", "METADATA #nowhere GET a", "METADATA $a:b SET a :b")
        bob.send("METADATA alice SET $a$ :b", "METADATA alice SET a :b", "METADATA #tea CLEAR")
        bob.send(f"METADATA * SET {'k' * 65} :b", "METADATA * SET a :12345678901234567")
        bob.send("METADATA * SET a :b", "METADATA * SET b :b", "METADATA alice SUB a")
        bob.send("METADATA * SUB $a$ a b c", "METADATA #tea SYNC", "METADATA * UNSUB $a$")
        assert [one[2:-1] for one in told(await bob.heard()) if one[0] in {"FAIL", "WARN"}] == [
            ("INVALID_PARAMS", "*"),
            ("INVALID_PARAMS", "*"),
            ("INVALID_PARAMS", "GET"),
            ("INVALID_PARAMS", "SNEEZE"),
            ("INVALID_PARAMS", "*"),
            ("INVALID_PARAMS", "LIST"),
            ("INVALID_PARAMS", "SET"),
            ("INVALID_TARGET", "nobody"),
            ("INVALID_TARGET", "#nowhere"),
            ("INVALID_TARGET", "$a:b"),
            ("INVALID_KEY", "$a$"),
            ("KEY_NO_PERMISSION", "alice", "a"),
            ("KEY_NO_PERMISSION", "#tea", "*"),
            ("INVALID_KEY", "k" * 65),
            ("INVALID_VALUE", "a"),
            ("LIMIT_REACHED", "bob", "1"),
            ("INVALID_TARGET", "alice"),
            ("INVALID_KEY", "$a$"),
            ("LIMIT_REACHED", "b", "1"),
            ("INVALID_TARGET", "#tea"),
            ("INVALID_KEY", "$a$"),
        ]


async def test_who_changes_too_much_is_told_to_wait(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hubbub.hub.subscribers.CHANGES_AT_ONCE", 1)
    wait = "You change too much. Please wait"
    async with Client(stage.port) as alice:
        await alice.arrive("alice", *AWARE)
        alice.send("METADATA * SET a :1", "METADATA * SET a :2")
        assert told(await alice.heard()) == [
            ("761", "alice", "a", "*", "1"),
            ("FAIL", "METADATA", "RATE_LIMITED", "alice", "a", "1", wait),
        ]


async def test_without_the_capability_it_can_be_typed(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice")
        await bob.arrive("bob", *AWARE)
        for one in (alice, bob):
            one.send("JOIN #tea")
            await one.heard()
        await alice.heard()
        alice.send("METADATA * SET status :here", "METADATA * GET status", "METADATA * SUB status")
        lines = await alice.heard()
        assert batches(lines) == []
        assert [one[:2] for one in told(lines)] == [
            ("761", "alice"),
            ("761", "alice"),
            ("FAIL", "METADATA"),
        ]
        bob.send("METADATA * SET status :there", "WHOIS alice")
        assert ("760", "alice", "status", "*", "here") in told(await bob.heard())
        alice.send("WHOIS bob")
        assert told(await alice.heard()) == [], "nothing is told unasked"


async def test_the_longest_of_everything_fits_into_a_line(
    opened: Callable[..., Awaitable[Stage]],
) -> None:
    server, nick = "s" * 63, "n" * 64
    stage = await opened({"irc.name": server, "limits.message_burst": 100})
    key, value = "k" * 64, "v" * 240
    async with Client(stage.port) as alice:
        await alice.arrive(nick, *AWARE)
        alice.send(f"METADATA * SET {key} :{value}", f"METADATA * GET {key}", f"WHOIS {nick}")
        lines = await alice.heard()
        assert [one[-1] for one in told(lines)][:2] == [value, value]
        whole = line("761", nick, nick, key, "*", value, source=server, trailing=True)
        assert len(whole) <= MAX_LINE


# -- drafts ------------------------------------------------------------------------------------


async def test_a_draft_is_for_the_eyes_of_its_author(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice", *AWARE)
        await bob.arrive("bob", *AWARE)
        bob.send(f"METADATA * SUB {DRAFT} status", "JOIN #lobby")
        await bob.heard()
        alice.send(
            "JOIN #lobby", f"METADATA * SET {DRAFT} :I think that", f"METADATA * GET {DRAFT}"
        )
        own = ("761", "alice", DRAFT, "private", "I think that")
        assert told(await alice.heard()) == [own, own]
        bob.send(f"METADATA alice GET {DRAFT}", "METADATA alice LIST", "METADATA *ALL SYNC")
        bob.send("WHOIS alice", "METADATA #lobby SYNC", "MONITOR + alice")
        assert told(await bob.heard()) == [("766", "alice", DRAFT, "Key not set")]
        alice.send(f"METADATA #lobby SET {DRAFT} :no")
        assert told(await alice.heard())[0][2] == "KEY_NO_PERMISSION"
