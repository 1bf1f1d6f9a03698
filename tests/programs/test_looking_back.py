"""People talk, the server restarts, and somebody scrolls back, searches, edits and takes back.

With programs that were not written for us, one after the other, and the ten lines of a classic
client: neither knows history, and both are told in plain words what becomes of what was said.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from doors.irc.client import Client
from doors.irc.test_resume import arrive, come_back
from programs.piped import ten_lines
from programs.program import ROOM
from programs.test_programs import open_server, place_of

if TYPE_CHECKING:
    from pathlib import Path

    from hubbub.wire.irc.line import Line
    from programs.program import Program

CAPABILITIES: Final = (
    *("message-tags", "server-time", "batch", "echo-message", "draft/chathistory"),
    *("soju.im/search", "hubbub.chat/edit", "draft/message-redaction"),
)


async def test_it_is_told_what_becomes_of_words(program: type[Program], tmp_path: Path) -> None:
    with open_server(tmp_path) as server:
        place = place_of(server, secured=False)
        async with program(tmp_path, place, "paula") as paula:
            async with Client(server.port) as wanda, ten_lines(server.port, "cleo") as cleo:
                token = await arrive(wanda, "wanda", *CAPABILITIES)
                await enters(wanda)
                await paula.sees("here", who="paula")
                await cleo.types("the kettle is on")
                await paula.sees("said", who="cleo", text="the kettle is on")
                await paula.types("who brings cake?")
                await cleo.hears("paula", "who brings cake?")
                await says(wanda, "I bring a cacke", "and my password is 1234")
                await paula.sees("said", who="wanda", text="and my password is 1234")
            assert server.stop() == 0

            with open_server(tmp_path, server.port):
                async with Client(server.port) as wanda, ten_lines(server.port, "cleo") as cleo:
                    await come_back(wanda, token, "wanda", *CAPABILITIES)
                    await enters(wanda)
                    await paula.sees("past")
                    await cleo.until(r"^wanda > \[\d\d:\d\d\] I bring a cacke$")
                    past = await scrolls_back(wanda)
                    assert list(past) == [
                        "the kettle is on",
                        "who brings cake?",
                        "I bring a cacke",
                        "and my password is 1234",
                    ]
                    assert await finds(wanda, "kettle") == past["the kettle is on"]
                    await edits(wanda, past["I bring a cacke"], "I bring a cake")
                    await paula.sees("said", who="wanda", text="* edited: I bring a cake")
                    await cleo.until(r"^server > wanda changed .* to: I bring a cake$")
                    await redacts(wanda, past["and my password is 1234"])
                    await paula.sees("taken back", who="wanda")
                    await cleo.until(r"^server > wanda took back what they said at \d\d:\d\d$")
                    assert list(await scrolls_back(wanda))[2:] == ["I bring a cake"]
                    await paula.types("/quit enough cake")


async def enters(wanda: Client) -> None:
    wanda.send(f"JOIN {ROOM}")
    await wanda.heard()


async def says(wanda: Client, *texts: str) -> None:
    """Say something; when this returns it is saved."""
    wanda.send(*(f"PRIVMSG {ROOM} :{text}" for text in texts))
    assert [line.params[-1] for line in await wanda.heard() if "msgid" in line.tags][-1] == texts[
        -1
    ]


async def scrolls_back(wanda: Client) -> dict[str, str]:
    """All that was said, by pages of two, with the msgids."""
    past: dict[str, str] = {}
    at = f"LATEST {ROOM} *"
    while page := await batch(wanda, f"CHATHISTORY {at} 2"):
        past = {line.params[-1]: line.tags["msgid"] for line in page} | past
        at = f"BEFORE {ROOM} msgid={page[0].tags['msgid']}"
    return past


async def finds(wanda: Client, word: str) -> str:
    """The msgid of the one message that has a word."""
    (line,) = await batch(wanda, f"SEARCH text={word}")
    return line.tags["msgid"]


async def batch(wanda: Client, question: str) -> list[Line]:
    """What is in the batch that answers."""
    wanda.send(question)
    lines = [
        line for line in await wanda.heard() if line.command == "BATCH" or "batch" in line.tags
    ]
    return lines[1:-1]


async def edits(wanda: Client, msgid: str, text: str) -> None:
    escaped = re.sub(" ", r"\\s", text)
    about = f"hubbub.chat/target-msgid={msgid};hubbub.chat/edit-text={escaped}"
    wanda.send(f"@{about} EDIT {ROOM}")
    assert "EDIT" in [line.command for line in await wanda.heard()]


async def redacts(wanda: Client, msgid: str) -> None:
    wanda.send(f"REDACT {ROOM} {msgid}")
    assert "REDACT" in [line.command for line in await wanda.heard()]
