"""Times as machines write them and as people say them, seen from one Tuesday in Berlin."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.text.times import parse_rfc3339, parse_when, rfc3339

BERLIN = ZoneInfo("Europe/Berlin")
NOW = parse_rfc3339("2026-11-03T15:20:00+01:00")  # a Tuesday

FIRST = parse_rfc3339("0001-01-01T00:00:00Z")
LAST = parse_rfc3339("9999-12-31T23:59:59.999Z")


def berlin(text: str, now: str = "2026-11-03T15:20:00+01:00") -> str:
    return rfc3339(parse_when(text, now=parse_rfc3339(now), zone=BERLIN))


def test_a_time_is_written_in_utc_to_the_millisecond() -> None:
    assert rfc3339(0) == "1970-01-01T00:00:00.000Z"
    assert rfc3339(-1) == "1969-12-31T23:59:59.999Z"
    assert rfc3339(1_793_715_600_250) == "2026-11-03T14:20:00.250Z"
    assert rfc3339(FIRST) == "0001-01-01T00:00:00.000Z"
    with pytest.raises(ValueError, match="outside the years"):
        rfc3339(LAST + 1)
    with pytest.raises(ValueError, match="outside the years"):
        rfc3339(1 << 80)


@given(st.integers(FIRST, LAST))
def test_what_is_written_is_read_back(time: int) -> None:
    assert parse_rfc3339(rfc3339(time)) == time
    assert parse_when(rfc3339(time), now=NOW, zone=BERLIN) == time


@given(st.integers(FIRST + 10**8, LAST - 10**8), st.integers(-1439, 1439))
def test_every_offset_is_the_same_moment(time: int, minutes: int) -> None:
    there = rfc3339(time + minutes * 60_000).removesuffix("Z")
    offset = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    assert parse_rfc3339(there + offset) == time


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2026-11-03t09:30:00z", "2026-11-03T09:30:00.000Z"),
        ("2026-11-03 09:30:00-00:00", "2026-11-03T09:30:00.000Z"),
        ("2026-11-03T09:30:00.5+01:00", "2026-11-03T08:30:00.500Z"),
        ("2026-11-03T09:30:00.123999999Z", "2026-11-03T09:30:00.123Z"),
        ("1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"),
        ("2016-12-31T23:59:60.5Z", "2017-01-01T00:00:00.000Z"),
    ],
)
def test_rfc3339_has_its_varieties(text: str, same: str) -> None:
    assert rfc3339(parse_rfc3339(text)) == same


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-03",
        "2026-11-03T09:30Z",
        "2026-11-03T09:30:00",
        "2026-11-03T09:30:00.Z",
        "2026-11-03T09:30:00.1234567890Z",
        "2026-11-03T09:30:00+0100",
        "2026-11-03T09:30:00+24:00",
        "2026-11-03T09:30:00+01:60",
        "2026-11-03T24:00:00Z",
        "2026-11-03T09:30:61Z",
        "2026-02-30T09:30:00Z",
        "0001-01-01T00:00:00+00:01",
        "٢٠٢٦-11-03T09:30:00Z",
        "2026-11-03T09:30:00Z\n",
    ],
)
def test_what_is_no_rfc3339_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        parse_rfc3339(text)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-03T09:30:00Z", "2026-11-03T09:30:00.000Z"),
        ("2026-11-01", "2026-10-31T23:00:00.000Z"),
        ("2026-11-01 09:30", "2026-11-01T08:30:00.000Z"),
        ("2026-11-01T09:30:15", "2026-11-01T08:30:15.000Z"),
        ("2026-07-01 09:30", "2026-07-01T07:30:00.000Z"),
        ("now", "2026-11-03T14:20:00.000Z"),
        ("today", "2026-11-02T23:00:00.000Z"),
        ("Yesterday", "2026-11-01T23:00:00.000Z"),
        ("yesterday 9", "2026-11-02T08:00:00.000Z"),
        ("yesterday at 9:30pm", "2026-11-02T20:30:00.000Z"),
        ("today 23:00", "2026-11-03T22:00:00.000Z"),
        ("9:30", "2026-11-03T08:30:00.000Z"),
        ("23:30", "2026-11-02T22:30:00.000Z"),  # tonight is not yet
        ("12am", "2026-11-02T23:00:00.000Z"),
        ("12 pm", "2026-11-03T11:00:00.000Z"),
        ("tuesday", "2026-11-02T23:00:00.000Z"),  # today is one
        ("wed", "2026-10-27T23:00:00.000Z"),
        ("Mon 08:00", "2026-11-02T07:00:00.000Z"),
        ("2h", "2026-11-03T12:20:00.000Z"),
        ("30m ago", "2026-11-03T13:50:00.000Z"),
        ("1d12h", "2026-11-02T02:20:00.000Z"),
        ("3 days ago", "2026-10-31T14:20:00.000Z"),
        ("1 week", "2026-10-27T14:20:00.000Z"),
        (" 90 s ", "2026-11-03T14:18:30.000Z"),
    ],
)
def test_what_people_say_on_a_tuesday_afternoon(text: str, utc: str) -> None:
    assert berlin(text) == utc


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "understood"),
        ("9", "understood"),
        ("soon", "understood"),
        ("mo", "understood"),
        ("3 fortnights", "understood"),
        ("03.11.2026", "understood"),
        ("2026-02-30", "out of range"),
        ("yesterday 25:00", "hour must be"),
        ("9:61", "minute must be"),
        ("13pm", "no 13 pm"),
        ("99999999d", "no time"),
        ("999999999w", "no time"),
        ("0001-01-01", "no time"),
        ("\ud800", "understood"),
    ],
)
def test_what_nobody_can_mean_is_refused_with_examples(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as caught:
        parse_when(text, now=NOW, zone=timezone(timedelta(hours=14)))
    assert str(caught.value).endswith(
        "Use for example 2026-11-03, 2026-11-03 09:30, 9:30, today, "
        "yesterday 9:30, monday, 2h or 3d ago."
    )


def test_the_night_the_clocks_go_forward() -> None:
    after = "2026-03-29T12:00:00+02:00"
    assert berlin("1:59", after) == "2026-03-29T00:59:00.000Z"
    assert berlin("2:30", after) == berlin("3:30", after) == "2026-03-29T01:30:00.000Z"
    assert berlin("1d", after) == "2026-03-28T11:00:00.000Z", "noon yesterday, 23 hours ago"
    assert berlin("24h", after) == "2026-03-28T10:00:00.000Z"


def test_the_night_the_clocks_go_back() -> None:
    after = "2026-10-25T12:00:00+01:00"
    assert berlin("2:30", after) == "2026-10-25T00:30:00.000Z", "the first of two"
    assert berlin("today", after) == "2026-10-24T22:00:00.000Z"
    assert berlin("1d", after) == "2026-10-24T10:00:00.000Z", "noon yesterday, 25 hours ago"
    assert berlin("1h", "2026-10-25T02:15:00+01:00") == "2026-10-25T00:15:00.000Z"
    assert berlin("now", "2026-10-25T02:15:00+01:00") == "2026-10-25T01:15:00.000Z"
    assert berlin("0d", "2026-10-25T02:15:00+01:00") == "2026-10-25T01:15:00.000Z"


def test_a_day_without_midnight_begins_when_it_begins() -> None:
    beirut = ZoneInfo("Asia/Beirut")
    assert rfc3339(parse_when("2022-03-27", now=NOW, zone=beirut)) == "2022-03-26T22:00:00.000Z"


@given(st.text(max_size=20) | st.from_regex(r"[0-9]{1,4}[-: ]?[0-9a-z]{0,6}( ago)?"))
def test_any_text_is_a_time_or_a_value_error(text: str) -> None:
    zones: tuple[tzinfo, ...] = (UTC, BERLIN)
    for zone in zones:
        with suppress(ValueError):
            assert FIRST <= parse_when(text, now=NOW, zone=zone) <= LAST
