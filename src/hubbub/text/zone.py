"""The machine's own zone, as the C library knows it.

The standard library names zones, but has none for "here": `astimezone()` gives the offset of one
moment, and a search for last week may lie on the other side of a change of the clocks.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo


class LocalZone(tzinfo):
    """The rules of `TZ` or /etc/localtime at every moment."""

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        """How far the clocks were ahead of UTC; of a repeated hour `fold` says which."""
        if moment is None:
            return None
        return moment.replace(tzinfo=None).astimezone().utcoffset()

    def dst(self, moment: datetime | None) -> timedelta | None:
        """Not known apart from the rest."""
        return None

    def tzname(self, moment: datetime | None) -> str | None:
        """What the zone is called at that moment."""
        return None if moment is None else moment.replace(tzinfo=None).astimezone().tzname()

    def fromutc(self, moment: datetime) -> datetime:
        """The same moment on the clocks here."""
        local = moment.replace(tzinfo=UTC).astimezone()
        here = local.replace(tzinfo=self, fold=0)
        # The second of two equal times on the clock is told from the first by `fold`.
        return here if here.utcoffset() == local.utcoffset() else here.replace(fold=1)
