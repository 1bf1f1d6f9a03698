"""The line above the box: where help is, unless there is something to tell, and how it stands."""

from __future__ import annotations

import pytest

from hubbub.client import Address
from hubbub.client.buffers import Link
from hubbub.tui.drawing.palette import NONE
from hubbub.tui.headlines import status
from hubbub.tui.sessions import Session
from hubbub.tui.sides import Spot


def line(news: str, width: int) -> str:
    return status(None, (None, None), news, NONE, width, below=False).plain


@pytest.mark.parametrize("width", [40, 57, 96])
def test_help_is_named_at_every_width(width: int) -> None:
    assert line("", width).rstrip().endswith("F1 help")


def test_what_was_told_goes_first() -> None:
    news = "there is no command /nosuch; /help lists them"
    assert news in line(news, 50)
    assert "F1" not in line(news, 50)
    assert line(news, 96).rstrip().endswith("F1 help")


def test_when_it_is_tried_again_is_told_before_a_long_reason() -> None:
    address = Address.parse("hub.example")
    session = Session(address, "ada", changed=lambda _session, _changes: None, clock=lambda: 1_000)
    session.mirror.link, session.mirror.retry_at = Link.DOWN, 4_000
    session.mirror.why = "nothing listens there: is the server running, and is this its port?"
    here = Spot(session, session.mirror.buffers[""])
    shown = status(here, (None, None), "", NONE, 57, below=False).plain
    assert "○ again in 3 s: nothing listens" in shown
