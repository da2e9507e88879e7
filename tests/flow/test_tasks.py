"""What is done by schedule: when it is due, one at a time, again after a failure or a crash, with its result kept."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.flow.test_proving import sequence, store
from typer.testing import CliRunner

from waybill.cli.app import app
from waybill.control import close_database
from waybill.durable.locks import FileLock
from waybill.flow.tasks import jobs, worker
from waybill.flow.tasks.jobs import DAY, JOBS, Job, due_at
from waybill.flow.tasks.worker import Worker
from waybill.model.errors import BusyError, WaybillError

NAMES = {one.name for one in JOBS}


def waybill(root: Path, *arguments: str, code: int = 0) -> Any:
    """Run a command, and return what it printed as JSON."""
    result = CliRunner().invoke(app, [*arguments, "--data", str(root / "data"), "--json"])
    assert result.exit_code == code, (result.output, result.exception)
    return json.loads(result.stdout)


def run_until_still(root: Path) -> None:
    """Let a worker do what is due."""
    one = Worker(root / "data")
    stop = threading.Event()

    def fail(error: WaybillError) -> None:
        raise error

    threading.Timer(0.5, stop.set).start()  # what is being done then is finished
    one.run(stop, lambda name, run: None, fail)


def of(standings: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(one for one in standings if one["job"] == name)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.integers(0, 23), st.integers(1, 9))
def test_what_is_due_by_night_is_due_at_that_hour_so_many_nights_later(last: datetime, hour: int, days: int) -> None:
    due = due_at(last, days * DAY, hour)
    assert (due.hour, due.minute) == (hour, 0)
    assert timedelta(days - 1) < due - last <= timedelta(days)


def test_an_audit_is_done_recorded_and_shown(tmp_path: Path) -> None:
    sequence(store(tmp_path))
    before = waybill(tmp_path, "tasks", "list")
    assert {one["job"] for one in before} == NAMES and of(before, "audit")["next"] and not of(before, "audit")["last"]
    done = waybill(tmp_path, "tasks", "run", "audit")
    assert done["last"]["state"] == "successful" and not any(done["last"]["result"]["faults"].values())
    assert done["last"]["result"]["records"] > 0
    due = datetime.fromisoformat(done["next"])
    assert due > datetime.now(UTC) and due.hour == 1
    from waybill.outbox import models

    assert models.Row.objects.filter(kind="audit", index__isnull=False).count() == 1, "it is in the ledger"
    close_database()


def test_an_audit_that_finds_a_changed_byte_makes_a_finding(tmp_path: Path) -> None:
    installation = store(tmp_path)
    installation.lake.commit()
    file = next((tmp_path / "data" / "lake" / "transfers").rglob("*.parquet"))
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    done = waybill(tmp_path, "tasks", "run", "audit")
    assert done["last"]["result"]["faults"]["lake"] == 1
    found = CliRunner().invoke(app, ["findings", "--json", "--data", str(tmp_path / "data")])
    assert "audit.not-as-written" in found.output
    close_database()


def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the job ``compact`` fail, quoting what it worked on."""

    def fail(_: object) -> dict[str, Any]:
        raise ValueError("li.na copied the kiln curve")

    own = [Job(one.name, one.purpose, fail, one.every) if one.name == "compact" else one for one in JOBS]
    monkeypatch.setattr(jobs, "JOBS", own)


def test_what_failed_is_done_again_later_and_says_nothing_of_what_it_worked_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(tmp_path)
    with monkeypatch.context() as patched:
        failing(patched)
        for _ in range(2):
            waybill(tmp_path, "tasks", "run", "compact", code=1)
    standing = of(waybill(tmp_path, "tasks", "list", code=1), "compact")
    assert standing["failures"] == 2 and "li.na" not in json.dumps(standing)
    assert standing["last"]["error"].endswith("unexpected: ValueError")
    waited = datetime.fromisoformat(standing["next"]) - datetime.fromisoformat(standing["last"]["ended"])
    assert waited == timedelta(minutes=2)
    run_until_still(tmp_path)
    assert of(waybill(tmp_path, "tasks", "list", code=1), "compact")["failures"] == 2, "not before it is time"
    good = waybill(tmp_path, "tasks", "run", "compact")
    assert good["failures"] == 0 and good["last"]["state"] == "successful"
    close_database()
    kept = b"".join(path.read_bytes() for path in (tmp_path / "data").glob("control.sqlite3*"))
    assert b"kiln curve" not in kept


KILLED = """
import sys, time
from pathlib import Path
from waybill.flow.tasks import jobs
from waybill.flow.tasks.worker import Worker
def hang(installation):
    print("working", flush=True)
    time.sleep(60)
jobs.JOBS = tuple(jobs.Job(j.name, j.purpose, hang, j.every) if j.name == "compact" else j for j in jobs.JOBS)
Worker(Path(sys.argv[1])).do("compact")
"""


def test_a_run_that_was_killed_is_told_and_done_again(tmp_path: Path) -> None:
    store(tmp_path)
    close_database()
    command = [sys.executable, "-c", KILLED, str(tmp_path / "data")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "working\n"
        assert of(waybill(tmp_path, "tasks", "list"), "compact")["last"]["state"] == "running"
        assert waybill(tmp_path, "tasks", "run", "compact")["last"]["state"] == "running", "not twice at once"
        os.kill(process.pid, signal.SIGKILL)
    run_until_still(tmp_path)
    standings = waybill(tmp_path, "tasks", "list", code=1)
    assert "the process ended" in of(standings, "compact")["last"]["error"]
    assert of(standings, "audit")["last"]["state"] == "successful", "others are done meanwhile"
    close_database()


def test_there_is_one_worker_of_a_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store(tmp_path)
    monkeypatch.setattr(worker, "PATIENCE", 0.1)
    with FileLock(tmp_path / "data" / "tasks.lock", "testing").exclusive(1), pytest.raises(BusyError):
        Worker(tmp_path / "data").run(threading.Event(), lambda name, run: None, lambda error: None)
    close_database()


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
@pytest.mark.usefixtures("engine")
def test_tasks_are_kept_on_a_server_too(tmp_path: Path) -> None:
    sequence(store(tmp_path))
    run_until_still(tmp_path)
    standings = waybill(tmp_path, "tasks", "list")
    by_time = [one for one in standings if one["wanted"] and one["job"] != "notify"]  # nobody is to be told anything
    assert {one["last"]["state"] for one in by_time} == {"successful"}
    close_database()


def test_a_setting_that_is_wrong_holds_up_its_own_task_alone(tmp_path: Path) -> None:
    store(tmp_path)
    (tmp_path / "data" / "waybill.toml").write_text('alerts = ["no address"]\n')
    run_until_still(tmp_path)
    standings = waybill(tmp_path, "tasks", "list", code=1)
    assert of(standings, "alert")["failures"] == 1 and "`alerts`" in of(standings, "alert")["last"]["error"]
    assert of(standings, "audit")["last"]["state"] == "successful"
    close_database()


def test_what_the_settings_do_not_want_is_not_done(tmp_path: Path) -> None:
    store(tmp_path)
    (tmp_path / "data" / "waybill.toml").write_text("audit_days = 0\nretention_months = 1\n")
    run_until_still(tmp_path)
    standings = waybill(tmp_path, "tasks", "list")
    assert not of(standings, "audit")["last"]
    assert of(standings, "retain")["last"]["result"]["rows"] > 0
    close_database()
