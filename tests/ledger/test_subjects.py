"""Keys of subjects: kept sealed, gone for good when destroyed."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from waybill.ledger.subjects import SubjectKeys
from waybill.model.errors import DamagedError, StorageError

SEALING = bytes(range(32))


def test_a_key_is_made_once_and_stays(tmp_path: Path) -> None:
    keys = SubjectKeys(tmp_path / "new" / "keys.sqlite3", SEALING)
    assert keys.known(["p-one"]) == {} and not keys.path.exists(), "asking makes nothing"
    made = keys.ensure(["p-one", "p-two", ""])
    assert len(set(made.values())) == 3
    assert SubjectKeys(keys.path, SEALING).ensure(["p-two"]) == {"p-two": made["p-two"]}
    assert stat.S_IMODE(keys.path.stat().st_mode) == 0o600


def test_what_is_destroyed_leaves_no_byte(tmp_path: Path) -> None:
    keys = SubjectKeys(tmp_path / "keys.sqlite3", SEALING)
    keys.ensure(["p-going", *(f"p-{number}" for number in range(300))])
    with closing(sqlite3.connect(keys.path)) as database:
        (sealed,) = database.execute("SELECT sealed FROM key WHERE subject = 'p-going'").fetchone()
    assert sealed in keys.path.read_bytes()
    kept = keys.known(["p-8"])
    assert keys.destroy("p-going") and not keys.destroy("p-going")
    for path in tmp_path.iterdir():
        assert sealed not in path.read_bytes() and b"p-going" not in path.read_bytes(), path
    assert keys.known(["p-going", "p-8"]) == kept


def test_no_key_rests_in_the_clear_and_none_opens_elsewhere(tmp_path: Path) -> None:
    keys = SubjectKeys(tmp_path / "keys.sqlite3", SEALING)
    (key,) = keys.ensure(["p-one"]).values()
    assert key not in keys.path.read_bytes()
    with pytest.raises(DamagedError):
        SubjectKeys(keys.path, bytes(32)).known(["p-one"])


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "keys.sqlite3").write_bytes(b"not a database" * 100)
    with pytest.raises(StorageError, match="cannot be used"):
        SubjectKeys(tmp_path / "keys.sqlite3", SEALING).ensure(["p-one"])
