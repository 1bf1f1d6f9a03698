"""How much may be left for the server to read, by what was said when."""

from __future__ import annotations

from hubbub.client.backlog import PATIENCE, Backlog, patience


def test_a_paste_is_outstanding_and_then_no_more() -> None:
    backlog = Backlog()
    assert backlog.lines(1_000_000) == 0
    for _ in range(200):
        backlog.said(1_000_000)
    assert backlog.lines(1_000_000) == 200
    assert backlog.lines(1_000_000 + 25_000) == 100
    assert backlog.lines(1_000_000 + 50_000) == 0


def test_who_types_has_one_line_outstanding_at_most() -> None:
    backlog = Backlog()
    for second in range(60):
        backlog.said(second * 1000)
        assert backlog.lines(second * 1000) == 1
    assert backlog.lines(59_300) == 0


def test_patience_grows_with_the_lines() -> None:
    assert patience(0) == PATIENCE
    assert patience(200) == PATIENCE + 50
