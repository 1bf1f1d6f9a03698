"""What the figures were measured on: processor, kernel, file system, versions.

No paths and no names of hosts: the description goes into docs/performance.md.
"""

from __future__ import annotations

import os
import platform
import sqlite3
from importlib import metadata
from pathlib import Path

PACKAGES = ("hubbub", "uvloop", "sqlalchemy")


def describe_machine(folder: Path) -> dict[str, str]:
    """Facts about this machine, and about the file system that `folder` is on."""
    load = ", ".join(f"{average:.2f}" for average in os.getloadavg())
    return {
        "processor": f"{len(os.sched_getaffinity(0))} x {_processor()}",
        "kernel": f"{platform.system()} {platform.release()}",
        "file system": _file_system(folder),
        "python": platform.python_version(),
        **{package: metadata.version(package) for package in PACKAGES},
        "sqlite": sqlite3.sqlite_version,
        "load average at start": load,
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _file_system(folder: Path) -> str:
    """The type of the deepest mount point that `folder` lies under."""
    found = (0, "unknown")
    for line in Path("/proc/mounts").read_text().splitlines():
        _, mount, kind, *_ = line.split(" ")
        if folder.resolve().is_relative_to(mount) and len(mount) >= found[0]:
            found = (len(mount), kind)
    return found[1]
