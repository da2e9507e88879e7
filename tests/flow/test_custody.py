"""Custody events in an installation: in the lake, the ledger and the back-up, and gone where they must be."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pytest
from tests.epcis.chain import ORE, document, event, whole_chain

from waybill.epcis import kept
from waybill.epcis.store import Store
from waybill.flow.custody import capturing
from waybill.flow.custody.capturing import capture_document, capture_files, forward
from waybill.flow.custody.proving import root_of
from waybill.flow.custody.subscribing import check_destination, send_due
from waybill.flow.detect import detect
from waybill.flow.erasure import erase
from waybill.flow.installation import Installation
from waybill.flow.proof.auditing import audit
from waybill.flow.proof.sequencing import sequence
from waybill.flow.retention import retain
from waybill.model.errors import InputError, UsageError
from waybill.model.protocols import Result, State, Tables
from waybill.model.words import Scope


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """Return a new installation."""
    return Installation.open(tmp_path / "data", create=True)


def capture(installation: Installation, *events: dict[str, Any]) -> None:
    """Capture events."""
    capture_document(installation, document(*events), submitter="test")


def in_lake(installation: Installation) -> list[dict[str, Any]]:
    """Return the transfers of custody events."""
    with installation.lake.snapshot() as lake:
        rows: list[dict[str, Any]] = lake.query(
            "SELECT * FROM transfers WHERE source = 'epcis' ORDER BY time", {}
        ).to_pylist()
    return rows


def test_events_are_transfers_once_whatever_crashes_in_between(installation: Installation, monkeypatch: Any) -> None:
    class Crash(Exception):  # noqa: N818 -- stands for the power failing
        pass

    def crash(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as broken:
        broken.setattr(capturing, "keep", crash)
        with pytest.raises(Crash):
            capture(installation, *whole_chain())
    assert in_lake(installation) == []
    assert forward(installation) == 1
    capture(installation, *whole_chain())
    rows = in_lake(installation)
    assert len(rows) == 14
    assert {row["asset_kind"] for row in rows} == {"material"}


def test_a_capture_is_one_record_of_the_ledger_over_what_its_events_said(installation: Installation) -> None:
    from waybill.outbox import models

    capture(installation, *whole_chain())
    sequence(installation)
    sequence(installation)
    (row,) = models.Row.objects.filter(kind="capture")
    with installation.custody_store.reading() as database:
        members = sorted(one[0] for one in database.execute("SELECT identity FROM event"))
    assert f'"root":"{root_of(members)}"' in row.content.replace(" ", "")
    assert row.index is not None


def test_a_refused_file_is_told_and_the_others_are_taken(installation: Installation, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.json").write_bytes(document(*whole_chain()))
    (tmp_path / "docs" / "b.json").write_bytes(document(event("ObjectEvent", 1, action="SHIP", epcList=[])))
    report = capture_files(installation, [tmp_path / "docs"], submitter="test")
    assert (report.documents, report.events, len(report.faults)) == (1, 8, 1)
    (fault,) = report.faults.values()
    assert fault.where == "b.json: event 1, action"
    with pytest.raises(InputError, match="no such file"):
        capture_files(installation, [tmp_path / "none"], submitter="test")


def bytes_of(folder: Path) -> bytes:
    """Return every byte of a folder."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_names_of_people_become_pseudonyms_and_are_erased_without_a_byte(installation: Installation) -> None:
    said: dict[str, Any] = {"waybill:operator": "zhang.wei@smelter.example"}
    capture(installation, *whole_chain(), event("ObjectEvent", 20, action="OBSERVE", epcList=["urn:x:drum"], **said))
    moved = document(event("ObjectEvent", 21, action="OBSERVE", epcList=["urn:x:drum"]))
    capture_document(installation, moved, submitter="zhang.wei@smelter.example")
    assert b"zhang.wei" not in bytes_of(installation.folder.root)
    custody = installation.custody()
    assert custody is not None
    (operator,) = (row["value"] for row in custody.attributes.to_pylist() if row["name"] == "operator")
    pseudonym = operator.partition("@")[0]
    erase(installation, pseudonym, who="officer", basis="request 7")
    assert pseudonym.encode() not in bytes_of(installation.folder.root / "lake") + bytes_of_custody(installation)


def bytes_of_custody(installation: Installation) -> bytes:
    """Return every byte of the file of events."""
    return b"".join(path.read_bytes() for path in installation.folder.root.glob("custody.sqlite3*"))


def test_old_events_go_with_old_transfers_and_damage_is_found(installation: Installation) -> None:
    capture(installation, *whole_chain())
    retain(installation, datetime(2026, 3, 4, tzinfo=UTC))
    assert len(in_lake(installation)) == 10
    assert ORE.rpartition(".")[2].encode() not in bytes_of_custody(installation)
    assert audit(installation).sound
    with installation.custody_store.writing() as database:
        database.execute("UPDATE event_item SET event = 99 WHERE event = 5")
    assert audit(installation).faults["custody"] == 1


def test_a_copy_in_the_back_up_is_the_whole_file(installation: Installation, tmp_path: Path) -> None:
    from waybill.flow.backup.making import back_up
    from waybill.flow.backup.restoring import restore
    from waybill.flow.backup.sealing import Secret

    capture(installation, *whole_chain())
    secret = Secret("correct horse battery staple", is_key=False)
    back_up(installation, tmp_path / "backup.tar", secret, who="test")
    restore(tmp_path / "backup.tar", tmp_path / "again", secret, django="waybill.control.settings", who="test")
    custody = Store(tmp_path / "again" / "custody.sqlite3")
    assert custody.verify() == []
    with custody.reading() as database:
        assert database.execute("SELECT count(*) FROM event").fetchone() == (8,)


class Counting:
    """A detector that counts what it is handed of lots."""

    name: ClassVar[str] = "counting"
    scope: ClassVar[Scope] = Scope.FOLD
    columns: ClassVar[tuple[str, ...]] = ("time",)

    def __init__(self) -> None:
        self.calls: list[tuple[int, int | None]] = []

    def keys(self, tables: Tables) -> pa.Array:
        """Return nothing; never asked."""
        raise NotImplementedError

    def run(self, tables: Tables, state: State) -> Result:
        """Note what came."""
        custody = tables.custody
        self.calls.append((tables.transfers.num_rows, custody.events.num_rows if custody else None))
        return Result([], state)


def test_detectors_are_handed_all_of_custody_in_the_last_call_of_a_run(installation: Installation) -> None:
    counting = Counting()
    capture(installation, *whole_chain())
    detect(installation, [counting], workers=0, progress=lambda count: None)  # type: ignore[list-item]
    assert counting.calls == [(14, None), (0, 8)]


def test_identities_are_those_of_the_text_not_of_the_file() -> None:
    assert root_of([hashlib.sha256(b"a").digest()]) != root_of([hashlib.sha256(b"b").digest()])


class Receiver(BaseHTTPRequestHandler):
    """Takes what subscriptions send; ``/broken`` fails, ``/elsewhere`` leads on."""

    got: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        """Take a message."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/events":
            self.got.append(json.loads(body))
        self.send_response({"/events": 200, "/elsewhere": 307}.get(self.path, 500))
        self.send_header("Location", "/events")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[str]:
    """Run a receiver and return its address."""
    Receiver.got.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        running = threading.Thread(target=server.serve_forever, daemon=True)
        running.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        running.join()


def test_subscribers_are_sent_what_fits_and_is_new_once_where_settings_allow(
    installation: Installation, receiver: str
) -> None:
    capture(installation, whole_chain()[0])
    now = datetime.now(UTC)
    with installation.custody_store.writing() as database:
        kept.add_query(database, "shipped", {"EQ_bizStep": ["shipping"]}, now)
        for path in ("events", "broken", "elsewhere"):
            kept.subscribe(database, "shipped", {"dest": f"{receiver}/{path}"}, now)
    capture(installation, *whole_chain())
    assert send_due(installation) == ()
    assert Receiver.got == [], "nothing leaves that the settings do not allow"
    installation.settings = installation.settings.model_copy(update={"epcis_callbacks": (receiver,)})
    assert len(send_due(installation)) == 2, "what did not arrive is told, and nobody is led elsewhere"
    (message,) = Receiver.got
    events = message["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    assert [one["bizStep"] for one in events] == ["shipping"]
    assert len(send_due(installation)) == 2
    assert len(Receiver.got) == 1
    with pytest.raises(UsageError):
        check_destination(installation, "http://169.254.169.254/latest")
