"""What one run of the generator is asked to do; `__main__.py` fills it from the command line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """Every bound of a run. Durations in seconds, sizes in bytes."""

    port: int
    host: str = "127.0.0.1"
    wire: str = "classic"
    server_pids: list[int] = field(default_factory=list)
    clients: int = 100
    senders: int = 4
    size: int = 100
    window: int = 64
    rooms: int = 200
    members: int = 10
    rate: float = 20.0
    duration: float = 4.0
    warmup: float = 0.5
    drain: float = 15.0
    hold: float = 2.0
    join: bool = False
    burst: int = 64
    deadline: float = 60.0
    max_messages: int = 5_000_000
    verify: bool = False
    messages: int = 1_000_000
    questions: int = 300
    data: Path | None = None
