"""What the screen shows of what happens: drafts, what is unread, notices, another width."""

from __future__ import annotations

from typing import TYPE_CHECKING

from client.servers import pair, serving
from hubbub.client import Address
from hubbub.client.buffers import Link
from hubbub.client.local.folder import ClientFolder
from hubbub.tui.app import HubbubApp
from hubbub.tui.widgets.listing import Listing
from tui.sitting import Sitting, sitting, visitor

if TYPE_CHECKING:
    from pathlib import Path

    from client.servers import Visitor


async def test_a_draft_waits_in_its_room(house: str, room: str, tmp_path: Path) -> None:
    folder = ClientFolder(tmp_path / "kept")
    async with sitting(house, room, name="ada_draft", folder=folder) as ada:
        await ada.press(*"half a")
        await ada.press("alt+up")
        assert ada.chat.box.text == ""
        await ada.press("alt+down")
        assert ada.chat.box.text == "half a"
        await ada.press("alt+up")
        await ada.until(lambda: ada.session.drafts == {room: "half a"})
    async with sitting(house, room, name="ada_draft", folder=folder) as ada:
        assert ada.session.drafts == {room: "half a"}


async def test_what_was_begun_is_there_after_quitting(
    house: str, room: str, tmp_path: Path
) -> None:
    folder = ClientFolder(tmp_path / "kept")
    async with sitting(house, room, name="ada_quit", folder=folder) as ada:
        await ada.press(*"half a")
    async with sitting(house, room, name="ada_quit", folder=folder) as ada:
        assert ada.chat.box.text == "half a"
        await ada.press("enter")
        await ada.until(lambda: ada.texts == ["half a"])
    async with sitting(house, room, name="ada_quit", folder=folder) as ada:
        assert ada.chat.box.text == "", "what was said is no draft"


async def test_who_types_where_all_is_over_disturbs_nothing(
    house: str, room: str, tmp_path: Path
) -> None:
    folder = ClientFolder(tmp_path / "kept")
    async with sitting(house, room, name="ada_over", folder=folder) as ada:
        session = ada.session
        await ada.app.servers.close()
        await ada.press(*"half a")
        await ada.chat.keep_draft()
        assert session.drafts == {room: "half a"}


async def test_an_edit_waits_in_its_room_and_says_nothing_twice(house: str, room: str) -> None:
    async with sitting(house, room, name="ada_edit") as ada:
        await ada.say("geen")
        await ada.press("up", "!", "alt+up")
        assert ada.chat.box.text == ""
        await ada.press("alt+down")
        assert "editing" in ada.screen()
        await ada.press("enter")
        await ada.until(lambda: ada.texts == ["geen!"])


async def test_what_was_seen_is_there_before_the_network_is(
    house: str, room: str, tmp_path: Path
) -> None:
    folder = ClientFolder(tmp_path / "kept")
    async with sitting(house, room, name="ada_seen", folder=folder) as ada:
        await ada.say("oolong")
    app = HubbubApp(name="ada_seen", address=Address.parse(house), folder=folder)
    async with app.run_test() as pilot:
        again = Sitting(app, pilot)
        await again.until(lambda: again.session.mirror.get(room))
        buffer = again.session.mirror.get(room)
        assert buffer is not None
        await again.until(lambda: "oolong" in [one.text for one in buffer.timeline.entries])
        await again.until(lambda: again.session.mirror.link is Link.UP)
        assert [one.text for one in buffer.timeline.entries].count("oolong") == 1


async def test_the_line_of_what_is_new_stands_where_one_left(house: str, room: str) -> None:
    async with (
        sitting(house, room, name="ada_line") as ada,
        visitor(house, room, name="bob_line") as bob,
    ):
        await ada.say("first")
        await ada.type(f"/join {room}b")
        await ada.until(lambda: ada.buffer.name == f"{room}b")
        await bob.say("one", to=room)
        await bob.say("two", to=room)
        await ada.until(lambda: f"{room} " in ada.screen() and " 2 " in ada.screen())
        await ada.press("alt+a")
        rows = ada.rows()
        line = next(at for at, row in enumerate(rows) if "2 new since" in row)
        assert "first" in rows[line - 1] or "joined" in rows[line - 1]
        assert "one" in rows[line + 1]


async def test_whoever_looks_elsewhere_is_called(house: str, room: str) -> None:
    called: list[str] = []
    async with (
        sitting(house, room, name="ada_call") as ada,
        visitor(house, room, name="bob_call") as bob,
    ):

        def call_out(words: str) -> None:
            called.append(words)

        ada.app.call_out = call_out  # type: ignore[method-assign]
        await bob.say("ada_call: here I see you", to=room)
        await ada.until(lambda: len(ada.texts) == 1)
        assert called == []
        await ada.type(f"/join {room}b")
        await ada.until(lambda: ada.buffer.name == f"{room}b")
        await bob.say("not for her", to=room)
        await bob.say("ada_call: tea?", to=room)
        await ada.until(lambda: called == [f"bob_call in {room}: ada_call: tea?"])
        await bob.say("psst", to="ada_call")
        await ada.until(lambda: called[1:] == ["bob_call: psst"])
        ada.app.app_focus = False
        await ada.type(f"/mute {room}")
        await ada.until(lambda: "is mute" in ada.news)
        await bob.say("ada_call: hello?", to=room)
        place = ada.session.mirror.get(room)
        assert place is not None
        await ada.until(lambda: place.timeline.entries[-1].text == "ada_call: hello?")
        assert len(called) == 2


async def test_what_there_is_no_room_for_hides(house: str, room: str) -> None:
    async with sitting(house, room, name="ada_wide", size=(120, 30)) as ada:
        for width, shown in ((120, (True, True)), (80, (True, False)), (40, (False, False))):
            await ada.pilot.resize_terminal(width, 24)
            await ada.pilot.pause()
            lists = [ada.chat.query_one(side, Listing) for side in ("#rooms", "#members")]
            assert tuple(one.display for one in lists) == shown
            assert all(len(row) <= width for row in ada.screen().splitlines())
        await ada.say("still usable at forty columns, and broken where it has to be")
        assert any("columns" in row for row in ada.rows())


async def test_a_server_that_cannot_be_reached_says_why_and_slows_nobody(
    house: str, room: str
) -> None:
    async with sitting(house, room, name="ada_far") as ada:
        await ada.type("/connect irc://127.0.0.1:1")
        await ada.until(lambda: len(ada.app.servers) == 2)
        far = ada.app.servers.find("127.0.0.1:1")
        assert far is not None
        await ada.until(lambda: far.mirror.link is Link.DOWN)
        await ada.until(lambda: "again in" in ada.screen())
        await ada.press("alt+1")
        await ada.say("here I am still heard")


async def test_a_classic_server_is_one_room() -> None:
    async def script(bob: Visitor) -> None:
        assert await bob.read_frame() == b"ada"
        await bob.send(pair("bob", "ahoy"))
        assert await bob.read_frame() == b"aye"
        await bob.read_to_end()

    async with serving(script) as address:
        app = HubbubApp(name="ada", address=Address.parse(address))
        async with app.run_test() as pilot:
            ada = Sitting(app, pilot)
            await ada.until(lambda: ada.texts == ["ahoy"])
            await ada.type("aye")
            await ada.until(lambda: ada.texts == ["ahoy", "aye"])
            await ada.type("/msg bob psst")
            await ada.until(lambda: "one room" in ada.news)
