"""METADATA: what people and channels say of themselves ("metadata")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from doors.irc.client import Client, said
from doors.irc.test_resume import arrive, come_back
from hubbub.core.metadata import MetadataSet
from hubbub.core.ports import Commit, StoreError
from hubbub.doors.irc import keyvalues
from hubbub.hub import metadata
from hubbub.wire.irc.line import MAX_LINE, line
from running.server import start_server

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

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


# -- hearing of it -----------------------------------------------------------------------------


async def test_subscriptions_are_a_list(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice", *AWARE)
        alice.send("METADATA * SUB avatar $x$ status", "METADATA alice SUB status")
        alice.send("METADATA * UNSUB avatar never", "METADATA * SUBS")
        lines = await alice.heard()
        assert told(lines) == [
            ("770", "avatar", "status"),
            ("WARN", "METADATA", "INVALID_KEY", "$x$", "That cannot be a key"),
            ("774", "*ALL", "0", "Ask with METADATA SYNC"),
            ("770", "status"),
            ("771", "avatar", "never"),
            ("772", "status"),
        ]
        assert batches(lines) == [("metadata-subs",)]
        alice.send("CAP REQ :-batch", "CAP REQ batch", "METADATA * SUBS")
        lines = await alice.heard()
        assert (told(lines), batches(lines)) == ([], [("metadata-subs",)])


async def test_a_change_is_told_to_those_who_want_it(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice", *AWARE)
        await bob.arrive("bob", *AWARE, "server-time", "message-tags")
        bob.send("METADATA * SUB status url")
        for one in (alice, bob):
            one.send("JOIN #tea")
            await one.heard()
        alice.send("METADATA * SET status :here", "METADATA * SET mood :good")
        alice.send("METADATA #tea SET url :https://tea.example", "METADATA * CLEAR")
        await alice.heard()
        lines = await bob.heard()
        assert told(lines) == [
            ("761", "alice", "status", "*", "here"),
            ("761", "#tea", "url", "*", "https://tea.example"),
            ("766", "alice", "status", "Key not set"),
        ]
        assert batches(lines) == []


async def test_who_enters_is_shown_the_room(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice", *AWARE)
        alice.send("JOIN #tea", "METADATA * SET status :here", "METADATA * SET mood :good")
        alice.send("METADATA #tea SET status :hot")
        await alice.heard()
        await bob.arrive("bob", *AWARE)
        bob.send("METADATA * SUB status mood", "JOIN #tea")
        lines = await bob.heard()
        end = [one.command for one in lines].index("366")
        assert batches(lines[end:]) == [("metadata", "#tea")]
        everything = {
            ("761", "alice", "status", "*", "here"),
            ("761", "alice", "mood", "*", "good"),
            ("761", "#tea", "status", "*", "hot"),
        }
        assert set(told(lines[end:])) == everything
        bob.send("METADATA #TEA SYNC", "PART #tea")
        assert set(told(await bob.heard())) == everything
        monkeypatch.setattr(metadata, "ON_ENTERING", 2)
        monkeypatch.setattr(metadata, "AT_ONCE", 2)
        bob.send("JOIN #tea")
        later = ("774", "#tea", "0", "Ask with METADATA SYNC")
        assert told(await bob.heard()) == [later]
        bob.send("METADATA #tea SYNC", "METADATA #tea SYNC")
        lines = await bob.heard()
        assert batches(lines) == [("metadata", "#tea")] * 2
        assert set(told(lines)) == everything | {later}


async def test_who_watches_is_shown_whom(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob, Client(stage.port) as carol:
        await bob.arrive("bob", *AWARE)
        await carol.arrive("carol")
        bob.send("METADATA * SUB status", "MONITOR + alice")
        carol.send("MONITOR + alice")
        await carol.heard()
        await bob.heard()
        await alice.arrive("alice", *AWARE)
        alice.send("METADATA * SET status :here")
        await alice.heard()
        lines = await bob.heard()
        assert [one.command for one in lines] == ["730", "BATCH", "BATCH", "761"]
        bob.send("MONITOR S")
        lines = await bob.heard()
        assert [one.command for one in lines] == ["730", "BATCH", "761", "BATCH"]
        assert [one.command for one in await carol.heard()] == ["730"]


async def test_a_label_holds_the_answer(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice", *AWARE, "labeled-response")
        alice.send("@label=a METADATA * SET status :here", "@label=b METADATA * LIST")
        alice.send("@label=c METADATA * SUB status")
        lines = await alice.heard()
        assert [one.tags.get("label") for one in lines if "label" in one.tags] == ["a", "b", "c"]
        assert batches(lines) == [("metadata", "alice"), ("labeled-response",)]


# -- before one is there -----------------------------------------------------------------------


async def test_it_can_be_said_before_one_is_there(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        alice.send("CAP LS 302", f"CAP REQ :{' '.join(AWARE)}", "METADATA * SUB status $ mood")
        alice.send(
            "METADATA * SET status :here", "METADATA * SET mood :good", "METADATA * GET mood"
        )
        alice.send("METADATA * SET mood", "METADATA * LIST", "METADATA * UNSUB mood")
        alice.send(
            "METADATA * SUBS", "METADATA alice LIST", "METADATA * SYNC", "METADATA #tea LIST"
        )
        alice.send("NICK alice", "USER alice 0 * :Alice")
        alice.send("METADATA * SET x :y", "METADATA * CLEAR", "METADATA * SET status :there")
        alice.send("CAP END")
        lines = await alice.heard()
        before = [one for one in lines if one.params[0] == "*" or one.command in {"FAIL", "WARN"}]
        assert told(before)[:11] == [
            ("770", "status", "mood"),
            ("WARN", "METADATA", "INVALID_KEY", "$", "That cannot be a key"),
            ("761", "*", "status", "*", "here"),
            ("761", "*", "mood", "*", "good"),
            ("761", "*", "mood", "*", "good"),
            ("766", "*", "mood", "Key not set"),
            ("761", "*", "status", "*", "here"),
            ("771", "mood"),
            ("772", "status"),
            ("FAIL", "METADATA", "INVALID_TARGET", "alice", "No such target, or it is not for you"),
            ("FAIL", "METADATA", "INVALID_PARAMS", "SYNC", "You have not registered"),
        ]
        welcome = [one.command for one in lines].index("001")
        arrived = lines[welcome:]
        assert told(arrived) == [("761", "alice", "status", "*", "there")]
        assert batches(arrived) == [("metadata", "alice")]
        shown = [one.command for one in arrived]
        assert shown.index("761") < shown.index("422")
        alice.send("METADATA * SUBS")
        assert told(await alice.heard()) == [("772", "status")]


async def test_there_are_limits_before_one_is_there(
    opened: Callable[..., Awaitable[Stage]],
) -> None:
    stage = await opened({"metadata.keys": 1, "metadata.subscriptions": 1})
    async with Client(stage.port) as alice:
        alice.send("CAP LS 302", f"CAP REQ :{' '.join(AWARE)}", "METADATA * SUB a b")
        alice.send("METADATA * SET a :1", "METADATA * SET b :1", f"METADATA * SET a :{'x' * 241}")
        alice.send("NICK alice", "USER alice 0 * :Alice", "CAP END")
        lines = await alice.heard()
        assert [one[2:4] for one in told(lines) if one[0] == "FAIL"] == [
            ("LIMIT_REACHED", "b"),
            ("LIMIT_REACHED", "*"),
            ("INVALID_VALUE", "a"),
        ]
        assert told(lines)[-1] == ("761", "alice", "a", "*", "1")


# -- who comes back, and the disk --------------------------------------------------------------


async def test_who_takes_over_subscribes_anew(stage: Stage) -> None:
    async with Client(stage.port) as dead, Client(stage.port) as alice:
        token = await arrive(dead, "alice", *AWARE)
        dead.send("METADATA * SET status :here", "METADATA * SUB status", "JOIN #tea")
        await dead.heard()
        lines = await come_back(alice, token, "alice", *AWARE)
        assert told(lines) == [("761", "alice", "status", "*", "here")]
        assert batches(lines)[-2:] == [("metadata", "alice"), ("metadata", "#tea")]
        alice.send("METADATA * SUBS", "METADATA * SET status :back")
        assert told(await alice.heard()) == [("761", "alice", "status", "*", "back")]


@pytest.mark.parametrize("end", ["kill", "stop"])
async def test_it_is_there_after_a_restart(tmp_path: Path, end: str) -> None:
    folder = tmp_path / "data"
    with start_server(folder) as server:
        async with Client(server.port) as alice, Client(server.port) as bob:
            token = await arrive(alice, "alice", *AWARE)
            await bob.arrive("bob", *AWARE)
            alice.send("JOIN #tea", "METADATA #tea SET url :https://tea.example")
            alice.send("METADATA * SET status :here", f"METADATA * SET {DRAFT} :I think")
            bob.send("METADATA * SET status :gone")
            assert len(told(await alice.heard())) == 3
            await bob.heard()
            getattr(server, end)()
    with start_server(folder) as server:
        async with Client(server.port) as alice, Client(server.port) as bob:
            lines = await come_back(alice, token, "alice", *AWARE)
            assert set(told(lines)) == {
                ("761", "alice", "status", "*", "here"),
                ("761", "alice", DRAFT, "private", "I think"),
            }
            await bob.arrive("bob", *AWARE)
            bob.send("JOIN #tea", "METADATA #tea LIST", "METADATA * LIST")
            assert told(await bob.heard()) == [("761", "#tea", "url", "*", "https://tea.example")]


async def test_when_the_disk_fails_that_is_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_self: object, _events: object, done: Any, *_: object, **__: object) -> None:
        done(Commit(failure=StoreError("the disk does not work")))

    async with Client(stage.port) as alice:
        await alice.arrive("alice", *AWARE, "standard-replies")
        monkeypatch.setattr(type(stage.hub.archive), "write", broken)
        alice.send("METADATA * SET status :here")
        text = "It holds, and is saved when the disk can"
        lines = [*await alice.heard(), *await alice.heard()]  # it stands after the whole batch
        assert told(lines) == [
            ("761", "alice", "status", "*", "here"),
            ("NOTE", "METADATA", "NOT_SAVED", "alice", text),
        ]
        alice.send("METADATA * SET status :there", "METADATA * GET status")
        refused, shown = told(await alice.heard())
        assert (refused[:3], shown[-1]) == (("FAIL", "METADATA", "CANNOT_SAVE"), "here")


def test_one_rendering_serves_all() -> None:
    event = MetadataSet("alice", "status", "here")
    once = keyvalues.unasked(event, "irc.example")
    assert keyvalues.unasked(MetadataSet("alice", "status", "here"), "irc.example") is once
    assert once == b":irc.example 761 * alice status * :here\r\n"
