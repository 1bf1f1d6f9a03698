"""SEARCH: what IRC clients find, from both kinds of store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doors.irc.client import Client, said
from doors.irc.test_chathistory import CAPS, LABELLED, page

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conversations.stage import Stage
    from hubbub.wire.irc.line import Line

    Opened = Callable[..., Awaitable[Stage]]

SEARCHES = (*CAPS, "soju.im/search")


@pytest.fixture(params=["full", "none"])
async def stage(request: pytest.FixtureRequest, opened: Opened) -> Stage:
    """A server with each kind of store."""
    return await opened({"durability": request.param, "limits.messages_per_second": 0})


def found(lines: list[Line]) -> list[Line]:
    """The lines of the one batch that all of them are."""
    begin, *inside, end = lines
    assert begin.command == end.command == "BATCH"
    assert begin.params == [f"+{end.params[0][1:]}", "soju.im/search"]
    assert {line.tags["batch"] for line in inside} <= {end.params[0][1:]}
    return inside


async def search(client: Client, attributes: str) -> list[tuple[str, ...]]:
    """Who said what to whom."""
    client.send(f"SEARCH {attributes}")
    return [(who, to, text) for who, _, to, text in said(found(await client.heard()))]


async def texts(client: Client, attributes: str) -> list[str]:
    """What was said; of one moment in several places any may come first."""
    return sorted(text for _, _, text in await search(client, attributes))


async def say(client: Client, target: str, *words: str) -> list[Line]:
    """Say something, a line each; the echoes."""
    client.send(*(f"PRIVMSG {target} :{word}" for word in words))
    return [line for line in await client.heard() if line.command == "PRIVMSG"]


async def come(client: Client, nick: str, *rooms: str, caps: tuple[str, ...] = SEARCHES) -> None:
    await client.arrive(nick, *caps)
    client.send(*(f"JOIN {room}" for room in rooms))
    await client.heard()


async def test_words_are_found_as_they_were_said(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await come(alice, "alice", "#tea")
        words = ("東京で会いましょう", "un café, merci", "nothing", "cafe au lait")
        echoes = await say(alice, "#tea", *words)

        alice.send("SEARCH text=CAFE")
        lines = found(await alice.heard())
        assert said(lines) == said(echoes[1::2])
        for echo, line in zip(echoes[1::2], lines, strict=True):
            assert line.source == echo.source
            assert dict(line.tags) == dict(echo.tags) | {"batch": line.tags["batch"]}

        assert await texts(alice, "text=東京") == ["東京で会いましょう"]
        assert await texts(alice, "text=thing") == []


async def test_each_attribute(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await come(alice, "alice", "#tea", "#cake")
        await come(bob, "bob", "#tea")
        echoes = await say(alice, "#tea", "tea 1")
        echoes += await say(bob, "#tea", "tea 2", "tea 3")
        echoes += await say(alice, "#cake", "tea 4")
        await alice.heard()
        times = [echo.tags["time"] for echo in echoes]

        assert await texts(alice, "in=#TEA") == ["tea 1", "tea 2", "tea 3"]
        assert await texts(alice, "from=BOB") == ["tea 2", "tea 3"]
        assert await texts(alice, "in=#tea;from=alice;text=tea") == ["tea 1"]
        assert await texts(alice, "text=tea;in=#tea;limit=2") == ["tea 2", "tea 3"]
        assert await texts(alice, "text=tea;limit=1000;in=;from") == [
            f"tea {n}" for n in (1, 2, 3, 4)
        ]
        # Both moments are among those that match; from `after` on it is the first that count.
        assert "tea 1" in await texts(alice, f"before={times[0]}")
        assert "tea 4" in await texts(alice, f"after={times[3]}")
        assert await texts(alice, f"in=#tea;after={times[0]};limit=1") == ["tea 1"]
        assert await texts(alice, "before=2020-01-01T00:00:00.000Z") == []
        assert await texts(alice, "after=2262-01-01T00:00:00.000Z") == []


async def test_the_text_may_be_all_that_our_searches_know(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await come(alice, "alice", "#tea")
        await say(alice, "#tea", "green tea", "black tea", "hot water", "water, hot")
        assert await texts(alice, r"text=tea\s-green") == ["black tea"]
        assert await texts(alice, ":text=tea -green") == ["black tea"]
        assert await texts(alice, "text=tea -green in:#tea") == ["black tea"]
        assert await texts(alice, ':text="hot water"') == ["hot water"]
        assert await texts(alice, "text=wat*") == ["hot water", "water, hot"]
        assert await texts(alice, ":text=tea from:alice after:today;from=ALICE") == [
            "black tea",
            "green tea",
        ]


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ("colour=green", "INVALID_PARAMS colour"),
        ("text=tea;limit=0", "INVALID_PARAMS limit"),
        ("text=tea;limit=many", "INVALID_PARAMS limit"),
        ("after=yesterday", "INVALID_PARAMS after"),
        ("before=2026-01-01", "INVALID_PARAMS before"),
        ("text=-tea", "INVALID_PARAMS text"),
        (":text=tea before:never", "INVALID_PARAMS text"),
        (":text=from:alice;from=bob", "INVALID_PARAMS from"),
        ("in=#nowhere", "INVALID_PARAMS in"),
        ("in=#away", "INVALID_PARAMS in"),
        ("in=nobody", "INVALID_PARAMS in"),
        ("in=@0000000000000001:0000000000000002", "INVALID_PARAMS in"),
    ],
)
async def test_searches_that_cannot_be_made(opened: Opened, attributes: str, words: str) -> None:
    stage = await opened()
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await come(bob, "bob", "#away")
        await come(alice, "alice", "#tea", caps=(*LABELLED, "soju.im/search"))
        alice.send(f"@label=x SEARCH {attributes}")
        (line,) = await alice.heard()
        assert (line.command, line.params[0], line.tags["label"]) == ("FAIL", "SEARCH", "x")
        assert " ".join(line.params[1:-1]) == words


async def test_nobody_finds_what_they_could_not_page_to(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob, Client(stage.port) as eve:
        await come(alice, "alice", "#tea", "#closed")
        await come(bob, "bob", "#tea")
        await come(eve, "eve", "#tea", "#closed")
        await say(alice, "#tea", "secret in the open")
        await say(alice, "#closed", "secret among us")
        await say(alice, "@#tea", "secret of operators")
        await say(alice, "bob", "secret of two")
        await say(alice, "alice", "secret of one")
        eve.send("PART #closed")
        for client in (alice, bob, eve):
            await client.heard()

        assert await texts(alice, "text=secret") == [
            "secret among us",
            "secret in the open",
            "secret of one",
            "secret of operators",
            "secret of two",
        ]
        assert sorted(await search(bob, "text=secret")) == [
            ("alice", "#tea", "secret in the open"),
            ("alice", "bob", "secret of two"),
        ]
        assert await texts(eve, "text=secret") == ["secret in the open"]
        assert await texts(eve, "from=alice") == ["secret in the open"]
        assert await texts(eve, "in=alice") == await texts(eve, "in=bob") == []
        assert await search(alice, "in=bob") == [("alice", "bob", "secret of two")]
        assert ("alice", "@#tea", "secret of operators") in await search(alice, "in=#tea")

        # Whoever takes a name over finds nothing that its former owner was told.
        bob.send("QUIT")
        await bob.rest()
        async with Client(stage.port) as mallory:
            await come(mallory, "bob")
            await alice.heard()
            assert await texts(mallory, "text=secret") == []
            assert await texts(alice, "in=bob") == []
            assert "secret of two" not in await texts(alice, "text=secret")


async def test_in_a_closed_room_what_was_said_since_one_came(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await come(alice, "alice", "#tea")
        await say(alice, "#tea", "tea before")
        alice.send("MODE #tea +k word")
        await come(bob, "bob", "#tea word")
        await say(alice, "#tea", "tea after")
        await bob.heard()
        assert await texts(bob, "text=tea") == ["tea after"]
        assert await texts(bob, "in=#tea;text=tea;after=2020-01-01T00:00:00.000Z") == ["tea after"]
        assert await texts(alice, "text=tea") == ["tea after", "tea before"]


async def test_what_is_found_can_be_opened_in_its_place(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await come(alice, "alice", "#tea")
        await come(bob, "bob")
        await say(alice, "#tea", "a", "needle", "b")
        await say(alice, "bob", "c", "needle", "d")
        alice.send("SEARCH text=needle")
        for line in found(await alice.heard()):
            target = line.params[0]
            alice.send(f"CHATHISTORY AROUND {target} msgid={line.tags['msgid']} 3")
            around = [one.params[-1] for one in page(await alice.heard(), target)]
            assert around[1] == "needle"
            assert len(around) == 3


async def test_answers_come_in_the_order_of_questions(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await come(alice, "alice", "#tea", caps=(*LABELLED, "soju.im/search"))
        alice.send("PRIVMSG #tea :tea 1", "@label=x SEARCH text=tea", "PRIVMSG #tea :tea 2")
        first, begin, hit, _, last = await alice.heard()
        assert first.params[-1] == hit.params[-1] == "tea 1"
        assert begin.tags["label"] == "x"
        assert "label" not in hit.tags
        assert last.params[-1] == "tea 2"


async def test_it_is_found_after_a_restart(opened: Opened) -> None:
    stage = await opened({"durability": "full"})
    async with Client(stage.port) as alice:
        await come(alice, "alice", "#tea")
        await say(alice, "#tea", "green tea")
    await stage.restart()
    async with Client(stage.port) as bob:
        await come(bob, "bob", "#tea")
        assert await search(bob, "text=tea;in=#tea") == [("alice", "#tea", "green tea")]


async def test_without_batches_the_house_tells_it(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await come(alice, "alice", "#tea", caps=("soju.im/search",))
        await say(alice, "#tea", "green tea")
        alice.send("SEARCH text=tea")
        one, count = said(await alice.heard())
        assert one[:3] == count[:3] == ("hubbub", "NOTICE", "alice")
        assert one[3].endswith("] #tea <alice> green tea")
        assert count[3] == "Found: 1."


async def test_without_times_they_are_in_the_text(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await come(alice, "alice", "#tea", caps=("soju.im/search", "batch"))
        await say(alice, "#tea", "green tea")
        (text,) = await texts(alice, "text=tea")
        assert text[:1] == "["
        assert text.endswith("] green tea")
