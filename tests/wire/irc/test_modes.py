"""MODE as people type it and as servers tell it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.wire.irc.modes import Change, Kind, ModeKinds, format_modes, parse_modes

KINDS = ModeKinds("beI", "k", "l", "imnst", "ov", "@+")
USER = ModeKinds(flags="iowB")


def told(typed: str, kinds: ModeKinds = KINDS) -> list[str]:
    """Every change as `+o alice`, `?` before one that is unknown."""
    return [
        f"{'?' if change.kind is Kind.UNKNOWN else ''}{change.sign}{change.letter}"
        + ("" if change.param is None else f" {change.param}")
        for change in parse_modes(typed.split(" "), kinds=kinds)
    ]


@pytest.mark.parametrize(
    ("typed", "changes"),
    [
        ("+o alice", ["+o alice"]),
        ("+oo-v a b c", ["+o a", "+o b", "-v c"]),
        ("m", ["+m"]),
        ("+i-s+t", ["+i", "-s", "+t"]),
        ("+kl secret 5", ["+k secret", "+l 5"]),
        ("-kl secret", ["-k secret", "-l"]),
        ("+b-b+b *!*@a *!*@b", ["+b *!*@a", "-b *!*@b", "+b"]),
        ("+b -x", ["+b -x"]),
        ("+o a +v b -m", ["+o a", "+v b", "-m"]),
        ("+m extra +i", ["+m"]),
        ("+xo alice", ["?+x", "+o alice"]),
        ("+é", ["?+é"]),
        ("+-", []),
        ("", []),
    ],
)
def test_changes_of_a_room(typed: str, changes: list[str]) -> None:
    assert told(typed) == changes


def test_a_user_has_flags_only() -> None:
    assert told("+iB-o alice", USER) == ["+i", "+B", "-o"]


def test_nothing_at_all() -> None:
    assert parse_modes([], kinds=KINDS) == []


@pytest.mark.parametrize("params", [["b"], ["+b"], ["-b"], ["+b", ""]])
def test_a_list_without_a_mask_is_a_question(params: list[str]) -> None:
    (change,) = parse_modes(params, kinds=KINDS)
    assert change.asks_list
    assert not change.lacks_param


@pytest.mark.parametrize(
    ("typed", "lacking"),
    [("+o", True), ("-v", True), ("+k", True), ("-k", True), ("+l", True), ("-l", False)],
)
def test_a_missing_parameter_is_told(typed: str, lacking: bool) -> None:
    (change,) = parse_modes([typed], kinds=KINDS)
    assert change.lacks_param is lacking
    assert not change.asks_list
    assert [change.lacks_param for change in parse_modes(["+mx"], kinds=KINDS)] == [False, False]


def test_what_is_announced() -> None:
    assert KINDS.chanmodes == "beI,k,l,imnst"
    assert KINDS.prefixes == "(ov)@+"
    assert ModeKinds.from_isupport(KINDS.chanmodes, KINDS.prefixes) == KINDS


@pytest.mark.parametrize(
    ("chanmodes", "prefix", "kinds"),
    [
        ("", "", ModeKinds()),
        ("b", "()", ModeKinds(lists="b")),
        (
            "b,k,l,imnpst,future",
            "(qaohv)~&@%+",
            ModeKinds("b", "k", "l", "imnpst", "qaohv", "~&@%+"),
        ),
    ],
)
def test_what_other_servers_announce(chanmodes: str, prefix: str, kinds: ModeKinds) -> None:
    assert ModeKinds.from_isupport(chanmodes, prefix) == kinds


# --- what is told --------------------------------------------------------------------------


def test_signs_are_written_where_they_change() -> None:
    changes = [
        Change("+", "o", "a"),
        Change("+", "m"),
        Change("-", "v", "b"),
        Change("-", "l"),
        Change("+", "i"),
    ]
    assert format_modes(changes) == [["+om-vl+i", "a", "b"]]
    assert format_modes(changes, most=2) == [["+om", "a"], ["-vl", "b"], ["+i"]]
    assert format_modes([]) == []


def test_long_masks_get_more_lines() -> None:
    masks = [f"*!*@{letter * 100}" for letter in "abcd"]
    lines = format_modes([Change("+", "b", mask) for mask in masks], room=250)
    assert [words[0] for words in lines] == ["+bb", "+bb"]
    assert format_modes([Change("+", "b", masks[0])], room=10) == [["+b", masks[0]]]


CHANGES = st.one_of(
    st.builds(
        Change, st.sampled_from("+-"), st.sampled_from("imnst"), st.none(), st.just(Kind.FLAG)
    ),
    st.builds(
        Change,
        st.sampled_from("+-"),
        st.sampled_from("ov"),
        st.text("aé-+", min_size=1),
        st.just(Kind.PREFIX),
    ),
    st.builds(
        Change,
        st.sampled_from("+-"),
        st.sampled_from("beI"),
        st.text("aé-+", min_size=1),
        st.just(Kind.LIST),
    ),
    st.builds(
        Change,
        st.sampled_from("+-"),
        st.just("k"),
        st.text("aé-+", min_size=1),
        st.just(Kind.PARAM),
    ),
    st.builds(Change, st.just("+"), st.just("l"), st.just("5"), st.just(Kind.PARAM_TO_SET)),
    st.builds(Change, st.just("-"), st.just("l"), st.none(), st.just(Kind.PARAM_TO_SET)),
)


@given(st.lists(CHANGES), st.none() | st.integers(1, 5), st.none() | st.integers(1, 40))
def test_what_is_told_is_understood(
    changes: list[Change], most: int | None, room: int | None
) -> None:
    lines = format_modes(changes, most=most, room=room)
    read = [parse_modes(words, kinds=KINDS) for words in lines]
    assert [change for line in read for change in line] == changes
    for words, line in zip(lines, read, strict=True):
        assert most is None or len(line) <= most
        assert room is None or len(line) == 1 or len(" ".join(words).encode()) <= room
