"""Times as people and machines write them.

Owns RFC 3339 (records, exports, APIs) and the short forms people type for `--since`, `before:` and
`after:`. A time is int milliseconds since the epoch, UTC. Knows no clock and no zone of its own:
`now` and `zone` are handed in. Where a zone's clocks skip an hour, a time inside it is as much
later as they skipped; where they repeat one, the first is meant.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import tzinfo

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)

# RFC 3339 §5.6; a space for the T is its note there.
_RFC3339: Final = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)[Tt ](?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
    r"(?:\.(?P<fraction>\d{1,9}))?(?:[Zz]|(?P<sign>[+-])(?P<east>\d\d):(?P<east_minute>\d\d))",
    re.ASCII,
)

_DAY: Final = r"(?P<day>\d{4}-\d\d-\d\d|[a-z]+)"
_CLOCK: Final = r"(?P<hour>\d{1,2})(?::(?P<minute>\d\d)(?::(?P<second>\d\d))?)?\s*(?P<half>[ap]m)?"
_DAY_AND_CLOCK: Final = re.compile(rf"{_DAY}(?:(?:t|,?\s+(?:at\s+)?){_CLOCK})?", re.ASCII)
_CLOCK_ALONE: Final = re.compile(rf"(?=\d+:|\d+\s*[ap]m){_CLOCK}", re.ASCII)

_UNITS: Final = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), timedelta(seconds=1)),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), timedelta(minutes=1)),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), timedelta(hours=1)),
    **dict.fromkeys(("d", "day", "days"), timedelta(days=1)),
    **dict.fromkeys(("w", "week", "weeks"), timedelta(weeks=1)),
}
_SPAN: Final = r"(\d{1,9})\s*([a-z]+)"
_AGO: Final = re.compile(rf"{_SPAN}(?:\s*{_SPAN})*(?:\s+ago)?", re.ASCII)
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_FORMS: Final = "2026-11-03, 2026-11-03 09:30, 9:30, today, yesterday 9:30, monday, 2h or 3d ago"


def rfc3339(time: int) -> str:
    """The time as `2026-11-03T09:30:00.250Z`. ValueError outside the years 1 to 9999."""
    try:
        moment = _EPOCH + timedelta(milliseconds=time)
    except OverflowError:
        raise ValueError(f"{time} ms is outside the years 1 to 9999.") from None
    return f"{moment.isoformat(timespec='milliseconds')[:-6]}Z"


def parse_rfc3339(text: str) -> int:
    """The time of an RFC 3339 date-time with any offset; what is finer than 1 ms is cut off.

    A leap second is the first moment of the next minute. ValueError for anything else.
    """
    found = _RFC3339.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no RFC 3339 time: write it as 2026-11-03T09:30:00Z.")
    leap = found["second"] == "60"
    second = 59 if leap else int(found["second"])
    east = timedelta(hours=int(found["east"] or 0), minutes=int(found["east_minute"] or 0))
    if east >= timedelta(days=1) or int(found["east_minute"] or 0) > 59:
        raise ValueError(f"{text!r} is no time: its offset from UTC is 24 hours or more.")
    try:
        clock = clock_time(int(found["hour"]), int(found["minute"]), second, tzinfo=UTC)
        local = datetime.combine(date.fromisoformat(found["date"]), clock)
        moment = local + (east if found["sign"] == "-" else -east) + timedelta(seconds=leap)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text!r} is no time: {error}.") from None
    fraction = 0 if leap else int((found["fraction"] or "").ljust(3, "0")[:3])
    return _since_epoch(moment) + fraction


def parse_when(text: str, *, now: int, zone: tzinfo) -> int:
    """The time people mean, seen from `now` in `zone`; a day is its first moment.

    RFC 3339, or in the zone: `2026-11-03`, `2026-11-03 09:30`, `today`, `yesterday 9`, `monday`
    (the last one, today included), `9:30` and `9am` (the last one that is past), `now`; or ago:
    `2h`, `30m`, `1d12h`, `3 days ago`. Days and weeks ago keep the clock's time across a change of
    summer time; hours, minutes and seconds are elapsed ones. ValueError with a sentence for people.
    """
    words = text.strip()
    if _RFC3339.fullmatch(words):
        return parse_rfc3339(words)
    lowered = words.lower()
    try:
        local = (_EPOCH + timedelta(milliseconds=now)).astimezone(zone)
        if lowered == "now":
            return now
        for form in (_ago, _clock_alone, _day_and_clock):
            moment = form(lowered, local)
            if moment is not None:
                return _since_epoch(moment)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text!r} is no time: {error}. Use for example {_FORMS}.") from None
    raise ValueError(f"{text!r} is no time that is understood here. Use for example {_FORMS}.")


def _ago(words: str, local: datetime) -> datetime | None:
    if not _AGO.fullmatch(words):
        return None
    days, elapsed = timedelta(), timedelta()
    for count, unit in re.findall(_SPAN, words):
        if unit not in _UNITS:
            return None
        span = int(count) * _UNITS[unit]
        if _UNITS[unit] >= timedelta(days=1):
            days += span
        else:
            elapsed += span
    moment = (local - days) if days else local  # arithmetic on the clock's time, in the zone
    return moment.astimezone(UTC) - elapsed


def _clock_alone(words: str, local: datetime) -> datetime | None:
    found = _CLOCK_ALONE.fullmatch(words)
    if not found:
        return None
    today = _at(local.date(), found, local)
    if _since_epoch(today) <= _since_epoch(local):
        return today
    return _at(local.date() - timedelta(days=1), found, local)


def _day_and_clock(words: str, local: datetime) -> datetime | None:
    found = _DAY_AND_CLOCK.fullmatch(words)
    day = _day(found["day"], local.date()) if found else None
    return None if found is None or day is None else _at(day, found, local)


def _day(word: str, today: date) -> date | None:
    if word[0].isdigit():
        return date.fromisoformat(word)
    if word in {"today", "yesterday"}:
        return today - timedelta(days=word == "yesterday")
    for number, name in enumerate(_WEEKDAYS):
        if len(word) >= 3 and name.startswith(word):
            return today - timedelta(days=(today.weekday() - number) % 7)
    return None


def _at(day: date, found: re.Match[str], local: datetime) -> datetime:
    hour = int(found["hour"] or 0)
    if found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(f"there is no {hour} {found['half']}")
        hour = hour % 12 + 12 * (found["half"] == "pm")
    clock = clock_time(hour, int(found["minute"] or 0), int(found["second"] or 0))
    return datetime.combine(day, clock, tzinfo=local.tzinfo)


def _since_epoch(moment: datetime) -> int:
    return (moment.astimezone(UTC) - _EPOCH) // _MILLISECOND
