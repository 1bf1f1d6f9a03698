"""Every command of the registry does what it says, against a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hubbub.client.buffers import Sort
from hubbub.client.timeline import Kind
from hubbub.tui.deeds import Deeds
from hubbub.tui.registry import COMMANDS
from hubbub.tui.screens.help import Help
from tui.sitting import Sitting, sitting, visitor

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from hubbub import client

    Scene = Callable[[Sitting, client.Connection, str], Awaitable[None]]

SCENES: dict[str, Scene] = {}


def scene(act: Scene) -> Scene:
    SCENES[act.__name__] = act
    return act


@scene
async def join(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.type(f"/join {room}x")
    await ada.until(lambda: ada.buffer.name == f"{room}x" and ada.buffer.joined)


@scene
async def leave(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.type("/leave")
    await ada.until(lambda: ada.session.mirror.get(room) is None)
    assert ada.buffer.sort is Sort.SERVER


@scene
async def msg(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.type(f"/msg {bob.name} psst")
    await ada.until(lambda: ada.texts == ["psst"] and ada.buffer.sort is Sort.PERSON)
    await ada.until(lambda: ada.buffer.timeline.entries[-1].msgid)


@scene
async def me(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.type("/me waves")
    await ada.until(lambda: ada.texts == ["waves"] and ada.buffer.timeline.entries[-1].msgid)
    assert ada.buffer.timeline.entries[-1].kind is Kind.ACTION


@scene
async def reply(ada: Sitting, bob: client.Connection, room: str) -> None:
    await bob.say("tea?", to=room)
    await ada.until(lambda: "tea?" in ada.texts)
    await ada.type("/reply yes")
    await ada.until(lambda: ada.texts[-1] == "yes" and ada.buffer.timeline.entries[-1].msgid)
    question, answer = (one for one in ada.buffer.timeline.entries if one.is_talk)
    assert answer.reply_to == question.msgid
    assert any("┌ " in row and "tea?" in row for row in ada.rows())


@scene
async def edit(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.say("green")
    await ada.type("/edit black")
    await ada.until(lambda: ada.texts == ["black"])
    await ada.until(lambda: any("(edited)" in row for row in ada.rows()))


@scene
async def delete(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.say("a secret")
    await ada.type("/delete")
    await ada.until(lambda: ada.buffer.timeline.entries[-1].redacted)
    assert not any("a secret" in row for row in ada.rows())


@scene
async def react(ada: Sitting, bob: client.Connection, room: str) -> None:
    await bob.say("tea?", to=room)
    await ada.until(lambda: "tea?" in ada.texts)
    await ada.type("/react :tada:")
    await ada.until(lambda: ada.buffer.timeline.entries[-1].reactions == {"🎉": [ada.chat.my_name]})
    await ada.type("/react :tada:")
    await ada.until(lambda: ada.buffer.timeline.entries[-1].reactions is None)
    await ada.type("/react :nosuchsign:")
    await ada.until(lambda: "no sign is called" in ada.news)


@scene
async def retry(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.type("/raw MODE " + room + " +m")
    await bob.do("PART", room)
    await ada.type("/retry")
    await ada.until(lambda: "nothing has failed" in ada.news)


@scene
async def topic(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.type("/topic green or black")
    await ada.until(lambda: ada.buffer.topic == "green or black")
    await ada.until(lambda: "green or black" in ada.screen().splitlines()[0])
    await ada.type("/topic")
    await ada.until(lambda: "is about: green or black" in ada.news)


@scene
async def nick(ada: Sitting, bob: client.Connection, room: str) -> None:
    other = f"{ada.chat.my_name}2"
    await ada.type(f"/nick {other}")
    await ada.until(lambda: ada.session.mirror.me == other)
    await ada.type(f"/nick {bob.name}")
    await ada.until(lambda: "already in use" in ada.news)


@scene
async def away(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.type("/away tea time")
    await ada.until(lambda: "you are away: tea time" in ada.news)
    await ada.type("/away")
    await ada.until(lambda: "you are back" in ada.news)


@scene
async def who(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.until(lambda: len(ada.buffer.members) == 2)
    await ada.type("/who")
    await ada.until(lambda: f"2 in {room}: " in ada.news and bob.name in ada.news)


@scene
async def whois(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.type(f"/whois {bob.name}")
    await ada.until(lambda: bob.name in ada.news)


@scene
async def invite(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.type(f"/join {room}y")
    await ada.until(lambda: ada.buffer.name == f"{room}y")
    await ada.type(f"/invite {bob.name}")
    await ada.until(lambda: "is invited into" in ada.news)


@scene
async def kick(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.until(lambda: len(ada.buffer.members) == 2)
    await ada.type(f"/kick {bob.name} too loud")
    await ada.until(lambda: len(ada.buffer.members) == 1)
    assert ada.buffer.timeline.entries[-1].kind is Kind.KICKED


@scene
async def ban(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.type(f"/ban {bob.name}")
    await ada.until(lambda: f"{bob.name}!*@* stays out" in ada.news)


@scene
async def mute(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.type("/mute")
    await ada.until(lambda: "mute" in ada.news)
    await ada.until(lambda: " mute " in ada.screen())
    await ada.type("/mute")
    await ada.until(lambda: "heard again" in ada.news)


@scene
async def search(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.say("oolong is here")
    await ada.type("/search oolong")
    await ada.until(lambda: "found: 1" in ada.news)


@scene
async def history(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.type("/history")
    await ada.until(lambda: ada.buffer.timeline.complete)


@scene
async def read(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.type(f"/join {room}z")
    await ada.until(lambda: ada.buffer.name == f"{room}z")
    await bob.say("unread", to=room)
    place = ada.session.mirror.get(room)
    assert place is not None
    await ada.until(lambda: place.unread == 1)
    await ada.type("/read all")
    await ada.until(lambda: place.unread == 0)


@scene
async def connect(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.type("/connect irc://localhost:1 dora")
    await ada.until(lambda: len(ada.app.servers) == 2)
    await ada.type("/connect http://x")
    await ada.until(lambda: "is not spoken here" in ada.news)


@scene
async def disconnect(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.type("/disconnect")
    await ada.until(lambda: len(ada.app.servers) == 0)
    await ada.until(lambda: "left 127.0.0.1" in ada.news)


@scene
async def theme(ada: Sitting, bob: client.Connection, room: str) -> None:
    for name in ("light", "contrast", "16", "none", "dark"):
        await ada.type(f"/theme {name}")
        await ada.until(lambda name=name: ada.app.palette.name == name)  # type: ignore[misc]
    await ada.type("/theme pink")
    await ada.until(lambda: "no theme is called pink" in ada.news)


@scene
async def raw(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.type("/raw TIME")
    await ada.until(lambda: any(one.sender == "raw" for one in ada.buffer.timeline.entries))


@scene
async def keys(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.type("/keys")
    await ada.until(lambda: isinstance(ada.app.screen, Help))
    await ada.until(lambda: "palette: rooms, people, commands" in ada.screen())
    await ada.press("escape")
    assert not isinstance(ada.app.screen, Help)


async def help_(ada: Sitting, bob: client.Connection, room: str) -> None:
    await ada.type("/help join")
    await ada.until(lambda: "/join #ROOM [KEY]" in ada.screen())


@scene
async def quit(ada: Sitting, bob: client.Connection, room: str) -> None:  # noqa: A001
    await ada.type("/quit")
    await ada.until(lambda: ada.app._exit)


SCENES["help"] = help_


@pytest.mark.parametrize("name", COMMANDS)
async def test_it_does_what_it_says(name: str, house: str, room: str) -> None:
    async with (
        sitting(house, room, name=f"ada_{name}") as ada,
        visitor(house, room, name=f"bob_{name}") as bob,
    ):
        await SCENES[name](ada, bob, room)


def test_every_command_has_a_deed_and_a_scene() -> None:
    deeds = {name.removeprefix("do_") for name in dir(Deeds) if name.startswith("do_")}
    assert deeds == set(COMMANDS) == set(SCENES)


async def test_what_is_no_command_says_so_and_a_doubled_slash_is_talk(
    house: str, room: str
) -> None:
    async with sitting(house, room, name="ada_slash") as ada:
        await ada.type("/nosuch")
        await ada.until(lambda: "there is no command /nosuch" in ada.news)
        await ada.type("//etc/hosts")
        await ada.until(lambda: ada.texts == ["/etc/hosts"])
