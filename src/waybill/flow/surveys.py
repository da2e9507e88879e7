"""Surveys: what stands open is looked for, weighed by what lies behind it and went through it, and kept as findings.

What a survey saw stays with the findings of the detector ``exposure``: one that is new is opened, one whose cause is
gone is resolved, one that stands as before is left as it is. So exceptions, cases, alerts and exports work as ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from waybill.exposure import FAMILIES, NotInspected, Passage, Snapshot, Survey, survey
from waybill.exposure.families import Read
from waybill.exposure.survey import DETECTOR
from waybill.exposure.weighing import DAYS, NOTHING
from waybill.flow.installation import Installation
from waybill.lake import questions
from waybill.model.register import RegisterSnapshot
from waybill.model.words import MOVING

SHOWN = 20
"""Transfers through an exposure that are kept as its evidence."""

Told = Callable[[int], None]
"""Told how many more things have been read."""


def things_of(
    family: str, targets: Sequence[str], told: Told = lambda count: None, *, read: Read | None = None
) -> list[Snapshot | NotInspected]:
    """Read what the targets name, with the family's reader or another one.

    Raises ``InputError`` for a target that names nothing that can be read.
    """
    found = []
    for target in targets:
        for thing in (read or FAMILIES[family].read)(target):
            found.append(thing)
            told(1)
    return found


def look(family: str, things: Iterable[Snapshot | NotInspected], register: RegisterSnapshot) -> Survey:
    """Look at things without keeping anything."""
    return survey(things, FAMILIES[family].checks(), register, datetime.now(UTC))


def look_and_keep(installation: Installation, family: str, things: Sequence[Snapshot | NotInspected]) -> Survey:
    """Look at things, weigh what stands open by what the installation knows, and keep it as findings."""
    from waybill.findings.store import DatabaseFindingStore

    now, store, keeper = datetime.now(UTC), DatabaseFindingStore(), f"{DETECTOR}-{family}"
    passed = _passages(installation, [thing for thing in things if isinstance(thing, Snapshot)], now)
    found = survey(
        things,
        FAMILIES[family].checks(),
        installation.register(),
        now,
        passages=lambda thing: passed.get(thing.place, NOTHING),
        before=store.state(keeper),
    )
    store.commit(keeper, found.findings, found.open, 0, found.closed)
    return found


def _passages(installation: Installation, things: Sequence[Snapshot], now: datetime) -> dict[str, Passage]:
    """Return what has gone through each thing lately, by its place."""
    names = [(name, thing.place) for thing in things for name in thing.names]
    if not names:
        return {}
    parameters = {
        "names": [name for name, _ in names],
        "things": [place for _, place in names],
        "since": now - timedelta(days=DAYS),
        "actions": sorted(MOVING),
        "shown": SHOWN,
    }
    with installation.lake.snapshot() as snapshot:
        rows = snapshot.query(questions.text("passages"), parameters).to_pylist()
    return {row["thing"]: Passage(row["transfers"], int(row["records"]), tuple(row["ids"])) for row in rows}
