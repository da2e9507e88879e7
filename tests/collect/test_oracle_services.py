"""Labelled events of services that others recorded: all are read, by the right mapping, with who, what and when."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.collect.format_samples import batches, rejected_of, rows_of

pytestmark = pytest.mark.oracle

Record = dict[str, Any]

TIME = "2026-03-04T05:06:07Z"


@pytest.fixture(scope="module")
def tests() -> list[Record]:
    """All labelled events."""
    folder = os.environ.get("WAYBILL_CORPORA")
    if not folder:
        pytest.skip("WAYBILL_CORPORA is not set: these tests read events that others recorded")
    return [orjson.loads(line) for line in (Path(folder) / "panther-tests/tests.jsonl").read_bytes().splitlines()]


def of(record: Record, *path: str) -> Any:
    """Return what stands at a path, or None."""
    value: Any = record
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


PRODUCTS: dict[str, tuple[tuple[str, ...], Callable[[Record], bool], Callable[[Record], Record]]] = {
    "github-audit": (
        ("GitHub.Audit",),
        lambda log: isinstance(log.get("actor"), str) and "." in str(log.get("action")),
        lambda log: log if log.get("created_at") or log.get("@timestamp") else {**log, "@timestamp": TIME},
    ),
    "google-workspace": (
        ("GSuite.ActivityEvent",),
        lambda log: bool(of(log, "id", "applicationName") and log.get("name")),
        lambda log: log if of(log, "id", "time") else {**log, "id": {**log["id"], "time": TIME}},
    ),
    "okta": (
        ("Okta.SystemLog",),
        lambda log: bool((log.get("eventType") or log.get("eventtype")) and of(log, "actor", "id")),
        lambda log: log if log.get("published") else {**log, "published": TIME},
    ),
    "microsoft-365": (
        ("Microsoft365.Audit.SharePoint", "Microsoft365.Audit.AzureActiveDirectory"),
        lambda log: "Operation" in log,
        lambda log: log,
    ),
    "osquery": (
        ("Osquery.Differential",),
        lambda log: "columns" in log,
        lambda log: {"hostIdentifier": "host", **(log if log.get("unixTime") else {**log, "unixTime": "1772600767"})},
    ),
}
"""By mapping: log types, what tells the product's own events from those of other products that the same test lists,
and the time of those that were shortened until none was left."""

BROKEN = {"github-audit": 4}
"""Events whose time is none: `00:00:00000000` has no point before the fraction, or lacks a digit elsewhere."""

FILLED = {
    "github-audit": (79, {"actor": 0.98, "asset": 0.94, "from_place": 0.7, "verb": 0.97}),
    "google-workspace": (82, {"actor": 0.92, "asset": 0.74, "from_place": 0.98, "verb": 0.91}),
    "okta": (38, {"actor": 1, "asset": 0.73, "from_place": 0.94, "verb": 0.76}),
    "microsoft-365": (9, {"actor": 1, "asset": 1, "from_place": 0.77, "verb": 1}),
    "osquery": (21, {"actor": 0.23, "asset": 0.61, "from_place": 1, "verb": 1}),
}
"""How many events there are, and the least share of them that says who, what, from where, and does more than
``other``. The rest says no more: shortened tests without an actor or object, warnings, rows of osquery itself."""


def events(tests: list[Record], name: str) -> list[Record]:
    """Return the events of a product."""
    types, is_own, dated = PRODUCTS[name]
    logs = [test["log"] for test in tests if set(types) & set(test["logtypes"] or ())]
    return [dated(log) for log in logs if is_own(log)]


@pytest.mark.parametrize("name", PRODUCTS)
def test_every_event_is_read_by_its_own_mapping(tests: list[Record], tmp_path: Path, name: str) -> None:
    logs = events(tests, name)
    count, least = FILLED[name]
    assert len(logs) >= count
    (tmp_path / "log").write_bytes(b"\n".join(map(orjson.dumps, logs)))
    found = batches(tmp_path / "log")
    assert [one.field for one in rejected_of(found)] == ["time"] * BROKEN.get(name, 0)
    rows = rows_of(found)
    assert {row["source"] for row in rows} == {name}
    shares = {column: sum(bool(row.get(column)) for row in rows) / len(rows) for column in least}
    shares["verb"] = sum(row["action"] != "other" for row in rows) / len(rows)
    assert {column: share for column, share in shares.items() if share < least[column]} == {}


@pytest.mark.parametrize("name", PRODUCTS)
def test_an_event_alone_is_recognised_or_told(tests: list[Record], tmp_path: Path, name: str) -> None:
    """Even a shortened event is never read by the mapping of another product."""
    for number, log in enumerate(events(tests, name)):
        (tmp_path / f"{number:03}").write_bytes(orjson.dumps(log))
    found = batches(tmp_path)
    assert {row["source"] for row in rows_of(found)} == {name}
    told = [one for one in rejected_of(found) if one.reason == "no mapping recognises this file"]
    assert len(told) <= 0.16 * len(events(tests, name))
