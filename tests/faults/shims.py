"""Building the shims: small C libraries that stand between a process and its system calls."""

from __future__ import annotations

import platform
import shutil
import subprocess
from pathlib import Path

import pytest

SOURCES = Path(__file__).with_name("shim")

needs_compiler = pytest.mark.skipif(
    not shutil.which("gcc") or platform.libc_ver()[0] != "glibc",
    reason="uses a shim in C, which takes gcc (`make test` installs it) and glibc",
)


def build(name: str, place: Path) -> Path:
    """Compile `shim/NAME.c` into a folder, for LD_PRELOAD."""
    built = place / f"{name}.so"
    # Fortified headers would define inline what the shims define.
    flags = ["-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-U_FORTIFY_SOURCE"]
    source = SOURCES / f"{name}.c"
    subprocess.run(["gcc", *flags, "-o", built, source, "-ldl", "-lpthread"], check=True)
    return built
