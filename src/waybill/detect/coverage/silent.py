"""The detector of silent sources: it learns in which hours each source sends, and tells when one stops."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import msgspec
import numpy as np
import pyarrow as pa

from waybill.detect.coverage.activity import HOUR, Activity, codes, times
from waybill.detect.coverage.rhythm import WEEK, WINDOW, Rhythm, Working, is_silent, rhythm
from waybill.detect.coverage.senders import sender_of
from waybill.detect.coverage.wording import SILENT, silent_advice, silent_sentence
from waybill.model.findings import Finding, Part, Position
from waybill.model.ids import finding_id
from waybill.model.protocols import Result, State, Tables
from waybill.model.register import RegisterSnapshot
from waybill.model.words import Channel, Grade, Outcome, Scope, Severity

UNWATCHED_GAP = 2 * HOUR
"""Microseconds between two looks of a watcher beyond which the time between them was not watched."""

MOST_SENDERS = 5_000
"""Senders that are remembered; of more, those that were seen for the shortest time are forgotten."""

FORGOTTEN = 2 * WINDOW
"""Hours after which a source that does not come back is forgotten."""

MOST_ASSETS = 3
"""Assets seen through a source that its finding names."""

_CLOCK = "clock"
_BETWEEN = "\x1f"

_SEVERITIES = {Grade.CORE: Severity.HIGH, Grade.IMPORTANT: Severity.MEDIUM}


class Sender(msgspec.Struct):
    """What is remembered of a source, or of one of its senders."""

    first: int
    """The hour in which it was first active."""
    hours: list[Any]
    """``Activity`` of the last 13 weeks."""
    latest: tuple[int, str, int]
    """Its last record: time (microseconds), file, position."""
    assets: list[str] = []
    """The gravest graded assets that were seen through it."""
    told: str = ""
    """Id of the finding that says it is silent."""

    def joined(self, other: Sender, register: RegisterSnapshot) -> Sender:
        """Return what two observers know together."""
        activity = Activity.restored(self.hours).joined(Activity.restored(other.hours), WINDOW)
        return Sender(
            min(self.first, other.first),
            activity.stored(),
            max(self.latest, other.latest),
            _gravest({*self.assets, *other.assets}, register),
            self.told or other.told,
        )

    def usual(self) -> Rhythm | None:
        """Return its rhythm, if it is known for long enough."""
        return rhythm(Activity.restored(self.hours), self.first)


class SilentSourceDetector:
    """Tells sources that used to send and stopped, and single senders of sources that have several.

    A sender is a file, whatever date or number its name carries. The rhythm is learnt from the hours in which records
    happened, over 13 weeks, at least two; nights, weekends and holidays are no silence. Where somebody watches, silence
    counts up to now, without the time in which nobody watched; else up to the newest record of any source. A finding
    is one for each silence and is resolved by itself when the source sends again; its severity follows the grade of the
    assets that were seen through the source.
    """

    name: ClassVar[str] = "silent-source"
    columns: tuple[str, ...] = ("time", "recorded_at", "source", "asset", "origin", "position")
    scope: ClassVar[Scope] = Scope.FOLD
    history: ClassVar[timedelta] = timedelta(0)

    def keys(self, tables: Tables) -> pa.Array:
        """Return nothing: this detector is not partitioned."""
        raise NotImplementedError

    def run(self, tables: Tables, state: State) -> Result:
        """Learn from the rows; without rows, say which sources are silent."""
        known = {key: msgspec.convert(value, Sender) for key, value in state.items() if key != _CLOCK}
        if tables.transfers.num_rows:
            for key, sender in _senders(tables):
                known[key] = known[key].joined(sender, tables.register) if key in known else sender
            return Result([], {**_stored(known), _CLOCK: state.get(_CLOCK, [])})
        clock = _watched(state.get(_CLOCK, []), tables.now)
        if not known:
            return Result([], {_CLOCK: clock} if clock else {})
        findings, over = _judge(known, tables, clock)
        return Result(findings, {**_stored(_remembered(known)), _CLOCK: clock}, over=tuple(over))


def _senders(tables: Tables) -> Iterator[tuple[str, Sender]]:
    """Yield what some rows say of each source and each of its senders, by key."""
    rows = tables.transfers
    moments = times(rows)
    sources, source_names = codes(rows["source"])
    origins, origin_names = codes(rows["origin"])
    names = [sender_of(name) for name in origin_names]
    distinct = {name: number for number, name in enumerate(dict.fromkeys(names))}
    groups = sources * len(distinct) + np.array([distinct[name] for name in names])[origins]
    grave = _grave_assets(rows["asset"], groups, tables.register)
    order = np.lexsort((moments, groups))
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    by_name = list(distinct)
    positions = rows["position"].fill_null(0).to_numpy()
    whole: dict[str, Sender] = {}
    for start, end in zip(starts, [*starts[1:], len(order)], strict=True):
        inside = order[start:end]
        hours = np.unique(moments[inside] // HOUR)
        row = int(inside[-1])
        latest = int(moments[row]), origin_names[origins[row]], int(positions[row])
        activity = Activity.of(hours.tolist(), WINDOW)
        sender = Sender(
            int(hours[0]), activity.stored(), latest, _gravest(grave.get(int(groups[row]), set()), tables.register)
        )
        source = source_names[sources[row]]
        whole[source] = whole[source].joined(sender, tables.register) if source in whole else sender
        yield source + _BETWEEN + by_name[groups[row] % len(distinct)], sender
    yield from whole.items()


def _grave_assets(column: pa.ChunkedArray, groups: np.ndarray, register: RegisterSnapshot) -> dict[int, set[str]]:
    """Return the ids of the important and core assets that the rows of each group concern."""
    numbers, names = codes(column)
    found = {number: asset for number, name in enumerate(names) if (asset := register.asset_of(name)) is not None}
    grave = {number: asset.id for number, asset in found.items() if asset.grade in _SEVERITIES}
    chosen = np.isin(numbers, list(grave))
    seen: dict[int, set[str]] = {}
    for pair in np.unique(groups[chosen] * len(names) + numbers[chosen]).tolist():
        seen.setdefault(pair // len(names), set()).add(grave[pair % len(names)])
    return seen


def _gravest(assets: set[str], register: RegisterSnapshot) -> list[str]:
    """Return the ids of the gravest of some assets, as far as they are registered."""
    registered = [asset for id_ in sorted(assets) if (asset := register.asset_of(id_)) is not None]
    return [asset.id for asset in sorted(registered, key=lambda asset: -asset.grade.rank)[:MOST_ASSETS]]


def _watched(clock: list[list[int]], now: datetime | None) -> list[list[int]]:
    """Return the times in which somebody watched, from and to, with ``now`` added."""
    if now is None:
        return clock
    moment = int(now.timestamp() * 1_000_000)
    kept = [span for span in clock if moment - span[1] <= WINDOW * HOUR]
    if kept and moment - kept[-1][1] <= UNWATCHED_GAP:
        return [*kept[:-1], [kept[-1][0], max(moment, kept[-1][1])]]
    return [*kept, [moment, moment]]


def _judge(known: dict[str, Sender], tables: Tables, clock: list[list[int]]) -> tuple[list[Finding], list[str]]:
    """Return findings on those that fell silent and the ids of those that are over; ``known`` notes what is told."""
    newest = max(sender.latest[0] for sender in known.values())
    until = newest if tables.now is None else int(tables.now.timestamp() * 1_000_000)
    usual = {key: its for key, sender in known.items() if _BETWEEN not in key and (its := sender.usual())}
    findings: list[Finding] = []
    over: list[str] = []
    silent: set[str] = set()
    several = _with_several_senders(known)
    for key in sorted(known):  # a source stands before its senders
        source, _, sender = key.partition(_BETWEEN)
        one = known[key]
        found: Finding | None = None
        if source not in silent and (not sender or source in several):
            hours = _silent_hours(one, until, clock if tables.now else None)
            peers = [peer for name, peer in usual.items() if sender or name != source]
            found = _finding(key, one, hours, Working(peers), tables.register)
        if found is not None and not sender:
            silent.add(source)
        if found is not None and one.told != found.id:
            findings.append(found)
        if one.told and (found is None or one.told != found.id) and source not in silent:
            over.append(one.told)
            one.told = ""
        if found is not None:
            one.told = found.id
    return findings, over


def _with_several_senders(known: Mapping[str, Sender]) -> set[str]:
    """Return the sources with at least two senders that have been there for long enough to know them."""
    count: dict[str, int] = {}
    for key, sender in known.items():
        if _BETWEEN in key and sender.hours[0] + 1 - sender.first >= 2 * WEEK:
            source = key.partition(_BETWEEN)[0]
            count[source] = count.get(source, 0) + 1
    return {source for source, senders in count.items() if senders > 1}


def _silent_hours(sender: Sender, until: int, clock: list[list[int]] | None) -> np.ndarray:
    """Return the whole hours since the last record, as far as they were watched."""
    hours = np.arange(sender.hours[0] + 1, until // HOUR)[-2 * WINDOW :]
    if clock is None or not len(hours):
        return hours
    watched = np.zeros(len(hours), bool)
    for begin, end in clock:
        watched |= (hours * HOUR >= begin) & ((hours + 1) * HOUR <= end)
    return hours[watched]


def _finding(
    key: str, sender: Sender, hours: np.ndarray, working: Working, register: RegisterSnapshot
) -> Finding | None:
    """Return the finding on one that is silent, or None."""
    usual = sender.usual() if len(hours) else None
    if usual is None or not is_silent(usual, hours, working):
        return None
    source, _, name = key.partition(_BETWEEN)
    moment = datetime.fromtimestamp(sender.latest[0] / 1_000_000, UTC)
    assets = [asset for id_ in sender.assets if (asset := register.asset_of(id_)) is not None]
    grade = max((asset.grade for asset in assets), key=lambda grade: grade.rank, default=Grade.GENERAL)
    rule = "silent-source.sender" if name else "silent-source.source"
    longest, median = usual.longest_gap, max(1, usual.median_gap)
    return Finding(
        id=finding_id(SilentSourceDetector.name, rule, source, name, moment.isoformat()),
        detector=SilentSourceDetector.name,
        rule_id=rule,
        title=SILENT[rule],
        severity=_SEVERITIES.get(grade, Severity.LOW),
        score=40.0 + 15.0 * grade.rank,
        time=moment,
        last_time=moment,
        subject="",
        asset=assets[0].id if assets else "",
        channel=Channel.OTHER,
        outcome=Outcome.UNKNOWN,
        source=Position(source, sender.latest[1], sender.latest[2]),
        transfers=(),  # what did not come is no evidence of what came last
        sentence=silent_sentence(source, name, moment, (median, longest), assets),
        advice=silent_advice(),
        parts=(
            Part("silence", f"{len(hours)} hours", usual=f"at most {longest} hours, mostly {median}", share=1.0),
            Part("weeks known", str(usual.weeks)),
        ),
        tags=("attack.t1562",),
    )


def _remembered(known: dict[str, Sender]) -> dict[str, Sender]:
    """Return what is worth remembering: no sender that never came back, and not too many."""
    newest = max(sender.hours[0] for sender in known.values())
    kept = {key: sender for key, sender in known.items() if newest - sender.hours[0] <= FORGOTTEN}
    brief = sorted((k for k in kept if _BETWEEN in k), key=lambda k: (kept[k].hours[0] - kept[k].first, k))
    for key in brief[: max(0, len(brief) - MOST_SENDERS)]:
        del kept[key]
    return kept


def _stored(known: Mapping[str, Sender]) -> dict[str, Any]:
    return {key: msgspec.to_builtins(sender) for key, sender in known.items()}
