"""Turns matches into what a correlation remembers of them, and windows that fulfil it into findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import pyarrow as pa

from waybill.detect.sigma.columns import one_chunk
from waybill.detect.sigma.correlations import SECOND, Correlation
from waybill.detect.sigma.episodes import Entry
from waybill.detect.sigma.matching import Match
from waybill.detect.sigma.rules import Rule
from waybill.detect.sigma.scores import SCORES
from waybill.detect.sigma.sentences import parts_of, sentence_of
from waybill.model.findings import Finding, Position
from waybill.model.ids import finding_id
from waybill.model.register import RegisterSnapshot

_DAY = 86_400 * SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_QUOTED = ("actor", "asset", "channel", "outcome", "source", "origin")


def entries_of(
    match: Match, correlation: Correlation, number: int, transfers: pa.Table
) -> Iterator[tuple[tuple[str, ...], Entry]]:
    """Yield each record of a match with its group; one that lacks a field of the group belongs to none."""
    rule = match.rule.id
    grouping = [_texts(match, correlation.field_of(name, rule)) for name in correlation.group_by]
    counted = [_texts(match, correlation.field_of(name, rule)) for name in correlation.fields]
    rows = match.view.rows[match.rows]
    taken = transfers.select(["time", "id", "position", *_QUOTED]).take(pa.array(rows))
    times = one_chunk(taken["time"]).cast(pa.int64()).to_pylist()
    ids = taken["id"].to_pylist()
    actors, assets, channels, outcomes, sources, origins = (
        [text or "" for text in taken[name].to_pylist()] for name in _QUOTED
    )
    positions = taken["position"].to_pylist()
    for place, (time, record) in enumerate(zip(times, ids, strict=True)):
        group = tuple(column[place] for column in grouping)
        if None in group:
            continue
        yield (
            tuple(map(str, group)),
            Entry(
                time,
                record.hex(),
                number,
                tuple(column[place] for column in counted),
                actors[place],
                assets[place],
                channels[place],
                outcomes[place],
                sources[place],
                origins[place],
                positions[place] or 0,
            ),
        )


def _texts(match: Match, field: str) -> list[str | None]:
    """Return the values of a field in the rows of a match."""
    column = match.view.column(field)
    if column is None:
        return [None] * len(match.rows)
    text = column.text
    return [text.at(int(row)) for row in match.rows]


def findings_of(
    detector: str, rule: Rule, group: Sequence[str], windows: Sequence[Sequence[Entry]], register: RegisterSnapshot
) -> Iterator[Finding]:
    """Yield a finding for each day (UTC) on which windows end that fulfil the correlation."""
    days: dict[int, dict[Entry, None]] = {}
    for window in windows:
        days.setdefault(window[-1].time // _DAY, {}).update(dict.fromkeys(window))
    for day, entries in days.items():
        found = _finding(detector, rule, group, sorted(entries), register)
        yield msgspec.structs.replace(found, id=finding_id(detector, rule.id, *group, str(day)))


def _finding(
    detector: str, rule: Rule, group: Sequence[str], entries: Sequence[Entry], register: RegisterSnapshot
) -> Finding:
    first = entries[0]
    asset = register.asset_of(first.asset)
    withheld = asset is not None and asset.public_interest  # the figures matter then and not the person
    reasons = [
        (name, value)
        for name, value in zip(rule.asked.group_by, group, strict=True)
        if not (withheld and first.actor in value)
    ]
    parts = parts_of(iter([*reasons, ("within", _span(rule.asked.span))]))
    told = {
        "actor": "" if withheld else first.actor,
        "asset": first.asset,
        "channel": first.channel,
        "source": first.source,
        "outcome": first.outcome,
    }
    return Finding(
        id="",
        detector=detector,
        rule_id=rule.id,
        title=rule.title,
        severity=rule.level,
        score=SCORES[rule.level],
        time=_time(first.time),
        last_time=_time(entries[-1].time),
        subject=told["actor"],
        asset=asset.id if asset is not None else first.asset,
        channel=first.channel,
        outcome=first.outcome,
        source=Position(first.source, first.origin, first.position),
        transfers=tuple(sorted({entry.id for entry in entries})),
        sentence=sentence_of(rule, told.get, parts),
        advice=rule.advice,
        parts=parts,
        tags=rule.tags,
    )


def _time(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def _span(microseconds: int) -> str:
    return str(timedelta(microseconds=microseconds))
