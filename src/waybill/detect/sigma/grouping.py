"""Turns matches into findings: one for each rule, actor, asset and day (UTC)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import Any

import numpy as np
import pyarrow as pa

from waybill.detect.sigma.columns import Rows, TextColumn, column_of, one_chunk
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
        groups = self._groups(rows)
        order = np.lexsort((rows, self._times[rows], groups))
        ordered = rows[order]
        starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
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

    def _asset_name(self, row: int) -> str:
        """Return the register's id of a row's asset, or the name in the log where it knows none."""
        name = self._word(row, "asset")
        asset = self._register.asset_of(name)
        return asset.id if asset is not None else name

    def _groups(self, rows: Rows) -> Rows:
        """Return a number for each row, equal for equal actor, asset and day."""
        _, firsts, place = np.unique(self._asset.codes[rows], return_index=True, return_inverse=True)
        names = [self._asset_name(row) for row in rows[firsts].tolist()]
        number = {name: place for place, name in enumerate(dict.fromkeys(names))}
        assets = np.array([number[name] for name in names])[place]
        days = self._times[rows] // _MICROSECONDS_A_DAY
        days -= days.min()
        groups: Rows = (self._actor.codes[rows] * np.int64(len(number)) + assets) * (days.max() + 1) + days
        return groups

    @cached_property
    def _actor(self) -> TextColumn:
        return column_of(self._transfers["actor"]).text

    @cached_property
    def _asset(self) -> TextColumn:
        return column_of(self._transfers["asset"]).text


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
