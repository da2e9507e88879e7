"""The control database is private, durable, ours and of our version, and its faults tell what to do."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from waybill.control import close_database, damage, open_database, scrub, storage_faults
from waybill.model.errors import BusyError, DamagedError, StorageError


def execute(sql: str) -> list[tuple[object, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def test_files_are_for_the_owner_only(database: Path) -> None:
    execute("CREATE TABLE probe (x)")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in database.parent.iterdir()}
    assert set(modes) >= {"control.db", "control.db-wal", "control.db-shm"}
    assert set(modes.values()) == {0o600}


def test_a_file_that_others_could_read_is_closed_to_them(database: Path) -> None:
    close_database()
    database.chmod(0o644)
    open_database(database)
    assert stat.S_IMODE(database.stat().st_mode) == 0o600


def test_settings_of_durability_and_deletion_hold(database: Path) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1, "trusted_schema": 0}
    assert {name: execute(f"PRAGMA {name}")[0][0] for name in wanted} == wanted


def test_a_transaction_takes_the_write_lock_at_its_beginning(database: Path) -> None:
    from django.db import transaction

    other = sqlite3.connect(database, timeout=0)
    with transaction.atomic(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.close()


def test_migrations_say_what_the_models_say(database: Path) -> None:
    from django.core.management import call_command

    out = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=out)
    assert "No changes" in out.getvalue()


def test_settings_hold_no_secret() -> None:
    code = (
        "from waybill.control import settings as one;"
        "print(getattr(one, 'SECRET_KEY', None), one.DATABASES['default']['NAME'])"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WAYBILL")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "None \n"


def test_reopening_changes_nothing(database: Path) -> None:
    before = execute("SELECT count(*) FROM django_migrations")
    open_database(database)
    assert execute("SELECT count(*) FROM django_migrations") == before
    assert damage() == []


def test_another_database_can_be_opened_in_the_same_process(database: Path, tmp_path: Path) -> None:
    execute("CREATE TABLE only_in_first (x)")
    open_database(tmp_path / "second.db")
    assert execute("SELECT name FROM sqlite_master WHERE name = 'only_in_first'") == []


def test_a_newer_version_is_refused(database: Path) -> None:
    execute("INSERT INTO django_migrations (app, name, applied) VALUES ('findings', '9999_future', '2026-01-01')")
    with pytest.raises(StorageError, match="newer version") as refused:
        open_database(database)
    assert "9999_future" in refused.value.expected
    assert refused.value.advice


@pytest.mark.parametrize("content", [b"not a database, but long enough to be taken for one " * 40, b"\0" * 5000])
def test_a_file_of_other_bytes_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "control.db"
    path.write_bytes(content)
    with pytest.raises(DamagedError) as refused:
        open_database(path)
    assert refused.value.advice
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE music (song)")
    other.commit()
    other.close()
    with pytest.raises(DamagedError, match="another program"):
        open_database(path)
    other = sqlite3.connect(path)
    assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("music",)]
    other.close()


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    path = tmp_path / "control.db"
    path.touch()
    open_database(path)
    assert damage() == []


def test_overwritten_pages_are_damage(database: Path) -> None:
    close_database()
    data = bytearray(database.read_bytes())
    for page in range(2, len(data) // 4096, 2):
        data[page * 4096 : page * 4096 + 64] = b"\xa5" * 64
    database.write_bytes(data)
    with pytest.raises(DamagedError) as refused:
        open_database(database)
        found = damage()
        raise DamagedError("; ".join(found)) if found else AssertionError("damage not seen")
    assert refused.value.exit_code == 4


def test_a_cut_file_is_damage(database: Path) -> None:
    close_database()
    with database.open("r+b") as file:
        file.truncate(3 * 4096)
    with pytest.raises(DamagedError):
        open_database(database)
        raise DamagedError("; ".join(damage()))


def test_a_locked_database_is_busy(database: Path) -> None:
    other = sqlite3.connect(database)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(BusyError) as busy, storage_faults():
        execute("CREATE TABLE probe (x)")
    assert "Wait" in busy.value.advice
    other.close()


def test_a_full_disk_is_told(database: Path) -> None:
    execute("PRAGMA max_page_count = 1")
    with pytest.raises(StorageError, match="full") as full, storage_faults():
        execute("CREATE TABLE probe AS SELECT zeroblob(100000)")
    assert "space" in full.value.advice


def test_a_read_only_database_is_told(database: Path) -> None:
    execute("PRAGMA query_only = ON")
    with pytest.raises(StorageError, match="cannot be written") as refused, storage_faults():
        execute("CREATE TABLE probe (x)")
    assert "permissions" in refused.value.advice


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as refused:
        open_database(tmp_path / "missing" / "control.db")
    assert "folder" in refused.value.advice


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        open_database(tmp_path)


def test_other_exceptions_pass_through_unchanged() -> None:
    with pytest.raises(KeyError), storage_faults():
        raise KeyError("x")
    with pytest.raises(BusyError), storage_faults():
        raise BusyError("already one of ours")


def test_two_processes_may_create_it_at_once(tmp_path: Path) -> None:
    path = tmp_path / "control.db"
    code = "import sys, pathlib, waybill.control; waybill.control.open_database(pathlib.Path(sys.argv[1]))"
    running = [subprocess.Popen([sys.executable, "-c", code, str(path)], stderr=subprocess.PIPE) for _ in range(3)]
    errors = [process.communicate()[1] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], errors
    open_database(path)
    assert damage() == []


def test_scrubbing_leaves_no_byte_of_what_was_deleted(database: Path) -> None:
    execute("CREATE TABLE probe (x TEXT)")
    execute("INSERT INTO probe VALUES ('needle-in-the-pages')")
    execute("DELETE FROM probe")
    scrub()
    for path in database.parent.iterdir():
        assert not re.search(rb"needle-in-the-pages", path.read_bytes()), path.name


def test_scrubbing_beside_a_reader_says_that_bytes_remain(database: Path) -> None:
    execute("CREATE TABLE probe (x TEXT)")
    reader = sqlite3.connect(database)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM probe").fetchall()
    execute("INSERT INTO probe VALUES ('x')")
    with pytest.raises(BusyError, match="still"):
        scrub()
    reader.close()
    scrub()


def test_references_to_missing_rows_are_damage(database: Path) -> None:
    close_database()
    other = sqlite3.connect(database)
    other.execute("INSERT INTO register_place VALUES ('lab', '', '', '', 0, 'nowhere')")
    other.commit()
    other.close()
    open_database(database)
    assert any("register_place" in found for found in damage())
