"""METADATA: who is told of what, before they are there, and when they are there again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from doors.irc.client import Client
from doors.irc.test_metadata import AWARE, DRAFT, batches, told
from doors.irc.test_resume import arrive, come_back
from hubbub.core.metadata import MetadataSet
from hubbub.core.ports import Commit, StoreError
from hubbub.doors.irc import keyvalues
from hubbub.hub import metadata
from running.server import start_server

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from conversations.stage import Stage


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
