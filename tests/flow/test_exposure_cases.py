"""What a survey saw of a platform and what detectors saw of its data at run time are one case."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from waybill.control import close_database
from waybill.exposure.deployed import read
from waybill.exposure.deployed.approving import approve
from waybill.exposure.deployed.manifest import Manifest
from waybill.flow.installation import Installation
from waybill.flow.surveys import exposures
from waybill.flow.surveys.surveying import look_and_keep, things_of
from waybill.model.findings import Finding, Position, Text
from waybill.model.words import Severity

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    register = tmp_path / "register"
    register.mkdir()
    (register / "assets.csv").write_text("id,name,kind,grade,patterns\ncustomers,Customers,data,important,shop\n")
    here = Installation.open(tmp_path / "data", create=True)
    from waybill.register.importing import read_folder
    from waybill.register.records import import_reading

    import_reading(read_folder(register), here.pseudonymiser, here.folder.key("identity"))
    yield Installation.open(tmp_path / "data")
    close_database()


def test_one_case(installation: Installation, tmp_path: Path) -> None:
    from waybill.cases.queries import cases
    from waybill.findings import store
    from waybill.flow.cases.opening import open_cases

    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "views.py").write_text("def home(): ...\n")
    manifest = Manifest(approve(shop).statement, frozenset({"x"}))
    (shop / "sync.py").write_text("import socket\n")
    look_and_keep(installation, "deployed", things_of("deployed", [str(shop)], read=lambda name: read(name, manifest)))
    (seen,) = exposures.found()
    rate = Finding(
        id="f" * 32, detector="behaviour", rule_id="behaviour.unlike", title=Text("unlike", "异常"),
        severity=Severity.HIGH, score=50.0, time=seen.finding.time + timedelta(hours=5),
        last_time=seen.finding.time + timedelta(hours=6), subject="", asset="customers", channel="database",
        outcome="success", transfers=("0" * 32,), source=Position("postgres", "log", 1), sentence=Text("", ""),
    )  # fmt: skip
    other = msgspec.structs.replace(rate, id="e" * 32, asset="menu", transfers=("1" * 32,))
    store.add([rate, other])
    open_cases(installation)
    held = [{placed.finding for placed in case.findings} for case in cases()]
    assert sorted(held, key=len) == [{other.id}, {seen.finding.id, rate.id}]


def test_a_finding_is_looked_at_again_only_when_it_has_changed(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from waybill.cases.grouping import group
    from waybill.findings import store
    from waybill.flow.cases import opening

    looked_at: list[list[str]] = []

    def seen(items: list[Any], **rest: Any) -> list[int]:
        looked_at.append([item.finding.id for item in items])
        return group(items, **rest)

    monkeypatch.setattr(opening, "group", seen)
    quiet = Finding(
        id="d" * 32, detector="sigma", rule_id="rule", title=Text("often", "常见"), severity=Severity.LOW, score=5.0,
        time=NOON, last_time=NOON, subject="", asset="menu", channel="web", outcome="success",
        transfers=("2" * 32,), source=Position("proxy", "log", 1), sentence=Text("", ""),
    )  # fmt: skip
    store.add([quiet])
    opening.open_cases(installation)
    opening.open_cases(installation)
    store.add([msgspec.structs.replace(quiet, transfers=("3" * 32,), last_time=NOON + timedelta(hours=1))])
    opening.open_cases(installation)
    assert [ids for ids in looked_at if ids] == [[quiet.id], [quiet.id]]
