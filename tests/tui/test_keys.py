"""Every key of the registry does what it says, at a screen with a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hubbub.client.timeline import Entry
from hubbub.tui.registry import KEYS, Where
from hubbub.tui.screens.asking import Question
from hubbub.tui.screens.help import Help
from hubbub.tui.screens.palette import Palette
from hubbub.tui.widgets.listing import Listing
from tui.sitting import Sitting, sitting, visitor

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from hubbub import client

    Scene = Callable[[Sitting, client.Connection, str], Awaitable[None]]

SCENES: dict[tuple[Where, str], Scene] = {}


def scene(where: Where, *acts: str) -> Callable[[Scene], Scene]:
    def add(play: Scene) -> Scene:
        SCENES.update({(where, act): play for act in acts})
        return play

    return add


async def heard(ada: Sitting, bob: client.Connection, room: str, *texts: str) -> None:
    """Bob says something, and ada sees it."""
    for text in texts:
        await bob.say(text, to=room)
    await ada.until(lambda: ada.texts[-1:] == [texts[-1]])


async def two_rooms(ada: Sitting, bob: client.Connection, room: str) -> None:
    """Ada is in another room now, and something is unread in the first."""
    await ada.type(f"/join {room}b")
    await ada.until(lambda: ada.buffer.name == f"{room}b")
    await bob.say(f"{ada.chat.my_name}: psst", to=room)
    first = ada.session.mirror.get(room)
    assert first is not None
    await ada.until(lambda: first.unread == 1 and first.mentions == 1)


# --- anywhere


@scene(Where.ANYWHERE, "palette")
async def palette(ada: Sitting, bob: client.Connection, room: str) -> None:
    await two_rooms(ada, bob, room)
    await ada.press("ctrl+k")
    await ada.until(lambda: isinstance(ada.app.screen, Palette))
    await ada.press(*room[1:], "enter")
    await ada.until(lambda: ada.buffer.name == room)
    await ada.press("ctrl+k", *"/who", "enter")
    await ada.until(lambda: f"in {room}: " in ada.news)


@scene(Where.ANYWHERE, "room_up", "room_down")
async def rooms(ada: Sitting, bob: client.Connection, room: str) -> None:
    await two_rooms(ada, bob, room)
    for up, down in (("alt+up", "alt+down"), ("ctrl+p", "ctrl+n")):
        await ada.press(up)
        assert ada.buffer.name == room
        await ada.press(down)
        assert ada.buffer.name == f"{room}b"


@scene(Where.ANYWHERE, "unread_up", "unread_down")
async def unread(ada: Sitting, bob: client.Connection, room: str) -> None:
    for key in ("alt+shift+up", "shift+left", "alt+shift+down", "shift+right"):
        await two_rooms(ada, bob, room)
        await ada.press(key)
        assert ada.buffer.name == room
        await ada.until(lambda: ada.buffer.unread == 0)


@scene(Where.ANYWHERE, "jump")
async def jump(ada: Sitting, bob: client.Connection, room: str) -> None:
    await two_rooms(ada, bob, room)
    await ada.press("alt+a")
    assert ada.buffer.name == room
    await ada.until(lambda: ada.buffer.unread == 0)
    await ada.press("alt+a")
    assert ada.buffer.name == f"{room}b"


@scene(Where.ANYWHERE, "last_room")
async def last_room(ada: Sitting, bob: client.Connection, room: str) -> None:
    await two_rooms(ada, bob, room)
    await ada.press("alt+grave_accent")
    assert ada.buffer.name == room


@scene(Where.ANYWHERE, "room_number")
async def room_number(ada: Sitting, bob: client.Connection, room: str) -> None:
    await two_rooms(ada, bob, room)
    await ada.press("alt+1")
    assert ada.buffer.name == room
    await ada.press("alt+2")
    assert ada.buffer.name == f"{room}b"


@scene(Where.ANYWHERE, "mention_up", "mention_down")
async def mentions(ada: Sitting, bob: client.Connection, room: str) -> None:
    me = ada.chat.my_name
    await heard(ada, bob, room, f"{me}: one", "two", f"{me}: three")
    await ada.press("alt+p")
    assert ada.chat.view.selected is ada.buffer.timeline.entries[-1]
    await ada.press("alt+p")
    selected = ada.chat.view.selected
    assert isinstance(selected, Entry)
    assert selected.text == f"{me}: one"
    await ada.press("alt+n")
    assert ada.chat.view.selected is ada.buffer.timeline.entries[-1]


@scene(Where.ANYWHERE, "first_unread", "page_up", "page_down", "now", "mark_read")
async def scrolling(ada: Sitting, bob: client.Connection, room: str) -> None:
    await heard(ada, bob, room, *(f"line {number}" for number in range(60)))
    await ada.press("pageup")
    await ada.until(lambda: not ada.chat.view.following)
    await bob.say("below", to=room)
    await ada.until(lambda: ada.buffer.unread == 1)
    assert not any("below" in row for row in ada.rows())
    await ada.press("escape")
    await ada.until(lambda: any("below" in row for row in ada.rows()))
    await ada.until(lambda: ada.buffer.unread == 0)
    await ada.press("pageup", "pagedown")
    await ada.until(lambda: ada.chat.view.following)
    await ada.press("alt+home", "alt+r")


@scene(Where.ANYWHERE, "mark_all_read")
async def mark_all_read(ada: Sitting, bob: client.Connection, room: str) -> None:
    await two_rooms(ada, bob, room)
    await ada.press("alt+h")
    first = ada.session.mirror.get(room)
    await ada.until(lambda: first is not None and first.unread == 0)


@scene(Where.ANYWHERE, "select")
async def select(ada: Sitting, bob: client.Connection, room: str) -> None:
    await heard(ada, bob, room, "one")
    await ada.press("alt+s")
    assert any(row.startswith("▌") for row in ada.rows())
    await ada.press("escape")
    await ada.until(lambda: ada.chat.view.selected is None and ada.chat.box.has_focus)


@scene(Where.ANYWHERE, "search")
async def search(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.press("ctrl+f")
    assert ada.chat.box.text == "/search "


@scene(Where.ANYWHERE, "toggle_rooms", "toggle_members")
async def sides(ada: Sitting, bob: client.Connection, room: str) -> None:
    for key, side in (("f7", "#rooms"), ("f8", "#members")):
        was = ada.chat.query_one(side, Listing).display
        await ada.press(key)
        assert ada.chat.query_one(side, Listing).display is not was


@scene(Where.ANYWHERE, "mute")
async def mute(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.press("alt+m")
    await ada.until(lambda: "is mute" in ada.news)


@scene(Where.ANYWHERE, "toggle_noise")
async def noise(ada: Sitting, bob: client.Connection, room: str) -> None:
    for _ in range(2):
        await bob.do("PART", room)
        await bob.do("JOIN", room)
    joined = f"{bob.name} joined; {bob.name} left"
    await ada.until(lambda: any(joined in row for row in ada.rows()))
    await ada.press("alt+equals_sign")
    await ada.until(lambda: sum(f"{bob.name} left" in row for row in ada.rows()) == 2)


@scene(Where.ANYWHERE, "help")
async def help_(ada: Sitting, bob: client.Connection, room: str) -> None:
    for key in ("f1", "ctrl+underscore", "ctrl+slash"):
        await ada.press(key)
        await ada.until(lambda: isinstance(ada.app.screen, Help))
        await ada.press("down", "escape")


@scene(Where.ANYWHERE, "quit")
async def quit_(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.press("ctrl+q")
    await ada.until(lambda: ada.app._exit)


# --- while one types


@scene(Where.COMPOSER, "send", "newline")
async def newline(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.press("a", "alt+enter", "b", "ctrl+j", "c", "shift+enter", "d", "enter")
    await ada.until(lambda: ada.texts == ["a\nb\nc\nd"])
    await ada.until(lambda: ada.buffer.timeline.entries[-1].msgid)


@scene(Where.COMPOSER, "edit_last")
async def edit_last(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.say("geen")
    await ada.press("up")
    assert ada.chat.box.text == "geen"
    await ada.press("backspace", "backspace", "backspace", *"reen", "enter")
    await ada.until(lambda: ada.texts == ["green"])
    await ada.press("up", "escape")
    assert ada.chat.box.text == ""
    await ada.press("up", "up")
    selected = ada.chat.view.selected
    assert selected is not None
    assert selected.text == "green"
    assert ada.chat.box.text == ""
    await ada.press("escape", "up", "s", "up")
    assert ada.chat.box.text == "greens", "what was begun stays"
    await ada.press("escape")


@scene(Where.COMPOSER, "complete", "complete_back")
async def completing(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.until(lambda: len(ada.buffer.members) == 2)
    await ada.press(*bob.name[:5], "tab")
    assert ada.chat.box.text == f"{bob.name}: "
    ada.chat.box.put("")
    await ada.press(*"/jo", "tab", *room[:4], "tab")
    assert ada.chat.box.text.startswith("/join #tea")
    ada.chat.box.put("")
    await ada.press(*"/le", "shift+tab")
    assert ada.chat.box.text == "/leave "


@scene(Where.COMPOSER, "older_input", "newer_input")
async def recalled(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.say("one")
    await ada.say("two")
    await ada.press("x", "ctrl+up", "ctrl+up")
    assert ada.chat.box.text == "one"
    await ada.press("ctrl+down", "ctrl+down")
    assert ada.chat.box.text == "x"


@scene(Where.COMPOSER, "clear")
async def clear(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.press("x", "ctrl+c")
    assert ada.chat.box.text == ""
    await ada.press("ctrl+c")
    await ada.until(lambda: "Ctrl+Q quits" in ada.news)


@scene(Where.COMPOSER, "editor")
async def editor(ada: Sitting, bob: client.Connection, room: str) -> None:
    opened: list[str] = []
    ada.app.write_in_editor = lambda box: opened.append(box.text)  # type: ignore[method-assign]
    await ada.press("x", "ctrl+o")
    assert opened == ["x"]


# --- on a message


@scene(Where.MESSAGE, "select_up", "select_down", "select_first", "select_last")
async def moving(ada: Sitting, bob: client.Connection, room: str) -> None:
    await heard(ada, bob, room, "one", "two", "three")
    view = ada.chat.view

    def selected() -> str:
        return "" if view.selected is None else view.selected.text

    await ada.press("alt+s", "up")
    assert selected() == "two"
    await ada.press("k", "j", "down")
    assert selected() == "three"
    for first, last in (("g", "G"), ("home", "end")):
        await ada.press(first)
        assert selected() == "one"
        await ada.press(last)
        assert selected() == "three"


@scene(Where.MESSAGE, "reply", "to_parent")
async def reply(ada: Sitting, bob: client.Connection, room: str) -> None:
    await heard(ada, bob, room, "tea?", "or not")
    await ada.press("alt+s", "up", "r", *"yes")
    await ada.until(lambda: f"↩ {bob.name}: tea?" in ada.screen())
    await ada.press("enter")
    await ada.until(lambda: ada.texts[-1] == "yes" and ada.buffer.timeline.entries[-1].msgid)
    await ada.press("alt+s", "enter")
    selected = ada.chat.view.selected
    assert selected is not None
    assert selected.text == "tea?"


@scene(Where.MESSAGE, "edit")
async def edit(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.say("geen")
    await ada.press("alt+s", "e", "ctrl+c")
    await ada.press(*"green", "enter")
    await ada.until(lambda: ada.texts == ["green"])
    await heard(ada, bob, room, "mine")
    await ada.press("alt+s", "e")
    await ada.until(lambda: "somebody else's" in ada.news)


@scene(Where.MESSAGE, "react")
async def react(ada: Sitting, bob: client.Connection, room: str) -> None:
    await heard(ada, bob, room, "tea?")
    await ada.press("alt+s", "plus")
    await ada.until(lambda: isinstance(ada.app.screen, Palette))
    await ada.press(*"tada", "enter")
    await ada.until(lambda: "🎉" in (ada.buffer.timeline.entries[-1].reactions or {}))
    await ada.until(lambda: any("🎉 1*" in row for row in ada.rows()))


@scene(Where.MESSAGE, "delete")
async def delete(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.say("oops")
    await ada.press("alt+s", "delete")
    await ada.until(lambda: isinstance(ada.app.screen, Question))
    await ada.press("enter")
    await ada.until(lambda: ada.buffer.timeline.entries[-1].redacted)
    await ada.until(lambda: any("taken back" in row for row in ada.rows()))


@scene(Where.MESSAGE, "copy", "open_link")
async def copy(ada: Sitting, bob: client.Connection, room: str) -> None:
    opened: list[str] = []

    def open_url(url: str, *, new_tab: bool = True) -> None:
        opened.append(url)

    ada.app.open_url = open_url  # type: ignore[method-assign]
    await heard(ada, bob, room, "see https://example.org/a, please")
    await ada.press("alt+s", "y")
    assert ada.app.clipboard == "see https://example.org/a, please"
    await ada.press("o")
    assert opened == ["https://example.org/a"]


@scene(Where.MESSAGE, "unread_from_here")
async def unread_from_here(ada: Sitting, bob: client.Connection, room: str) -> None:
    await heard(ada, bob, room, "one", "two")
    await ada.press("alt+s", "u")
    await ada.until(lambda: any("1 new since" in row for row in ada.rows()))


@scene(Where.MESSAGE, "retry")
async def retry(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.until(lambda: len(ada.buffer.members) == 2)
    await ada.say("first")
    await bob.do("MODE", room, "+m")
    await ada.type("not heard")
    await ada.until(lambda: any("✗ not sent" in row for row in ada.rows()))
    await bob.do("MODE", room, "-m")
    await ada.press("alt+s", "t")
    await ada.until(lambda: ada.buffer.timeline.entries[-1].msgid)
    assert [text for text in ada.texts if text == "not heard"] == ["not heard"]


@pytest.mark.parametrize(
    "play", dict.fromkeys(SCENES.values()), ids=lambda play: play.__name__.strip("_")
)
async def test_it_does_what_it_says(play: Scene, house: str, room: str) -> None:
    name = play.__name__.strip("_")
    # Bob comes first: who makes a room is its operator.
    async with (
        visitor(house, room, name=f"bob_{name}") as bob,
        sitting(house, room, name=f"ada_{name}") as ada,
    ):
        await play(ada, bob, room)


def test_every_key_has_a_scene() -> None:
    assert set(SCENES) == {(key.where, key.act) for key in KEYS}
