"""Fixtures that several rooms use."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from waybill.control import close_database, open_database


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a control database once, to be copied: creating its tables takes longer than most tests."""
    path = tmp_path_factory.mktemp("control") / "control.db"
    open_database(path)
    close_database()
    return path


@pytest.fixture
def database(tmp_path: Path, empty_database: Path) -> Iterator[Path]:
    """Open a fresh control database and close it after the test."""
    path = tmp_path / "control.db"
    shutil.copy(empty_database, path)
    open_database(path, patience=0.2)
    yield path
    close_database()
