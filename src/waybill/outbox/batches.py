"""The rows of batches of transfers: which numbers of the lake each spans, and which of its members are gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec
from django.db import transaction

from waybill.control import storage_faults
from waybill.ledger.merkle import HASH_BYTES
from waybill.outbox import models
from waybill.outbox.adding import Record, add_all
from waybill.outbox.kinds import Kind

_POSITION_BYTES = 4
_MEMBER_BYTES = _POSITION_BYTES + HASH_BYTES


@dataclass(frozen=True, slots=True)
class Batch:
    """Transfers with numbers from ``first`` to ``last`` of the lake's log."""

    first: int
    last: int
    transfers: int
    root: str
    """Root over their ids, each once and in order of their bytes; base64."""


class _Content(msgspec.Struct):
    what: Batch


def add_batches(batches: Iterable[Batch]) -> None:
    """Put batches into the outbox, in a transaction of their own."""
    records = (Record(Kind.BATCH, f"{batch.last:020d}", {"what": msgspec.to_builtins(batch)}) for batch in batches)
    with storage_faults(), transaction.atomic():
        add_all(records)


def last_recorded() -> int:
    """Return the last number of the lake's log that is in a batch; 0 at first."""
    with storage_faults():
        newest = models.Row.objects.filter(kind=Kind.BATCH).order_by("-reference").first()
    return int(newest.reference) if newest else 0


def holding(sequence: int) -> models.Row | None:
    """Return the row of the batch that a number of the lake's log belongs to."""
    with storage_faults():
        rows = models.Row.objects.filter(kind=Kind.BATCH, reference__gte=f"{sequence:020d}").order_by("reference")
        row = rows.first()
    return row if row is not None and batch_of(row).first <= sequence else None


def batch_of(row: models.Row) -> Batch:
    """Return what a row says of its batch."""
    return msgspec.json.decode(row.content, type=_Content).what


def gone(row: models.Row) -> dict[int, bytes]:
    """Return the hashes of members that were erased, by position."""
    with storage_faults():
        gap = models.Gap.objects.filter(batch=row).first()
    members = bytes(gap.members) if gap else b""
    starts = range(0, len(members), _MEMBER_BYTES)
    cut = _POSITION_BYTES
    return {int.from_bytes(members[at : at + cut], "big"): members[at + cut : at + _MEMBER_BYTES] for at in starts}


def note_gone(row: models.Row, members: Mapping[int, bytes]) -> None:
    """Keep the hashes of members that are about to be erased, so that the others keep their paths."""
    whole = gone(row) | dict(members)
    packed = b"".join(position.to_bytes(_POSITION_BYTES, "big") + whole[position] for position in sorted(whole))
    with storage_faults():
        models.Gap.objects.update_or_create(batch=row, defaults={"members": packed})
