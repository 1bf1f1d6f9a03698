"""The wheel and the sdist hold all that is needed: each runs in an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from hubbub import __version__

REPOSITORY = Path(__file__).parents[2]
LOCKS = [REPOSITORY / "requirements" / name for name in ("run.txt", "build.txt")]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def run(*args: str | Path, cwd: Path) -> str:
    """Run a command that must succeed, without our variables, and return what it printed."""
    environ = {
        name: value
        for name, value in os.environ.items()
        if name != "PYTHONPATH" and not name.startswith("HUBBUB_")
    }
    done = subprocess.run(
        args, cwd=cwd, env=environ, capture_output=True, text=True, check=False, timeout=500
    )
    assert done.returncode == 0, f"{args}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "--directory", out, cwd=REPOSITORY)
    return out


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with what hubbub runs on, and without hubbub."""
    root = tmp_path_factory.mktemp("clean")
    run(sys.executable, "-m", "venv", root / "venv", cwd=root)
    pins = [arg for lock in LOCKS for arg in ("-r", lock)]
    run(root / "venv/bin/pip", "install", "--quiet", "--require-hashes", *pins, cwd=root)
    return root


@pytest.mark.parametrize("pattern", ["*.whl", "*.tar.gz"])
def test_it_installs_and_runs(built: Path, clean: Path, pattern: str) -> None:
    (archive,) = built.glob(pattern)
    pip = clean / "venv/bin/pip"
    # The builder is the pinned one that is there already: nothing is fetched to build the sdist.
    run(pip, "install", "--quiet", "--no-deps", "--no-build-isolation", archive, cwd=clean)
    try:
        hubbub = clean / "venv/bin/hubbub"
        assert run(hubbub, "--version", cwd=clean) == f"hubbub {__version__}\n"
        assert run(hubbub, "config", "check", cwd=clean) == "ok\n"
        for verb in ("serve", "config"):
            assert run(hubbub, verb, "--help", cwd=clean).startswith(f"Usage: hubbub {verb}")
        place = run(
            clean / "venv/bin/python", "-c", "import hubbub; print(hubbub.__file__)", cwd=clean
        )
        assert Path(place).is_relative_to(clean)
    finally:
        run(pip, "uninstall", "--quiet", "--yes", "hubbub", cwd=clean)


def test_the_wheel_holds_every_file_of_the_package(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    package = REPOSITORY / "src" / "hubbub"
    for path in package.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert str(path.relative_to(package.parent)) in names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_sdist_holds_what_it_takes_to_build_and_test_it(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "LICENSE", "README.md", "Makefile", "requirements/run.txt"} <= names
    assert {"tests/house/test_packages.py", "bench/hubbub.toml"} <= names
    assert not [name for name in names if name.startswith((".venv", ".git/"))]
