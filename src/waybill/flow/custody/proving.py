"""One entry of the ledger for each capture: the root over what its events said, in their canonical form.

The file of events and the control database share no transaction. As with batches of transfers, the sequencer looks
which captures no record covers, and records those; a crash in between changes nothing.
"""

from __future__ import annotations

from django.db import transaction

from waybill.control import storage_faults
from waybill.epcis.store import to_time
from waybill.flow.installation import Installation
from waybill.ledger.batches import BatchTree
from waybill.ledger.encoding import to_base64


def has_unproved(installation: Installation) -> bool:
    """Return whether there are captures that no record covers."""
    from waybill.outbox import captures

    store = installation.custody_store
    if not store.exists:
        return False
    with store.reading() as database:
        last: int = database.execute("SELECT coalesce(max(number), 0) FROM capture").fetchone()[0]
    return last > captures.last_recorded()


def record_captures(installation: Installation) -> None:
    """Record the captures since the last one. Hold the ledger's lock."""
    from waybill.outbox import captures
    from waybill.outbox.adding import Record, add_all
    from waybill.outbox.kinds import Kind

    if not has_unproved(installation):
        return
    after = captures.last_recorded()
    records = []
    with installation.custody_store.reading() as database:
        rows = database.execute(
            "SELECT number, at, submitter, marks FROM capture WHERE number > ?", (after,)
        ).fetchall()
        for number, at, submitter, marks in rows:
            found = database.execute("SELECT identity FROM event WHERE capture = ? ORDER BY number", (number,))
            members = sorted(row[0] for row in found)
            what = {"capture": number, "events": len(members), "marks": marks, "root": root_of(members)}
            groups = {"what": what, "who": {"by": submitter}, "when": {"time": to_time(at)}}
            records.append(Record(Kind.CAPTURE, f"{number:020d}", groups))
    with storage_faults(), transaction.atomic():
        add_all(records)


def root_of(members: list[bytes]) -> str:
    """Return the root of the Merkle tree over identities of events, base64."""
    return to_base64(BatchTree.over(members).root)
