"""Everything here is true under both event loops, on a server that keeps things in memory."""

from __future__ import annotations

from doors.conftest import opened, stage
from loops import pytest_asyncio_loop_factories

__all__ = ["opened", "pytest_asyncio_loop_factories", "stage"]
