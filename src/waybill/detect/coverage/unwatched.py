"""The detector of unwatched assets: important ones that no source tells anything about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import msgspec
import numpy as np
import pyarrow as pa

from waybill.detect.coverage.activity import DAY, Activity, codes, times
from waybill.detect.coverage.wording import UNWATCHED, unwatched_advice, unwatched_sentence
from waybill.model.findings import Finding, Part, Position
from waybill.model.ids import finding_id
from waybill.model.protocols import Result, State, Tables
from waybill.model.register import Asset
from waybill.model.words import Channel, Grade, Outcome, Scope, Severity

DEFAULT_DAYS = 90
WINDOW = 400
"""Days that are remembered."""

PAUSES = 2.0
"""An asset that always was touched rarely is unwatched only after so many times its longest pause."""

_ALL = ""


class Seen(msgspec.Struct):
    """What is remembered of one asset, or of all records together."""

    days: list[Any]
    """``Activity`` of the last 400 days."""
    latest: tuple[int, str, str, int]
    """The last record: time (microseconds), source, file, position."""
    told: str = ""
    """Id of the finding that says it is unwatched."""

    def joined(self, other: Seen) -> Seen:
        """Return what two observers know together."""
        activity = Activity.restored(self.days).joined(Activity.restored(other.days), WINDOW)
        return Seen(activity.stored(), max(self.latest, other.latest), self.told or other.told)

    def longest_pause(self) -> int:
        """Return the most days from one on which something was told to the next."""
        return int(np.diff(Activity.restored(self.days).slots(WINDOW)).max(initial=0))


class UnwatchedAssetDetector:
    """Tells assets of grade important or core, or of public interest, that no source has told anything about.

    Asked is for the last ``days`` (setting ``coverage_days``), up to the newest record of any source, once there are
    records from before these days and from at least half of them. An asset is in use as long as it is in the register.
    One that was always touched rarely is told only after twice its longest pause; a finding is resolved by itself when
    a source tells about the asset again.
    """

    name: ClassVar[str] = "unwatched-asset"
    columns: tuple[str, ...] = ("time", "recorded_at", "source", "asset", "origin", "position")
    scope: ClassVar[Scope] = Scope.FOLD
    history: ClassVar[timedelta] = timedelta(0)

    def __init__(self, days: int = DEFAULT_DAYS) -> None:
        self._days = days

    def keys(self, tables: Tables) -> pa.Array:
        """Return nothing: this detector is not partitioned."""
        raise NotImplementedError

    def run(self, tables: Tables, state: State) -> Result:
        """Learn from the rows; without rows, say which assets are unwatched."""
        known = {key: msgspec.convert(value, Seen) for key, value in state.items()}
        if tables.transfers.num_rows:
            for key, seen in _seen(tables).items():
                known[key] = known[key].joined(seen) if key in known else seen
            return Result([], _stored(known))
        findings, over = self._judge(known, tables)
        return Result(findings, _stored(known), over=tuple(over))

    def _judge(self, known: dict[str, Seen], tables: Tables) -> tuple[list[Finding], list[str]]:
        findings: list[Finding] = []
        over: list[str] = []
        today = known[_ALL].days[0] if _ALL in known else 0
        if _ALL not in known or not self._is_covered(known[_ALL]):
            return findings, over
        wanted = {asset.id: asset for asset in tables.register.assets if matters(asset)}
        for key in [key for key in known if key != _ALL and key not in wanted]:
            over += [known[key].told] if known[key].told else []
            del known[key]  # it is out of use, or matters no more
        for id_, asset in sorted(wanted.items()):
            seen = known.get(id_)
            found = self._finding(asset, seen, today)
            told = seen.told if seen else ""
            if told and (found is None or told != found.id):
                over.append(told)
            if found is not None and told != found.id:
                findings.append(found)
            if seen is not None:
                seen.told = found.id if found else ""
            elif found is not None:
                known[id_] = Seen([0, "0"], (0, "", "", 0), found.id)
        return findings, over

    def _is_covered(self, everything: Seen) -> bool:
        """Return whether there are records of so many days that silence means something; one clock may be wrong."""
        active = Activity.restored(everything.days).array(WINDOW)
        before, asked = active[-2 * self._days : -self._days], active[-self._days :]
        return bool(before.any()) and int(asked.sum()) >= self._days / 2

    def _finding(self, asset: Asset, seen: Seen | None, today: int) -> Finding | None:
        """Return the finding on an asset that nobody told about for too long, or None."""
        ever = seen is not None and seen.latest[0] > 0
        pause = today - seen.days[0] if seen is not None and ever else self._days + 1
        if pause <= max(self._days, PAUSES * (seen.longest_pause() if seen is not None and ever else 0)):
            return None
        last = datetime.fromtimestamp(seen.latest[0] / 1_000_000, UTC) if seen is not None and ever else None
        moment = last or datetime.fromtimestamp((today - self._days) * 86_400, UTC)
        known_by = seen.latest if seen is not None and ever else (0, "register", "assets", 0)
        return Finding(
            id=finding_id(self.name, "unwatched-asset", asset.id, last.isoformat() if last else ""),
            detector=self.name,
            rule_id="unwatched-asset",
            title=UNWATCHED,
            severity=Severity.MEDIUM if asset.grade is Grade.CORE else Severity.LOW,
            score=30.0 + 15.0 * asset.grade.rank,
            time=moment,
            last_time=moment,
            subject="",
            asset=asset.id,
            channel=Channel.OTHER,
            outcome=Outcome.UNKNOWN,
            source=Position(*known_by[1:]),
            transfers=(),  # what did not come is no evidence of what came last
            sentence=unwatched_sentence(asset, last, known_by[1], self._days),
            advice=unwatched_advice(),
            parts=(
                Part("days without a record", str(pause) if last else "all", usual=f"at most {self._days}", share=1.0),
                Part("grade", str(asset.grade)),
            ),
        )


def matters(asset: Asset) -> bool:
    """Return whether an asset must be watched by some source."""
    return asset.public_interest or asset.grade.rank >= Grade.IMPORTANT.rank


def _seen(tables: Tables) -> dict[str, Seen]:
    """Return what some rows say of each asset that matters, by its id, and of all of them together."""
    rows = tables.transfers
    moments = times(rows)
    numbers, names = codes(rows["asset"])
    found = {number: asset for number, name in enumerate(names) if (asset := tables.register.asset_of(name))}
    ids = {number: asset.id for number, asset in found.items() if matters(asset)}
    groups: dict[str, list[int]] = {}
    for number in set(np.unique(numbers).tolist()) & ids.keys():
        groups.setdefault(ids[number], []).append(number)
    seen = {id_: _seen_in(rows, moments, np.flatnonzero(np.isin(numbers, group))) for id_, group in groups.items()}
    return {**seen, _ALL: _seen_in(rows, moments, np.arange(rows.num_rows))}


def _seen_in(rows: pa.Table, moments: np.ndarray, chosen: np.ndarray) -> Seen:
    activity = Activity.of(np.unique(moments[chosen] // DAY).tolist(), WINDOW)
    row = int(chosen[np.argmax(moments[chosen])])
    source, origin, position = (rows[name][row].as_py() for name in ("source", "origin", "position"))
    latest = int(moments[row]), source, origin or "", position or 0
    return Seen(activity.stored(), latest)


def _stored(known: dict[str, Seen]) -> dict[str, Any]:
    return {key: msgspec.to_builtins(seen) for key, seen in known.items()}
