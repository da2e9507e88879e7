"""The main job without any set-up: read what is given, detect, report. Nothing is written anywhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from waybill.collect import Plan, collect
from waybill.flow.detection import Detection
from waybill.flow.intake.enrichment import enrich
from waybill.flow.intake.tally import Intake, Progress
from waybill.flow.law.unauthorised import told_by_built_in_law
from waybill.model.custody import Custody
from waybill.model.findings import Finding, merge
from waybill.model.protocols import Detector
from waybill.model.register import RegisterSnapshot
from waybill.model.transfers import NAMES, TIME


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What a scan read, what it could not read, and what it found, by time."""

    intake: Intake
    findings: list[Finding]
    remarks_of: dict[str, tuple[str, ...]]
    """What each detector could not do."""
    seconds: float

    @property
    def remarks(self) -> tuple[str, ...]:
        """What detectors could not do."""
        return tuple(remark for remarks in self.remarks_of.values() for remark in remarks)


def scan(
    paths: Sequence[Path],
    plan: Plan,
    register: RegisterSnapshot,
    detectors: Sequence[Detector],
    *,
    workers: int,
    progress: Progress,
    seen: Callable[[pa.Table], None] | None = None,
    custody: Custody | None = None,
) -> ScanReport:
    """Read the paths, run the detectors over what was read, and return what there is to say.

    ``seen`` is handed what detectors see, ``custody`` is what is known of lots and devices. Raises InputError if a path
    cannot be read at all; single bad records are told in the report instead.
    """
    begun = time.monotonic()
    intake = Intake()
    with Detection(detectors, register, workers=workers, custody=custody) as detection:
        for batch in collect(paths, plan, workers=workers):
            intake.add(batch)
            progress(batch.read_bytes)
            transfers = _as_stored(enrich(batch.transfers, register))
            if seen is not None:
                seen(transfers)
            detection.feed(transfers)
        results = detection.finish()
    findings = merge(finding for result in results.values() for finding in result.findings)
    return ScanReport(
        intake,
        list(told_by_built_in_law(register, findings)),
        {name: result.remarks for name, result in results.items()},
        time.monotonic() - begun,
    )


def _as_stored(collected: pa.Table) -> pa.Table:
    """Add the columns that the lake would have filled, so that detectors see one and the same table."""
    rows = collected.num_rows
    now = pa.repeat(pa.scalar(datetime.now(UTC), TIME), rows)
    stored = collected.append_column("recorded_at", now).append_column(
        "sequence", pa.repeat(pa.scalar(0, pa.int64()), rows)
    )
    return stored.select(list(NAMES))
