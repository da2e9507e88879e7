"""Detectors over what is new in the lake: each transfer is seen once by each detector, whatever crashes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from waybill.detect.disclosure import DisclosureDetector
from waybill.durable.locks import FileLock
from waybill.flow import disclosures, feedback, memory
from waybill.flow.detection import Detection
from waybill.flow.installation import Installation
from waybill.flow.law import unauthorised
from waybill.lake import Snapshot
from waybill.model.protocols import Detector, FindingStore, State
from waybill.model.words import Scope

Progress = Callable[[int], None]
"""Told how many more transfers have been looked at."""

PATIENCE = 600.0
"""Seconds to wait for another process that runs detectors: two at once would each go on from the same state."""

FEW_ENTRIES = 8
"""Log entries that are not counted before they are looked at; one holds a few megabytes."""

_ENTRIES = """
SELECT sequence, count(*) AS rows FROM transfers WHERE sequence > $after GROUP BY sequence ORDER BY sequence
"""


@dataclass(frozen=True, slots=True)
class DetectReport:
    """What a run looked at and said."""

    transfers: int
    findings: dict[str, int]
    """Findings by detector, new ones and those with new evidence."""
    remarks: tuple[str, ...]
    seconds: float
    complete: bool = True
    """Whether all there is has been looked at."""


def detect(
    installation: Installation,
    detectors: Sequence[Detector],
    *,
    workers: int,
    progress: Progress,
    now: datetime | None = None,
    most: int | None = None,
) -> DetectReport:
    """Run the detectors over what each has not seen yet, and store findings, state and position in one transaction.

    ``now`` is up to when the sources have been watched, where somebody watches them. ``most`` bounds the memory it
    takes: about so many transfers are looked at, the oldest in the log first, and the rest is left to the next run.
    """
    from waybill.findings.store import DatabaseFindingStore
    from waybill.flow.cases import clocks as case_clocks
    from waybill.flow.cases import duty
    from waybill.flow.cases.opening import open_cases

    begun = time.monotonic()
    store = DatabaseFindingStore()
    seen = 0
    complete = True
    findings: dict[str, int] = {}
    remarks: dict[str, None] = {}
    alone = FileLock(installation.folder.root / "detect.lock", "running detectors").exclusive(PATIENCE)
    with alone, memory.kept(), installation.lake.snapshot() as snapshot:
        for after, group in _by_cursor(detectors, store):
            until = _until(snapshot, after, most)
            all_of_it = until == snapshot.sequence
            complete &= all_of_it
            states: dict[str, State] = {detector.name: store.state(detector.name) for detector in group}
            if feedback.NAME in states:
                states[feedback.NAME] = feedback.with_feedback(states[feedback.NAME])
            if DisclosureDetector.name in states:
                remarks.update(dict.fromkeys(disclosures.enter(installation, snapshot, after=after)))
            columns = sorted({"id", *(column for detector in group for column in detector.columns)})
            custody = installation.custody() if any(one.scope is Scope.FOLD for one in group) else None
            register = installation.register()
            watched = now if all_of_it else None  # what is missing so far may stand in the rest
            with Detection(group, register, states=states, workers=workers, now=watched, custody=custody) as detection:
                for table in snapshot.scan(columns=columns, after=after, until=until):
                    detection.feed(table)
                    progress(table.num_rows)
                    seen += table.num_rows
                results = detection.finish()
            for name, result in results.items():
                found = unauthorised.told_by_law(installation, result.findings)
                store.commit(name, found, result.state, until, result.over)
                findings[name] = len(result.findings)
                remarks.update(dict.fromkeys(result.remarks))
        open_cases(installation)
        moment = datetime.now(UTC)
        case_clocks.tell(moment, duty.on_call(installation, moment))
    return DetectReport(seen, findings, tuple(remarks), time.monotonic() - begun, complete)


def _until(snapshot: Snapshot, after: int, most: int | None) -> int:
    """Return the number of the log entry up to which at most so many transfers came, at least the next one's."""
    if most is None or snapshot.sequence - after <= FEW_ENTRIES:
        return snapshot.sequence
    until, rows = after, 0
    for entry in snapshot.query(_ENTRIES, {"after": after}).to_pylist():
        rows += entry["rows"]
        if rows > most and until > after:
            return until
        until = int(entry["sequence"])
    return snapshot.sequence


def _by_cursor(detectors: Sequence[Detector], store: FindingStore) -> list[tuple[int, list[Detector]]]:
    """Group detectors that have read equally far, so that each stretch of the lake is read once."""
    groups: dict[int, list[Detector]] = {}
    for detector in detectors:
        groups.setdefault(store.cursor(detector.name), []).append(detector)
    return sorted(groups.items())
