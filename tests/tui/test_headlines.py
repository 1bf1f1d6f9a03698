"""The line above the box says where help is, unless it has something to say itself."""

from __future__ import annotations

import pytest

from hubbub.tui.drawing.palette import NONE
from hubbub.tui.headlines import status


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
