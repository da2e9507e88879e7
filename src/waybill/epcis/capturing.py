"""Captures the events of a document: all of them, once, durably, with their state held against what was known.

The same event again changes nothing. An event that declares another to be in error repeats its id and is kept beside
it. An id that already belongs to an event of other content is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from waybill.epcis.document import Document, Event
from waybill.epcis.drafts import Draft, Identify
from waybill.epcis.identifiers import canonical
from waybill.epcis.keeping import Keeping
from waybill.epcis.store import Store, to_number
from waybill.epcis.validation import check

Clean = Callable[[Event], Event]
"""Replaces names of people in an event."""


@dataclass(frozen=True, slots=True)
class Captured:
    """What came of a capture."""

    number: int
    """Number of the capture; 0 if nothing was new."""
    events: int
    duplicates: int
    declarations: int
    """Of the new events, those that declare another to be in error."""
    marks: int
    """Contradictions to the state of items."""
    ids: tuple[str, ...]
    """Ids of all events of the document, in its order."""


def capture(
    store: Store, document: Document, *, submitter: str, now: datetime, identify: Identify, clean: Clean, name: str = ""
) -> Captured:
    """Judge and keep the events of a document; when it returns, they are durable.

    Raises InvalidEventsError if one of them is not as the standard wants it, InputError if an id is taken; nothing is
    kept then.
    """
    check(document.events, now, name)
    drafts = [Draft.of(event, document.ignored, number, name) for number, event in enumerate(document.events, 1)]
    for draft in drafts:
        draft.event = clean(draft.event)
    with store.writing() as database:
        work = Keeping(database, submitter, to_number(now), identify)
        known = work.known(drafts)
        fresh = work.fresh(drafts, known, name)
        if document.statements:
            database.executemany(
                "INSERT OR REPLACE INTO statement VALUES (?, ?, ?, ?)",
                [(one.vocabulary, canonical(one.id), one.name, one.value) for one in document.statements],
            )
        if fresh:
            work.keep(fresh)
    declarations = sum(draft.declares for draft in fresh)
    ids = tuple(draft.id for draft in drafts)
    return Captured(work.capture if fresh else 0, len(fresh), len(drafts) - len(fresh), declarations, work.marks, ids)
