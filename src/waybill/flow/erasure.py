"""Erases one person from everything an installation keeps, and records that it was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from django.db import transaction

from waybill.control import storage_faults
from waybill.epcis import forgetting
from waybill.flow.installation import Installation
from waybill.flow.proof.batches import keep_paths, record_batches
from waybill.flow.proof.sequencing import PATIENCE, conclude, drain
from waybill.model.errors import UsageError


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was removed."""

    transfers: int
    findings: int
    """Findings, notes and memories of detectors that went or changed."""
    register: int
    """Rows of the register that went or changed, the sealed identity among them."""
    records: int
    """Records of which the ledger keeps the proof and nothing that could be shown any more."""
    record: str
    """The record in the ledger that says that this was done; `waybill ledger prove` proves it."""


def erase(installation: Installation, pseudonym: str, *, who: str, basis: str) -> Erasure:
    """Remove a person's transfers, findings, register rows, records, runs and sealed identity, so that no byte remains.

    What was recorded of the person gets its place in the ledger first; then the key of its salts is destroyed, so that
    nobody can tell any more what it said, and all proofs of others hold. That it was done, by ``who`` and on which
    ``basis``, is recorded; about whom is not. The sealed identity goes last: should a step fail, the same call can be
    made again. Records in quarantine are sealed as a whole and name nobody; drop them if they may concern the person.
    """
    from waybill.access import kept_views
    from waybill.cases import erasing as cases
    from waybill.findings.erasing import erase_subject, findings_of
    from waybill.outbox import erasing
    from waybill.outbox.adding import Record, add
    from waybill.outbox.kinds import Kind
    from waybill.register import identities
    from waybill.respond import erasing as runs
    from waybill.trends import erasing as trends

    if not pseudonym or not who.strip() or not basis.strip():
        raise UsageError("An erasure needs a person, somebody who makes it and a basis.", expected="who and basis")
    ledger = installation.ledger
    with ledger.lock.exclusive(PATIENCE), ledger.open() as log:
        installation.lake.commit()
        record_batches(installation)
        transfers = installation.lake.erase([pseudonym], going=partial(keep_paths, installation)).rows
        groups = {"who": {"by": who}, "when": {"time": datetime.now(UTC)}, "decision": {"basis": basis}}
        with storage_faults(), transaction.atomic():  # nothing new comes between logging, forgetting and saying so
            rows = drain(installation, log)
            gone = findings_of(pseudonym)
            records = erasing.erase_subject(pseudonym, gone)
            what = {"transfers": transfers, "records": records}
            record = add(Record(Kind.ERASURE, "", {"what": what, **groups}))
        ledger.keys.destroy(pseudonym)
        kept_views.erase(pseudonym)
        forgetting.erase(installation.custody_store, [pseudonym])
        cases.erase_subject(pseudonym, gone)  # before the findings, which scrub the file
        runs.erase_subject(pseudonym, gone)
        trends.erase_subject(pseudonym)
        findings, register = erase_subject(pseudonym), identities.erase(pseudonym)
        rows += drain(installation, log)
        conclude(installation, log, rows)
    return Erasure(transfers, findings, register, records, record)
