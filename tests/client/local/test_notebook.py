"""A client is ended and started again: it is where it was, with what was seen and was typed."""

from __future__ import annotations

import stat
from datetime import UTC
from typing import TYPE_CHECKING

import pytest

from client.local.keeper import caught_up, keeping
from client.servers import Visitor, pair, serving
from hubbub import client
from hubbub.client import Address, Message
from hubbub.client.events import Hint, Joined, Redacted
from hubbub.client.local.folder import ClientFolder
from hubbub.client.local.notebook import Notebook
from hubbub.text.query import parse_query
from running.server import UNLIMITED, start_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def holding(state: Path, words: bytes) -> list[Path]:
    """The files of a client in which the words stand."""
    files = (path for path in state.rglob("*") if path.is_file())
    return [path for path in files if words in path.read_bytes()]


def modes(state: Path) -> list[tuple[Path, int]]:
    """Who may do what with the folder and all that is in it."""
    return [(path, stat.S_IMODE(path.stat().st_mode)) for path in (state, *state.rglob("*"))]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with start_server(tmp_path / "data", env=UNLIMITED) as server:
        yield f"irc://127.0.0.1:{server.port}"


async def test_what_was_seen_is_there_before_the_network_is(state: Path, address: str) -> None:
    async with keeping(state, address, "ada") as ada, client.connect(address, name="bob") as bob:
        await bob.say("tea?")
        await ada.hears("tea?")
        await ada.link.say("yes please")
    async with keeping(state, address, "ada", connected=False) as ada:
        assert await ada.kept("#lobby") == ["tea?", "yes please"]
        page = await ada.notebook.pages.before("#LOBBY")
        said = [event for event in page.events if isinstance(event, Message)]
        assert [one.sender for one in said] == ["bob", "ada"]
        assert all(one.msgid and one.replayed and one.room == "#lobby" for one in said)


async def test_what_was_missed_is_fetched_and_nothing_comes_twice(
    state: Path, address: str
) -> None:
    async with client.connect(address, name="bob") as bob:
        async with keeping(state, address, "ada") as ada:
            await bob.say("one")
            await ada.hears("one")
        for number in range(250):
            await bob.say(f"missed {number}")
        async with keeping(state, address, "ada") as ada:
            await bob.say("now")
            await ada.hears("now")
            missed = [f"missed {number}" for number in range(250)]
            assert ada.texts == [*missed, "now"]
            assert await ada.kept("#lobby") == ["one", *missed, "now"]
        async with keeping(state, address, "ada") as ada:
            await bob.say("later")
            await ada.hears("later")
            assert ada.texts == ["later"]


async def test_a_guest_is_the_same_person_in_the_same_rooms(state: Path, address: str) -> None:
    async with keeping(state, address, "ada") as ada:
        connection = ada.link.connection
        assert connection is not None
        await connection.do("JOIN", "#tea")
        await connection.do("PART", "#lobby")
        await ada.until(lambda: list(connection.rooms) == ["#tea"])
    # Somebody else has the name meanwhile, and leaves it again.
    async with keeping(state, address, "ada") as ada:
        (joined,) = [event for event in ada.events if isinstance(event, Joined)]
        assert (joined.name, joined.resumed, joined.rooms) == ("ada", True, ("#tea",))


async def test_a_second_window_is_somebody_else(state: Path, address: str) -> None:
    async with keeping(state, address, "ada") as first:
        async with keeping(state, address, "ada") as second:
            assert second.link.connection is not None
            assert second.link.connection.name == "ada_2"
            await second.link.say("hello from here")
            await first.hears("hello from here")
            await first.link.say("psst", to="ada_2")
            await second.hears("psst")
            assert await second.kept("#lobby") == ["hello from here"]
            assert await second.kept("ada") == ["psst"]
            assert await first.kept("ada_2") == ["psst"]
            assert await first.kept("ada") == []
        assert first.link.connection is not None
        await first.link.say("still here")
    async with keeping(state, address, "ada") as again:
        assert again.link.connection is not None
        assert again.link.connection.name == "ada"
        assert await again.kept("#lobby") == ["hello from here", "still here"]


async def test_what_was_taken_away_is_nowhere_in_the_files(state: Path, address: str) -> None:
    async with (
        keeping(state, address, "ada") as ada,
        client.connect(address, name="bob", everything=True) as bob,
    ):
        receipt = await bob.say("my password is xylophone")
        await ada.hears("my password is xylophone")
        await ada.notebook.settled()
        assert holding(state, b"xylophone")
        await bob.redact("#lobby", receipt.msgids[0])
        await ada.until(lambda: any(isinstance(one, Redacted) for one in ada.events))
        assert await ada.kept("#lobby") == [""]
        page = await ada.notebook.pages.before("#lobby")
        assert any(isinstance(event, Redacted) for event in page.events)
        query = parse_query("xylophone", now=0, zone=UTC)
        assert await ada.notebook.pages.search(query) == []
        assert holding(state, b"xylophone") == []
    assert holding(state, b"xylophone") == []


async def test_what_was_taken_away_while_we_were_gone_goes_too(state: Path, address: str) -> None:
    async with client.connect(address, name="bob", everything=True) as bob:
        async with keeping(state, address, "ada") as ada:
            receipt = await bob.say("xylophone")
            await ada.hears("xylophone")
        await bob.redact("#lobby", receipt.msgids[0])
        async with keeping(state, address, "ada") as ada:
            await ada.until(lambda: any(isinstance(one, Redacted) for one in ada.events))
            assert await ada.kept("#lobby") == [""]
    assert holding(state, b"xylophone") == []


async def test_nobody_else_reads_it(state: Path, address: str) -> None:
    async with keeping(state, address, "ada") as ada:
        await ada.link.say("private")
        await ada.notebook.settled()
        assert {mode for path, mode in modes(state) if path.is_dir()} == {0o700}
        assert {mode for path, mode in modes(state) if path.is_file()} == {0o600}


async def test_without_a_log_nothing_that_is_seen_is_kept(state: Path, address: str) -> None:
    async with (
        keeping(state, address, "ada", log=False) as ada,
        client.connect(address, name="bob") as bob,
    ):
        await bob.say("xylophone")
        await ada.hears("xylophone")
        await ada.link.say("glockenspiel")
    assert holding(state, b"xylophone") == holding(state, b"glockenspiel") == []
    async with keeping(state, address, "ada", log=False) as ada:
        (joined,) = [event for event in ada.events if isinstance(event, Joined)]
        assert joined.resumed


async def test_what_was_typed_without_a_line_is_said_at_the_next_start(
    state: Path, address: str
) -> None:
    async with keeping(state, address, "ada", connected=False) as ada:
        assert await ada.link.say("are you there?", key="k1") is None
        assert await ada.link.say("waves", action=True) is None
        await ada.notebook.drafts.put("#Lobby", "half a sen")
    async with keeping(state, address, "ada") as ada, client.connect(address, name="bob") as bob:
        await ada.link.wait_sent()
        await bob.say("yes")
        await ada.hears("yes")
        await ada.until(lambda: caught_up(ada) == ["are you there?", "waves"])
        assert await ada.kept("#lobby") == ["are you there?", "waves", "yes"]
        assert await ada.notebook.drafts.all() == {"#lobby": "half a sen"}
        await ada.notebook.drafts.put("#lobby", "")
        assert await ada.notebook.drafts.all() == {}
        assert await ada.notebook.outbox.unsaid(0) == []


async def test_what_was_refused_can_be_tried_again_after_the_next_start(
    state: Path, address: str
) -> None:
    async with keeping(state, address, "ada") as ada:
        receipt = await ada.link.say("hello?", to="nobody", key="k1")
        assert receipt is not None
        assert "nobody" in receipt.refused.lower() or receipt.refused
    async with keeping(state, address, "ada") as ada, client.connect(address, name="nobody") as bob:
        (failed,) = ada.link.posting.failed
        assert (failed.key, failed.text, failed.to) == ("k1", "hello?", "nobody")
        assert failed.failure
        assert await ada.link.retry("k1")
        async for message in bob:
            assert message.text == "hello?"
            break
        await ada.link.wait_sent()
        assert ada.link.posting.failed == []
        assert not await ada.link.retry("k1")


async def test_a_server_that_keeps_nothing_has_its_past_here(state: Path) -> None:
    async def first(visitor: Visitor) -> None:
        await visitor.read_frame()
        await visitor.send(pair("bob", "tea?"))
        assert await visitor.read_frame() == b"yes"
        await visitor.read_to_end()

    async def second(visitor: Visitor) -> None:
        await visitor.read_frame()
        # Ours tells the last lines again, each behind its time.
        await visitor.send(pair("bob", "[12:03] tea?") + pair("ada", "[12:04] yes"))
        await visitor.send(pair("bob", "[12:05] missed") + pair("bob", "now"))
        await visitor.read_to_end()

    async with serving(first, second) as address:
        async with keeping(state, address, "ada") as ada:
            await ada.hears("tea?")
            await ada.link.say("yes")
        async with keeping(state, address, "ada", connected=False) as ada:
            assert await ada.kept("") == ["tea?", "yes"]
        async with keeping(state, address, "ada") as ada:
            await ada.hears("now")
            assert ada.texts == ["[12:05] missed", "now"]


async def test_a_folder_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(client.CannotKeep, match="choose another place with XDG_STATE_HOME"):
        await Notebook.open(ClientFolder(tmp_path / "file"), Address("ship"), name="ada")


async def test_a_damaged_file_says_what_to_do(state: Path) -> None:
    folder = ClientFolder(state)
    path = folder.prepare(folder.database(Address("ship")))
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(client.CannotKeep, match="move it away, and it is begun anew"):
        await Notebook.open(folder, Address("ship"), name="ada")


async def test_scrolling_back_goes_on_with_what_the_server_keeps(state: Path, address: str) -> None:
    async with client.connect(address, name="bob", everything=True) as bob:
        receipts = [await bob.say(f"line {number}") for number in range(60)]
        await bob.redact("#lobby", receipts[5].msgids[0])
        async with keeping(state, address, "ada") as ada:
            await ada.until(lambda: "line 59" in ada.texts)
            assert ada.texts[0] != "line 0", "only the last few are fetched by themselves"
            connection = ada.link.connection
            seen: list[str] = []
            mark = None
            while True:
                page = await ada.notebook.earlier("#lobby", mark, connection=connection, limit=16)
                seen = [*(e.text for e in page.events if isinstance(e, Message)), *seen]
                if page.first is None or (not page.hole and not page.more):
                    break
                mark = page.first
            assert [text for text in seen if text] == [f"line {n}" for n in range(60) if n != 5]
        # All of it is here now, and nobody needs to be asked again.
        async with keeping(state, address, "ada", connected=False) as ada:
            assert [one for one in await ada.kept("#lobby") if one] == [one for one in seen if one]


async def test_a_place_of_which_nothing_is_kept_is_begun(state: Path, address: str) -> None:
    async with (
        client.connect(address, name="bob") as bob,
        keeping(state, address, "ada") as ada,
    ):
        await bob.do("JOIN", "#tea")
        await bob.say("first", to="#tea")
        connection = ada.link.connection
        assert connection is not None
        await connection.do("JOIN", "#tea")
        page = await ada.notebook.earlier("#tea", connection=connection)
        assert [event.text for event in page.events if isinstance(event, Message)] == ["first"]
        # Where nobody knows anything, nothing is shown.
        assert (await ada.notebook.earlier("nobody", connection=connection)).events == ()


async def test_a_disk_that_takes_nothing_is_told_and_the_talk_goes_on(
    state: Path, address: str
) -> None:
    async with keeping(state, address, "ada") as ada, client.connect(address, name="bob") as bob:
        database = ada.notebook._database
        await ada.notebook.settled()
        await database.read(lambda db: db.execute("PRAGMA query_only = ON"))
        with pytest.raises(client.CannotKeep, match="make it writable"):
            await ada.link.say("not said")
        await bob.say("one")
        await ada.hears("one")
        await ada.notebook.settled()
        await bob.say("two")
        await ada.hears("two")
        hints = [event.text for event in ada.events if isinstance(event, Hint)]
        assert "make it writable" in hints[0]
        await ada.notebook.settled()
        await database.read(lambda db: db.execute("PRAGMA query_only = OFF"))
        await ada.link.say("said")
        # What could not be kept is missing, and that is known: the server fills it in.
        assert await ada.kept("#lobby") == ["said"]
        page = await ada.notebook.earlier("#lobby", connection=ada.link.connection)
        texts = [event.text for event in page.events if isinstance(event, Message)]
        assert texts == ["one", "two", "said"]
