"""The whole path: what is stored is recorded, sequenced, proved, shown, compared, forgotten; and found if changed."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.flow.make_witness import FILES
from tests.lake.samples import batch

from waybill.flow.detect import detect
from waybill.flow.detectors import load_detectors
from waybill.flow.installation import Installation
from waybill.flow.intake.ingest import ingest
from waybill.ledger import Log, Note, RestoredError, verify
from waybill.ledger.disclosure import Disclosure
from waybill.ledger.server import WitnessServer
from waybill.model.errors import DamagedError, StorageError, UsageError
from waybill.register.importing import read_folder

LOG = """\
{"time":"2026-03-04T09:00:00Z","action":"ship","channel":"freight","actor":"%s","asset":"lot-7","to_place":"customer"}
"""


def store(root: Path, *, name: str = "data") -> Installation:
    """Make a data folder with a register, transfers of two people and findings about them."""
    for file, content in FILES.items():
        (root / file).parent.mkdir(exist_ok=True, parents=True)
        (root / file).write_text(content, encoding="utf-8")
    installation = Installation.open(root / name, create=True)
    from waybill.register import records

    key = installation.folder.key("identity")
    records.import_reading(read_folder(root / "register"), installation.pseudonymiser, key, where="register")
    installation = Installation.open(root / name)
    for person in ("li.na", "wei.zhang"):
        (root / "logs" / f"{person}.ndjson").write_text(LOG % person, encoding="utf-8")
    more(installation, root / "logs")
    return installation


def more(installation: Installation, logs: Path) -> None:
    """Read logs and look at what is new."""
    ingest(installation, [logs], installation.plan(), workers=0, progress=lambda count: None)
    detect(installation, load_detectors(), workers=0, progress=lambda count: None)


def findings() -> dict[str, Any]:
    """Return a finding about each person, by pseudonym."""
    from waybill.findings import queries

    return {item.finding.subject: item.finding for item in queries.every(queries.Filter(states=queries.ALL_STATES))}


def sequence(installation: Installation) -> Any:
    """Sequence, whatever else is imported when."""
    from waybill.flow.proof import sequencing

    return sequencing.sequence(installation)


def sound(installation: Installation) -> Any:
    """Check the log and the records against it, and return what comparing found."""
    from waybill.flow.proof.comparing import compare

    ledger = installation.ledger
    found = verify(ledger.source(ledger.origin), ledger.policy(), processes=1)
    assert found.sound, found.faults
    return compare(installation)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a data folder once, to be copied."""
    root = tmp_path_factory.mktemp("made")
    store(root)
    return root / "data"


@pytest.fixture
def installation(made: Path, tmp_path: Path) -> Installation:
    shutil.copytree(made, tmp_path / "data")
    return Installation.open(tmp_path / "data")


def test_each_row_has_one_leaf_and_sequencing_again_adds_none(installation: Installation) -> None:
    from waybill.findings.models import Finding, FindingHistory
    from waybill.outbox.models import Row

    done = sequence(installation)
    kinds = [row.kind for row in Row.objects.order_by("index")]
    assert done.rows == done.size == len(kinds) == Row.objects.exclude(index=None).count()
    assert kinds.count("finding") >= Finding.objects.count() > 1
    assert kinds.count("decision") == FindingHistory.objects.count()
    assert (kinds.count("place"), kinds.count("asset"), kinds.count("party"), kinds.count("permit")) == (2, 1, 2, 1)
    assert kinds.count("batch") == 1
    assert sequence(installation).rows == 0
    compared = sound(installation)
    assert (compared.records, compared.erased, compared.waiting, compared.faults) == (len(kinds), 0, 0, [])


def test_nothing_is_recorded_of_what_is_not_stored(installation: Installation) -> None:
    from django.db import transaction

    from waybill.findings import handling, models
    from waybill.findings.states import FindingState
    from waybill.outbox.adding import Record, add
    from waybill.outbox.kinds import Kind
    from waybill.outbox.models import Row

    before = Row.objects.count()
    ids = [finding.id for finding in findings().values()]
    with pytest.raises(UsageError):
        handling.set_state([*ids, "none"], FindingState.RESOLVED, who="me", reason="r")
    assert Row.objects.count() == before and models.FindingHistory.objects.count() == 0
    handling.set_state(ids, FindingState.RESOLVED, who="me", reason="r")
    assert Row.objects.count() == before + len(ids) == before + models.FindingHistory.objects.count()
    with pytest.raises(RuntimeError):
        add(Record(Kind.PERMIT, "p9", {"what": {"id": "p9"}}))
    with transaction.atomic():
        add(Record(Kind.PERMIT, "p9", {"what": {"id": "p9"}}))


def test_what_is_shown_holds_and_nothing_else_is_shown(installation: Installation) -> None:
    from waybill.flow.proof import proofs

    sequence(installation)
    policy = installation.ledger.policy()
    for person, finding in findings().items():
        content = bytes(proofs.disclose(installation, finding.id[:8], ["when"]))
        shown = Disclosure.parse(content)
        shown.check(policy)
        assert shown.kind == "finding" and set(shown.groups) == {"when"}
        assert datetime.fromisoformat(shown.groups["when"].value["time"]) == finding.time
        assert person.encode() not in content and b"lot-7" not in content
        with pytest.raises(UsageError, match="no such group"):
            proofs.disclose(installation, finding.id, ["whom"])
        for transfer in finding.transfers:
            inside = Disclosure.parse(bytes(proofs.disclose(installation, transfer, [])))
            inside.check(policy)
            assert inside.member is not None and inside.member.id.hex() == transfer
    with pytest.raises(UsageError, match="no such transfer"):
        proofs.disclose(installation, "0" * 32, [])


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("UPDATE outbox_row SET content = replace(content, 'plant', 'plans') WHERE kind = 'asset'", "what it says in"),
        ("UPDATE outbox_row SET content = replace(content, '{', '[') WHERE kind = 'asset'", "not what was recorded"),
        ("UPDATE outbox_row SET kind = 'permit' WHERE kind = 'asset'", "recorded as a asset"),
        ("UPDATE outbox_row SET record = '00' WHERE kind = 'asset'", "what it says in"),
        ("UPDATE outbox_row SET content = '{}' WHERE kind = 'asset'", "account for 0"),
        ("DELETE FROM outbox_row WHERE kind = 'asset'", "no record stands for"),
        ("UPDATE outbox_row SET subject = 'p-nobodyknown' WHERE kind = 'asset'", "key of its salts is gone"),
    ],
)
def test_a_row_that_was_changed_is_named(installation: Installation, change: str, what: str) -> None:
    from waybill.outbox.models import Row

    sequence(installation)
    index = Row.objects.get(kind="asset").index
    with sqlite3.connect(installation.folder.database) as database:
        database.execute(change)
    database.close()
    faults = sound(installation).faults
    assert faults and all(fault.index in {index, None} for fault in faults)
    assert what in str(faults[0])


def test_every_flipped_byte_of_a_row_is_found(installation: Installation) -> None:
    from waybill.outbox.models import Row

    sequence(installation)
    row = Row.objects.get(kind="permit")
    content = row.content
    for place in range(0, len(content), 7):
        row.content = content[:place] + chr(ord(content[place]) ^ 1) + content[place + 1 :]
        row.save()
        assert [fault for fault in sound(installation).faults if fault.index == row.index], place


def test_after_a_crash_between_logging_and_noting_nothing_is_logged_twice(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from waybill.outbox import queue
    from waybill.outbox.models import Row

    monkeypatch.setattr(queue, "place", _crash)
    with pytest.raises(StorageError):
        sequence(installation)
    monkeypatch.undo()
    assert Row.objects.filter(index=None).count() == Row.objects.count() > 5
    assert sequence(installation).size == Row.objects.count()
    assert sound(installation).faults == []


def _crash(*arguments: object) -> None:
    raise StorageError("the power failed")


def test_a_person_is_forgotten_and_all_else_still_proved(installation: Installation) -> None:
    from waybill.findings import handling
    from waybill.findings.states import FindingState
    from waybill.flow.erasure import erase
    from waybill.flow.proof import proofs

    by_person = findings()
    person, other = sorted(by_person)[:2]
    handling.set_state(
        [by_person[other].id], FindingState.IN_PROGRESS, who=f"{person}@plant.example", reason=f"asked {person}"
    )
    sequence(installation)
    gone, kept = by_person[person], by_person[other]
    policy = installation.ledger.policy()
    before = proofs.disclose(installation, gone.id, [])
    decision = next(one for one in proofs_about(kept.id) if one.kind == "decision").record
    done = erase(installation, person, who="officer", basis="request 12")
    assert done.transfers >= 1 and done.findings >= 1 and done.records >= 3

    for path in (installation.folder.root).rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert person.encode() not in content, path
            assert gone.id.encode() not in content, path
            assert all(bytes.fromhex(one) not in content for one in gone.transfers), path
    compared = sound(installation)
    assert compared.faults == [] and compared.erased == done.records == compared.allowed
    before.check(policy)  # what was shown before stays proved
    with pytest.raises(UsageError):
        proofs.disclose(installation, gone.id, [])
    for transfer in kept.transfers:
        proofs.disclose(installation, transfer, []).check(policy)
    proofs.disclose(installation, kept.id, []).check(policy)
    assert set(proofs.disclose(installation, decision, []).groups) == {"what", "when"}, (
        "the groups that name the person"
    )
    said = proofs.disclose(installation, done.record, [])
    said.check(policy)
    assert said.kind == "erasure" and said.groups["decision"].value == {"basis": "request 12"}
    assert said.groups["who"].value == {"by": "officer"}
    assert installation.ledger.keys.known([person]) == {}


def proofs_about(id: str) -> Any:
    """Return what was recorded under an id."""
    from waybill.outbox import queue

    return queue.about(id)


def test_paths_hold_while_others_are_erased_or_grow_too_old(installation: Installation) -> None:
    from waybill.flow import retention
    from waybill.flow.proof import proofs
    from waybill.flow.proof.batches import member

    sequence(installation)
    with installation.lake.snapshot() as snapshot:
        ids = [one.hex() for one in snapshot.query("SELECT id FROM transfers ORDER BY time")["id"].to_pylist()]
    paths = {id: member(installation, id)[1] for id in ids}
    retention.retain(installation, datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    left = ids[2:]
    assert {id: member(installation, id)[1] for id in left} == {id: paths[id] for id in left}
    with pytest.raises(UsageError):
        member(installation, ids[0])
    installation.lake.erase([ids[2]], going=lambda going: _keep(installation, going))
    installation.lake.compact()
    assert {id: member(installation, id)[1] for id in left[1:]} == {id: paths[id] for id in left[1:]}
    sequence(installation)
    proofs.disclose(installation, ids[-1], []).check(installation.ledger.policy())
    assert sound(installation).faults == []


def _keep(installation: Installation, going: Any) -> None:
    from waybill.flow.proof.batches import keep_paths

    keep_paths(installation, going)
    keep_paths(installation, going)  # as after a crash before they went


def test_what_was_noted_as_gone_and_is_still_there_has_its_path(installation: Installation) -> None:
    from waybill.flow.proof.batches import keep_paths, member

    sequence(installation)
    with installation.lake.snapshot() as snapshot:
        table = snapshot.query("SELECT sequence, id FROM transfers ORDER BY time")
    paths = [member(installation, id.hex())[1] for id in table["id"].to_pylist()]
    keep_paths(installation, table.slice(1, 2))
    assert [member(installation, id.hex())[1] for id in table["id"].to_pylist()] == paths


def test_transfers_committed_before_a_crash_are_recorded_once(installation: Installation, tmp_path: Path) -> None:
    from waybill.outbox.models import Row

    sequence(installation)
    (tmp_path / "late.ndjson").write_text(LOG % "meng.yu", encoding="utf-8")
    ingest(installation, [tmp_path / "late.ndjson"], installation.plan(), workers=0, progress=lambda count: None)
    again = Installation.open(installation.folder.root)  # nothing but the lake knows of them
    assert sequence(again).rows == 1 and sequence(again).rows == 0
    assert Row.objects.filter(kind="batch").count() == 2


def test_transfers_that_a_crash_left_in_the_log_are_recorded(installation: Installation) -> None:
    from waybill.flow.proof.batches import member

    sequence(installation)
    late = batch(3)
    installation.lake.append(late)  # and no commit follows
    assert sequence(installation).rows == 1
    for id in late["id"].to_pylist():
        assert member(installation, id.hex())[1]
    assert sound(installation).faults == []


def test_an_older_data_folder_gets_its_keys_when_first_needed(installation: Installation) -> None:
    keys = installation.folder.root / "keys"
    for name in ("ledger", "subjects", "witness"):
        (keys / name).unlink()
    again = Installation.open(installation.folder.root)
    sequence(again)
    assert (keys / "ledger").stat().st_mode & 0o077 == 0
    assert sound(Installation.open(installation.folder.root)).faults == []
    assert sorted(path.name for path in keys.iterdir() if path.name.startswith(".")) == []


def told() -> dict[str, Any]:
    """Return the stored findings about the ledger with their states, by rule."""
    from waybill.findings import queries

    every = queries.every(queries.Filter(states=queries.ALL_STATES))
    return {one.finding.rule_id: one for one in every if one.finding.detector == "ledger"}


def test_rows_that_wait_too_long_are_a_finding_until_they_do_not(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from waybill.findings.states import FindingState
    from waybill.flow.proof import sequencing
    from waybill.flow.proof.alarms import WAITS
    from waybill.flow.proof.standing import standing
    from waybill.outbox.models import Row

    assert standing(installation).alarms == ()
    Row.objects.update(recorded_at=datetime.now(UTC) - timedelta(hours=1))
    count = Row.objects.count()
    (alarm,) = standing(installation).alarms
    assert f"{count} records wait for the ledger" in alarm.en and f"{count} 条记录等待入账" in alarm.zh
    assert told() == {}, "asking how it stands stores nothing"
    with installation.ledger.lock.exclusive(1.0):
        assert sequencing.sequence_soon(installation) == (), "another one is at it"
    first = told()[WAITS]
    assert first.state is FindingState.NEW and first.finding.parts[0].usual == "at most 600 s"
    monkeypatch.setattr(sequencing, "drain", lambda *_: _crash())
    assert "the power failed" in sequencing.sequence_soon(installation)[0]
    assert told() == {WAITS: first}, "told once"
    monkeypatch.undo()
    assert sequencing.sequence_soon(installation) == ()
    assert standing(installation).alarms == ()
    assert told()[WAITS].state is FindingState.RESOLVED
    assert Row.objects.exclude(index=None).count() == count + 3, "the batch of transfers, the finding and its end"
    assert sound(installation).faults == []


def test_records_under_no_checkpoint_that_is_shown_wait_for_their_proof(
    installation: Installation, tmp_path: Path
) -> None:
    from waybill.flow.proof.alarms import WAITS
    from waybill.ledger import SignatureType, SigningKey
    from waybill.outbox.models import Row

    sequence(installation)
    handled(installation)
    key = SigningKey.generate("silent.example", SignatureType.COSIGNATURE).verifier
    policy = f"log {installation.ledger.signer.verifier}\nwitness silent {key}\nquorum silent\n"
    (tmp_path / "policy").write_text(policy)
    (installation.folder.root / "waybill.toml").write_text(f'ledger_policy = "{tmp_path / "policy"}"\n')
    installation = Installation.open(installation.folder.root)
    with pytest.raises(StorageError, match="too few witnesses"):
        sequence(installation)
    with Log.open(installation.ledger.log, installation.ledger.origin, installation.ledger.signer, witnesses=()) as log:
        from waybill.flow.proof.sequencing import drain

        assert drain(installation, log) == 2
        log.checkpoint()
    Row.objects.update(recorded_at=datetime.now(UTC) - timedelta(hours=1))
    from waybill.flow.proof.sequencing import sequence_soon

    sequence_soon(installation)
    assert told()[WAITS].finding.parts[1].value == "2"


def test_a_split_view_is_a_finding_until_somebody_has_handled_it(installation: Installation, tmp_path: Path) -> None:
    from waybill.findings import handling
    from waybill.findings.states import FindingState
    from waybill.flow.proof import witnessing
    from waybill.flow.proof.alarms import SPLIT_VIEW, UNPROVEN
    from waybill.flow.proof.sequencing import sequence_soon
    from waybill.flow.proof.standing import standing
    from waybill.ledger import SigningKey
    from waybill.ledger.witnessing import Request

    key = SigningKey.generate("example.com/other")
    witnessing.add_log(installation, key.verifier)
    witness = witnessing.witness_of(installation)
    for name, entries, status in (("one", [b"a", b"b"], 200), ("two", [b"a", b"c"], 409), ("three", [b"d"] * 5, 422)):
        with Log.open(tmp_path / name, "example.com/other", key, interval=0) as log:
            log.append(entries)
            body = bytes(Request(0 if name != "three" else 2, [], log.checkpoint()))
            assert witness.add_checkpoint(body).status == status
    sequence_soon(installation)
    sequence_soon(installation)
    split, unproven = told()[SPLIT_VIEW], told()[UNPROVEN]
    assert (split.finding.severity, unproven.finding.severity) == ("critical", "medium")
    assert (
        split.finding.subject == "example.com/other" and "two different trees of 2 entries" in split.finding.sentence.en
    )
    assert "2 个条目签署了两棵不同的树" in split.finding.sentence.zh
    evidence = installation.folder.root / split.finding.source.file
    assert split.finding.parts[0].value in (evidence / "seen").read_text()
    assert split.finding.parts[1].value in (evidence / "shown").read_text()
    assert len(standing(installation).alarms) == 2
    handling.set_state([split.finding.id], FindingState.RESOLVED, who="me", reason="asked its operator")
    sequence(installation)
    assert told()[SPLIT_VIEW].state is FindingState.RESOLVED
    assert sound(installation).faults == []


@contextmanager
def witness_for(installation: Installation, root: Path) -> Iterator[str]:
    """Let another installation witness this one's ledger, as its policy asks; yields where."""
    from waybill.flow.proof import witnessing

    peer = Installation(installation.folder.open(root / "peer", create=True), installation.settings)
    witnessing.add_log(peer, installation.ledger.signer.verifier)
    witnessing.add_log(peer, installation.ledger.signer.verifier)
    assert len(witnessing.witnessed(peer)) == 1
    with WitnessServer(witnessing.witness_of(peer)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        key = witnessing.signers(peer)[0].verifier
        policy = f"log {installation.ledger.signer.verifier}\nwitness peer {key} {server.address}\nquorum peer\n"
        (root / "policy").write_text(policy)
        (installation.folder.root / "waybill.toml").write_text(f'ledger_policy = "{root / "policy"}"\n')
        yield server.address
        server.shutdown()


def test_witnesses_cosign_and_stop_a_restored_folder(installation: Installation, tmp_path: Path) -> None:
    from waybill.flow.proof import recovery
    from waybill.flow.proof.standing import standing
    from waybill.outbox.models import Row

    root = installation.folder.root
    with witness_for(installation, tmp_path):
        installation = Installation.open(root)
        done = sequence(installation)
        assert done.witnesses == ("peer",) and done.size == done.rows and done.remarks == ()
        shutil.copytree(installation.ledger.log, tmp_path / "old")
        handled(installation)
        sequence(installation)
        shutil.copytree(installation.ledger.log, tmp_path / "mirror")

        shutil.rmtree(installation.ledger.log)
        shutil.copytree(tmp_path / "old", installation.ledger.log)
        with pytest.raises((RestoredError, DamagedError)) as caught:
            sequence(installation)
        assert "waybill ledger recover" in caught.value.advice
        assert len(recovery.fetch_missing(installation, str(tmp_path / "mirror"))) == 2
        assert sequence(installation).rows == 0
        assert sound(installation).faults == []

        shutil.rmtree(installation.ledger.log)
        shutil.copytree(tmp_path / "old", installation.ledger.log)
        with pytest.raises(UsageError, match="origin of its own"):
            recovery.begin_next(installation)
    (root / "waybill.toml").write_text('ledger_origin = "example.com/next"\n')
    installation = Installation.open(root)
    with pytest.raises(UsageError, match="another origin"):
        sequence(installation)
    last = Note.parse((tmp_path / "mirror" / "checkpoint").read_bytes())
    assert recovery.begin_next(installation, last) == 2
    assert sequence(installation).size == 3, "the checkpoint of the old log, and the rows whose leaves were lost"
    assert sound(installation).faults == []
    assert Row.objects.exclude(log="example.com/next").count() == done.rows
    assert standing(installation).former == 1


def handled(installation: Installation) -> None:
    """Let somebody decide on two findings."""
    from waybill.findings import handling
    from waybill.findings.states import FindingState

    ids = [finding.id for finding in findings().values()][:2]
    handling.set_state(ids, FindingState.IN_PROGRESS, who="me", reason="r")


def test_without_its_witnesses_the_ledger_waits_and_work_goes_on(installation: Installation, tmp_path: Path) -> None:
    from waybill.flow.proof import sequencing
    from waybill.outbox import queue

    root = installation.folder.root
    with witness_for(installation, tmp_path):
        installation = Installation.open(root)
        sequence(installation)
    handled(installation)
    told = sequencing.sequence_soon(installation)
    assert "too few witnesses" in told[0]
    assert queue.standing().waiting == 2


def test_a_policy_that_names_another_ledger_is_refused(installation: Installation, tmp_path: Path) -> None:
    (tmp_path / "policy").write_text("quorum none\n")
    (installation.folder.root / "waybill.toml").write_text(f'ledger_policy = "{tmp_path / "policy"}"\n')
    with pytest.raises(UsageError, match="does not name this ledger"):
        sequence(Installation.open(installation.folder.root))
