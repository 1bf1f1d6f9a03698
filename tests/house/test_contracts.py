"""The import contracts hold what they promise: each is broken once, in a copy, and must fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    shutil.copytree(
        REPOSITORY / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__")
    )
    return tmp_path


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("core", "import hubbub.hub", "Layers read downward only"),
        ("wire", "import hubbub.core", "Layers read downward only"),
        ("store", "import hubbub.hub", "Layers read downward only"),
        ("server", "import hubbub.cli", "Layers read downward only"),
        ("doors/classic", "import hubbub.doors.web", "Doors are strangers"),
        ("doors/classic", "import hubbub.doors.front", "Doors are strangers"),
        ("client", "import hubbub.core", "Clients see wire and text only"),
        ("text", "import time", "text, wire and core are pure"),
        ("core", "from asyncio import Queue", "text, wire and core are pure"),
        ("wire", "import logging", "text, wire and core are pure"),
        ("hub", "import hubbub.wire", "The hub never sees a frame or a driver"),
        ("hub", "import sqlite3", "The hub never sees a frame or a driver"),
        ("client", "import textual", "Nobody but the screen knows what draws it"),
        ("server", "import sqlalchemy", "Nobody but the store sees a database driver"),
        ("client", "import sqlite3", "Nobody but the store sees a database driver"),
    ],
)
def test_a_contract_fails_when_it_is_broken(
    copy: Path, module: str, line: str, contract: str
) -> None:
    (copy / "src/hubbub" / module / "trespass.py").write_text(f"{line}\n")
    result = lint(copy)
    assert result.returncode != 0
    broken = [said for said in result.stdout.splitlines() if " BROKEN" in said]
    assert any(said.startswith(contract) for said in broken), result.stdout


def test_a_package_without_a_layer_is_refused(copy: Path) -> None:
    helpers = copy / "src/hubbub/helpers"
    helpers.mkdir()
    (helpers / "__init__.py").touch()
    result = lint(copy)
    assert result.returncode != 0
    assert "hubbub.helpers" in result.stdout


def test_the_house_as_it_stands_keeps_them_all(copy: Path) -> None:
    result = lint(copy)
    assert result.returncode == 0, result.stdout
