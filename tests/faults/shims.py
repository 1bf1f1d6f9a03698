"""Building the shims: small C libraries that stand between a process and its system calls."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SOURCES = Path(__file__).with_name("shim")

needs_compiler = pytest.mark.skipif(
    not shutil.which("gcc"), reason="uses a shim in C, and gcc is not installed (`make test` does)"
)


def build(name: str, place: Path) -> Path:
    """Compile `shim/NAME.c` into a folder, for LD_PRELOAD."""
    built = place / f"{name}.so"
    command = ["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-o", str(built)]
    subprocess.run([*command, str(SOURCES / f"{name}.c"), "-ldl", "-lpthread"], check=True)
    return built
