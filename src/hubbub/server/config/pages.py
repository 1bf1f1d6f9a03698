"""The configuration written for people: effective values, a complete example, the docs page.

All three come from `describe`, so they cannot fall behind; a test compares docs/configuration.md
with `markdown()`. Texts only: printing them is the command line's (`hubbub.cli.config`).
"""

from __future__ import annotations

import textwrap

from hubbub.server.config.describe import Key, all_keys, all_sections
from hubbub.server.config.sources import HIDDEN, Loaded, in_toml

WIDTH = 96

HEAD = """\
<!-- Made by `hubbub config example --markdown`; a test compares. Edit the words in
     src/hubbub/server/config/keys.py. -->

# Configuration

hubbub needs none: every key has a default. A value is taken from the first of

1. a flag (`hubbub serve --help` names them),
2. an environment variable: `HUBBUB_` and the key in capitals, two underscores between section and
   key (`HUBBUB_HISTORY__REPLAY=5`),
3. the TOML file given with `--config FILE` or `HUBBUB_CONFIG`.

A key that does not exist, a value of the wrong type or out of its bounds is one line that names
the key, where it stands and what would be right; the exit status is then 2.
`hubbub config check` looks without starting anything, `hubbub config show` prints what is in
force and where each value came from, `hubbub config example` prints a file to start from.
Sizes are bytes and durations seconds; texts such as `"64 MiB"` and `"90 days"` are taken too
(KiB, MiB, GiB; seconds, minutes, hours, days, weeks, and years of 365 days).

A running server reads all of it again on `hubbub config reload`, SIGHUP or IRC's `REHASH`
([operating](operating.md#changing-the-configuration)). The last column says when a change is then
obeyed; what waits for the next start is named.

The data folder is no key. It is `--data DIR`, else `HUBBUB_DATA`, else `STATE_DIRECTORY` (systemd
sets it), else `$XDG_DATA_HOME/hubbub`, which is `~/.local/share/hubbub` unless you say otherwise.
"""


def show(loaded: Loaded) -> str:
    """The effective values as TOML, the origin of each in a comment beside it."""
    lines: list[str] = []
    for section, keys in _by_section().items():
        lines += ["", f"[{section}]"] if section else []
        for key in keys:
            value = key.value_in(loaded.config)
            hidden = key.is_secret and value != key.default
            line = (
                f"# {key.field} is {HIDDEN}" if hidden else f"{key.field} = {in_toml(key, value)}"
            )
            lines.append(f"{line:<34}  # {loaded.origins.get(key.name, 'default')}")
    return "\n".join(lines) + "\n"


def example() -> str:
    """A complete TOML file with every key at its default, in comments that explain it."""
    lines = ["# Every key of hubbub, each at its default: take the # away from what you change."]
    for section, keys in _by_section().items():
        if section:
            lines += ["", *_comment(all_sections()[section]), f"[{section}]"]
        for key in keys:
            lines += ["", *_comment(key.description), *_comment(f"It is {key.expected}.")]
            lines += _comment(f"A change takes effect {key.effect}.")
            lines.append(f"#{key.field} = {in_toml(key, key.default)}")
    return "\n".join(lines) + "\n"


def markdown() -> str:
    """The documentation page: one table per section."""
    parts = [HEAD]
    for section, keys in _by_section().items():
        parts.append(f"## `[{section}]`" if section else "## Top level")
        if section:
            parts.append(all_sections()[section])
        table = [
            "| key | default | a value is | what it does | a change takes effect |",
            "|---|---|---|---|---|",
        ]
        table += [
            f"| `{key.field}` | `{in_toml(key, key.default)}` | {key.expected} | {key.description}"
            f" | {key.effect} |"
            for key in keys
        ]
        parts.append("\n".join(table))
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def _by_section() -> dict[str, list[Key]]:
    grouped: dict[str, list[Key]] = {name: [] for name in ["", *all_sections()]}
    for key in all_keys().values():
        grouped[key.section].append(key)
    return grouped


def _comment(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="# ", subsequent_indent="# ")
