"""WHO, WHOIS, WHOWAS, NAMES and the like: what one may know of others."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from doors.irc.client import Client, said, session
from doors.peer import Peer
from hubbub.doors.irc import who
from hubbub.server.config import Operator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from conversations.stage import Stage

    Opened = Callable[..., Awaitable[Stage]]

ROOT = {"irc.operators": (Operator(name="root", password="secret"),)}


class Company:
    """Some clients who have arrived, by name."""

    def __init__(self, stage: Stage, stack: AsyncExitStack) -> None:
        self.stage = stage
        self._stack = stack

    async def __call__(self, nick: str, *capabilities: str) -> Client:
        client = await self._stack.enter_async_context(Client(self.stage.port))
        await client.arrive(nick, *capabilities)
        return client


@pytest.fixture
async def company(opened: Opened) -> AsyncIterator[Company]:
    async with AsyncExitStack() as stack:
        yield Company(await opened(ROOT), stack)


async def asked(client: Client, *lines: str) -> list[tuple[str, ...]]:
    """The answers without the server's name and the asker's."""
    client.send(*lines)
    return [(words[1], *words[3:]) for words in said(await client.heard())]


# -- WHO ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "letters", "token"),
    [("%tnuhr,42", "tuhnr", "42"), ("%", "", "0"), ("x%na", "na", "0"), ("%zzn", "n", "0")],
)
def test_the_fields_of_whox(request_: str, letters: str, token: str) -> None:
    assert who.fields_of(request_) == who.Fields(letters, token)


@pytest.mark.parametrize("request_", ["", "o", "n,42", "%n,12345", "%n,*"])
def test_no_fields(request_: str) -> None:
    assert who.fields_of(request_) is None


async def test_who_in_a_room_shows_signs_and_flags(company: Company) -> None:
    alice = await company("alice", "multi-prefix")
    bot = await company("bot")
    bot.send("MODE bot +B", "AWAY :charging")
    await bot.heard()
    alice.send("JOIN #tea")
    await alice.heard()
    bot.send("JOIN #tea")
    await bot.heard()
    alice.send("MODE #tea +v alice", "OPER root secret")
    await alice.heard()
    assert await asked(alice, "WHO #tea") == [
        (
            "352",
            "#tea",
            "alice",
            "127.0.0.1",
            "hubbub.local",
            "alice",
            "H*@+",
            "0 alice the tester",
        ),
        ("352", "#tea", "bot", "127.0.0.1", "hubbub.local", "bot", "GB", "0 bot the tester"),
        ("315", "#tea", "End of WHO list"),
    ]
    await bot.heard()
    # Without multi-prefix only the highest sign.
    assert (await asked(bot, "WHO alice"))[0][5:7] == ("alice", "H*@")
    assert [line[5] for line in await asked(bot, "WHO * o") if line[0] == "352"] == ["alice"]
    assert await asked(bot, "WHO #nowhere") == [("315", "#nowhere", "End of WHO list")]


async def test_whox_gives_what_it_was_asked_for(company: Company) -> None:
    alice, bob = await company("alice"), await company("bob")
    alice.send("JOIN #tea")
    await alice.heard()
    assert await asked(bob, "WHO alice %tcuihsnfdlaor,7") == [
        # The real address is for oneself and for operators.
        (
            *("354", "7", "*", "alice", "255.255.255.255", "127.0.0.1", "hubbub.local"),
            *("alice", "H", "0", "0", "0", "n/a", "alice the tester"),
        ),
        ("315", "alice", "End of WHO list"),
    ]
    assert (await asked(alice, "WHO alice %in"))[0] == ("354", "127.0.0.1", "alice")
    bob.send("OPER root secret")
    await bob.heard()
    assert (await asked(bob, "WHO alice %in"))[0] == ("354", "127.0.0.1", "alice")


async def test_masks_find_who_may_be_found(company: Company) -> None:
    alice, bob = await company("alice"), await company("bob")
    hidden = await company("hidden")
    hidden.send("MODE hidden +i")
    await hidden.heard()

    async def found(client: Client, mask: str) -> list[str]:
        return [line[5] for line in await asked(client, f"WHO {mask}") if line[0] == "352"]

    assert await found(bob, "*") == ["alice", "bob"]
    assert await found(bob, "0") == ["alice", "bob"]
    assert await found(bob, "127.*") == ["alice", "bob"]
    assert await found(bob, "ali?e") == ["alice"]
    assert await found(bob, "hidden") == ["hidden"], "whose name one knows is there"
    assert await found(bob, "nobody") == []
    hidden.send("JOIN #tea")
    await hidden.heard()
    assert [line[0] for line in await asked(bob, "NAMES #tea")] == ["366"]
    bob.send("JOIN #tea")
    await bob.heard()
    assert await found(bob, "h*") == ["hidden"]
    assert await found(alice, "h*") == []


# -- WHOIS, WHOWAS -----------------------------------------------------------------------------


async def test_whois_tells_more_to_those_who_may_know_more(company: Company) -> None:
    alice, bob = await company("alice", "multi-prefix"), await company("bob")
    alice.send("MODE alice +iB", "AWAY :lunch", "JOIN #tea,#secret", "MODE #secret +s")
    await alice.heard()
    mine = await asked(alice, "WHOIS alice")
    assert ("319", "alice", "@#secret @#tea") in mine
    assert ("338", "alice", "alice@127.0.0.1", "127.0.0.1", "Actual user@host, Actual IP") in mine
    assert ("379", "alice", "is using modes +iB") in mine
    theirs = await asked(bob, "WHOIS alice")
    assert [line[0] for line in theirs] == ["311", "312", "335", "301", "317", "318"], (
        "who is invisible does not show rooms, nor an address"
    )
    bob.send("OPER root secret")
    await bob.heard()
    all_of_it = await asked(bob, "WHOIS alice")
    assert ("319", "alice", "@#secret @#tea") in all_of_it
    assert "338" in [line[0] for line in all_of_it]
    assert ("313", "bob", "is an IRC operator") in await asked(alice, "WHOIS bob")
    session(company.stage, "alice").account = "liddell"
    assert ("330", "alice", "liddell", "is logged in as") in await asked(bob, "WHOIS alice")


async def test_whois_of_a_classic_program_says_what_it_is(company: Company) -> None:
    alice = await company("alice")
    async with Peer(company.stage.port) as klaus:
        await klaus.arrive("Klaus Störtebeker")
        await klaus.until_answered()
        told = await asked(alice, "WHOIS Klaus_Störtebeker")
        assert told[0] == (
            *("311", "Klaus_Störtebeker", "classic", "127.0.0.1", "*", "Klaus Störtebeker"),
        )
        assert told[1] == ("319", "Klaus_Störtebeker", "#lobby")


async def test_whois_of_several_and_of_nobody(company: Company) -> None:
    alice = await company("alice")
    lines = await asked(alice, "WHOIS alice,nobody", "WHOIS hubbub.local alice")
    assert [line[:2] for line in lines if line[0] in ("311", "401", "318")] == [
        ("311", "alice"),
        ("401", "nobody"),
        ("318", "alice,nobody"),
        ("311", "alice"),
        ("318", "alice"),
    ]


async def test_whowas_remembers_names_that_were_given_up(company: Company) -> None:
    alice, bob = await company("alice"), await company("bob")
    for nick in ("one", "alice", "two"):
        alice.send(f"NICK {nick}")
    await alice.heard()
    assert [line[0] for line in await asked(bob, "WHOWAS alice")] == ["314", "312"] * 2 + ["369"]
    assert [line[0] for line in await asked(bob, "WHOWAS ALICE 1")] == ["314", "312", "369"]
    assert [line[0] for line in await asked(bob, "WHOWAS bob")] == ["406", "369"]


async def test_short_questions(company: Company) -> None:
    alice = await company("alice")
    await company("bob")
    alice.send("AWAY :lunch", "OPER root secret")
    await alice.heard()
    assert await asked(alice, "ISON nobody BOB alice") == [("303", "bob alice")]
    assert await asked(alice, "USERHOST alice bob nobody") == [
        ("302", "alice*=-alice@127.0.0.1 bob=+bob@127.0.0.1")
    ]


# -- NAMES -------------------------------------------------------------------------------------


async def test_names_are_told_as_a_client_can_read_them(company: Company) -> None:
    alice = await company("alice", "multi-prefix", "userhost-in-names")
    bob = await company("bob")
    alice.send("JOIN #tea", "MODE #tea +v alice", "JOIN #secret", "MODE #secret +s")
    await alice.heard()
    assert await asked(bob, "NAMES #tea,#secret,#nowhere") == [
        ("353", "=", "#tea", "@alice"),
        ("366", "#tea,#secret,#nowhere", "End of /NAMES list"),
    ]
    assert await asked(alice, "NAMES #secret") == [
        ("353", "@", "#secret", "@alice!alice@127.0.0.1"),
        ("366", "#secret", "End of /NAMES list"),
    ]
    assert (await asked(alice, "NAMES #tea"))[0][3] == "@+alice!alice@127.0.0.1"
    assert await asked(alice, "NAMES") == [("366", "*", "End of /NAMES list")]


# -- what outsiders see of a room --------------------------------------------------------------


async def test_a_secret_room_shows_outsiders_nothing_of_itself(company: Company) -> None:
    alice = await company("alice")
    bob = await company("bob")
    alice.send("JOIN #secret", "TOPIC #secret :shh", "MODE #secret +b eve", "MODE #secret +s")
    await alice.heard()
    for question in ("MODE #secret", "MODE #secret b", "TOPIC #secret"):
        assert await asked(bob, question) == [("442", "#secret", "You're not on that channel")]
    assert [line[0] for line in await asked(alice, "MODE #secret")] == ["324", "329"]
