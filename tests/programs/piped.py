"""A program whose face is its standard streams: a line in is typed, a line out is shown."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from programs.program import PATIENCE

_PAGE: Final = Path(__file__).parents[2] / "docs" / "protocols" / "classic.md"


def ten_lines(port: int, name: str) -> Piped:
    """The classic client that the documentation prints, as it is printed there."""
    found = re.search(r"```python\n(.*?)```", _PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return Piped("-c", found[1].replace("1234", str(port)), "127.0.0.1", name)


class Piped:
    """A Python program that runs inside `async with`, and is killed at its end."""

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self._shown: list[str] = []

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-X", "utf8", *self._arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.communicate()

    async def types(self, line: str) -> None:
        """Give it a line."""
        stdin = self._process.stdin
        assert stdin is not None
        stdin.write(f"{line}\n".encode())
        await stdin.drain()

    async def until(self, pattern: str | re.Pattern[str]) -> None:
        """Wait until a line that it has shown matches."""
        stdout = self._process.stdout
        assert stdout is not None
        if any(re.search(pattern, line) for line in self._shown):
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while line := (await stdout.readline()).decode():
                    self._shown.append(line)
                    if re.search(pattern, line):
                        return
        raise AssertionError(f"not shown: {pattern}\n{''.join(self._shown)}")

    async def hears(self, name: str, text: str) -> None:
        """Wait for a pair, as the ten lines show it."""
        await self.until(f"^{re.escape(name)} > {re.escape(text)}$")

    async def leaves(self) -> None:
        """Half-close as the page says, and end well."""
        stdin = self._process.stdin
        assert stdin is not None
        stdin.close()
        async with asyncio.timeout(PATIENCE):
            assert await self._process.wait() == 0
