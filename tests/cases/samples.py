"""Invented findings that are stored, and what grouping is told of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.findings.samples import DAY, finding

from waybill.cases import grouping
from waybill.cases.grouping import Incoming
from waybill.cases.traits import Trait
from waybill.cases.words import Link
from waybill.findings.store import DatabaseFindingStore
from waybill.model.findings import Finding
from waybill.model.words import Severity

WINDOW = timedelta(hours=72)
LATER = datetime(2026, 6, 1, tzinfo=DAY.tzinfo)


def at(hours: float, number: int, **changes: Any) -> Finding:
    """Return a finding of so many hours after the beginning, which rests on a transfer of its own."""
    time = DAY + timedelta(hours=hours)
    return finding(number, time=time, last_time=changes.pop("last_time", time), **changes)


def incoming(one: Finding, *traits: Trait, **changes: Any) -> Incoming:
    """Return what grouping is told of a finding."""
    opens = one.severity.number >= Severity.HIGH.number
    return Incoming(one, frozenset(traits), **{"public_interest": False, "opens": opens, **changes})


def by_actor(name: str) -> Trait:
    """Return the trait of somebody."""
    return Trait(Link.ACTOR, name)


def keep(*findings: Finding) -> None:
    """Store findings, as detection does."""
    DatabaseFindingStore().commit("sample", findings, {}, 0)


def group(*items: Incoming, now: datetime = LATER) -> list[int]:
    """Store findings and put them into cases; returns the numbers of those that were opened."""
    keep(*(item.finding for item in items))
    return grouping.group(items, window=WINDOW, now=now)


def case_for(*findings: Finding) -> int:
    """Return the number of a new case that these findings are in."""
    (number,) = group(*(incoming(one, by_actor("p-00aa11")) for one in findings))
    return number
