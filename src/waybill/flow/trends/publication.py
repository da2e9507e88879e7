"""Publication to everybody: proposed, signed by two, drawn once with noise, written as a site of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import msgspec

from waybill.flow import people
from waybill.flow.installation import Installation
from waybill.model.errors import UsageError
from waybill.trends import account, noise, site, store
from waybill.trends.account import Query, Release
from waybill.trends.lanes import Lane, check, tables
from waybill.trends.site import Drawn, Publication
from waybill.trends.tables import count, width
from waybill.trends.words import SpendState

BOUND = 3
"""Incidents of one organisation that are counted unless somebody says otherwise."""

MOST_YEARS = 60


def propose(
    installation: Installation,
    source: str,
    year: int,
    names: Sequence[str],
    *,
    first: int,
    last: int,
    epsilon: Decimal,
    reason: str,
    who: str,
    bound: int = BOUND,
) -> int:
    """Propose a release of some years of a source from the account of a year; returns its number.

    Raises UsageError for tables that are not of the public lane, years that cannot be, a source without incidents.
    """
    chosen = tuple(dict.fromkeys(names)) or tables(Lane.PUBLIC)
    for name in chosen:
        check(name, Lane.PUBLIC)
    if not 1900 <= first <= last <= 2200 or last - first >= MOST_YEARS:
        raise UsageError("these are no years", where=f"{first} to {last}", expected=f"at most {MOST_YEARS} years")
    if not 1 <= bound <= 100:
        raise UsageError("this is no bound", where=str(bound), expected="1 to 100 incidents of one organisation")
    if source not in store.sources():
        raise UsageError("there are no incidents of this source", where=source, expected=", ".join(store.sources()))
    query = Query(chosen, first, last)
    told = people.without_names(installation, reason)
    return account.propose(source, year, query, epsilon=epsilon, bound=bound, reason=told, who=who)


def refuse(installation: Installation, number: int, *, who: str, reason: str) -> None:
    """Refuse a release that is not signed yet. Raises UsageError."""
    account.refuse(number, who=who, reason=people.without_names(installation, reason))


def publish(installation: Installation, number: int, target: Path, *, who: str, licence: str = "") -> Publication:
    """Write the site of a release that two people signed. What was drawn once is written again as it was.

    Raises UsageError where it is not signed or the place is taken; then nothing was drawn.
    """
    release = account.release(number)
    if release.state not in {SpendState.SIGNED, SpendState.PUBLISHED}:
        raise UsageError(
            "this release is not signed by two people",
            where=f"{number}: {release.state}",
            advice=f"`waybill trends account sign {number}`, by two people",
        )
    if target.exists():
        raise UsageError("there is something at this place already", where=str(target), expected="a new folder")
    if not release.release:
        drawn = _draw(installation, release, licence)
        release = account.keep(number, msgspec.json.encode(drawn).decode(), who=who)
    publication = msgspec.json.decode(release.release, type=Publication)
    site.write(target, publication)
    return publication


def _draw(installation: Installation, release: Release, licence: str) -> Publication:
    """Return the tables of a release with noise, drawn now."""
    incidents = store.register([release.source]).incidents
    salt = hashlib.blake2b(b"lots of trends", digest_size=32, key=installation.folder.key("id")).digest()
    asked = [one for one in incidents if one.occurred.year in release.query.years]
    kept = noise.bounded(asked, release.bound, salt)
    budget = noise.shares(float(release.epsilon), release.query.tables)
    drawn = []
    for name in release.query.tables:
        table, sensitivity = count(kept, name, release.query.years, most=True), release.bound * width(name)
        counts = noise.noisy(table.counts, budget, sensitivity)
        rows = tuple(tuple(int(one) for one in row) for row in counts)
        drawn.append(Drawn(name, table.rows, table.columns, rows, budget, sensitivity, noise.band(budget, sensitivity)))
    own = next(one for one in account.standings() if (one.source, one.year) == (release.source, release.year))
    return Publication(
        source=release.source,
        licence=licence,
        year=release.year,
        number=release.number,
        drawn_on=datetime.now(UTC).date(),
        query_hash=release.query_hash,
        unit=noise.UNIT,
        bound=release.bound,
        mechanism=noise.MECHANISM,
        epsilon=f"{release.epsilon.normalize():f}",
        spent=f"{own.spent.normalize():f}",
        limit=f"{own.limit.normalize():f}",
        signers=len(release.signed_by),
        tables=tuple(drawn),
    )
