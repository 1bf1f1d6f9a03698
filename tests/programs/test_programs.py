"""Programs that were not written for us, in one room with a classic client and a web page.

Each is started, connects by itself, is typed into and is read as a person would, in the clear and
inside TLS. The server is killed under it and comes back. Nobody is mocked: the server, the
program, the page and the ten lines of the classic client are all real.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from programs.page import Page
from programs.piped import ten_lines
from programs.program import ROOM, Place
from running.server import start_server

if TYPE_CHECKING:
    from pathlib import Path

    from programs.piped import Piped
    from programs.program import Program
    from running.server import Server

CONFIG = """
[[irc.operators]]
name = "head"
password = "of the class"
"""


def open_server(folder: Path, port: int = 0) -> Server:
    """A server with TLS and an operator, on a data folder that may be there already."""
    config = folder / "hubbub.toml"
    config.write_text(CONFIG, encoding="utf-8")
    flags = ("--config", str(config), "--tls", "auto", "--port", str(port))
    return start_server(folder / "data", *flags)


def place_of(server: Server, *, secured: bool) -> Place:
    """Where programs find it, with the fingerprint that it prints."""
    printed = server.wait_for_line(r"certificate sha256=([0-9a-f]{64})")[1]
    return Place(server.port, printed if secured else None)


@pytest.mark.parametrize("secured", [False, True], ids=["plain", "tls"])
async def test_it_is_at_home(program: type[Program], secured: bool, tmp_path: Path) -> None:
    with open_server(tmp_path) as server:
        place = place_of(server, secured=secured)
        async with ten_lines(server.port, "cleo") as cleo, Page(place, "wanda") as wanda:
            await wanda.meets("cleo")
            await wanda.sends("OPER head :of the class", f"TOPIC {ROOM} :Sockets, 第一課")
            await wanda.hears("wanda", "TOPIC", ROOM, "Sockets, 第一課")
            async with program(tmp_path, place, "paula") as paula:
                await they_meet(paula, cleo, wanda)
                await they_talk(paula, cleo, wanda)
                await they_whisper(paula, cleo, wanda)
                await things_change(paula, cleo, wanda)
                await wanda.says("the last words")
                await paula.sees("said", who="wanda", text="the last words")

                server.kill()
                with open_server(tmp_path, server.port):
                    await it_comes_back(paula, place)


async def they_meet(paula: Program, cleo: Piped, wanda: Page) -> None:
    await paula.sees("topic", text="Sockets, 第一課")
    for who in ("cleo", "wanda", "paula"):
        await paula.sees("here", who=who)
    await cleo.hears("server", "paula joined")
    await wanda.hears("paula", "JOIN", ROOM)


async def they_talk(paula: Program, cleo: Piped, wanda: Page) -> None:
    await paula.types("grüße an alle 👋")
    await cleo.hears("paula", "grüße an alle 👋")
    await wanda.hears("paula", "PRIVMSG", ROOM, "grüße an alle 👋")

    await cleo.types("мир: from ten lines")
    await paula.sees("said", who="cleo", text="мир: from ten lines")
    await wanda.says("東京 from a page")
    await paula.sees("said", who="wanda", text="東京 from a page")

    await paula.types("/me waves")
    await cleo.hears("paula", "* waves")
    await wanda.hears("paula", "PRIVMSG", ROOM, "\x01ACTION waves\x01")
    await wanda.sends(f"PRIVMSG {ROOM} :\x01ACTION nods\x01", f"NOTICE {ROOM} :tea at four")
    await paula.sees("did", who="wanda", text="nods")
    await paula.sees("noticed", who="wanda", text="tea at four")


async def they_whisper(paula: Program, cleo: Piped, wanda: Page) -> None:
    await cleo.types("/msg paula between us")
    await paula.sees("said", where="cleo", who="cleo", text="between us")
    await paula.whispers("cleo", "only you")
    await cleo.hears("paula", "(private) only you")

    await wanda.sends("AWAY :at lunch")
    await wanda.until(" 306 ")
    await paula.whispers("wanda", "are you there?")
    await wanda.hears("paula", "PRIVMSG", "wanda", "are you there?")
    await paula.sees("away", where="wanda", who="wanda", text="at lunch")
    await wanda.sends("PRIVMSG paula :soon")
    await paula.sees("said", where="wanda", who="wanda", text="soon")

    await paula.types("/away making tea")
    await wanda.hears("paula", "AWAY", "making tea")


async def things_change(paula: Program, cleo: Piped, wanda: Page) -> None:
    await wanda.sends(f"TOPIC {ROOM} :Sockets, lesson two")
    await paula.sees("topic", text="Sockets, lesson two")
    await paula.types("/nick pauline")
    await cleo.hears("server", "paula is now called pauline")
    await wanda.hears("paula", "NICK", "pauline")
    await paula.types("/nick paula")
    await wanda.hears("pauline", "NICK", "paula")
    await wanda.sends("NICK vera")
    await paula.sees("renamed", who="wanda", to="vera")
    await wanda.sends("NICK wanda")
    await paula.sees("renamed", who="vera", to="wanda")
    await wanda.sends(f"PART {ROOM} :to the board", f"JOIN {ROOM}")
    await paula.sees("left", who="wanda", text="to the board")
    await paula.sees("joined", who="wanda")
    await cleo.leaves()
    await paula.sees("quit", who="cleo", text="left")


async def it_comes_back(paula: Program, place: Place) -> None:
    """It is in the room again by itself, and what it has seen was kept."""
    async with Page(place, "wanda") as wanda, ten_lines(place.port, "cleo") as cleo:
        await wanda.meets("paula")
        await paula.sees("past")
        await cleo.until(r"^paula > \[\d\d:\d\d\] grüße an alle 👋$")
        await cleo.until(r"^wanda > \[\d\d:\d\d\] the last words$")
        await paula.types("back again")
        await cleo.hears("paula", "back again")
        await wanda.hears("paula", "PRIVMSG", ROOM, "back again")
        await wanda.says("welcome back")
        await paula.sees("said", who="wanda", text="welcome back")

        await paula.types("/quit the bell rings")
        await wanda.hears("paula", "QUIT", "Quit: the bell rings")
        await cleo.hears("server", "paula left")
