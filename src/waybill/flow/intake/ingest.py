"""Sources into the lake: collect, enrich, keep; what cannot be read goes to the quarantine."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from waybill.collect import Batch, Plan, collect, recollect
from waybill.flow import memory
from waybill.flow.at_hand import AtHand
from waybill.flow.installation import Installation
from waybill.flow.intake.enrichment import enrich
from waybill.flow.intake.tally import Intake, Progress
from waybill.model.register import RegisterSnapshot


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What was read and what of it is now in the lake."""

    intake: Intake
    stored: int
    """Transfers that are new in the lake."""
    duplicates: int
    """Transfers that the lake had already."""
    seconds: float


COMMIT_BYTES = 192 << 20
"""Transfers in memory that wait to be committed to the table: fewer than the lake keeps, so none is read back."""


def ingest(
    installation: Installation, paths: Sequence[Path], plan: Plan, *, workers: int, progress: Progress
) -> IngestReport:
    """Read the paths into the lake; return once everything is durable and committed.

    Raises InputError if a path does not exist, StorageError if the data folder cannot be written.
    """
    return _store(installation, collect(paths, plan, workers=workers, known=AtHand(installation)), progress)


def replay(installation: Installation, plan: Plan) -> IngestReport:
    """Read the quarantine again, after a mapping was mended; what can be read now leaves it."""
    quarantine = installation.quarantine
    records = list(quarantine.replay())
    still: set[tuple[str, int]] = set()

    def watched() -> Iterator[Batch]:
        for batch in recollect(records, plan):
            still.update((rejected.file, rejected.position) for rejected in batch.rejected)
            yield batch

    report = _store(installation, watched(), lambda count: None)
    quarantine.drop(
        quarantine.id_of(file, position, raw) for file, position, raw in records if (file, position) not in still
    )
    return report


def keep(installation: Installation, batch: Batch, register: RegisterSnapshot) -> int:
    """Keep what a batch holds, durably; return how many bytes of transfers now wait to be committed to the table.

    Identities are sealed before the transfers that carry their pseudonyms, and rejected records before the rest of
    their batch, so that a crash never leaves a pseudonym nobody can resolve nor loses a bad record silently; reading
    the same file again after a crash adds only what is missing.
    """
    installation.seal(batch.identities)
    installation.quarantine.add(batch.rejected)
    if batch.transfers.num_rows == 0:
        return 0
    transfers = enrich(batch.transfers, register)
    installation.lake.append(transfers)
    waiting: int = transfers.nbytes
    return waiting


def _store(installation: Installation, batches: Iterable[Batch], progress: Progress) -> IngestReport:
    begun = time.monotonic()
    intake = Intake()
    stored = duplicates = waiting = 0
    register = installation.register()
    with memory.kept():
        for batch in batches:
            intake.add(batch)
            waiting += keep(installation, batch, register)
            progress(batch.read_bytes)
            if waiting >= COMMIT_BYTES:
                committed = installation.lake.commit()
                stored, duplicates, waiting = stored + committed.rows, duplicates + committed.duplicates, 0
        committed = installation.lake.commit()
    return IngestReport(intake, stored + committed.rows, duplicates + committed.duplicates, time.monotonic() - begun)
