"""The habits of the house that a machine can check."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
SOURCES = sorted((REPOSITORY / "src").rglob("*.py"))
EVERY_FILE = [
    path
    for folder in ("src", "tests", "bench")
    for path in sorted((REPOSITORY / folder).rglob("*.py"))
]
LOCKS = sorted((REPOSITORY / "requirements").glob("*.txt"))

THINK_AT = 400
"""Lines of a file; most have 50 to 250."""


def name(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_every_module_says_at_its_head_what_it_owns(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), (
        "a head of three to eight lines: what it owns, must not know, where to read next"
    )


@pytest.mark.parametrize("path", EVERY_FILE, ids=name)
def test_no_file_is_too_long_to_read(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= THINK_AT


def test_nothing_is_called_by_a_name_that_says_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
    assert [name(path) for path in SOURCES if empty & set(path.with_suffix("").parts)] == []


# --- dependencies ------------------------------------------------------------------------


@pytest.mark.parametrize("lock", LOCKS, ids=name)
def test_a_lock_names_no_host_and_no_place(lock: Path) -> None:
    for line in lock.read_text(encoding="utf-8").splitlines():
        assert "://" not in line
        assert not re.search(r"(^|\s|=)(/|~|[A-Z]:)", line), line
        assert not re.search(r"--(index-url|extra-index-url|find-links|trusted-host)", line)


@pytest.mark.parametrize("lock", LOCKS, ids=name)
def test_every_pin_has_a_hash(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    pins = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert pins
    for pin in pins:
        assert re.match(r"[a-z0-9._-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", pin), pin[:80]


def direct() -> dict[str, list[str]]:
    """The packages that we ask for ourselves, by lock file."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    asked = {"run.txt": [*project["dependencies"], *(one for extra in extras for one in extra)]}
    for source in (REPOSITORY / "requirements").glob("*.in"):
        lines = source.read_text(encoding="utf-8").splitlines()
        asked[f"{source.stem}.txt"] = [one for one in lines if one and one[0] not in "#-"]
    return {
        lock: [re.split(r"[^A-Za-z0-9._-]", one)[0] for one in ones] for lock, ones in asked.items()
    }


def test_every_dependency_is_locked_and_explained() -> None:
    page = (REPOSITORY / "docs" / "dependencies.md").read_text(encoding="utf-8")
    for lock, packages in direct().items():
        text = (REPOSITORY / "requirements" / lock).read_text(encoding="utf-8")
        for package in packages:
            assert re.search(rf"^{re.escape(package)}==", text, re.MULTILINE), (lock, package)
            assert f"`{package}`" in page, package
