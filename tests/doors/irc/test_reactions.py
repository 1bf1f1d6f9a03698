"""Reactions: what is sent about a message is kept with it, and shown with its history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doors.irc.client import Client, said

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conversations.stage import Stage
    from hubbub.wire.irc.line import Line

    Opened = Callable[..., Awaitable[Stage]]

CAPS = (
    *("message-tags", "echo-message", "server-time", "batch", "labeled-response"),
    *("draft/message-redaction", "draft/chathistory", "draft/event-playback"),
)


@pytest.fixture(params=["full", "none"])
async def stage(request: pytest.FixtureRequest, opened: Opened) -> Stage:
    """A server with each kind of store."""
    return await opened({"durability": request.param, "limits.messages_per_second": 0})


async def say(client: Client, target: str, text: str) -> str:
    """Say something; its msgid."""
    client.send(f"PRIVMSG {target} :{text}")
    (echo,) = [line for line in await client.heard() if line.command == "PRIVMSG"]
    return echo.tags["msgid"]


async def reactions(client: Client, target: str) -> list[Line]:
    """The reactions that the past of a room or conversation has."""
    client.send(f"CHATHISTORY LATEST {target} * 20")
    return [line for line in await client.heard() if line.command == "TAGMSG"]


async def in_tea(*clients: Client) -> None:
    for client, nick in zip(clients, ("alice", "bob"), strict=False):
        await client.arrive(nick, *CAPS)
        client.send("JOIN #tea")
        await client.heard()
    await clients[0].heard()


@pytest.mark.parametrize("draft", ["draft/", ""])
async def test_they_are_kept_and_shown_again(stage: Stage, draft: str) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await in_tea(alice, bob)
        msgid = await say(alice, "#tea", "more tea?")
        await bob.heard()

        about = f"+{draft}reply={msgid};+x=1"
        bob.send(f"@label=1;+{draft}react=👍;{about} TAGMSG #tea")
        bob.send(f"@+{draft}unreact=👍;{about} TAGMSG #tea")

        echoes = await bob.heard()
        assert echoes[0].tags["label"] == "1"
        heard = await alice.heard()
        shown = await reactions(alice, "#tea")
        assert said(echoes) == said(heard) == said(shown) == [("bob", "TAGMSG", "#tea")] * 2
        for one, again in zip(heard, shown, strict=True):
            assert one.tags == {key: tag for key, tag in again.tags.items() if key != "batch"}
        assert heard[0].tags[f"+{draft}react"] == "👍"
        assert heard[0].tags[f"+{draft}reply"] == msgid
        assert heard[0].tags["+x"] == "1"


async def test_between_two(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await in_tea(alice, bob)
        msgid = await say(alice, "bob", "psst")
        await bob.heard()
        bob.send(f"@+draft/react=!;+draft/reply={msgid} TAGMSG alice")
        assert said(await bob.heard()) == [("bob", "TAGMSG", "alice")]
        assert said(await alice.heard()) == [("bob", "TAGMSG", "alice")]
        assert said(await reactions(alice, "bob")) == [("bob", "TAGMSG", "alice")]
        assert said(await reactions(bob, "alice")) == [("bob", "TAGMSG", "alice")]


async def test_what_is_about_nothing_passes(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await in_tea(alice, bob)
        msgid = await say(alice, "#tea", "more tea?")
        await bob.heard()
        bob.send(
            "@+draft/react=! TAGMSG #tea",
            "@+draft/react=!;+draft/reply=unknown TAGMSG #tea",
            f"@+draft/reply={msgid} TAGMSG #tea",
            "@+typing=active TAGMSG #tea",
        )
        assert said(await bob.heard()) == [("bob", "TAGMSG", "#tea")] * 4
        assert said(await alice.heard()) == [("bob", "TAGMSG", "#tea")] * 4
        assert await reactions(alice, "#tea") == []


async def test_it_can_be_taken_away(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await in_tea(alice, bob)
        msgid = await say(alice, "#tea", "more tea?")
        await bob.heard()
        bob.send(f"@+draft/react=!;+draft/reply={msgid} TAGMSG #tea")
        (reaction,) = await bob.heard()
        bob.send(f"REDACT #tea {reaction.tags['msgid']}")
        assert said(await bob.heard()) == [("bob", "REDACT", "#tea", reaction.tags["msgid"])]
        assert await reactions(bob, "#tea") == []


async def test_who_may_not_speak_may_not_react(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await in_tea(alice, bob)
        msgid = await say(alice, "#tea", "more tea?")
        alice.send("MODE #tea +m")
        await alice.heard()
        await bob.heard()
        bob.send(f"@+draft/react=!;+draft/reply={msgid} TAGMSG #tea")
        assert [line.command for line in await bob.heard()] == ["404"]
        assert await alice.heard() == []
