"""Where values come from: a TOML file, `HUBBUB_…` variables, flags; the last named wins.

Every mistake ends in a `ConfigError` of one line that says where it stands, which key it is about
and what would be right. Values are checked one key at a time, so the line is about that key and
not about the tree. This module reads the file it is given and no other, and is handed the
environment. The keys are in `keys`, their words in `describe`.
"""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hubbub.server.config.describe import Key, all_keys, all_sections
from hubbub.server.config.keys import Config

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PREFIX = "HUBBUB_"
NOT_KEYS = {"HUBBUB_DATA", "HUBBUB_CONFIG"}
"""Variables that say where things are; the command line reads them, not the tree."""

HIDDEN = "(hidden)"
"""What is shown in place of a secret."""

_SIZE = re.compile(r"([0-9]{1,15})\s*(KiB|MiB|GiB)")
_POWERS = {"KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
_DURATION = re.compile(r"([0-9]{1,12})\s*(second|minute|hour|day|week|year)s?")
_SECONDS = {
    "second": 1,
    "minute": 60,
    "hour": 3600,
    "day": 24 * 3600,
    "week": 7 * 24 * 3600,
    "year": 365 * 24 * 3600,
}
_TOLD_SECONDS = tuple((name, _SECONDS[name]) for name in ("day", "hour"))
_TOLD_BYTES = tuple(reversed(_POWERS.items()))


class ConfigError(Exception):
    """The configuration cannot be used; the message is one line for the operator."""


@dataclass(frozen=True, slots=True)
class Given:
    """A value somebody gave, and where: a file's path, a variable's name or a flag."""

    value: object
    origin: str
    is_words: bool
    """Whether the source knows only texts, so that "5" may stand for 5."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A checked configuration, with the origin of every key that is not at its default."""

    config: Config
    origins: Mapping[str, str]


def load_config(
    file: Path | None, environ: Mapping[str, str], flags: Mapping[str, object]
) -> Config:
    """Return the effective configuration.

    `flags` holds dotted keys (`"log.format"`); a flag that is None was not given.
    Raises ConfigError.
    """
    return load(file, environ, flags).config


def load(file: Path | None, environ: Mapping[str, str], flags: Mapping[str, object]) -> Loaded:
    """Return the effective configuration with the origin of each value. Raises ConfigError."""
    given = (from_file(file) if file else {}) | from_environment(environ) | from_flags(flags)
    top: dict[str, object] = {}
    sections: dict[str, dict[str, object]] = {name: {} for name in all_sections()}
    for name, one in given.items():
        key = all_keys()[name]
        place = sections[key.section] if key.section else top
        place[key.field] = checked(key, one)
    types = {field.name: field.type for field in msgspec.structs.fields(Config)}
    built = {name: types[name](**values) for name, values in sections.items()}
    return Loaded(
        config=Config(**top, **built),  # type: ignore[arg-type]  # each value was checked above
        origins={name: one.origin for name, one in given.items()},
    )


def from_file(path: Path) -> dict[str, Given]:
    """Return what a TOML file gives, by dotted key; types are checked later."""
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text (byte {error.start})") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not valid TOML: {error}") from error
    origin = str(path)
    given: dict[str, Given] = {}
    for name, value in tree.items():
        if name not in all_sections():
            if isinstance(value, dict) and name not in all_keys():
                near = _near(name, all_sections())
                raise unknown(origin, f"section [{name}]", f"[{near}]" if near else "")
            given[name] = _known(name, value, origin)
        elif isinstance(value, dict):
            for field, inner in value.items():
                given[f"{name}.{field}"] = _known(f"{name}.{field}", inner, origin)
        else:
            raise ConfigError(f"{origin}: {name} is a section: write [{name}] and its keys below")
    return given


def from_environment(environ: Mapping[str, str]) -> dict[str, Given]:
    """Return what the variables that begin with HUBBUB_ give, by dotted key."""
    by_variable = {key.variable: key for key in all_keys().values()}
    given: dict[str, Given] = {}
    for variable, value in environ.items():
        if not variable.startswith(PREFIX) or variable in NOT_KEYS:
            continue
        if variable not in by_variable:
            raise _unknown_variable(variable)
        given[by_variable[variable].name] = Given(value, variable, is_words=True)
    return given


def from_flags(flags: Mapping[str, object]) -> dict[str, Given]:
    """Return what flags give, by dotted key; None means the flag was not used."""
    return {
        name: Given(value, all_keys()[name].flag, is_words=isinstance(value, str))
        for name, value in flags.items()
        if value is not None
    }


def checked(key: Key, given: Given) -> object:
    """Return the value as the key's type. Raises ConfigError."""
    value = _in_units(key, given.value)
    try:
        # A variable that is no UTF-8 arrives with lone surrogates, which nothing can send or keep.
        str(value).encode()
        return msgspec.convert(value, key.type, strict=not given.is_words)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        units = ', or a size such as "64 MiB"' if key.is_size else ""
        units = ', or a time such as "90 days"' if key.is_duration else units
        near = _near(str(given.value), key.choices)
        hint = f" (did you mean {near}?)" if near else ""
        # A flag is called as its key is.
        where = given.origin if given.origin.startswith("--") else f"{given.origin}: {key.name}"
        raise ConfigError(
            f"{where} is {HIDDEN if key.is_secret else shown(given.value)},"
            f" but must be {key.expected}{units}{hint}"
        ) from error


def _in_units(key: Key, value: object) -> object:
    """The number that a text such as "64 MiB" or "90 days" stands for, any other value as it is."""
    if not isinstance(value, str):
        return value
    if key.is_size and (size := _SIZE.fullmatch(value.strip())):
        return int(size[1]) * _POWERS[size[2]]
    if key.is_duration and (time := _DURATION.fullmatch(value.strip())):
        return int(time[1]) * _SECONDS[time[2]]
    return value


def in_toml(key: Key, value: object) -> str:
    """A value in TOML's spelling, long times and sizes as people say them: "90 days", "64 MiB"."""
    units = _TOLD_SECONDS if key.is_duration else _TOLD_BYTES if key.is_size else ()
    if isinstance(value, int) and value:
        for name, unit in units:
            if value % unit == 0:
                many = "s" if key.is_duration and value != unit else ""
                return shown(f"{value // unit} {name}{many}")
    if isinstance(value, tuple):
        return f"[{', '.join(in_toml(key, one) for one in value)}]"
    return shown(value)


def unknown(origin: str, what: str, near: str) -> ConfigError:
    """Return the error for a name that does not exist, with the one that was probably meant."""
    fix = f"did you mean {near}?" if near else "`hubbub config example` lists all there are"
    return ConfigError(f"{origin}: there is no {what}; {fix}")


def shown(value: object) -> str:
    """A value as it would stand in a TOML file, shortened, on one line."""
    try:
        text = json.dumps(value, ensure_ascii=False)
        text = text if text.isprintable() else json.dumps(value)
    except (TypeError, ValueError):
        text = str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def data_folder(flag: Path | None, environ: Mapping[str, str]) -> Path:
    """Return where data is kept; nothing is made or checked.

    The flag, else HUBBUB_DATA, else STATE_DIRECTORY (set by systemd, perhaps several with colons),
    else the place the XDG base directory specification gives. Raises ConfigError.
    """
    if flag is not None:
        return flag
    if named := environ.get("HUBBUB_DATA"):
        return Path(named)
    if state := environ.get("STATE_DIRECTORY"):
        return Path(state.split(":")[0])
    # XDG base directory specification: a relative path here is invalid and must be ignored.
    home = environ.get("XDG_DATA_HOME", "")
    if Path(home).is_absolute():
        return Path(home) / "hubbub"
    if user := environ.get("HOME"):
        return Path(user) / ".local" / "share" / "hubbub"
    raise ConfigError("no place for the data: HOME is not set; give a folder with --data DIR")


def _unknown_variable(variable: str) -> ConfigError:
    dotted = variable.removeprefix(PREFIX).lower().replace("__", ".")
    near = {"data": "HUBBUB_DATA", "config": "HUBBUB_CONFIG"} | {
        key.name: key.variable for key in all_keys().values()
    }
    return unknown("environment", f"variable {variable}", near.get(_near(dotted, near), ""))


def _known(name: str, value: object, origin: str) -> Given:
    if name not in all_keys():
        raise unknown(origin, f"key {name}", _near(name, all_keys()))
    return Given(value, origin, is_words=False)


def _near(name: str, known: Iterable[str]) -> str:
    """The name probably meant: the same word elsewhere, alike as a whole, or alike at its end."""
    leaves: dict[str, str] = {}
    for one in known:  # of two with the same word the first is the more likely
        leaves.setdefault(one.rpartition(".")[2], one)
    leaf = name.rpartition(".")[2]
    if leaf in leaves:
        return leaves[leaf]
    if found := difflib.get_close_matches(name, leaves.values(), n=1, cutoff=0.75):
        return found[0]
    found = difflib.get_close_matches(leaf, leaves, n=1, cutoff=0.75)
    return leaves[found[0]] if found else ""
