"""Harvests: somebody reads far more records of one asset than ever before, and nobody declared that purpose.

A caller is whoever reads, with the asset that is read. A day is told when it has at least ``LEAST`` records, at least
``TIMES`` as many as the busiest day of the last quarter, and no permit names the asset and the caller (or the caller's
organisation) with room for that many. Programs that drain a table slowly do so evenly: a rate that never varies is a
reason of its own, and where it did not hold on earlier days, ``TIMES_IF_STEADY`` is enough.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from waybill.detect.behaviour.kinds import Kind, are_of
from waybill.detect.behaviour.wording import HARVEST, HARVEST_ADVICE, amount
from waybill.model.findings import GRADES, Finding, Part, Position, Text
from waybill.model.ids import finding_id
from waybill.model.register import Asset, RegisterSnapshot
from waybill.model.words import Channel, Grade, Outcome, Severity

NAME = "behaviour"
RULE = "behaviour.harvest"

LEAST = 10_000
"""Records of a day below which nothing is a harvest."""

TIMES = 5.0
"""Times the busiest day of the last quarter."""

TIMES_IF_STEADY = 1.5
"""The same, for a day on which the records of each hour are as many as those of the others."""

STEADY_HOURS = 20
"""Hours of a day with reads, from which a rate can be called steady."""

QUARTER = 92
"""Days that are remembered."""

LEARNING = 28
"""Days that must have been seen before anything is told."""

EVEN = 1.25
"""The largest read over the mean read, up to which ``EVEN_READS`` reads or more are even."""
EVEN_READS = 10

TOGETHER = 14
"""Days within which what is told of a caller is one finding."""

MOST_EVIDENCE = 200

_SEVERITIES = {Grade.CORE: Severity.HIGH, Grade.IMPORTANT: Severity.HIGH, Grade.SENSITIVE: Severity.MEDIUM}


class Caller(msgspec.Struct):
    """What is remembered of one who reads one asset."""

    actor: str
    asset: str
    days: list[tuple[int, int]]
    """Days of the last quarter with the records read on them."""
    begin: int = -TOGETHER
    """The day on which it was told first."""
    told: int = -TOGETHER
    """The day on which it was told last."""
    steady: bool = False
    """Whether it has read at a steady rate before, and that was right."""


class Callers(msgspec.Struct):
    """Everybody who reads records, and the first day that was seen."""

    known: list[Caller]
    since: int = -1


def judge(callers: Callers, atoms: pa.Table, register: RegisterSnapshot) -> list[Finding]:
    """Return the harvests on these days, and learn from them."""
    reads = are_of(atoms, (Kind.QUERY, Kind.DOWNLOAD, Kind.READ, Kind.UPLOAD))
    some = atoms.filter(pc.and_(reads, pc.greater(atoms["records"], 0)))
    by_key = {(caller.actor, caller.asset): caller for caller in callers.known}
    found = []
    if callers.since < 0 and atoms.num_rows:
        callers.since = pc.min(atoms["day"]).as_py()
    for (day, actor, name), rows in _days(some):
        caller = by_key.setdefault((actor, name), Caller(actor, name, []))
        records = sum(row["records"] for row in rows)
        usual = max((count for at, count in caller.days if at > day - QUARTER), default=0)
        asset = register.asset_of(name)
        known = day - callers.since >= LEARNING
        goes_on = 0 < day - caller.told <= TOGETHER and records >= LEAST
        times = TIMES_IF_STEADY if _is_steady(rows) and not caller.steady else TIMES
        begins = known and records >= max(LEAST, times * usual)
        if (goes_on or begins) and not _declared(asset, actor, rows, records, register):
            caller.begin = caller.begin if goes_on else day
            caller.told = day
            found.append(_finding(caller, asset, rows, records, usual))
        else:
            caller.days = [*((at, count) for at, count in caller.days if at > day - QUARTER), (day, records)]
            caller.steady |= _is_steady(rows)
    last = pc.max(atoms["day"]).as_py() or 0
    kept = (caller for caller in by_key.values() if _matters(caller, last))
    callers.known = sorted(kept, key=lambda caller: (caller.actor, caller.asset))
    return found


def stored(callers: Callers) -> Any:
    """Return callers as JSON values."""
    return msgspec.to_builtins(callers)


def restored(kept: Any) -> Callers:
    """Return what ``stored`` gave."""
    return msgspec.convert(kept, Callers) if kept else Callers([])


def _days(atoms: pa.Table) -> Iterable[tuple[tuple[int, str, str], list[dict[str, Any]]]]:
    """Yield day, actor and asset with their rows, in order."""
    groups: dict[tuple[int, str, str], list[dict[str, Any]]] = {}
    columns = atoms.select(["day", "actor", "asset", "hour", "count", "records", "largest", "time", "id"])
    for row in columns.sort_by([("time", "ascending"), ("id", "ascending")]).to_pylist():
        groups.setdefault((row["day"], row["actor"], row["asset"]), []).append(row)
    return sorted(groups.items())


def _matters(caller: Caller, day: int) -> bool:
    """Return whether anything of a caller is still to be remembered; what is older than a quarter goes."""
    caller.days = [(at, count) for at, count in caller.days if at > day - QUARTER]
    return bool(caller.days) or caller.told > day - QUARTER


def _is_steady(rows: list[dict[str, Any]]) -> bool:
    """Return whether a caller read at a rate that never varied all day long."""
    hours: dict[int, int] = {}
    for row in rows:
        hours[row["hour"]] = hours.get(row["hour"], 0) + row["records"]
    return len(hours) >= STEADY_HOURS and max(hours.values()) <= EVEN * sum(hours.values()) / len(hours)


def _declared(
    asset: Asset | None, actor: str, rows: list[dict[str, Any]], records: int, register: RegisterSnapshot
) -> bool:
    """Return whether a permit names the asset and the caller, holds on that day, and has room for so many records."""
    if asset is None:
        return False
    party = register.party(actor)
    names = {actor, party.org if party else actor}
    moment = datetime.fromtimestamp(rows[0]["time"] / 1_000_000, UTC)
    return any(
        permit.party in names
        and (permit.valid_from is None or permit.valid_from <= moment)
        and (permit.valid_until is None or moment < permit.valid_until)
        and (permit.max_records is None or records <= permit.max_records)
        for permit in register.permits_by_asset.get(asset.id, ())
    )


def _finding(caller: Caller, asset: Asset | None, rows: list[dict[str, Any]], records: int, usual: int) -> Finding:
    reads = sum(row["count"] for row in rows)
    largest = max(row["largest"] for row in rows)
    even = _is_steady(rows) or (reads >= EVEN_READS and largest <= EVEN * records / reads)
    surprise = max(0.1, float(np.log(records / max(usual, LEAST / TIMES))))
    nats = [("records a day", surprise), ("evenness", 2.0 if even else 0.0)]
    total = sum(share for _, share in nats)
    grade = asset.grade if asset else Grade.GENERAL
    public = asset is not None and asset.public_interest
    chosen = sorted(rows, key=lambda row: (-row["records"], row["time"]))[:MOST_EVIDENCE]
    times = [datetime.fromtimestamp(row["time"] / 1_000_000, UTC) for row in rows]
    subject = "" if public else caller.actor
    return Finding(
        id=finding_id(NAME, RULE, caller.actor, caller.asset, str(caller.begin)),
        detector=NAME,
        rule_id=RULE,
        title=HARVEST,
        severity=_SEVERITIES.get(grade, Severity.LOW),
        score=min(100.0, 40 + 10 * grade.rank + 5 * total),
        time=times[0],
        last_time=times[-1],
        subject=subject,
        asset=asset.id if asset else caller.asset,
        channel=Channel.DATABASE,
        outcome=Outcome.SUCCESS,
        source=Position(NAME, "", 0),
        transfers=tuple(sorted({row["id"].hex() for row in chosen})),
        sentence=_sentence(subject, asset, caller, records, usual, even=even),
        advice=HARVEST_ADVICE,
        parts=(
            Part("records a day", amount(records), usual=f"at most {amount(usual)}", share=nats[0][1] / total),
            Part("evenness", f"{largest * reads / records:.2f}", usual=f"above {EVEN}", share=nats[1][1] / total),
        ),
    )


def _sentence(who: str, asset: Asset | None, caller: Caller, records: int, usual: int, *, even: bool) -> Text:
    grade = GRADES[asset.grade] if asset else Text("", "")
    what = asset.name if asset else caller.asset
    day = records
    en = f"{who or 'Somebody (withheld)'} read {amount(day)} records of {grade.en} “{what}” in a day; "
    en += f"at most {amount(usual)} on any day of the last {QUARTER} days, and no permit declares it"
    zh = f"{who or '（身份不予显示）'} 一天读取{grade.zh}“{what}”{amount(day)} 条记录；"
    zh += f"近 {QUARTER} 天单日最多 {amount(usual)} 条，且无许可申明此用途"
    if even:
        en += "; the reads are as even as only a program's"
        zh += "；各次读取量极为均匀，只有程序才会如此"
    return Text(f"{en}.", f"{zh}。")
