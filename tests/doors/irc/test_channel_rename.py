"""RENAME: a channel goes by another name ("channel-rename")."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doors.irc.client import Client, said, session
from running.server import start_server

if TYPE_CHECKING:
    from pathlib import Path

    from conversations.stage import Stage

CAPABILITY = "draft/channel-rename"


async def enter(client: Client, nick: str, *capabilities: str) -> None:
    await client.arrive(nick, *capabilities)
    client.send("JOIN #tea")
    await client.heard()


async def test_who_knows_the_command_hears_it_and_others_leave_and_enter(stage: Stage) -> None:
    async with (
        Client(stage.port) as alice,
        Client(stage.port) as bob,
        Client(stage.port) as carol,
    ):
        await enter(alice, "alice", CAPABILITY)
        await enter(bob, "bob")
        await enter(carol, "carol", "extended-join", "no-implicit-names", "draft/read-marker")
        alice.send("TOPIC #tea :green", "MODE #tea +v bob")
        for one in (alice, bob, carol):
            await one.heard()
        alice.send("RENAME #tea #coffee :no reason", "PRIVMSG #coffee :hello")
        assert said(await alice.heard()) == [("alice", "RENAME", "#tea", "#coffee", "no reason")]
        server = "hubbub.local"
        lines = said(await bob.heard())
        assert lines[:3] == [
            ("bob", "PART", "#tea", "no reason"),
            ("bob", "JOIN", "#coffee"),
            (server, "332", "bob", "#coffee", "green"),
        ]
        assert [one[1] for one in lines[3:]] == ["333", "353", "366", "PRIVMSG"]
        assert lines[4][2:] == ("bob", "=", "#coffee", "@alice +bob carol")
        lines = said(await carol.heard())
        assert [one[:3] for one in lines] == [
            *(("carol", "PART", "#tea"), ("carol", "JOIN", "#coffee"), (server, "332", "carol")),
            *((server, "333", "carol"), (server, "MARKREAD", "#coffee")),
            ("alice", "PRIVMSG", "#coffee"),
        ]


async def test_who_renames_without_knowing_it_is_shown_the_same(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await enter(alice, "alice", "batch", "labeled-response")
        await enter(bob, "bob", CAPABILITY, "server-time", "message-tags")
        await alice.heard()
        alice.send("@label=7 RENAME #tea #coffee")
        lines = await alice.heard()
        assert [line.command for line in lines] == ["BATCH", "PART", "JOIN", "353", "366", "BATCH"]
        assert lines[0].tags["label"] == "7"
        (renamed,) = await bob.heard()
        assert (renamed.command, renamed.params) == ("RENAME", ["#tea", "#coffee", ""])
        assert {"time", "msgid"} <= renamed.tags.keys()


async def test_other_letters_of_the_same_name_move_nobody(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await enter(alice, "alice", CAPABILITY)
        await enter(bob, "bob")
        await alice.heard()
        alice.send("RENAME #tea #Tea")
        assert said(await alice.heard()) == [("alice", "RENAME", "#tea", "#Tea", "")]
        assert await bob.heard() == []
        bob.send("TOPIC #tea")
        assert [line.params[1] for line in await bob.heard()] == ["#Tea"]


async def test_what_cannot_be_is_told(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await enter(alice, "alice", CAPABILITY)
        await enter(bob, "bob")
        bob.send("JOIN #lobby,#taken")
        await bob.heard()
        await alice.heard()
        bob.send("RENAME #tea #coffee", "RENAME #nowhere #coffee", "RENAME #tea")
        assert [line.command for line in await bob.heard()] == ["482", "403", "461"]
        alice.send("RENAME #tea #taken", "RENAME #lobby #hall", "RENAME #tea tea")
        alice.send("RENAME #tea #lobby", "RENAME #taken #free", "JOIN #lobby")
        assert [line.params[:4] for line in (await alice.heard())[:5]] == [
            ["RENAME", "CHANNEL_NAME_IN_USE", "#tea", "#taken"],
            ["alice", "#lobby", "You're not on that channel"],
            ["alice", "tea", "No channel can be called so"],
            ["RENAME", "CHANNEL_NAME_IN_USE", "#tea", "#lobby"],
            ["alice", "#taken", "You're not on that channel"],
        ]
        alice.send("RENAME #tea #free", "RENAME #free #tea")
        assert said(await alice.heard(), "RENAME", "FAIL") == [
            ("alice", "RENAME", "#tea", "#free", ""),
            (
                *("hubbub.local", "FAIL", "RENAME", "CANNOT_RENAME", "#free", "#tea"),
                "The channel cannot be renamed: that was done less than a minute ago",
            ),
        ]


async def test_the_old_name_is_that_of_a_new_channel(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await enter(alice, "alice", CAPABILITY)
        await enter(bob, "bob")
        alice.send("RENAME #tea #coffee", "PRIVMSG #coffee :hello")
        await alice.heard()
        await bob.heard()
        bob.send("JOIN #tea", "MODE #tea +k beer")
        assert "MODE" in [line.command for line in await bob.heard()]
        assert {room.name for room in session(stage, "bob").rooms} == {"#tea", "#coffee"}


async def test_history_goes_with_the_channel(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await enter(
            *(alice, "alice", CAPABILITY, "batch", "server-time", "draft/chathistory"),
            "draft/event-playback",
        )
        alice.send("PRIVMSG #tea :before", "RENAME #tea #coffee", "PRIVMSG #coffee :after")
        await alice.heard()
        alice.send("CHATHISTORY LATEST #coffee * 10")
        assert said(await alice.heard(), "PRIVMSG") == [
            ("alice", "PRIVMSG", "#coffee", "before"),
            ("alice", "PRIVMSG", "#coffee", "after"),
        ]
        await bob.arrive("bob", "batch")
        bob.send("JOIN #coffee")
        replayed = [line for line in await bob.heard() if line.command == "PRIVMSG"]
        assert [line.params[0] for line in replayed] == ["#coffee", "#coffee"]


@pytest.mark.parametrize("end", ["kill", "stop"])
async def test_the_name_is_there_after_a_restart(tmp_path: Path, end: str) -> None:
    folder = tmp_path / "data"
    with start_server(folder) as server:
        async with Client(server.port) as alice:
            await enter(alice, "alice", CAPABILITY)
            alice.send("TOPIC #tea :green", "PRIVMSG #tea :hello", "RENAME #tea #coffee")
            assert "RENAME" in [line.command for line in await alice.heard()]
            getattr(server, end)()
    with start_server(folder) as server:
        async with Client(server.port) as alice:
            await alice.arrive("alice", "draft/chathistory", "batch", "server-time")
            alice.send("JOIN #coffee", "CHATHISTORY LATEST #coffee * 10", "JOIN #tea")
            lines = await alice.heard()
            assert said(lines, "332") == [("hubbub.local", "332", "alice", "#coffee", "green")]
            assert said(lines, "PRIVMSG") == [("alice", "PRIVMSG", "#coffee", "hello")]
