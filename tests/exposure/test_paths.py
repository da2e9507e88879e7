"""Shortest ways from somebody through an exposure to an asset."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from waybill.exposure.checks import checks_of
from waybill.exposure.families import FAMILIES
from waybill.exposure.paths import _TAKEOVER, _WHO, Kind, ways
from waybill.model.findings import Finding, Part, Position, Text
from waybill.model.register import Asset, Permit, Place, RegisterSnapshot
from waybill.model.words import AssetKind, Grade, Severity

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def exposure(rule: str, where: str, asset: str = "", severity: Severity = Severity.HIGH) -> Finding:
    return Finding(
        id=f"{rule} {where}", detector="exposure", rule_id=rule, title=Text(rule, rule), severity=severity, score=1.0,
        time=NOW, last_time=NOW, subject="", asset=asset or where, channel="", outcome="", transfers=(),
        source=Position("", "", 0), sentence=Text("", ""), parts=(Part("where", where),),
    )  # fmt: skip


def asset(id: str, home: str = "", grade: Grade = Grade.CORE) -> Asset:
    return Asset(id=id, name=id, kind=AssetKind.DATA, grade=grade, home=home)


REGISTER = RegisterSnapshot(
    assets=(asset("plans", "vault"), asset("recipes", "plant"), asset("menu", "plant", Grade.GENERAL)),
    places=(
        Place(id="site"),
        Place(id="vault", parent="site", patterns=("vault.example",)),
        Place(id="plant", parent="site", patterns=("plant.example",)),
        Place(id="drop", patterns=("s3://drop",)),
    ),
    permits=(Permit(id="p1", asset="recipes", place="drop", party="partner"),),
)


def told(*findings: Finding, least: Grade = Grade.CORE) -> list[list[str]]:
    return [[step.id for step in way.steps] for way in ways(findings, REGISTER, least)]


def test_right_behind_it() -> None:
    assert told(exposure("storage-public-read", "s3://x", "plans")) == [
        ["anybody", "storage-public-read s3://x", "plans"]
    ]
    assert told(exposure("storage-public-read", "s3://x")) == []


def test_a_place_that_is_taken_over_opens_what_is_at_home_there() -> None:
    reading, taking = (
        exposure("storage-open-listing", "plant.example"),
        exposure("storage-open-upload", "plant.example"),
    )
    assert told(reading) == []
    assert told(taking) == [["anybody", "storage-open-upload plant.example", "plant", "recipes"]]
    assert {way[-1] for way in told(taking, least=Grade.GENERAL)} == {"recipes", "menu"}


def test_what_a_permit_brings_to_an_open_place() -> None:
    assert told(exposure("storage-public-read", "s3://drop")) == [
        ["anybody", "storage-public-read s3://drop", "drop", "p1", "recipes"]
    ]


def test_the_shortest_and_the_gravest_come_first() -> None:
    far = exposure("storage-open-upload", "plant.example", severity=Severity.CRITICAL)
    near = exposure("devices-plain-removable", "press-7:/dev/sdb1", "recipes", severity=Severity.LOW)
    grave = exposure("storage-public-read", "s3://x", "recipes", severity=Severity.CRITICAL)
    assert [way[1] for way in told(far, near, grave)] == [grave.id, near.id, far.id]


@given(st.lists(st.tuples(st.sampled_from(["storage-open-upload", "code-x", "apps-x", "deployed-code"]),
                          st.sampled_from(["vault.example", "s3://drop", "plant.example", "nowhere"]),
                          st.sampled_from(["", "plans", "recipes"])), max_size=8))  # fmt: skip
def test_every_way_begins_with_somebody_and_ends_at_the_asset(some: list[tuple[str, str, str]]) -> None:
    for way in ways([exposure(*one) for one in some], REGISTER, Grade.GENERAL):
        kinds = [step.kind for step in way.steps]
        assert (kinds[0], kinds[1], kinds[-1]) == (Kind.WHO, Kind.EXPOSURE, Kind.ASSET)
        assert kinds.count(Kind.EXPOSURE) == 1
        assert way.steps[-1].id == way.asset.id
        assert len(set(way.steps)) == len(way.steps)


def test_every_check_that_is_named_exists() -> None:
    known = {check.id for family in FAMILIES.values() for check in checks_of(family.package)}
    assert known >= _TAKEOVER
    assert known | set(FAMILIES) >= set(_WHO)
