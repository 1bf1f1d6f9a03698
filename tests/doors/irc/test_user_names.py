"""User names come from somebody's operating system: whatever it calls them, they may enter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doors.irc.client import Client
from hubbub.doors.irc.registration import username_from

if TYPE_CHECKING:
    from conversations.stage import Stage


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("ada", "ada"),
        ("João.Silva", "Joao.Silva"),
        ("CORP\\jane doe", "CORP\\janedoe"),
        ("a!b@c:d*", "abcd"),
        ("first-middle-last-and-more", "first-middle-last-an"),
        ("😊", "user"),
        ("/", "user"),
        ("мария", "user"),
    ],
)
def test_what_can_stand_in_a_mask_is_shown(typed: str, shown: str) -> None:
    assert username_from(typed, 20) == shown


async def test_a_strange_user_name_keeps_nobody_out(stage: Stage) -> None:
    async with Client(stage.port) as client:
        client.send("USER /ep vm /ep :root", "NICK epi", "USERHOST epi")
        replies = [line for line in await client.heard() if line.command == "302"]
        assert [line.params[-1] for line in replies] == ["epi=+ep@127.0.0.1"]
