"""Units of the configuration's numbers, as the pages name them."""

from __future__ import annotations

BYTES = {"unit": "bytes"}
SECONDS = {"unit": "seconds"}
EVENTS = {"unit": "events"}
MESSAGES = {"unit": "messages"}
