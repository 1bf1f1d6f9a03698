"""Columns stand under each other whatever people are called."""

from __future__ import annotations

import pytest

from hubbub.cli.columns import cells, columns


@pytest.mark.parametrize(
    ("text", "wide"),
    [
        ("", 0),
        ("alice", 5),
        ("José", 4),
        ("Jose\N{COMBINING ACUTE ACCENT}", 4),
        ("東京", 4),
        ("ＡＢ", 4),
        ("한글", 4),
        ("🫖", 2),
        ("नमस्ते", 4),
        ("ab\N{ZERO WIDTH JOINER}c", 3),
    ],
)
def test_what_a_text_takes_on_a_terminal(text: str, wide: int) -> None:
    assert cells(text) == wide


def test_cells_stand_under_each_other() -> None:
    rows = [("NAME", "SINCE"), ("東京太郎", "10:41"), ("al", "10:42"), ("", "")]
    assert columns(rows) == ["NAME      SINCE", "東京太郎  10:41", "al        10:42", ""]
