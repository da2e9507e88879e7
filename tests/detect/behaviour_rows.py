"""Rows, a register and people at ordinary work, for tests of the behaviour family."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from waybill.detect.behaviour import BehaviourDetector
from waybill.detect.behaviour.atoms import COLUMNS
from waybill.model.findings import merge
from waybill.model.protocols import Result, State, Tables
from waybill.model.register import Asset, Party, Permit, Place, RegisterSnapshot
from waybill.model.transfers import SCHEMA
from waybill.model.words import AssetKind, Grade, PartyKind

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIELDS = pa.schema([SCHEMA.field(name) for name in COLUMNS])

REGISTER = RegisterSnapshot(
    assets=(
        Asset(
            id="plans", name="Plans", kind=AssetKind.DOCUMENT, grade=Grade.CORE, home="house", patterns=("/plans/*",)
        ),
        Asset(
            id="prices",
            name="Prices",
            kind=AssetKind.DATA,
            grade=Grade.IMPORTANT,
            home="house",
            public_interest=True,
            patterns=("db.prices",),
        ),
        Asset(id="customers", name="Customers", kind=AssetKind.DATA, grade=Grade.IMPORTANT, patterns=("db.customers",)),
    ),
    places=(Place(id="house", patterns=(".house.example", "pc-*")),),
    parties=(
        Party(id="partner-app", kind=PartyKind.SERVICE, org="partner"),
        Party(id="p-two", kind=PartyKind.PERSON, org="house", roles=("chemist", "buyer")),
    ),
    permits=(Permit(id="sync", asset="customers", party="partner", max_records=5_000_000),),
)


def row(time: datetime, actor: str | None, **columns: Any) -> dict[str, Any]:
    """Return one transfer: a read in the web, unless told otherwise."""
    return {
        "time": time,
        "recorded_at": time,
        "id": random.Random(repr((time, actor, sorted(columns.items())))).randbytes(16),
        "source": "test",
        "action": "read",
        "outcome": "success",
        "channel": "web",
        "actor": actor,
        "actor_kind": "person",
        "to_place": "news.example",
        "origin": "log",
        "position": 1,
        **columns,
    }


def table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    """Return transfers with the columns that the detector reads."""
    return pa.Table.from_pylist(list(rows), schema=FIELDS)


def ask(
    rows: Sequence[dict[str, Any]], state: State | None = None, register: RegisterSnapshot = REGISTER, **options: Any
) -> Result:
    """Feed rows as one window, then ask; the state goes through JSON as it does when it is stored."""
    detector = BehaviourDetector(**options)
    state = json.loads(json.dumps(dict(state or {})))
    if rows:
        state = detector.run(Tables(table(rows), register), state).state
    result = detector.run(Tables(table([]), register), state)
    return replace(result, findings=merge(result.findings))


def working(people: int, days: int, *, seed: int = 1, first: datetime = MONDAY) -> Iterator[dict[str, Any]]:
    """Yield ordinary work of some people: sites, mail, reads of plans."""
    chance = random.Random(seed)
    for number in range(days):
        day = first + number * DAY
        if day.weekday() >= 5:
            continue
        for person in range(people):
            who = f"p-{person}"
            yield row(day + 8 * HOUR, who, action="login", channel="host", from_place=f"pc-{person}", to_place=None)
            for _ in range(chance.randint(2, 8)):
                moment = day + chance.uniform(8.5, 17) * HOUR
                yield row(moment, who, to_place=f"site-{chance.randint(0, 20)}.example")
            for _ in range(chance.randint(0, 3)):
                moment = day + chance.uniform(8.5, 17) * HOUR
                plan = f"/plans/{chance.randint(0, 50)}"
                yield row(moment, who, channel="file", asset=plan, to_place=None, bytes=1000)
