"""What the server has cost so far, read from the kernel's own books, and what we cost.

CPU comes from the process CPU clock (all threads, nanoseconds), memory from `smaps_rollup`.
It reads other processes by id and touches nothing. Linux only, like the generator itself.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

CPUCLOCK_SCHED = 2  # linux/posix-timers.h: the clock id of a process is (~pid << 3) | 2


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Seconds: the wall clock, the server's CPU (whole; user and system by ticks), our own CPU."""

    wall: float
    cpu: float
    user: float
    system: float
    own: float


class ServerAccount:
    """The server's processes, by id; an empty account reads as zero."""

    def __init__(self, pids: list[int]) -> None:
        self.pids = pids

    def cpu(self) -> float:
        """CPU seconds of all threads of all processes."""
        return sum(time.clock_gettime((~pid << 3) | CPUCLOCK_SCHED) for pid in self.pids)

    def ticks(self) -> tuple[float, float]:
        """(user, system) CPU seconds, at the resolution of the kernel's tick."""
        user = system = 0
        for pid in self.pids:
            # The second field is the program's name in parentheses and may hold anything.
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            user, system = user + int(fields[11]), system + int(fields[12])
        hertz = os.sysconf("SC_CLK_TCK")
        return user / hertz, system / hertz

    def memory(self) -> tuple[int, int]:
        """(RSS, PSS) in KiB."""
        rss = pss = 0
        for pid in self.pids:
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Rss:"):
                    rss += int(line.split()[1])
                elif line.startswith("Pss:"):
                    pss += int(line.split()[1])
        return rss, pss

    def snapshot(self) -> Snapshot:
        """All clocks at this moment."""
        cpu = self.cpu()
        user, system = self.ticks()
        return Snapshot(time.perf_counter(), cpu, user, system, time.process_time())
