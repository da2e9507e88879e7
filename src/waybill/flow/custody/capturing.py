"""Documents of custody events into the file of events and into the lake.

The file comes first, then the lake; a crash in between leaves a capture that is not forwarded, and the next call makes
it up: the ids of its transfers are the same again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from waybill.collect.names import KnownNames
from waybill.collect.plan import Batch
from waybill.collect.privacy import Guard, clean_nested
from waybill.epcis.capturing import Captured, capture
from waybill.epcis.document import DOCUMENT_BYTES, Document, Event, read_document
from waybill.epcis.drafts import ENCODER
from waybill.epcis.transfers import SOURCE, transfers
from waybill.flow.installation import Installation
from waybill.flow.intake.ingest import keep
from waybill.flow.intake.reading import protected_channels
from waybill.model.errors import InputError, WaybillError
from waybill.model.ids import record_hasher

_FORWARDED = "UPDATE capture SET forwarded = 1 WHERE number = ?"


@dataclass(slots=True)
class CaptureReport:
    """What came of some documents."""

    documents: int = 0
    events: int = 0
    duplicates: int = 0
    declarations: int = 0
    marks: int = 0
    protected: int = 0
    """Events that were left out because they touch a protected channel."""
    faults: dict[str, WaybillError] = field(default_factory=dict)
    """Documents that were refused, by name, and why."""
    seconds: float = 0.0


def capture_files(installation: Installation, paths: Iterable[Path], *, submitter: str) -> CaptureReport:
    """Capture the documents of these files and folders; a refused one is told and keeps nothing of itself."""
    begun = time.monotonic()
    report = CaptureReport()
    for path in _files(paths):
        try:
            if path.stat().st_size > DOCUMENT_BYTES:
                raise InputError("the document is too large", where=path.name, expected=f"{DOCUMENT_BYTES >> 20} MiB")
            content = path.read_bytes()
            done, protected = capture_document(installation, content, submitter=submitter, name=path.name)
        except InputError as error:
            report.faults[str(path)] = error
            continue
        except OSError as error:
            raise InputError(f"the document cannot be read: {error.strerror}", where=str(path)) from None
        report.documents += 1
        report.events += done.events
        report.duplicates += done.duplicates
        report.declarations += done.declarations
        report.marks += done.marks
        report.protected += protected
    installation.lake.commit()
    report.seconds = time.monotonic() - begun
    return report


def capture_document(
    installation: Installation, content: bytes, *, submitter: str, name: str = ""
) -> tuple[Captured, int]:
    """Capture one document; when it returns, its events and transfers are durable.

    Returns what came of it, and how many events were left out because they touch a protected channel. Raises
    InputError, which names the event and the field, and then nothing of it is kept.
    """
    return capture_events(installation, read_document(content, name), submitter=submitter, name=name)


def capture_events(
    installation: Installation, document: Document, *, submitter: str, name: str = ""
) -> tuple[Captured, int]:
    """Capture events that were read already, like ``capture_document``."""
    channels, people = protected_channels(installation.folder.channels), installation.pseudonymiser
    kept = [event for event in document.events if not channels.protects_bytes(ENCODER.encode(event))]
    guard = Guard(people, channels, KnownNames(people.known()))
    guard.begin_chunk()

    def clean(event: Event) -> Event:
        if guard.finds_nothing(ENCODER.encode(event)):
            return event
        cleaned: Event = clean_nested(event, guard.clean, {})
        installation.seal(guard.identities)  # before anything that carries the pseudonyms
        return cleaned

    done = capture(
        installation.custody_store,
        replace(document, events=kept),
        submitter=guard.clean[submitter],
        now=datetime.now(UTC),
        identify=record_hasher(installation.folder.key("id"), SOURCE),
        clean=clean,
        name=name,
    )
    forward(installation)
    return done, len(document.events) - len(kept)


def forward(installation: Installation) -> int:
    """Put the events of captures that are not transfers yet into the lake; returns how many captures."""
    store = installation.custody_store
    if not store.exists:
        return 0
    with store.reading() as database:
        waiting = [row[0] for row in database.execute("SELECT number FROM capture WHERE NOT forwarded ORDER BY number")]
    register = installation.register() if waiting else None
    for number in waiting:
        with store.reading() as database:
            rows = transfers(database, number)
        if register is not None:
            keep(installation, Batch(SOURCE, f"capture/{number}", rows), register)
        with store.writing() as database:
            database.execute(_FORWARDED, (number,))
    return len(waiting)


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        if not path.exists():
            raise InputError("there is no such file", where=str(path))
        yield from sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
