"""docs/terminal.md: its tables are made of the registry: `python tests/house/terminal_page.py`.

What stands between the marks is made, the rest of the page is written; `test_docs` compares.
"""

from __future__ import annotations

import re
from pathlib import Path

from hubbub.tui.registry import COMMANDS, Where, keys_of

PAGE = Path(__file__).parents[2] / "docs" / "terminal.md"

TITLES = {
    Where.ANYWHERE: "Anywhere",
    Where.COMPOSER: "While you type",
    Where.MESSAGE: "On a selected message (Alt+S, or a click)",
}

_MADE = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def keys() -> str:
    """The tables of keys."""
    parts = []
    for where, title in TITLES.items():
        rows = [f"| {_code(key.shown)} | {key.does} |" for key in keys_of(where)]
        parts += [f"### {title}", "", "| key | what it does |", "|---|---|", *rows, ""]
    return "\n".join(["", *parts])


def commands() -> str:
    """The table of commands."""
    rows = [f"| `{one.synopsis}` | {one.does} |" for one in COMMANDS.values()]
    return "\n".join(["", "| command | what it does |", "|---|---|", *rows, ""])


def _code(shown: str) -> str:
    # A backtick stands in Markdown's code between two of them.
    names = (f"`` {one} ``" if "`" in one else f"`{one}`" for one in shown.split(", "))
    return ", ".join(names)


def made(page: str) -> str:
    """The page with its tables as they are now."""
    tables = {"keys": keys, "commands": commands}
    return _MADE.sub(lambda found: f"{found[1]}{tables[found[2]]()}\n{found[3]}", page)


if __name__ == "__main__":
    PAGE.write_text(made(PAGE.read_text("utf-8")), "utf-8")
