"""What a server did to its folder, as `shim/record.c` recorded it, and what a disk makes of that.

`read_record` gives the operations in the order they happened. A `Disk` takes them one by one and
tells at any moment what the folder holds (`as_written`) and what it may hold after the power went
(`after_power_cut`): all that was synced, and of the rest what chance leaves. Writes may be torn at
512 bytes; files and their names are synced apart, as POSIX has it.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from faults.shims import build

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from random import Random

SECTOR: Final = 512
_HEAD: Final = struct.Struct("<QqIIB7x")

CREATE, WRITE, TRUNCATE, UNLINK, RENAME = "c", "w", "t", "u", "r"
SYNC_BEGINS, SYNC_ENDED, SEND, FOLDER = "b", "e", "s", "f"


@dataclass(slots=True, frozen=True, eq=False)
class Operation:
    """One thing that happened. `offset` is a truncate's size, a sync's number, a send's file."""

    kind: str
    inode: int
    offset: int
    name: str
    data: bytes


def recorded(folder: Path, record: Path) -> dict[str, str]:
    """The environment of a process whose doings in a folder are to be recorded."""
    shim = build("record", record.parent)
    return {"LD_PRELOAD": str(shim), "RECORD_FOLDER": str(folder), "RECORD_TO": str(record)}


def read_record(path: Path) -> list[Operation]:
    """All operations in order."""
    return list(_operations(path.read_bytes()))


def _operations(data: bytes) -> Iterator[Operation]:
    at = 0
    while at < len(data):
        inode, offset, name_size, data_size, kind = _HEAD.unpack_from(data, at)
        name_at = at + _HEAD.size
        data_at = name_at + name_size
        at = data_at + data_size
        name = os.fsdecode(data[name_at:data_at])
        yield Operation(chr(kind), inode, offset, name, data[data_at:at])


@dataclass(slots=True)
class Unsynced:
    """Operations that no sync has covered yet. Positions count from the very first."""

    operations: list[Operation] = field(default_factory=list)
    start: int = 0
    begun: dict[int, int] = field(default_factory=dict)

    def begin(self, number: int) -> None:
        """A sync begins: it covers what is there now."""
        self.begun[number] = self.start + len(self.operations)

    def end(self, number: int) -> list[Operation]:
        """A sync ended: take what it has covered."""
        count = max(0, self.begun.pop(number) - self.start)
        covered, self.operations = self.operations[:count], self.operations[count:]
        self.start += count
        return covered


@dataclass(slots=True, eq=False)
class File:
    """What is surely on the disk, and what came after."""

    synced: bytearray = field(default_factory=bytearray)
    unsynced: Unsynced = field(default_factory=Unsynced)


class Disk:
    """A disk with one folder on it."""

    def __init__(self) -> None:
        self._files: dict[int, File] = {}
        self._born: dict[Operation, File] = {}
        self._folder = 0
        self._names: dict[str, File] = {}
        self._unsynced_names = Unsynced()

    def take(self, operation: Operation) -> None:
        """One more thing happens."""
        match operation.kind:
            case "f":
                self._folder = operation.inode
            case "c":
                # The number may be that of a file long gone: this is another file.
                born = self._files[operation.inode] = File()
                self._born[operation] = born
                self._unsynced_names.operations.append(operation)
            case "u" | "r":
                self._unsynced_names.operations.append(operation)
            case "w" | "t":
                self._files[operation.inode].unsynced.operations.append(operation)
            case "b" if operation.inode == self._folder:
                self._unsynced_names.begin(operation.offset)
            case "b":
                self._files[operation.inode].unsynced.begin(operation.offset)
            case "e" if operation.inode == self._folder:
                for covered in self._unsynced_names.end(operation.offset):
                    self._rename(self._names, covered)
            case "e":
                file = self._files[operation.inode]
                for covered in file.unsynced.end(operation.offset):
                    _change(file.synced, covered)
            case "s":
                pass
            case unknown:
                raise AssertionError(f"the shim recorded {unknown!r}")

    def as_written(self) -> dict[str, bytes]:
        """The folder as every process sees it: nothing is lost."""
        names = dict(self._names)
        for operation in self._unsynced_names.operations:
            self._rename(names, operation)
        contents: dict[str, bytes] = {}
        for name, file in names.items():
            content = bytearray(file.synced)
            for operation in file.unsynced.operations:
                _change(content, operation)
            contents[name] = bytes(content)
        return contents

    def after_power_cut(self, chance: Random, keep: float) -> dict[str, bytes]:
        """A folder that may be found: of what is not synced, a share of about `keep` is there."""
        names = dict(self._names)
        for operation in self._unsynced_names.operations:
            if chance.random() < keep:
                self._rename(names, operation)
        return {name: _found(file, chance, keep) for name, file in names.items()}

    def _rename(self, names: dict[str, File], operation: Operation) -> None:
        if operation.kind == CREATE:
            names[operation.name] = self._born[operation]
        elif operation.kind == UNLINK:
            names.pop(operation.name, None)
        elif operation.name in names:
            names[os.fsdecode(operation.data)] = names.pop(operation.name)


def _found(file: File, chance: Random, keep: float) -> bytes:
    content = bytearray(file.synced)
    for operation in file.unsynced.operations:
        luck = chance.random()
        if luck < keep:
            _change(content, operation)
        elif luck < (1 + keep) / 2 and operation.kind == WRITE:
            for sector in _sectors(operation):
                if chance.random() < 0.5:
                    _change(content, sector)
    return bytes(content)


def _change(content: bytearray, operation: Operation) -> None:
    if operation.kind == TRUNCATE:
        missing = operation.offset - len(content)
        del content[operation.offset :]
    else:
        missing = operation.offset - len(content)
    if missing > 0:
        content.extend(bytes(missing))
    if operation.kind == WRITE:
        content[operation.offset : operation.offset + len(operation.data)] = operation.data


def _sectors(write: Operation) -> Iterator[Operation]:
    """The pieces of a write that a disk writes whole or not at all."""
    at = 0
    while at < len(write.data):
        end = at + SECTOR - (write.offset + at) % SECTOR
        yield Operation(WRITE, write.inode, write.offset + at, "", write.data[at:end])
        at = end
