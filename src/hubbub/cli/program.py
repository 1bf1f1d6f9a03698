"""What to type for this command: after `make install` it is in a folder that no shell looks in.

Owns nothing but that answer, for texts that tell people what to type.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path


def program(started_as: str, found: str | None) -> str:
    """The command as it can be typed: `started_as` is argv[0], `found` what the shell finds."""
    path = Path(started_as)
    if path.name == "__main__.py":
        return shlex.join([sys.executable, "-m", "hubbub"])
    if found is not None and path.exists() and path.samefile(found):
        return path.name
    return shlex.quote(started_as)
