"""The whole path on a PostgreSQL server, with several writers and sequencers at once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from tests.flow.test_proving import sound, store

from waybill.control import close_database
from waybill.flow.installation import Installation
from waybill.model.errors import BusyError

pytestmark = [pytest.mark.parametrize("engine", ["postgresql"], indirect=True), pytest.mark.usefixtures("engine")]


def test_everything_is_recorded_and_sequenced_once_whoever_does_it(tmp_path: Path) -> None:
    installation = store(tmp_path)
    from waybill.access.scopes import Scope
    from waybill.access.tokens import create, revoke
    from waybill.flow.proof.sequencing import sequence
    from waybill.outbox import queue

    failures: list[BaseException] = []

    def write(me: int) -> None:
        for turn in range(5):
            create(f"agent-{me}-{turn}", [Scope.INGEST], who="admin")
            revoke(f"agent-{me}-{turn}", who="admin")

    def order(_: int) -> None:
        own = Installation.open(tmp_path / "data")
        for _ in range(3):
            sequence(own, patience=60)

    def run(work: object, me: int) -> None:
        try:
            work(me)  # type: ignore[operator]
        except BaseException as error:  # noqa: BLE001  told by the test
            failures.append(error)
        finally:
            close_database()

    threads = [threading.Thread(target=run, args=(work, me)) for work in (write, order) for me in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    sequence(installation)
    found = sound(installation)
    assert not found.faults and not found.waiting and found.records >= 20
    assert queue.standing().waiting == 0


def test_a_person_is_forgotten(tmp_path: Path) -> None:
    installation = store(tmp_path)
    from waybill.findings import queries
    from waybill.flow.erasure import erase
    from waybill.flow.proof.sequencing import sequence

    person = next(item.finding.subject for item in queries.every(queries.Filter()) if item.finding.subject)
    sequence(installation)
    done = erase(installation, person, who="officer", basis="request")
    assert done.findings and done.records
    assert not list(queries.every(queries.Filter(subject=person, states=queries.ALL_STATES)))
    sequence(installation)
    assert not sound(installation).faults


def test_what_a_detector_saw_it_sees_once(tmp_path: Path) -> None:
    """Two processes run the same detectors: one stores, the other is told or finds nothing more."""
    installation = store(tmp_path)
    from waybill.findings import queries
    from waybill.flow.detect import detect
    from waybill.flow.detectors import load_detectors
    from waybill.model.errors import StorageError

    before = {item.finding.id: item.finding for item in queries.every(queries.Filter(states=queries.ALL_STATES))}

    def look() -> None:
        try:
            own = Installation.open(tmp_path / "data")
            detect(own, load_detectors(), workers=0, progress=lambda count: None)
        except (BusyError, StorageError):
            pass
        finally:
            close_database()

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    after = {item.finding.id: item.finding for item in queries.every(queries.Filter(states=queries.ALL_STATES))}
    assert after == before
    assert installation.lake.status().rows
