"""What changes about people is heard by those who share a room with them, and by their watchers.

Hosts change when an account gets one of its own; until there are accounts, the hub's verb is
called here in the place of whatever will.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doors.irc.client import Client, said, session
from doors.peer import Peer
from hubbub.hub import people

if TYPE_CHECKING:
    from conversations.stage import Stage


async def test_a_new_host_is_told_once_to_those_who_know_the_word(stage: Stage) -> None:
    async with (
        Client(stage.port) as alice,
        Client(stage.port) as bob,
        Client(stage.port) as bare,
        Client(stage.port) as stranger,
        Client(stage.port) as watcher,
    ):
        await alice.arrive("alice", "chghost")
        await bob.arrive("bob", "chghost", "server-time")
        await bare.arrive("bare")
        await stranger.arrive("stranger", "chghost")
        await watcher.arrive("watcher", "chghost", "extended-monitor")
        watcher.send("MONITOR + alice")
        for client in (alice, bob, bare):
            client.send("JOIN #tea,#coffee")
            await client.heard()
        await alice.heard()
        await bob.heard()
        await watcher.heard()
        people.set_host(stage.hub, session(stage, "alice"), "liddell", "wonder.land")

        change = ("alice", "CHGHOST", "liddell", "wonder.land")
        (own,) = await alice.heard()
        assert said([own]) == [change]
        assert own.source == "alice!alice@127.0.0.1", "the one that is known until now"
        (told,) = await bob.heard()
        assert said([told]) == [change], "once, although they share two rooms"
        assert "time" in told.tags
        assert said(await watcher.heard()) == [change]
        # "chghost" lets a server send a QUIT and a JOIN to the others; we leave them in peace.
        assert await bare.heard() == []
        assert await stranger.heard() == []

        alice.send("PRIVMSG #tea :hello")
        await alice.heard()
        (line,) = await bare.heard()
        assert line.source == "alice!liddell@wonder.land"
        bare.send("WHOIS alice")
        assert ("alice", "liddell", "wonder.land") in [
            words[3:6] for words in said(await bare.heard(), "311")
        ]


async def test_a_ban_by_mask_follows_the_new_host(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice")
        await bob.arrive("bob")
        alice.send("JOIN #tea", "MODE #tea +b *!*@wonder.land")
        await alice.heard()
        bob.send("JOIN #tea", "PRIVMSG #tea :one")
        await bob.heard()
        people.set_host(stage.hub, session(stage, "bob"), "b", "wonder.land")
        bob.send("PRIVMSG #tea :two")
        (refused,) = await bob.heard()
        assert refused.command == "404"


async def test_an_account_is_told_to_those_who_know_the_word(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob, Client(stage.port) as bare:
        await alice.arrive("alice", "account-tag", "message-tags")
        await bob.arrive("bob", "account-notify", "extended-join", "account-tag")
        await bare.arrive("bare")
        for client in (bob, bare, alice):
            client.send("JOIN #tea")
            await client.heard()
        (joined,) = (line for line in await bob.heard() if line.source.startswith("alice!"))
        assert joined.params == ["#tea", "*", "alice the tester"]
        await bare.heard()
        people.set_account(stage.hub, session(stage, "alice"), "liddell")
        (told,) = await bob.heard()
        assert told.params == ["liddell"]
        assert await bare.heard() == []
        alice.send("PRIVMSG #tea :hello")
        await alice.heard()
        (line,) = await bob.heard()
        assert line.tags["account"] == "liddell"
        people.set_account(stage.hub, session(stage, "alice"), None)
        assert said(await bob.heard()) == [("alice", "ACCOUNT", "*")]


async def test_invitations_are_told_to_operators_who_know_the_word(stage: Stage) -> None:
    async with (
        Client(stage.port) as alice,
        Client(stage.port) as bob,
        Client(stage.port) as bare,
        Client(stage.port) as member,
        Client(stage.port) as guest,
        Peer(stage.port) as klaus,
    ):
        for client, nick in ((alice, "alice"), (bob, "bob"), (member, "member"), (guest, "guest")):
            await client.arrive(nick, "invite-notify")
        await bare.arrive("bare")
        alice.send("JOIN #tea", "PRIVMSG #tea :x")
        await alice.heard()
        for client in (bob, bare, member):
            client.send("JOIN #tea")
            await client.heard()
        alice.send("MODE #tea +oo bob bare")
        await alice.heard()
        for client in (bob, bare, member):
            await client.heard()
        alice.send("INVITE guest #tea")
        assert said(await alice.heard()) == [("hubbub.local", "341", "alice", "guest", "#tea")]
        told = [("alice", "INVITE", "guest", "#tea")]
        assert said(await guest.heard()) == told
        assert said(await bob.heard()) == told
        assert await bare.heard() == []
        assert await member.heard() == [], "who may not invite is not told"
        # A classic program has no word for it, and is not disturbed.
        await klaus.arrive("klaus")
        await klaus.until_answered()
        alice.send("INVITE klaus #tea")
        await alice.heard()
        assert await klaus.until_answered() == []
