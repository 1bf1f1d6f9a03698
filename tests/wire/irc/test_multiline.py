"""Messages of several lines: what is laid out on lines is put together again as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.wire.irc.multiline import Limits, Part, bounded, parts, whole

TEXT = st.text(st.sampled_from("ab é東👍🏽\n "), max_size=80)


@given(TEXT, st.integers(min_value=4, max_value=40))
def test_a_text_is_itself_again(text: str, room: int) -> None:
    laid_out = parts(text, room)
    assert whole(laid_out)[0] == text
    assert all(len(part.text.encode()) <= room for part in laid_out)
    assert not any(part.concat and not part.text for part in laid_out)


@given(st.lists(st.builds(Part, st.text("ab ", max_size=6), st.booleans()), max_size=12))
def test_lines_are_themselves_again(lines: list[Part]) -> None:
    # What nobody may send: a first line that goes on, and blank lines that do.
    fair = [Part(text, bool(text) and concat and index > 0) for index, (text, concat) in
            enumerate(lines)]  # fmt: skip
    # After a blank line it makes no difference whether the next goes on from nothing.
    clear = [one for one in fair if one.text or not one.concat]
    text, cuts = whole(clear)
    again = parts(text, 100, cuts)
    assert whole(again) == (text, tuple(cut for cut in cuts if text[cut - 1] != "\n" and cut))


def test_lines_are_kept_as_their_author_had_them() -> None:
    said = [Part("hello"), Part(""), Part("how is "), Part("everyone?", concat=True)]
    text, cuts = whole(said)
    assert (text, cuts) == ("hello\n\nhow is everyone?", (14,))
    assert parts(text, 100, cuts) == said


def test_what_is_too_long_is_cut_once_more() -> None:
    assert parts("abcdefgh ij", 6, (3,)) == [
        Part("abc"),
        Part("defgh ", concat=True),
        Part("ij", concat=True),
    ]


def test_the_line_ends_of_other_systems_go() -> None:
    assert parts("one\r\ntwo\r\n", 100) == [Part("one"), Part("two"), Part("")]


@pytest.mark.parametrize(
    ("value", "limits"),
    [
        ("max-bytes=4096", Limits(4096)),
        ("max-bytes=4096,max-lines=24", Limits(4096, 24)),
        ("max-lines=24,x=1,y,max-bytes=4096", Limits(4096, 24)),
        ("max-bytes=4096,max-lines=many", Limits(4096)),
        ("max-lines=24", None),
        ("max-bytes=²", None),
        ("", None),
    ],
)
def test_limits_of_any_server(value: str, limits: Limits | None) -> None:
    assert Limits.read(value) == limits


def test_limits_as_we_write_them() -> None:
    assert Limits(16384, 100).shown == "max-bytes=16384,max-lines=100"
    assert Limits(16384).shown == "max-bytes=16384"


@given(st.text(st.sampled_from("a\n"), max_size=40), st.integers(1, 9))
def test_a_text_in_at_most_so_many_lines(text: str, most: int) -> None:
    shown = bounded(text, most)
    assert len(shown) == len(text)
    assert shown.count("\n") < most
    assert shown.replace("\n", " ") == text.replace("\n", " ")
    if text.count("\n") < most:
        assert shown == text
