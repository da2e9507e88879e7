"""What pages of trends show of a slice of the register, with what each figure rests on.

Tables leave by the lane for inside the organisation: small cells hidden, and so many more that no attacker of ours
works one out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

import msgspec
import numpy as np

from waybill.model.errors import UsageError
from waybill.model.findings import Text
from waybill.trends import figures, store
from waybill.trends.calendars import calendar
from waybill.trends.effects import CLAIMS, Effect, effect, together
from waybill.trends.figures import Newest, Quality, Share
from waybill.trends.incidents import Incident, Register
from waybill.trends.lanes import Lane, check
from waybill.trends.remarks import CHINA, about
from waybill.trends.slices import Slice
from waybill.trends.suppression import Suppressed, suppressed
from waybill.trends.tables import Table, as_csv, count

TILES, TRADES = "action-asset", "trade-year"

YEARS = 12
"""How far back a test of calendars looks unless somebody says otherwise."""


@dataclass(frozen=True, slots=True)
class Trends:
    """A page of trends."""

    slice: Slice
    version: str
    sources: dict[str, int]
    incidents: int
    quality: Quality
    shares: tuple[Share, ...]
    years: tuple[int, ...]
    tables: dict[str, Suppressed]
    """By name; those that hold too little are left out."""
    newest: Newest | None
    """None where the slice is one by attribute, since weeks of it would be small cells; and where it is of several
    sets of data, each of which ends elsewhere."""
    countries: dict[str, int]
    """Countries of most incidents."""
    remarks: tuple[Text, ...]
    """What nobody may conclude from it."""

    @property
    def command(self) -> str:
        """The command that makes these figures again."""
        return f"waybill trends list {self.slice.options()}".strip()


@dataclass(frozen=True, slots=True)
class Tested:
    """Calendars held against a slice."""

    slice: Slice
    version: str
    since: date
    until: date
    effects: tuple[Effect, ...]
    refused: tuple[tuple[str, UsageError], ...]
    """Calendars that nothing can be said about, and why."""
    beside: tuple[str, ...]
    """Calendars that were held constant."""

    @property
    def command(self) -> str:
        """The command that makes these figures again."""
        names = " ".join([*(one.calendar.name for one in self.effects), *(name for name, _ in self.refused)])
        span = msgspec.structs.replace(self.slice, since=self.since, until=self.until)
        return " ".join(["waybill trends effect", names, *(f"--beside {one}" for one in self.beside), span.options()])


def trends(wanted: Slice, today: date | None = None) -> Trends:
    """Return the page of a slice; it is made once for each version of the register."""
    return _trends(store.version(), wanted, today or datetime.now(UTC).date())


@lru_cache(maxsize=16)
def _trends(version: str, wanted: Slice, today: date) -> Trends:
    register = _register(wanted)
    found = wanted.of(register.incidents)
    doubles = wanted.of(register.doubles)
    years = figures.last_years(found)
    end = figures.data_end(register.incidents, today)
    tables = {name: table(found, name, years) for name in (TILES, TRADES)} if found else {}
    return Trends(
        slice=wanted,
        version=version,
        sources=store.sources(),
        incidents=len(found),
        quality=figures.quality(register, found, doubles),
        shares=tuple(figures.shares(found)),
        years=tuple(years),
        tables={name: one for name, one in tables.items() if one is not None},
        newest=None if wanted.by_attribute or len({one.source for one in found}) != 1 else figures.newest(found, end),
        countries=figures.countries(found),
        remarks=tuple(_remarks(found, wanted)),
    )


def _remarks(found: Sequence[Incident], wanted: Slice) -> Iterator[Text]:
    """Yield what cannot be tested about the country whose calendars ship with the package."""
    if found and wanted.country in ("", CHINA):
        weeks = max(1, (max(one.occurred for one in found) - min(one.occurred for one in found)).days // 7)
        yield from about(CHINA, sum(CHINA in one.countries for one in found), len(found), weeks)


def table(incidents: Iterable[Incident], name: str, years: Sequence[int]) -> Suppressed | None:
    """Return a table of the internal lane, checked by the attacker; None if there is nothing in it.

    Raises UsageError for a table of the other lane, and for one that cannot be made safe.
    """
    check(name, Lane.INTERNAL)
    found = count(incidents, name, years)
    rows, columns = (np.flatnonzero(found.counts.sum(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return None
    kept = Table(
        found.name,
        tuple(found.rows[place] for place in rows),
        tuple(found.columns[place] for place in columns),
        found.counts[np.ix_(rows, columns)],
    )
    return suppressed(kept)


def table_of(wanted: Slice, name: str) -> Suppressed:
    """Return a table of the internal lane. Raises UsageError where there is nothing, or it cannot be made safe."""
    found = wanted.of(_register(wanted).incidents)
    made = table(found, name, figures.last_years(found, YEARS))
    if made is None:
        raise UsageError("there are no such incidents", where=wanted.options() or "the register")
    return made


def table_csv(found: Suppressed) -> str:
    """Return a table as CSV; a hidden cell is empty."""
    rows = ((row, *cells) for row, cells in zip(found.table.rows, shown(found), strict=True))
    return as_csv((found.table.name, *found.table.columns), rows)


def table_json(found: Suppressed) -> dict[str, object]:
    """Return a table with its hidden cells as null, and what the attacker knows of them."""
    return {
        "table": found.table.name,
        "rows": found.table.rows,
        "columns": found.table.columns,
        "counts": shown(found),
        "hidden": int(found.hidden.sum()),
        "recovered": sum(one.recovered for one in found.bounds),
    }


def shown(found: Suppressed) -> list[list[int | None]]:
    """Return the counts of a table as they are shown: None where one is hidden."""
    pairs = zip(found.table.counts.tolist(), found.hidden.tolist(), strict=True)
    return [[None if hidden else value for value, hidden in zip(*pair, strict=True)] for pair in pairs]


def held(
    wanted: Slice,
    names: Sequence[str],
    *,
    beside: Sequence[str] = (),
    claims: Sequence[float] = CLAIMS,
    today: date | None = None,
) -> Tested:
    """Hold calendars against a slice, all judged together; the others named are held constant.

    Raises UsageError for a calendar that is not there, and where there is no incident at all.
    """
    register = _register(wanted)
    found = msgspec.structs.replace(wanted, since=None, until=None).of(register.incidents)
    if not found:
        raise UsageError("there are no such incidents", where=wanted.options() or "the register")
    sources = sorted({one.source for one in found})
    if len(sources) > 1:
        raise UsageError(
            "several sets of data are not tested together: each has delays of its own", expected=", ".join(sources)
        )
    end = figures.data_end(register.incidents, today or datetime.now(UTC).date())
    until = min(wanted.until or end, end)
    since = wanted.since or max(date(until.year - YEARS, 1, 1), min(one.occurred for one in found))
    chosen = [calendar(name) for name in names]
    others = [calendar(name) for name in beside if name not in names]
    effects, refused = [], []
    for one in chosen:
        try:
            effects.append(effect(found, one, since, until, known=end, beside=others, claims=claims))
        except UsageError as error:
            refused.append((one.name, error))
    return Tested(wanted, register.version, since, until, tuple(together(effects)), tuple(refused), tuple(beside))


def _register(wanted: Slice) -> Register:
    return store.register([wanted.source] if wanted.source else [])
