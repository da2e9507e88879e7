"""Witnesses answer as c2sp.org/tlog-witness asks, remember before they answer, and keep what speaks against a log."""

from __future__ import annotations

import hashlib
import http.client
import shutil
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.lake.disk import trace
from tests.ledger.making import KEY, ORIGIN, cosigner, entries, open_log, size_of, witness

from waybill.ledger import Checkpoint, Log, Note, ProofError, RestoredError, SignatureType, SigningKey
from waybill.ledger.note import Signature
from waybill.ledger.policy import Peer
from waybill.ledger.quorum import RemoteWitness, cosign
from waybill.ledger.restore import begin_anew, continued, fetch_tail
from waybill.ledger.server import WitnessServer
from waybill.ledger.source import FolderSource
from waybill.ledger.witness import SPLIT, UNPROVEN, Witness
from waybill.ledger.witnessing import MOST_REQUEST_BYTES, SIZE, Request
from waybill.model.errors import DamagedError, InputError, StorageError, UsageError

ED25519 = cosigner("w1.example")
ML_DSA = cosigner("w1.example", SignatureType.SUBTREE)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with open_log(tmp_path / "log") as made:
        yield made


@pytest.fixture
def asked(tmp_path: Path) -> Witness:
    return witness(tmp_path / "witness", [ED25519, ML_DSA])


def grown(log: Log, size: int) -> Note:
    log.append(entries(log.size, size))
    return log.checkpoint()


def request(log: Log, old: int, note: Note) -> bytes:
    return bytes(Request(old, log.consistency(old, size_of(note)), note))


def forked(tmp_path: Path, size: int, common: int = 0) -> Log:
    """Return a log of the same key that went another way after ``common`` entries."""
    log = open_log(tmp_path / f"fork-{size}-{common}")
    log.append([*entries(0, common), *[b"another"] * (size - common)])
    log.checkpoint()
    return log


def test_a_checkpoint_that_extends_what_was_seen_is_cosigned(log: Log, asked: Witness) -> None:
    for old, size in ((0, 5), (5, 5), (5, 300)):
        note = grown(log, size)
        answer = asked.add_checkpoint(request(log, old, note))
        assert answer.status == 200
        signatures = [Signature.parse(line) for line in answer.body.removesuffix("\n").split("\n")]
        cosigned = Note(note.text, tuple(signatures)).verified([ED25519.verifier, ML_DSA.verifier])
        assert set(cosigned) == {ED25519.verifier, ML_DSA.verifier}
        latest = asked.latest(ORIGIN)
        assert latest is not None
        assert latest.text == note.text
    assert list(asked.evidence()) == []


def test_the_statuses_are_those_of_the_standard(log: Log, asked: Witness, tmp_path: Path) -> None:
    five = grown(log, 5)
    stranger = SigningKey.generate("example.com/other")
    assert (
        asked.add_checkpoint(bytes(Request(0, [], Note(five.text, ()).signed(SigningKey.generate(ORIGIN))))).status
        == 403
    )
    forged = Note(five.text, (Signature(ORIGIN, KEY.verifier.id, bytes(64)),))
    assert asked.add_checkpoint(bytes(Request(0, [], forged))).status == 403
    unknown = Note(Checkpoint("example.com/other", 5, bytes(32)).text(), ()).signed(stranger)
    assert asked.add_checkpoint(bytes(Request(0, [], unknown))).status == 404
    assert asked.add_checkpoint(bytes(Request(6, [], five))).status == 400
    assert asked.add_checkpoint(bytes(Request(0, [bytes(32)], five))).status == 422
    early = asked.add_checkpoint(bytes(Request(3, log.consistency(3, 5), five)))
    assert (early.status, early.type, early.body) == (409, SIZE, "0\n")
    assert asked.add_checkpoint(request(log, 0, five)).status == 200
    again = asked.add_checkpoint(request(log, 0, five))
    assert (again.status, again.type, again.body) == (409, SIZE, "5\n")
    eight = grown(log, 8)
    assert asked.add_checkpoint(bytes(Request(5, [], eight))).status == 422
    assert asked.add_checkpoint(bytes(Request(5, [bytes(32)] * 3, eight))).status == 422
    with forked(tmp_path, 5) as fork:
        split = asked.add_checkpoint(bytes(Request(5, [], fork.signed)))
    assert (split.status, split.type, split.body) == (409, SIZE, "5\n")
    assert asked.add_checkpoint(bytes(Request(5, [bytes(32)], five))).status == 422
    assert asked.add_checkpoint(request(log, 5, eight)).status == 200
    back = asked.add_checkpoint(bytes(Request(5, [], five)))
    assert (back.status, back.body) == (409, "8\n")


@pytest.mark.parametrize(
    "change",
    [
        lambda body: b"",
        lambda body: body.replace(b"old 0", b"old 00", 1),
        lambda body: body.replace(b"old 0", b"new 0", 1),
        lambda body: body.replace(b"old 0", b"old -1", 1),
        lambda body: body.replace(b"old 0\n", b"old 0\nAAAA\n", 1),
        lambda body: body.replace(b"old 0\n", b"old 0\n" + b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" * 64, 1),
        lambda body: body.replace(b"\n\n", b"\n", 1),
        lambda body: body[:-1],
        lambda body: body.replace(b"\n5\n", b"\nfive\n", 1),
        lambda body: b"\xff" + body,
    ],
)
def test_what_is_no_request_is_a_bad_one(log: Log, asked: Witness, change: object) -> None:
    body = request(log, 0, grown(log, 5))
    assert callable(change)
    assert asked.add_checkpoint(change(body)).status == 400
    assert asked.latest(ORIGIN) is None


def test_two_roots_of_one_size_are_kept_as_proof(log: Log, asked: Witness, tmp_path: Path) -> None:
    five = grown(log, 5)
    asked.add_checkpoint(request(log, 0, five))
    with forked(tmp_path, 5) as fork:
        for _ in range(2):
            asked.add_checkpoint(bytes(Request(0, [], fork.signed)))
        (evidence,) = asked.evidence()
        assert evidence.kind == SPLIT
        assert (evidence.seen.text, evidence.shown.text) == (five.text, fork.signed.text)
    for note in (evidence.seen, evidence.shown):
        assert note.verified([KEY.verifier]), "both are signed by the log, so anybody can judge"


def test_a_larger_tree_without_proof_is_kept_as_suspicion(log: Log, asked: Witness, tmp_path: Path) -> None:
    asked.add_checkpoint(request(log, 0, grown(log, 5)))
    with forked(tmp_path, 9, common=3) as fork:
        assert asked.add_checkpoint(request(fork, 5, fork.signed)).status == 422
    assert [evidence.kind for evidence in asked.evidence()] == [UNPROVEN]


def test_a_witness_remembers_across_restarts(log: Log, asked: Witness) -> None:
    asked.add_checkpoint(request(log, 0, grown(log, 5)))
    again = witness(asked.folder, [ED25519])
    assert again.add_checkpoint(request(log, 0, log.signed)).body == "5\n"


def test_two_requests_at_once_roll_nothing_back(log: Log, asked: Witness) -> None:
    """The race of the standard: of two that start from the same size, one is told of the other."""
    requests = [request(log, 0, grown(log, size)) for size in range(1, 17)]
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda body=body: answers.append(asked.add_checkpoint(body).status))
        for body in requests
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] + [409] * 15


def test_a_witness_needs_keys_that_cosign(tmp_path: Path) -> None:
    for signers in ([], [KEY]):
        with pytest.raises(UsageError, match="keys that cosign"):
            Witness(tmp_path, signers, [Peer(KEY.verifier)])


TRACED = """
import os, sys
from pathlib import Path
from tests.ledger.making import KEY, cosigner, open_log, witness, entries
from waybill.ledger.witnessing import Request
said = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
asked = witness(Path(sys.argv[1]) / "witness", [cosigner("w1.example")])
with open_log(Path(sys.argv[1]) / "log") as log:
    log.append(entries(0, 5))
    os.write(said, b"ask\\n")
    assert asked.add_checkpoint(bytes(Request(0, [], log.checkpoint()))).status == 200
    os.write(said, b"answered\\n")
"""


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_what_is_cosigned_is_durable_before_it_is_answered(tmp_path: Path) -> None:
    calls = trace(TRACED, [str(tmp_path), str(tmp_path / "said")], tmp_path / "calls")
    home = tmp_path / "witness" / hashlib.sha256(ORIGIN.encode()).hexdigest()
    names = [(call.name, call.paths[-1]) for call in calls]
    renamed = names.index(("rename", home / "checkpoint"))
    draft = calls[renamed].paths[0]
    assert names.index(("fsync", draft)) < renamed < names.index(("fsync", home), renamed)
    answered = next(place for place, call in enumerate(calls) if call.data == b"answered\n")
    assert names.index(("fsync", home), renamed) < answered


@pytest.fixture
def server(asked: Witness) -> Iterator[WitnessServer]:
    with WitnessServer(asked) as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def test_a_witness_answers_over_http(log: Log, server: WitnessServer) -> None:
    remote = RemoteWitness(server.address + "/")
    note = grown(log, 5)
    assert remote.add_checkpoint(request(log, 0, note)).status == 200
    conflict = remote.add_checkpoint(request(log, 0, note))
    assert (conflict.status, conflict.type, conflict.body) == (409, SIZE, "5\n")
    monitored = f"{server.address}/{hashlib.sha256(ORIGIN.encode()).hexdigest()}/checkpoint"
    with urllib.request.urlopen(monitored) as answer:
        assert Note.parse(answer.read()).text == note.text
    assert server.address.startswith("http://127.0.0.1:")


def test_what_a_server_need_not_read_it_does_not(server: WitnessServer) -> None:
    host, port = server.server_address[:2]
    for method, path, length, status in [
        ("POST", "/add-checkpoint", str(MOST_REQUEST_BYTES + 1), 413),
        ("POST", "/add-checkpoint", "-1", 413),
        ("POST", "/other", "0", 404),
        ("GET", "/", "0", 404),
        ("GET", "/../../etc/checkpoint", "0", 404),
    ]:
        connection = http.client.HTTPConnection(str(host), port, timeout=5)
        connection.putrequest(method, path)
        connection.putheader("Content-Length", length)
        connection.endheaders()
        assert connection.getresponse().status == status
        connection.close()


def peers(tmp_path: Path, count: int, need: int) -> list[Witness]:
    """Return witnesses, and write a policy that asks for some of them into the log's folder."""
    made = [witness(tmp_path / f"witness{number}", [cosigner(f"w{number}.example")]) for number in range(count)]
    lines = [f"log {KEY.verifier}"]
    lines += [f"witness w{number} {one._signers[0].verifier}" for number, one in enumerate(made)]
    lines += [f"group all {need} " + " ".join(f"w{number}" for number in range(count)), "quorum all", ""]
    (tmp_path / "log").mkdir(exist_ok=True)
    (tmp_path / "log/policy").write_text("\n".join(lines))
    return made


class Silent:
    """A witness that cannot be reached."""

    name = "silent"

    def add_checkpoint(self, body: bytes) -> object:
        raise InputError("the witness does not answer", where=self.name)


def test_a_checkpoint_is_shown_once_a_quorum_has_cosigned(tmp_path: Path) -> None:
    one, two, three = peers(tmp_path, 3, 2)
    with open_log(tmp_path / "log") as log:
        grown(log, 300)
        assert size_of(log.published) == 0
        lacking = cosign(log, [one, Silent()])  # type: ignore[list-item]
        assert (lacking.witnesses, lacking.published) == ({"w0"}, False)
        assert lacking.refusals == {"silent": "the witness does not answer"}
        done = cosign(log, [one, two, Silent()])  # type: ignore[list-item]
        assert (done.witnesses, done.published) == ({"w0", "w1"}, True)
        assert log.policy.check(log.published).witnesses.keys() == {"w0", "w1"}
        grown(log, 400)
        assert size_of(log.published) == 300
        assert cosign(log, [two, three]).published, "a witness that is behind tells from where to prove"
        log.prove(399).verify(entries(399, 400)[0], log.policy)


def test_a_witness_that_was_restored_from_an_older_copy_is_told_and_catches_up(tmp_path: Path) -> None:
    one, two = peers(tmp_path, 2, 1)
    with open_log(tmp_path / "log") as log:
        grown(log, 300)
        assert cosign(log, [one, two]).forgetful == {}
        shutil.copytree(one.folder, tmp_path / "copy")
        grown(log, 400)
        assert cosign(log, [one]).published
        shutil.rmtree(one.folder)
        shutil.copytree(tmp_path / "copy", one.folder)
        grown(log, 500)
        done = cosign(log, [one, two])
        assert done.forgetful == {"w0.example": (300, 400)}, "the other one was only not asked"
        assert done.witnesses == {"w0", "w1"}
        grown(log, 501)
        assert cosign(log, [one, two]).forgetful == {}


def test_cosignatures_of_strangers_and_forgeries_do_not_count(tmp_path: Path) -> None:
    one, _ = peers(tmp_path, 2, 2)

    class Forger:
        name = "forger"

        def add_checkpoint(self, body: bytes) -> object:
            answer = one.add_checkpoint(body)
            stranger = Note(Request.parse(body).note.text, ()).signed(cosigner("w1.example")).signatures[0]
            lines = Signature("w0.example", one._signers[0].verifier.id, bytes(72)), stranger
            return type(answer)(200, "".join(map(str, lines)))

    with open_log(tmp_path / "log") as log:
        grown(log, 3)
        done = cosign(log, [Forger()])  # type: ignore[list-item]
        assert (done.witnesses, done.published) == (set(), False)


def restored(tmp_path: Path, *, witnesses: int = 2) -> tuple[list[Witness], Path]:
    """Return witnesses and the folder of a log that was restored from a copy 200 entries old; ``mirror`` is whole."""
    made = peers(tmp_path, witnesses, witnesses)
    with open_log(tmp_path / "log") as log:
        grown(log, 300)
        cosign(log, made)
    shutil.copytree(tmp_path / "log", tmp_path / "backup")
    with open_log(tmp_path / "log") as log:
        grown(log, 500)
        cosign(log, made)
    (tmp_path / "log").rename(tmp_path / "mirror")
    (tmp_path / "backup").rename(tmp_path / "log")
    return made, tmp_path / "log"


def open_witnessed(folder: Path, made: list[Witness]) -> Log:
    return Log.open(folder, ORIGIN, KEY, interval=0, witnesses=made)


def test_a_restored_backup_signs_nothing(tmp_path: Path) -> None:
    made, folder = restored(tmp_path)
    before = (folder / "state/signed").read_bytes()
    with pytest.raises(RestoredError) as caught:
        open_witnessed(folder, made)
    assert (caught.value.seen, caught.value.here) == (500, 300)
    assert "fetch the missing tail" in caught.value.advice
    assert "new origin" in caught.value.advice
    assert (folder / "state/signed").read_bytes() == before
    with open_log(folder) as log:
        log.append(entries(300, 301))
        log.checkpoint()
        with pytest.raises(RestoredError):
            cosign(log, made)


def test_the_first_way_out_is_to_fetch_the_tail(tmp_path: Path) -> None:
    made, folder = restored(tmp_path)
    assert fetch_tail(folder, ORIGIN, KEY, FolderSource(tmp_path / "mirror")) == range(300, 500)
    with open_witnessed(folder, made) as log:
        assert list(log.entries()) == entries(0, 500)
        grown(log, 501)
        assert cosign(log, made).published
    assert [evidence for one in made for evidence in one.evidence()] == []


def test_a_mirror_that_went_another_way_is_refused(tmp_path: Path) -> None:
    made, folder = restored(tmp_path)
    with forked(tmp_path, 500, common=299) as fork:
        mirror = FolderSource(fork.folder)
    with pytest.raises(ProofError, match="do not follow those here"):
        fetch_tail(folder, ORIGIN, KEY, mirror)
    with open_log(folder) as log:
        assert log.size == 300
    bundle = tmp_path / "mirror/tile/entries/001.p/244"
    bundle.write_bytes(bundle.read_bytes().replace(b"entry 450", b"entry 451"))
    with pytest.raises(ProofError, match="do not follow those here"):
        fetch_tail(folder, ORIGIN, KEY, FolderSource(tmp_path / "mirror"))
    assert made


def test_a_mirror_that_has_no_more_is_refused(tmp_path: Path) -> None:
    _, folder = restored(tmp_path)
    shutil.copytree(folder, tmp_path / "copy")
    with pytest.raises(UsageError, match="has 300 entries and here are 300"):
        fetch_tail(folder, ORIGIN, KEY, FolderSource(tmp_path / "copy"))


def test_the_second_way_out_is_to_begin_anew(tmp_path: Path) -> None:
    made, _ = restored(tmp_path)
    old = made[0].latest(ORIGIN)
    assert old is not None
    key = SigningKey.generate("example.com/ledger-2")
    begin_anew(old, tmp_path / "new", "example.com/ledger-2", key)
    with open_log(tmp_path / "new", key) as log:
        (first,) = log.entries()
        before = continued(first)
        assert before is not None
        assert size_of(before) == 500
        assert before.verified([KEY.verifier])
        log.prove(0).verify(first, log.policy)
        assert continued(b"something else") is None
    with pytest.raises(UsageError, match="not empty"):
        begin_anew(old, tmp_path / "new", "example.com/ledger-3", SigningKey.generate("example.com/ledger-3"))
    with pytest.raises(UsageError, match="origin of its own"):
        begin_anew(old, tmp_path / "newer", ORIGIN, KEY)


def test_a_log_whose_witnesses_do_not_answer_waits(tmp_path: Path) -> None:
    made, folder = restored(tmp_path)
    with pytest.raises(StorageError, match="too few witnesses answer") as caught:
        Log.open(folder, ORIGIN, KEY, witnesses=[Silent()])  # type: ignore[list-item]
    assert "nothing is lost" in caught.value.advice
    with pytest.raises(StorageError, match="too few witnesses answer"):
        Log.open(folder, ORIGIN, KEY)
    open_log(folder).close()
    assert made


def test_a_log_that_was_forked_is_told_so(tmp_path: Path) -> None:
    made, folder = restored(tmp_path)
    with open_log(folder) as log:
        log.append([b"another"] * 200)
        log.checkpoint()
    with pytest.raises(DamagedError, match="was forked at or before entry 500"):
        open_witnessed(folder, made)
    assert {evidence.kind for one in made for evidence in one.evidence()} == {SPLIT}
