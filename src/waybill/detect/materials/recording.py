"""The records themselves: handed over far too late, and taken back after others have relied on them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from waybill.detect.materials.chain import Chain
from waybill.detect.materials.statements import Statement
from waybill.epcis.history.arrays import NONE, Numbers, coded, grouped
from waybill.model.findings import Part
from waybill.model.words import Severity

DAYS, TIMES = 14.0, 10.0
"""Days after which a record is late, and how many times the usual delay of who hands records over."""


def check(chain: Chain) -> Iterator[Statement]:
    """Tell records that came far later than the submitter's usually do, and those withdrawn without a correction."""
    yield from _late(chain)
    yield from _withdrawn(chain)


def _late(chain: Chain) -> Iterator[Statement]:
    history, rows = chain.history, chain.history.rows
    if not len(history.time):
        return
    days = (history.recorded - history.time) / 8.64e10
    who = history.column("submitter").codes + 1
    usual = np.zeros(len(days))
    for group in grouped(who):
        usual[group] = np.median(days[group])
    late = days > np.maximum(DAYS, TIMES * usual)
    first = _first_rows(rows.event, len(days))
    for event in np.flatnonzero(late & (first != NONE)):
        yield Statement(
            "record-late",
            [int(first[event])],
            Severity.LOW,
            {
                "days": f"{days[event]:.0f}",
                "usual": f"{usual[event]:.1f}",
                "step": history.step.word(int(event)) or "—",
            },
            (Part("days late", f"{days[event]:.1f}", usual=f"{usual[event]:.1f}", share=1.0),),
        )


def _withdrawn(chain: Chain) -> Iterator[Statement]:
    """Tell events declared in error, with nothing in their place, on items that others have seen since."""
    history, rows = chain.history, chain.history.rows
    table = history.withdrawn
    bare = pa.array([not row for row in table["corrective"].to_pylist()], pa.bool_())
    table = table.filter(bare)
    if not table.num_rows or not len(rows.event):
        return
    items, number, transfers = history.items_of(table["number"])
    moments = np.asarray(table["time"].cast(pa.int64()).to_numpy())
    reasons = coded(table["reason"])
    time = history.time[rows.event]
    told: set[int] = set()
    for item, event, transfer in zip(items.tolist(), number.tolist(), transfers, strict=True):
        relying = np.flatnonzero((rows.item.codes == item) & (time > moments[event]))
        if not len(relying) or event in told:
            continue
        told.add(event)
        yield Statement(
            "record-withdrawn",
            [int(relying[0])],
            Severity.MEDIUM,
            {"step": table["biz_step"][event].as_py() or "—", "reason": reasons.word(event) or "—"},
            (Part("withdrawn", table["id"][event].as_py(), share=1.0),),
            transfers=(transfer,),
        )


def _first_rows(events: Numbers, size: int) -> Numbers:
    """Return the first row of each event; NONE of an event without rows."""
    first = np.full(size, NONE)
    first[events[::-1]] = np.arange(len(events))[::-1]
    return first
