"""The machine's own zone, compared with the same zone by its name."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from hubbub.text.times import parse_when, rfc3339
from hubbub.text.zone import LocalZone

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def _berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("_berlin")
def test_every_half_hour_of_a_year_is_as_it_is_by_name() -> None:
    here, berlin = LocalZone(), ZoneInfo("Europe/Berlin")
    for number in range(2 * 24 * 366):
        moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=30 * number)
        found, wanted = moment.astimezone(here), moment.astimezone(berlin)
        assert found.isoformat() == wanted.isoformat()
        assert found.fold == wanted.fold
        assert found.tzname() == wanted.tzname()
        assert found.astimezone(UTC) == moment


@pytest.mark.usefixtures("_berlin")
def test_a_day_on_the_other_side_of_a_change_begins_at_its_own_midnight() -> None:
    now = 1_795_348_800_000  # a November noon, UTC
    assert rfc3339(parse_when("2026-07-01", now=now, zone=LocalZone())) == (
        "2026-06-30T22:00:00.000Z"
    )
