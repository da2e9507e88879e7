"""What a survey keeps in mind, and what an exposure weighs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from waybill.exposure import FAMILIES, NotInspected, Passage, Snapshot, checks_of, survey
from waybill.exposure.devices.volume import Volume
from waybill.exposure.snapshots import Unread
from waybill.model.findings import Position
from waybill.model.register import Asset, Place, RegisterSnapshot
from waybill.model.words import AssetKind, Grade, Severity

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CHECKS = FAMILIES["devices"].checks()
GRADES = {Grade.GENERAL: "medium", Grade.SENSITIVE: "high", Grade.IMPORTANT: "critical", Grade.CORE: "critical"}


def stick(encrypted: Any = False, place: str = "press-7:/dev/sdb1") -> Volume:
    parts = {"removable": True, "encrypted": encrypted, "protected": encrypted}
    return Volume(place, Position("lsblk", "f", 1), ("press-7",), parts)


def test_metadata_of_every_check() -> None:
    known = [check for family in FAMILIES.values() for check in family.checks()]
    assert len({check.id for check in known}) == len(known)
    for family in FAMILIES.values():
        for check in checks_of(family.package):
            about = check.about
            assert check.id.startswith(f"{family.name}-")
            assert all((about.title.en, about.title.zh, about.risk.en, about.risk.zh, about.remedy.en, about.remedy.zh))
            assert about.references


def test_weighed_by_what_lies_there() -> None:
    for grade, severity in GRADES.items():
        asset = Asset(id="plans", name="Plans", kind=AssetKind.DATA, grade=grade, home="hall")
        places = (Place(id="site"), Place(id="hall", parent="site"), Place(id="press", patterns=("press-7",)))
        at_home = RegisterSnapshot(assets=(asset,), places=(*places[:1], Place(id="hall", patterns=("press-7",))))
        by_name = RegisterSnapshot(
            assets=(Asset(id="plans", name="Plans", kind=AssetKind.DATA, grade=grade, patterns=("press-7",)),)
        )
        elsewhere = RegisterSnapshot(assets=(asset,), places=places)
        for register in (at_home, by_name):
            (finding,) = survey([stick()], CHECKS, register, NOW).findings
            assert (finding.severity, finding.asset) == (Severity(severity), "plans")
            assert "Behind it lies Plans" in finding.sentence.en
        (finding,) = survey([stick()], CHECKS, elsewhere, NOW).findings
        assert finding.severity is Severity.HIGH
        assert "not registered" in finding.sentence.en


def test_weighed_by_what_went_through() -> None:
    gone = Passage(3, 480_000, ("ab" * 16,))
    (finding,) = survey([stick()], CHECKS, RegisterSnapshot(), NOW, passages=lambda thing: gone).findings
    assert finding.severity is Severity.CRITICAL
    assert finding.transfers == ("ab" * 16,)
    assert "480,000 records went through it" in finding.sentence.en


def test_opened_and_closed() -> None:
    first = survey([stick()], CHECKS, RegisterSnapshot(), NOW)
    again = survey([stick()], CHECKS, RegisterSnapshot(), NOW + timedelta(days=1), before=first.open)
    assert [one.id for one in again.findings] == first.opened
    assert again.findings == first.findings
    assert (again.opened, again.closed) == ([], [])
    mended = survey([stick(encrypted=True)], CHECKS, RegisterSnapshot(), NOW + timedelta(days=2), before=again.open)
    assert (mended.findings, mended.closed) == ([], first.opened)
    anew = survey([stick()], CHECKS, RegisterSnapshot(), NOW + timedelta(days=3), before=mended.open)
    assert anew.opened != first.opened


def test_what_nobody_could_look_at_stays_open() -> None:
    first = survey([stick()], CHECKS, RegisterSnapshot(), NOW)
    unread = stick(encrypted=Unread("no rights"))
    later = survey([unread, NotInspected("press-8", "gone")], CHECKS, RegisterSnapshot(), NOW, before=first.open)
    assert later.closed == []
    assert later.open == first.open
    assert {gap.why for gap in later.gaps} == {"no rights", "gone"}
    assert survey([], CHECKS, RegisterSnapshot(), NOW, before=first.open).open == first.open


@given(st.lists(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([True, False, None])), max_size=4), max_size=6))
def test_what_is_open_is_what_was_last_seen(rounds: list[list[tuple[int, bool | None]]]) -> None:
    before: dict[str, dict[str, str]] = {}
    standing: dict[str, bool] = {}
    open_now: set[str] = set()
    for day, looks in enumerate(rounds):
        things: list[Snapshot] = []
        for number, encrypted in dict(looks).items():
            place = f"stick-{number}"
            things.append(stick(Unread("?") if encrypted is None else encrypted, place))
            if encrypted is not None:
                standing[place] = not encrypted
        found = survey(things, CHECKS, RegisterSnapshot(), NOW + timedelta(days=day), before=before)
        before = found.open
        assert not open_now.intersection(found.opened)
        assert open_now.issuperset(found.closed)
        open_now = (open_now | set(found.opened)) - set(found.closed)
        assert {place for place, known in before.items() if known} == {
            place for place, is_open in standing.items() if is_open
        }
        assert len(open_now) == sum(standing.values())
