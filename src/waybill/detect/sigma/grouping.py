"""Turns matches into findings: one for each rule, actor, asset and day (UTC)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import Any

import numpy as np
import pyarrow as pa

from waybill.detect.sigma.columns import Rows, column_of, one_chunk
from waybill.detect.sigma.matching import Match
from waybill.detect.sigma.predicates import Predicate
from waybill.detect.sigma.scores import SCORES
from waybill.detect.sigma.sentences import UNKNOWN, parts_of, sentence_of
from waybill.model.findings import Finding, Position, group_id
from waybill.model.register import RegisterSnapshot
from waybill.model.transfers import SEPARATOR

_MICROSECONDS_A_DAY = 86_400_000_000

KEYWORD = "keyword"
"""Name of the reason where a rule looked for a word in the whole record."""


class Grouping:
    """Makes findings from matches in one table of transfers."""

    def __init__(self, detector: str, transfers: pa.Table, register: RegisterSnapshot) -> None:
        self._detector = detector
        self._transfers = transfers
        self._register = register
        self._columns: dict[str, pa.Array] = {}

    def findings(self, match: Match) -> Iterator[Finding]:
        """Yield the findings of one match."""
        rows = match.view.rows[match.rows]
        order = np.lexsort((rows, self._times[rows], self._group_of_row[rows]))
        ordered = rows[order]
        starts = np.flatnonzero(np.diff(self._group_of_row[ordered], prepend=-1))
        for group, within in zip(np.split(ordered, starts[1:]), np.split(match.rows[order], starts[1:]), strict=True):
            yield self._finding(match, group, within)

    def _finding(self, match: Match, rows: Rows, rows_of_view: Rows) -> Finding:
        place = self._first(rows)
        first, rule = int(rows[place]), match.rule
        withheld = self._is_of_public_interest(first)
        value_of = partial(self._told, first) if withheld else partial(self._value, first)
        time = self._time(first)
        subject, asset = value_of("actor") or "", self._asset_name(first)
        reasons = _reasons(match, int(rows_of_view[place]))
        parts = parts_of(_without(reasons, self._word(first, "actor")) if withheld else reasons)
        return Finding(
            id=group_id(self._detector, rule.id, subject, asset, time),
            detector=self._detector,
            rule_id=rule.id,
            title=rule.title,
            severity=rule.level,
            score=SCORES[rule.level],
            time=time,
            last_time=self._time(int(rows[-1])),
            subject=subject,
            asset=asset,
            channel=self._word(first, "channel"),
            outcome=self._word(first, "outcome"),
            source=Position(self._word(first, "source"), self._word(first, "origin"), value_of("position") or 0),
            transfers=tuple(sorted({self._value(row, "id").hex() for row in rows.tolist()})),
            sentence=sentence_of(rule, value_of, parts),
            advice=rule.advice,
            parts=parts,
            tags=rule.tags,
        )

    def _first(self, rows: Rows) -> int:
        """Return the place among ``rows``, sorted by time, of the one that `model.findings.merge` would call first."""
        ties = int(np.searchsorted(self._times[rows], self._times[rows[0]], side="right"))
        return min(range(ties), key=lambda place: self._position(int(rows[place]))) if ties > 1 else 0

    def _position(self, row: int) -> tuple[str, int, bytes]:
        return self._word(row, "origin"), self._value(row, "position") or 0, self._value(row, "id")

    def _time(self, row: int) -> datetime:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(self._times[row]))

    def _word(self, row: int, name: str) -> str:
        return self._value(row, name) or ""

    def _value(self, row: int, name: str) -> Any:
        if name not in self._columns:
            self._columns[name] = one_chunk(self._transfers[name])
        return self._columns[name][row].as_py()

    def _told(self, row: int, name: str) -> Any:
        """Return a value of a record whose actor is withheld, and with it the machine that may be the actor's."""
        return None if name in ("actor", "from_place") else self._value(row, name)

    def _is_of_public_interest(self, row: int) -> bool:
        """Return whether the figures matter here and not the person, so as not to point at a source."""
        asset = self._register.asset_of(self._word(row, "asset"))
        return asset is not None and asset.public_interest

    @cached_property
    def _times(self) -> Rows:
        times: Rows = one_chunk(self._transfers["time"]).cast(pa.int64()).to_numpy()
        return times

    @cached_property
    def _assets(self) -> tuple[list[str], Rows]:
        """The distinct assets, by the register's id where it knows one, and the number of each row's."""
        column = column_of(self._transfers["asset"]).text
        known = [asset.id if (asset := self._register.asset_of(name)) else name for name in column.values]
        distinct = {name: number for number, name in enumerate(dict.fromkeys(["", *known]))}
        number = np.array([*(distinct[name] for name in known), 0], dtype=np.int64)
        return list(distinct), number[column.codes]

    def _asset_name(self, row: int) -> str:
        names, numbers = self._assets
        return names[int(numbers[row])]

    @cached_property
    def _group_of_row(self) -> Rows:
        """A number for each row, equal for equal actor, asset and day."""
        actor = column_of(self._transfers["actor"]).text.codes
        names, asset = self._assets
        day = self._times // _MICROSECONDS_A_DAY
        days, day_number = np.unique(day, return_inverse=True)
        group: Rows = (actor * len(names) + asset) * max(1, len(days)) + day_number
        return group


def _without(reasons: Iterator[tuple[str, str]], actor: str) -> Iterator[tuple[str, str]]:
    """Leave out the reasons that name the actor."""
    return ((field, value) for field, value in reasons if not actor or actor not in value)


def _reasons(match: Match, row: int) -> Iterator[tuple[str, str]]:
    """Yield field and value of each predicate that made the rule hold of this row."""
    condition = match.rule.condition
    for predicate in condition.reasons(match.view, row) if condition is not None else ():
        if not predicate.field:
            yield KEYWORD, _keyword(predicate)
            continue
        column = match.view.column(predicate.field)
        value = column.text.at(row) if column is not None else None
        yield predicate.field, UNKNOWN.en if value is None else value.replace(SEPARATOR, ", ")


def _keyword(predicate: Predicate) -> str:
    return " | ".join(str(value) for value in predicate.values)
