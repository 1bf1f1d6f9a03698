"""The disk's own fdatasync rate, the unit that committed messages are counted in.

Appends 4 KiB and calls fdatasync, again and again, on the file system that the measured server
writes to. Run as a program it prints one line of JSON, like every other measurement.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

BLOCK = b"\0" * 4096
MOST_BLOCKS = 100_000


def fdatasync_rate(folder: Path, seconds: float) -> dict[str, object]:
    """Append and sync for `seconds`; syncs per second, and one sync's p50 and p99 in ms."""
    path = folder / "fdatasync.probe"
    taken: list[float] = []
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        begin = now = time.perf_counter()
        while now - begin < seconds and len(taken) < MOST_BLOCKS:
            os.write(fd, BLOCK)
            os.fdatasync(fd)
            before, now = now, time.perf_counter()
            taken.append(now - before)
    finally:
        os.close(fd)
        path.unlink()
    taken.sort()
    return {
        "ok": True,
        "syncs": len(taken),
        "messages_per_second": round(len(taken) / (now - begin), 1),
        "latency_ms": {
            "p50": round(taken[len(taken) // 2] * 1e3, 4),
            "p99": round(taken[len(taken) * 99 // 100] * 1e3, 4),
        },
    }


def main() -> None:
    """Probe one folder."""
    parser = argparse.ArgumentParser(prog="python -m bench.disk", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=1.0)
    arguments = parser.parse_args()
    print(json.dumps(fdatasync_rate(arguments.folder, arguments.seconds)))


if __name__ == "__main__":
    main()
