"""Writes the evidence bundle of a case: signed, with the proofs of the ledger, checkable without this installation.

Pseudonyms stay those of this installation, since other names would break the proofs; they tell nothing without its
keys. Where who acted is withheld, neither records nor proofs hold anything that points there.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from waybill import __version__
from waybill.cases import clocks, journal
from waybill.cases.acting import acting
from waybill.cases.words import Act
from waybill.flow.cases import page as case_page
from waybill.flow.cases import pdf as case_pdf
from waybill.flow.cases import report as case_report
from waybill.flow.cases import view as case_view
from waybill.flow.cases.bundle import (
    CASE,
    MANIFEST,
    PDF,
    POLICY,
    PROOFS,
    RECORDS,
    REPORT,
    SIGNATURE,
    Manifest,
    signed_text,
)
from waybill.flow.cases.opening import findings_of
from waybill.flow.cases.view import Whole
from waybill.flow.installation import Installation
from waybill.flow.movements import POINTING
from waybill.flow.proof import proofs
from waybill.flow.proof.batches import member
from waybill.flow.proof.sequencing import sequence
from waybill.flow.response import shelf
from waybill.ledger import Note
from waybill.model.errors import UsageError
from waybill.outbox import queue
from waybill.outbox.leaves import groups_of
from waybill.respond.standing import runs

MOST_RECORDS = 5_000
"""Transfers of a bundle; the newest are left out of larger cases, and counted in the case."""

MOST_PROVED = 500
"""Transfers that a bundle proves one by one; findings prove the root over all of theirs."""

_RECORDS = """
SELECT * FROM transfers
WHERE time >= $first AND time <= $last AND id IN (SELECT unnest($ids))
ORDER BY time, id
"""
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
"""Times of files in the bundle say nothing, so that equal cases give equal bytes."""


def export(installation: Installation, number: int, *, who: str, reason: str, chinese: bool = False) -> bytes:
    """Return the bundle of a case, and keep in its journal that it was made. Raises UsageError if there is no case."""
    with acting(number, who=who, reason=reason) as case:
        journal.write(case, Act.EXPORTED, who=who, at=datetime.now(UTC), reason=reason.strip())
    sequence(installation)
    whole = case_view.whole(installation, installation.register(), number)
    running = clocks.clocks([number])
    told = [shelf.discreet(run, whole.case) for run in runs(number)]
    report = case_report.document(whole, running, told, chinese=chinese)
    plain = {**_plain(whole), "clocks": running, "runs": told}
    content = msgspec.json.format(msgspec.json.encode(plain))
    files = {
        CASE: content,
        REPORT: case_page.page(report).encode(),
        PDF: case_pdf.pdf(report, hashlib.sha256(content).hexdigest()),
        POLICY: (installation.ledger.log / "policy").read_bytes(),
    }
    transfers, files[RECORDS] = _records(installation, whole)
    files |= dict(_proofs(installation, whole, transfers))
    return _packed(installation, number, files)


def _plain(whole: Whole) -> dict[str, object]:
    told: dict[str, object] = msgspec.to_builtins(whole)
    return told


def _records(installation: Installation, whole: Whole) -> tuple[list[str], bytes]:
    """Return the ids of the transfers that the bundle holds, and the transfers, one a line."""
    ids = sorted({one for item in findings_of(whole.case.number) for one in item.finding.transfers})[:MOST_RECORDS]
    parameters = {"ids": [bytes.fromhex(one) for one in ids], "first": whole.case.first, "last": whole.case.last}
    if not ids:
        return [], b""
    with installation.lake.snapshot() as snapshot:
        rows = snapshot.query(_RECORDS, parameters).to_pylist()
    hidden = dict.fromkeys(POINTING) if whole.case.withheld else {}
    lines = []
    for row in rows:
        raw = row["raw"]
        told = {**row, "raw": raw.decode(errors="replace") if raw is not None else None} | hidden
        told |= {"id": row["id"].hex(), "fields": dict(told["fields"] or ())}
        lines.append(msgspec.json.encode({name: value for name, value in told.items() if value not in (None, {})}))
    return [row["id"].hex() for row in rows], b"\n".join(lines) + b"\n" * bool(lines)


def _proofs(installation: Installation, whole: Whole, transfers: list[str]) -> Iterator[tuple[str, bytes]]:
    for listed in queue.about(journal.reference(whole.case.number)):
        yield f"{PROOFS}{listed.record}.json", bytes(proofs.disclose(installation, listed.record, ()))
    for one in whole.members:
        id = one.row.finding.id
        row, inside = proofs.find(installation, id)
        groups = set(groups_of(row.content))
        if shown := groups & {"when"} if whole.case.withheld else groups:
            yield f"{PROOFS}{id}.json", bytes(proofs.disclosed(installation, row, inside, shown))
    for id in transfers[:MOST_PROVED]:
        try:
            moved = proofs.disclosed(installation, *member(installation, id), ["what"])
        except UsageError:
            continue  # recorded before there was a ledger, or its batch waits: it is counted as not proved
        yield f"{PROOFS}{id}.json", bytes(moved)


def _packed(installation: Installation, number: int, files: dict[str, bytes]) -> bytes:
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    manifest = Manifest(case=number, made_at=datetime.now(UTC), version=__version__, files=digests)
    content = msgspec.json.format(msgspec.json.encode(manifest))
    note = Note(signed_text(content, number), ()).signed(installation.ledger.signer)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, part in {MANIFEST: content, SIGNATURE: str(note).encode(), **files}.items():
            bundle.writestr(zipfile.ZipInfo(name, _ZIP_TIME), part, zipfile.ZIP_DEFLATED)
    return stream.getvalue()
