"""Bills of hardware in and out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from waybill.epcis.capturing import Captured
from waybill.epcis.document import Document
from waybill.epcis.hardware import associations, bill
from waybill.epcis.lineage import the_item
from waybill.flow.custody.capturing import capture_events
from waybill.flow.installation import Installation
from waybill.model.errors import InputError


def take_in(installation: Installation, file: Path, at: datetime | None, *, submitter: str) -> Captured:
    """Capture the assemblies of a bill. Raises InputError if the file cannot be read or is no bill of hardware."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InputError(f"the bill cannot be read: {error.strerror}", where=str(file)) from None
    events = associations(content, at or datetime.now(UTC), file.name)
    done, _ = capture_events(installation, Document(events), submitter=submitter, name=file.name)
    installation.lake.commit()
    return done


def bill_of(installation: Installation, device: str) -> bytes:
    """Return the bill of what a device is made of now. Raises UsageError if there is none of this name."""
    with installation.custody_store.reading() as database:
        return bill(database, the_item(database, device))
