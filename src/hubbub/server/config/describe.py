"""The keys as data: what each is called, and in words what it expects.

Read from the types in `keys`, so an error message, the example file and the documentation cannot
disagree with what is accepted. Nothing here knows a value that somebody gave. `sources` uses it to
answer mistakes, `pages` to write documentation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args, get_origin

import msgspec
from msgspec import inspect

from hubbub.server.config.keys import Config
from hubbub.server.config.marks import Effect


@dataclass(frozen=True, slots=True)
class Key:
    """One key: `name` is dotted (`history.replay`), `section` empty for the top level."""

    name: str
    section: str
    type: Any
    default: object
    description: str
    unit: str
    shape: str
    is_secret: bool = False
    """Whether its value is shown to nobody."""
    effect: Effect = Effect.AT_ONCE
    """When a change takes effect once the configuration is read again."""

    @property
    def field(self) -> str:
        """The name inside its section, as it stands in the file."""
        return self.name.rpartition(".")[2]

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return "HUBBUB_" + self.name.upper().replace(".", "__")

    @property
    def flag(self) -> str:
        """The command-line flag that sets it, where a verb offers one."""
        return "--" + self.name.replace(".", "-").replace("_", "-")

    @property
    def expected(self) -> str:
        """What a value must be, to follow the words "must be"."""
        words = [_or(self.choices)] if self.choices else []
        words += _expected(inspect.type_info(self.type), self.unit)
        return self.shape or " or ".join(words)

    @property
    def is_size(self) -> bool:
        """Whether a text such as "64 MiB" stands for a number of bytes here."""
        bare = _bare(inspect.type_info(self.type))
        return self.unit == "bytes" and isinstance(bare, inspect.IntType)

    @property
    def is_duration(self) -> bool:
        """Whether a text such as "90 days" stands for a number of seconds here."""
        bare = _bare(inspect.type_info(self.type))
        return self.unit == "seconds" and isinstance(bare, inspect.IntType)

    def value_in(self, config: Config) -> object:
        """What a configuration has for it."""
        value: object = getattr(self._holder(config), self.field)
        return value

    def put_in(self, config: Config, value: object) -> Config:
        """A configuration that has another value for it; the value is taken as it is."""
        changed = msgspec.structs.replace(self._holder(config), **{self.field: value})
        if not self.section:
            assert isinstance(changed, Config)
            return changed
        return msgspec.structs.replace(config, **{self.section: changed})

    def _holder(self, config: Config) -> msgspec.Struct:
        holder: msgspec.Struct = getattr(config, self.section) if self.section else config
        return holder

    @property
    def choices(self) -> tuple[str, ...]:
        """The words that are accepted, when only certain words are."""
        return _literals(self.type)


@cache
def all_keys() -> dict[str, Key]:
    """Every key by its dotted name, in the order of `keys`."""
    return {key.name: key for key in _keys_of(Config, "")}


@cache
def all_sections() -> dict[str, str]:
    """Every section's name with its line of description, in order."""
    return {
        field.name: str(field.type.__doc__).strip()
        for field in msgspec.structs.fields(Config)
        if _is_section(field.type)
    }


def _is_section(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, msgspec.Struct)


def _keys_of(struct: type[msgspec.Struct], section: str) -> list[Key]:
    keys: list[Key] = []
    for field in msgspec.structs.fields(struct):
        if _is_section(field.type):
            keys += _keys_of(field.type, field.name)
            continue
        info = inspect.type_info(field.type)
        schema = (info.extra_json_schema or {}) if isinstance(info, inspect.Metadata) else {}
        extra = (info.extra or {}) if isinstance(info, inspect.Metadata) else {}
        keys.append(
            Key(
                name=f"{section}.{field.name}" if section else field.name,
                section=section,
                type=field.type,
                default=field.default,
                description=str(schema.get("description", "")),
                unit=str(extra.get("unit", "")),
                shape=str(extra.get("shape", "")),
                is_secret=bool(extra.get("secret")),
                effect=extra.get("effect", Effect.AT_ONCE),
            )
        )
    return keys


def _bare(info: inspect.Type) -> inspect.Type:
    return info.type if isinstance(info, inspect.Metadata) else info


def _literals(type_: Any) -> tuple[str, ...]:
    # From the annotation, because msgspec's description of a type sorts them.
    if get_origin(type_) is Literal:
        return tuple(str(value) for value in get_args(type_))
    return tuple(word for part in get_args(type_) for word in _literals(part))


def _expected(info: inspect.Type, unit: str) -> list[str]:
    match _bare(info):
        case inspect.LiteralType():
            return []
        case inspect.BoolType():
            return ["true or false"]
        case inspect.IntType(ge=low, le=high):
            return [f"a whole number{_of(unit)} from {low} to {high}"]
        case inspect.FloatType(ge=low, le=high):
            return [f"a number{_of(unit)} from {low:.15g} to {high:.15g}"]
        case inspect.StrType():
            return ["a text"]
        case inspect.VarTupleType():
            return ["a list of texts"]
        case inspect.UnionType(types=types):
            return [words for part in types for words in _expected(part, unit)]
        case other:
            raise TypeError(f"no words for {other}")


def _of(unit: str) -> str:
    return f" of {unit}" if unit else ""


def _or(words: tuple[str, ...]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
