"""Questions over what is stored: transfers that match a filter, page by page, and statements of the user's own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from waybill.flow.installation import Installation
from waybill.lake import questions
from waybill.model.errors import UsageError

EVER = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2262, 1, 1, tzinfo=UTC))
"""From and until, where nobody says."""


SPANS = (timedelta(days=1), timedelta(days=10), timedelta(days=90), None)
"""Stretches of time in which a page is looked for, the newest first: most pages are full long before all is read."""

_SOME = """
SELECT * EXCLUDE (fields, raw)
FROM transfers
WHERE time >= $first AND time <= $last AND id IN (SELECT unnest($ids))
ORDER BY time, id
"""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which transfers are asked for; all given conditions hold."""

    since: datetime | None = None
    until: datetime | None = None
    actor: str | None = None
    asset: str | None = None
    """The beginning of the asset's name."""
    channel: str | None = None
    action: str | None = None
    outcome: str | None = None
    grade: str | None = None
    to_place: str | None = None
    source: str | None = None
    within: tuple[str, ...] | None = None
    """Whose transfers, up to which grade, as ``organisation/grade``; ``*`` stands for every organisation."""

    @property
    def points(self) -> bool:
        """Whether it is asked for something that points at who acted, so that what fits would tell of that."""
        return self.actor is not None or self.to_place is not None


@dataclass(frozen=True, slots=True)
class Page:
    """Some transfers, newest first, and where the next page begins; empty after the last."""

    rows: list[dict[str, Any]]
    next: str


def page(
    installation: Installation, wanted: Wanted, *, limit: int, after: str = "", known_at: datetime | None = None
) -> Page:
    """Return the transfers asked for, as they are known now or were at ``known_at``; ``after`` is an earlier ``next``.

    Raises UsageError for an ``after`` that no page gave.
    """
    time, last = _position(after)
    parameters = {**parameters_of(wanted), "before_time": time, "before_id": last, "limit": limit}
    newest = time or installation.lake.status().last_time or parameters["until"]
    with installation.lake.snapshot(known_at=known_at) as snapshot:
        for span in SPANS:
            begin = max(parameters["from"], newest - span) if span else parameters["from"]
            found = snapshot.query(questions.text("page"), {**parameters, "from": begin})
            if found.num_rows == limit or begin == parameters["from"]:
                break
    rows = [_readable(row) for row in found.to_pylist()]
    more = f"{rows[-1]['time'].isoformat()}/{rows[-1]['id']}" if len(rows) == limit else ""
    return Page(rows, more)


def parameters_of(wanted: Wanted) -> dict[str, Any]:
    """Return the conditions as parameters of a question."""
    conditions = msgspec.structs.asdict(wanted)
    since, until = conditions.pop("since") or EVER[0], conditions.pop("until") or EVER[1]
    within = conditions.pop("within")
    return {**conditions, "within": None if within is None else list(within), "from": since, "until": until}


def one(installation: Installation, id: str) -> dict[str, Any] | None:
    """Return the transfer of this id (hex), None if there is none."""
    try:
        wanted = bytes.fromhex(id)
    except ValueError:
        return None
    with installation.lake.snapshot() as snapshot:
        rows = snapshot.query("SELECT * FROM transfers WHERE id = $id LIMIT 1", {"id": wanted}).to_pylist()
    return _readable(rows[0]) if rows else None


def some(installation: Installation, ids: Collection[str], first: datetime, last: datetime) -> list[dict[str, Any]]:
    """Return these transfers (ids as hex) of a stretch of time, oldest first, without what they were made from."""
    parameters = {"ids": [bytes.fromhex(one) for one in ids], "first": first, "last": last}
    with installation.lake.snapshot() as snapshot:
        rows = snapshot.query(_SOME, parameters).to_pylist()
    return [{**row, "id": row["id"].hex()} for row in rows]


def ask(installation: Installation, sql: str, *, known_at: datetime | None = None) -> list[dict[str, Any]]:
    """Return the rows of one SELECT statement over the view ``transfers``; it reads no file and changes nothing."""
    with installation.lake.snapshot(known_at=known_at) as snapshot:
        rows: list[dict[str, Any]] = snapshot.query(sql).to_pylist()
    return rows


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with its id as hex, the source's fields as an object and the record as text."""
    raw = row["raw"]
    return {
        **row,
        "id": row["id"].hex(),
        "fields": dict(row["fields"] or ()),
        "raw": raw.decode(errors="replace") if raw is not None else None,
    }


def _position(after: str) -> tuple[datetime | None, bytes | None]:
    if not after:
        return None, None
    time, _, last = after.partition("/")
    try:
        return datetime.fromisoformat(time), bytes.fromhex(last)
    except ValueError:
        raise UsageError("no page ended there", where=after, expected="what an earlier page gave as `next`") from None
