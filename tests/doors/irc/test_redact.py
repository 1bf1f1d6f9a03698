"""REDACT: what was said is taken away, and everybody is told in a way they understand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doors.irc.client import Client, said
from doors.peer import Peer, arrived

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conversations.stage import Stage

    Opened = Callable[..., Awaitable[Stage]]

TAGS = ("message-tags", "echo-message", "server-time", "batch", "labeled-response")
CAPS = (*TAGS, "draft/message-redaction", "draft/chathistory")


@pytest.fixture(params=["full", "none"])
async def stage(request: pytest.FixtureRequest, opened: Opened) -> Stage:
    """A server with each kind of store."""
    return await opened({"durability": request.param, "limits.messages_per_second": 0})


async def say(client: Client, target: str, text: str) -> str:
    """Say something; its msgid."""
    client.send(f"PRIVMSG {target} :{text}")
    (echo,) = [line for line in await client.heard() if line.command == "PRIVMSG"]
    return echo.tags["msgid"]


async def test_each_is_told_in_their_way(stage: Stage) -> None:
    async with (
        Client(stage.port) as alice,
        Client(stage.port) as bob,
        Client(stage.port) as carol,
        Peer(stage.port) as dave,
    ):
        await alice.arrive("alice", *CAPS)
        await bob.arrive("bob", *CAPS)
        await carol.arrive("carol", *TAGS)
        await arrived(dave, "dave")
        for client in (alice, bob, carol):
            client.send("JOIN #lobby")
            await client.heard()
        await alice.heard()
        msgid = await say(bob, "#lobby", "wrong window")
        await carol.heard()
        await alice.heard()
        await dave.until_answered()

        bob.send(f"@label=7 REDACT #lobby {msgid} :not meant for you")

        (line,) = await bob.heard()
        assert said([line]) == [("bob", "REDACT", "#lobby", msgid, "not meant for you")]
        assert line.tags["label"] == "7"
        assert {"time", "msgid"} <= line.tags.keys()
        assert said(await alice.heard()) == said([line])
        (notice,) = await carol.heard()
        assert notice.command == "NOTICE"
        assert "!" not in notice.source
        words = "bob took back what they said at "
        assert notice.params[0] == "#lobby"
        assert notice.params[1].startswith(words)
        assert notice.params[1].endswith(": not meant for you")
        (pair,) = [text for name, text in await dave.until_answered() if name == "server"]
        assert pair.startswith(words)
        assert pair.endswith(": not meant for you")


async def test_between_two_also_who_knows_it_not(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice", *TAGS)  # by hand, as in /quote REDACT
        await bob.arrive("bob", *TAGS)
        msgid = await say(alice, "bob", "psst")
        await bob.heard()
        alice.send(f"REDACT bob {msgid}")
        (told,) = await alice.heard()
        (heard,) = await bob.heard()
        assert (told.command, told.params[0]) == ("NOTICE", "alice")
        assert (heard.command, heard.params[0]) == ("NOTICE", "bob")
        assert told.params[1] == heard.params[1]


async def test_the_past_does_not_hold_it(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice", *CAPS, "draft/event-playback")
        alice.send("JOIN #tea")
        await alice.heard()
        await say(alice, "#tea", "one")
        msgid = await say(alice, "#tea", "two")
        alice.send(f"REDACT #tea {msgid}", "CHATHISTORY LATEST #tea * 10")
        redact, _, *inside, _ = await alice.heard()
        assert redact.command == "REDACT"
        shown = said(inside, "PRIVMSG", "REDACT")
        assert shown == [
            ("alice", "PRIVMSG", "#tea", "one"),
            ("alice", "REDACT", "#tea", msgid),
        ]
        alice.send("CAP REQ :-draft/event-playback", "CHATHISTORY LATEST #tea * 10")
        assert said(await alice.heard(), "PRIVMSG", "REDACT", "NOTICE") == shown[:1]
    async with Client(stage.port) as bob:
        await bob.arrive("bob", *TAGS, "draft/chathistory", "draft/event-playback")
        bob.send("JOIN #tea")
        await bob.heard()
        bob.send("CHATHISTORY LATEST #tea * 10")
        assert said(await bob.heard(), "PRIVMSG", "REDACT", "NOTICE") == shown[:1]


async def test_what_cannot_be_taken_away(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice", *CAPS)
        await bob.arrive("bob", *CAPS)
        for client in (alice, bob):
            client.send("JOIN #tea")
            await client.heard()
        msgid = await say(alice, "#tea", "mine")
        await bob.heard()

        async def answer(words: str) -> list[str]:
            bob.send(f"REDACT {words}")
            (line,) = await bob.heard()
            return [line.command, *line.params[:-1]]

        fail = ["FAIL", "REDACT"]
        assert await answer("#tea") == ["461", "bob", "REDACT"]
        assert await answer(f"#attic {msgid}") == [*fail, "INVALID_TARGET", "#attic"]
        assert await answer(f"nobody {msgid}") == [*fail, "INVALID_TARGET", "nobody"]
        assert await answer("#TEA x") == [*fail, "UNKNOWN_MSGID", "#tea", "x"]
        assert await answer(f"alice {msgid}") == [*fail, "UNKNOWN_MSGID", "alice", msgid]
        assert await answer(f"#tea {msgid}") == [*fail, "REDACT_FORBIDDEN", "#tea", msgid]
        alice.send(f"REDACT #tea {msgid}")
        await alice.heard()
        await bob.heard()
        assert await answer(f"#tea {msgid}") == [*fail, "UNKNOWN_MSGID", "#tea", msgid]


async def test_the_time_for_it_is_configured(opened: Opened) -> None:
    stage = await opened({"history.redact_own": 0})
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice", *CAPS)
        await bob.arrive("bob", *CAPS)
        for client in (alice, bob):
            client.send("JOIN #tea")
            await client.heard()
        msgid = await say(bob, "#tea", "mine")
        await alice.heard()
        alice.send(f"REDACT #tea {msgid}")  # she is operator there
        (line,) = await alice.heard()
        assert line.command == "REDACT"
        msgid = await say(bob, "alice", "psst")
        bob.send(f"REDACT alice {msgid}")
        (line,) = [line for line in await bob.heard() if line.command == "FAIL"]
        assert line.params[1:-1] == ["REDACT_WINDOW_EXPIRED", "alice", msgid, "0"]
