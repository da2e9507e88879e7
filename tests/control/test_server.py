"""The control database on PostgreSQL: one writer at a time, faults that tell what to do, and no password anywhere."""

from __future__ import annotations

import os
import random
import threading
import time
from pathlib import Path

import pytest
from tests.postgresql import PASSWORD, Server

from waybill.control import close_database, open_database, scrub, storage_faults
from waybill.model.errors import BusyError, DamagedError, StorageError, UsageError, WaybillError

both = pytest.mark.both_databases


def execute(sql: str) -> list[tuple[object, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall()) if cursor.description else []


@pytest.fixture
def url(server: Server, empty_on_server: str) -> str:
    """Return the address of a fresh database."""
    return server.url(server.create(empty_on_server))


@both
@pytest.mark.usefixtures("database")
def test_transactions_come_one_after_the_other() -> None:
    """Reading, thinking and writing in a transaction is safe: no thread misses what another one added."""
    from django.db import transaction

    from waybill.findings.models import DetectorState

    DetectorState.objects.create(pk="shared", cursor=0)

    def count_up() -> None:
        for _ in range(10):
            with storage_faults(), transaction.atomic():
                row = DetectorState.objects.get(pk="shared")
                time.sleep(0.001)
                DetectorState.objects.filter(pk="shared").update(cursor=row.cursor + 1)
        close_database()

    from django.db import connection

    if connection.vendor == "sqlite":  # of the file, this test has patience for one writer only
        count_up()
        assert DetectorState.objects.get(pk="shared").cursor == 10
        return
    connection.settings_dict["OPTIONS"]["options"] = "-c lock_timeout=30s"
    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert DetectorState.objects.get(pk="shared").cursor == 40


@both
@pytest.mark.usefixtures("database")
def test_rows_of_the_outbox_are_seen_in_the_order_of_their_numbers(engine: str) -> None:
    """What waits later has a higher number: a row never shows up behind the sequencer's back."""
    from django.db import connection, transaction

    from waybill.outbox import queue
    from waybill.outbox.adding import Record, add
    from waybill.outbox.kinds import Kind

    if engine == "postgresql":
        connection.settings_dict["OPTIONS"]["options"] = "-c lock_timeout=30s"
    stop, seen = threading.Event(), list[int]()

    def write(me: int) -> None:
        for turn in range(8):
            with storage_faults(), transaction.atomic():
                add(Record(Kind.ASSET, f"{me}-{turn}", {"what": {"turn": turn}}))
                time.sleep(0.002)
        close_database()

    def look() -> None:
        while not stop.is_set():
            seen.extend(row.id for row in queue.waiting(1000) if row.id not in seen)
            time.sleep(0.001)
        close_database()

    writers = [threading.Thread(target=write, args=(me,)) for me in range(3 if engine == "postgresql" else 1)]
    looking = threading.Thread(target=look)
    for thread in (*writers, looking):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    looking.join()
    assert seen == sorted(seen) and seen


def test_who_waits_too_long_for_the_writer_is_told(url: str) -> None:
    from django.db import transaction

    open_database(Path(), url=url, patience=0.2)
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            holding.set()
            done.wait(10)
        close_database()

    thread = threading.Thread(target=hold)
    thread.start()
    assert holding.wait(10)
    with pytest.raises(BusyError, match="Another process"), storage_faults(), transaction.atomic():
        raise AssertionError("there are two writers")
    assert execute("SELECT 1") == [(1,)], "reading waits for nobody"
    done.set()
    thread.join()
    with storage_faults(), transaction.atomic():
        execute("SELECT 1")


def test_a_server_that_went_away_is_told_and_found_again(server: Server, url: str) -> None:
    open_database(Path(), url=url)
    server.stop()
    try:
        with pytest.raises(StorageError, match="cannot be reached") as told, storage_faults():
            execute("SELECT 1")
        assert PASSWORD not in told.value.diagnostics() and told.value.advice
    finally:
        server.start()
    assert execute("SELECT 1") == [(1,)], "the next step connects anew"


@pytest.mark.parametrize(
    ("part", "other"), [(PASSWORD, "wrong-horse"), ("host=", "host=/nowhere/"), ("/test_", "/missing_")]
)
def test_faults_tell_what_to_do_and_no_password(url: str, part: str, other: str) -> None:
    wrong = url.replace(part, other)
    with pytest.raises(StorageError, match="cannot be reached") as told:
        open_database(Path(), url=wrong)
    assert told.value.advice
    assert PASSWORD not in told.value.diagnostics() and "wrong-horse" not in told.value.diagnostics()


@pytest.mark.parametrize("wrong", ["mysql://a:secret@b/c", "postgresql://a:secret@b", "secret", "postgresql://[secret"])
def test_what_is_no_address_is_refused_without_repeating_it(wrong: str) -> None:
    with pytest.raises(UsageError) as told:
        open_database(Path(), url=wrong)
    assert "secret" not in told.value.diagnostics()


def test_settings_show_no_password(url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from waybill.cli.app import app

    monkeypatch.setenv("WAYBILL_DATABASE", url)
    for options in ([], ["--json"]):
        shown = CliRunner().invoke(app, ["settings", "--data", str(tmp_path), *options])
        assert shown.exit_code == 0 and "database" in shown.output and PASSWORD not in shown.output
    (tmp_path / "waybill.toml").write_text(f'database = ["{PASSWORD}"]')
    monkeypatch.delenv("WAYBILL_DATABASE")
    told = CliRunner().invoke(app, ["settings", "--data", str(tmp_path)])
    assert isinstance(told.exception, UsageError) and PASSWORD not in told.exception.diagnostics()


def test_a_database_of_another_program_is_refused(server: Server) -> None:
    name = server.create()
    server.execute("CREATE TABLE music (song text)", name)
    with pytest.raises(DamagedError, match="another program"):
        open_database(Path(), url=server.url(name))


def test_a_database_of_another_installation_is_refused(url: str) -> None:
    open_database(Path(), url=url, mark="one")
    open_database(Path(), url=url, mark="one")
    with pytest.raises(StorageError, match="another installation"):
        open_database(Path(), url=url, mark="two")


def test_a_database_of_another_encoding_is_refused(server: Server) -> None:
    with pytest.raises(StorageError, match="SQL_ASCII"):
        open_database(Path(), url=server.url(server.create(encoding="SQL_ASCII")))


def test_a_newer_version_is_refused(url: str) -> None:
    open_database(Path(), url=url)
    execute("INSERT INTO django_migrations (app, name, applied) VALUES ('findings', '9999_future', '2026-01-01')")
    with pytest.raises(StorageError, match="newer version"):
        open_database(Path(), url=url)


def test_two_processes_may_create_it_at_once(server: Server) -> None:
    import subprocess
    import sys

    code = "import sys, pathlib, waybill.control as c; c.open_database(pathlib.Path(), url=sys.argv[1], mark='m')"
    command = [sys.executable, "-c", code, server.url(server.create())]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(2)]
    errors = [process.communicate()[1] for process in running]
    assert [process.returncode for process in running] == [0, 0], errors


def test_scrubbing_leaves_no_byte_of_what_was_deleted_in_the_tables(server: Server, url: str) -> None:
    from waybill.findings.models import DetectorState

    open_database(Path(), url=url)
    DetectorState.objects.create(pk="needle-in-the-pages")
    server.execute("CHECKPOINT")
    needle = b"needle-in-the-pages"
    assert any(needle in path.read_bytes() for path in server.files)
    DetectorState.objects.all().delete()
    scrub()
    server.execute("CHECKPOINT")
    assert not any(needle in path.read_bytes() for path in server.files)


_RANDOM = random.Random(7)
HOSTILE = [
    "a\0b",
    "\0",
    "".join(chr(_RANDOM.randrange(0x4E00, 0x9FFF)) for _ in range(5000)),  # nothing that packs well
    "".join(chr(_RANDOM.randrange(0x10000, 0x10FFFF)) for _ in range(500)),
    "x" * 100_000,
    "\ufffe\u202e",
    "'; DROP TABLE findings_finding; --",
    "blake2b:00",
]


@both
@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_findings_about_hostile_names_are_kept_and_found(text: str) -> None:
    """Names of assets come from outside; none of them may stop a detector."""
    import msgspec
    from tests.findings.samples import finding

    from waybill.findings.queries import Filter, get, query
    from waybill.findings.store import DatabaseFindingStore

    odd = msgspec.structs.replace(finding(1), asset=text, subject=text)
    store = DatabaseFindingStore()
    for cursor in (1, 2):
        store.commit("d", [odd], {text: {"seen": text}}, cursor)
    assert store.state("d") == {text: {"seen": text}}
    assert get(odd.id).finding == odd
    assert [item.finding for item in query(Filter(asset=text)).items] == [odd]
    assert not query(Filter(asset=text + "…")).items


def test_errors_of_other_kinds_pass_through() -> None:
    with pytest.raises(WaybillError) as told, storage_faults():
        raise BusyError("already one of ours")
    assert type(told.value) is BusyError
    with pytest.raises(KeyError), storage_faults():
        raise KeyError(os.curdir)
