"""What is asked of the system when the settings are made."""

from __future__ import annotations

import resource

import pytest

from hubbub.server.settings import MOST_DESCRIPTORS, raise_descriptors

UNLIMITED = resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("soft", "hard", "raised", "counted"),
    [
        (1024, 4096, (4096, 4096), 4096),
        (4096, 4096, None, 4096),
        (256, UNLIMITED, (MOST_DESCRIPTORS, UNLIMITED), MOST_DESCRIPTORS),
        (20_000, UNLIMITED, None, 20_000),
        (UNLIMITED, UNLIMITED, None, MOST_DESCRIPTORS),
    ],
)
def test_as_many_files_as_the_system_allows(
    monkeypatch: pytest.MonkeyPatch,
    soft: int,
    hard: int,
    raised: tuple[int, int] | None,
    counted: int,
) -> None:
    set_to: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: set_to.append(limits))
    assert raise_descriptors() == counted
    assert set_to == ([] if raised is None else [raised])
