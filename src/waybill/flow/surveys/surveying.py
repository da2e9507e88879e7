"""Surveys: what stands open is looked for, weighed by what lies behind it and went through it, and kept as findings.

What a survey saw stays with the findings of the detector ``exposure``: one that is new is opened, one whose cause is
gone is resolved, one that stands as before is left as it is. So exceptions, cases, alerts and exports work as ever.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from waybill.exposure import FAMILIES, NotInspected, Passage, Snapshot, Survey, drift, survey
from waybill.exposure.families import Read
from waybill.exposure.survey import DETECTOR, Gap
from waybill.exposure.weighing import DAYS, NOTHING
from waybill.flow.installation import Installation
from waybill.lake import questions
from waybill.model.register import RegisterSnapshot
from waybill.model.words import MOVING

SHOWN = 20
"""Transfers through an exposure that are kept as its evidence."""

MOST_GAPS = 1_000
"""What could not be inspected of one target is kept up to here; all is counted."""

Told = Callable[[int], None]
"""Told how many more things have been read."""

Things = Mapping[str, Sequence[Snapshot | NotInspected]]
"""What was read, by target."""

_MEMORY = f"{DETECTOR}-surveyed"


class Surveyed(msgspec.Struct, frozen=True, kw_only=True):
    """When a target was surveyed last, and what of it nobody could look at."""

    family: str
    target: str
    at: datetime
    kinds: dict[str, int]
    """How many things of each kind were looked at."""
    gaps: tuple[Gap, ...]
    more: int
    """Gaps beyond those that are kept."""

    @property
    def places(self) -> int:
        """How many things were looked at."""
        return sum(self.kinds.values())


def things_of(
    family: str, targets: Sequence[str], told: Told = lambda count: None, *, read: Read | None = None
) -> Things:
    """Read what the targets name, with the family's reader or another one.

    Raises ``InputError`` for a target that names nothing that can be read.
    """
    found: dict[str, list[Snapshot | NotInspected]] = {}
    for target in targets:
        for thing in (read or FAMILIES[family].read)(target):
            found.setdefault(target, []).append(thing)
            told(1)
    return found


def drifted(old: str, new: str, trusted: Sequence[Path] = ()) -> Things:
    """Read what the program in the folder ``new`` can do since ``old``: a revision, a folder, a manifest."""
    return {f"{new} since {old}": list(drift.read(old, new, tuple(trusted)))}


def look(family: str, things: Things, register: RegisterSnapshot) -> Survey:
    """Look at things without keeping anything."""
    return survey(every(things), FAMILIES[family].checks(), register, datetime.now(UTC))


def look_and_keep(installation: Installation, family: str, things: Things, *, now: datetime | None = None) -> Survey:
    """Look at things, weigh what stands open by what the installation knows, and keep it as findings."""
    from waybill.findings.store import DatabaseFindingStore

    now, store, keeper = now or datetime.now(UTC), DatabaseFindingStore(), f"{DETECTOR}-{family}"
    passed = _passages(installation, [thing for thing in every(things) if isinstance(thing, Snapshot)], now)
    found = survey(
        every(things),
        FAMILIES[family].checks(),
        installation.register(),
        now,
        passages=lambda thing: passed.get(thing.place, NOTHING),
        before=store.state(keeper),
    )
    store.commit(keeper, found.findings, found.open, 0, found.closed)
    remembered = {f"{one.family} {one.target}": one for one in _told(family, things, found, now)}
    store.commit(_MEMORY, (), store.state(_MEMORY) | msgspec.to_builtins(remembered), 0)
    return found


def surveyed() -> list[Surveyed]:
    """Return when each target was surveyed last, by family and target; the control database must be open."""
    from waybill.findings.store import DatabaseFindingStore

    known = DatabaseFindingStore().state(_MEMORY)
    return msgspec.convert([known[key] for key in sorted(known)], list[Surveyed])


def _told(family: str, things: Things, found: Survey, now: datetime) -> Iterable[Surveyed]:
    by_place: dict[str, list[Gap]] = {}
    for gap in found.gaps:
        by_place.setdefault(gap.place, []).append(gap)
    for target, some in things.items():
        places = dict.fromkeys(one.what if isinstance(one, NotInspected) else one.place for one in some)
        gaps = [gap for place in places for gap in by_place.get(place, ())]
        kinds = Counter(type(one).__name__ for one in some if isinstance(one, Snapshot))
        kept, more = tuple(gaps[:MOST_GAPS]), max(0, len(gaps) - MOST_GAPS)
        yield Surveyed(family=family, target=without_login(target), at=now, kinds=dict(kinds), gaps=kept, more=more)


def without_login(target: str) -> str:
    """Return a target as it may be kept and shown: an address without who logs in, how, and with which options."""
    return re.sub(r"(://)[^/@]*@", r"\1", target).partition("?")[0] if "://" in target else target


def every(things: Things) -> Iterable[Snapshot | NotInspected]:
    """Return what was read, of all targets."""
    return (one for some in things.values() for one in some)


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
