"""The detector gives the same answer however rows arrive, rests on evidence, and answers bad input clearly."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.detect.behaviour_rows import DAY, HOUR, MONDAY, REGISTER, ask, row, table, working

from waybill.detect.behaviour import BehaviourDetector, confirmed, recent_days
from waybill.detect.behaviour.adding import plain
from waybill.detect.behaviour.atoms import COLUMNS, atoms, summed
from waybill.detect.behaviour.days import Day, Novelty
from waybill.detect.behaviour.features import COLUMN
from waybill.detect.behaviour.kinds import Company, Kind
from waybill.detect.behaviour.memory import pack, unpack
from waybill.detect.behaviour.observer import Observer
from waybill.detect.behaviour.people import Event, events
from waybill.flow.detection import Detection
from waybill.model.findings import Finding
from waybill.model.protocols import Result, State, Tables
from waybill.model.register import Party, Permit, Place, RegisterSnapshot
from waybill.model.transfers import SCHEMA
from waybill.model.words import PartyKind
from waybill.simulate.population import populate
from waybill.simulate.population.company import CAREER_PLACE

RATE = 0.01


@cache
def a_company() -> tuple[pa.Table, RegisterSnapshot]:
    company = populate(7, people=60, days=44)
    transfers = company.transfers
    for name in set(COLUMNS) - set(transfers.column_names):
        transfers = transfers.append_column(name, pa.nulls(transfers.num_rows, SCHEMA.field(name).type))
    return transfers.select(list(COLUMNS)), company.register


@cache
def at_once() -> Result:
    transfers, register = a_company()
    with Detection([BehaviourDetector(RATE, (CAREER_PLACE,))], register) as detection:
        detection.feed(transfers)
        return detection.finish()["behaviour"]


def test_rows_in_windows_of_any_size_and_order_give_the_same() -> None:
    transfers, register = a_company()
    shuffled = transfers.take(pa.array(np.random.default_rng(1).permutation(transfers.num_rows)))
    with Detection([BehaviourDetector(RATE, (CAREER_PLACE,))], register) as detection:
        for begin in range(0, shuffled.num_rows, 70_001):
            detection.feed(shuffled.slice(begin, 70_001))
        assert detection.finish()["behaviour"] == at_once()


def test_runs_of_a_week_each_give_what_one_run_gives() -> None:
    transfers, register = a_company()
    first = transfers["time"].cast(pa.int64()).to_numpy()
    week = (first - first.min()) // (7 * 86_400_000_000)
    state: State = {}
    told: dict[str, Finding] = {}
    for number in range(int(week.max()) + 1):
        with Detection([BehaviourDetector(RATE, (CAREER_PLACE,))], register, states={"behaviour": state}) as detection:
            detection.feed(transfers.filter(pa.array(week == number)))
            result = detection.finish()["behaviour"]
        state = json.loads(json.dumps(dict(result.state)))
        told |= {finding.id: finding for finding in result.findings}
    assert {finding.id for finding in at_once().findings} <= set(told)
    assert state["observer"] == at_once().state["observer"]


def test_findings_rest_on_evidence_and_their_parts_add_up() -> None:
    rows = [*working(20, 50), *taker(MONDAY + 45 * DAY)]
    ids = {one["id"].hex() for one in rows}
    findings = ask(rows, rate=0.01).findings
    assert findings
    for finding in findings:
        assert finding.transfers
        assert set(finding.transfers) <= ids
        assert abs(sum(part.share for part in finding.parts) - 1) <= 1e-9
        assert finding.subject in finding.sentence.en
        assert "person-days" in finding.sentence.en
        assert "人日" in finding.sentence.zh
        assert "no ground for any measure" in finding.advice.en


def test_what_is_kept_for_people_to_look_at_is_of_the_last_weeks_only() -> None:
    days = recent_days(at_once().state)
    assert len(days) == 30
    assert all(len(one.watched) <= 20 and one.watched[0].score >= one.watched[-1].score for one in days)
    assert sum(count for count, _ in days[-1].roles.values()) == days[-1].count


def test_what_is_remembered_comes_back_as_it_was() -> None:
    kept = at_once().state["observer"]
    assert pack(unpack(kept)) == kept
    assert unpack({**kept, "version": 0}).last == -1


def taker(day: datetime, count: int = 40) -> list[dict[str, Any]]:
    """Return what somebody does who copies plans to a stick."""
    return [
        row(
            day + 18 * HOUR + n * timedelta(seconds=30),
            "p-3",
            action="copy",
            channel="usb",
            asset=f"/plans/{n}",
            bytes=5000,
        )
        for n in range(count)
    ]


def test_a_day_unlike_before_is_told_with_its_transfers() -> None:
    bad = MONDAY + 45 * DAY
    copies = taker(bad)
    result = ask([*working(20, 50), *copies], rate=0.001)
    (finding,) = [one for one in result.findings if one.subject == "p-3"]
    assert finding.time.date() == bad.date()
    assert {one["id"].hex() for one in copies} <= set(finding.transfers)
    assert "removable media" in finding.sentence.en
    assert "移动介质" in finding.sentence.zh


def test_nobody_is_told_while_there_are_no_habits() -> None:
    assert not ask([*working(20, 8), *taker(MONDAY + 7 * DAY)]).findings


def test_people_nobody_registered_and_rows_of_nobody_are_taken_as_they_are() -> None:
    rows = [*working(20, 50), *taker(MONDAY + 45 * DAY), row(MONDAY, None), row(MONDAY, "")]
    result = ask(rows, register=RegisterSnapshot(), rate=0.001)
    assert "p-3" in {one.subject for one in result.findings}
    assert "" not in unpack(result.state["observer"]).people.entities


def test_somebody_in_two_departments_and_a_group_of_one_have_peers_all_the_same() -> None:
    alone = [{**one, "actor": "p-two"} for one in working(1, 40, seed=9)]
    result = ask([*working(20, 40), *alone], rate=0.001)
    people = unpack(result.state["observer"]).people
    assert "house/chemist,buyer" in people.groups
    assert not [one for one in result.findings if one.subject == "p-two"]


def test_records_that_come_too_late_count_for_nothing_and_are_told() -> None:
    before = ask(list(working(10, 20)))
    late = ask([row(MONDAY + DAY, "p-1", to_place="late.example")], before.state)
    assert "1 sums of records came more than 2 days late" in late.remarks[0]
    assert late.state["observer"] == before.state["observer"]


def test_a_clock_that_is_ahead_is_not_the_future() -> None:
    ahead = row(MONDAY + 400 * DAY, "p-1", recorded_at=MONDAY + 5 * HOUR)
    tables = Tables(table([ahead]), REGISTER)
    assert atoms(tables, Company(REGISTER))["day"].to_pylist() == [MONDAY.toordinal() - 719163]


def test_an_open_day_is_judged_on_what_is_there_and_again_when_it_is_over() -> None:
    bad = MONDAY + 45 * DAY
    early = ask([*working(20, 46), *taker(bad, 30)], rate=0.001)
    later = ask([*taker(bad, 40)[30:], *working(20, 4, first=bad + DAY)], early.state, rate=0.001)
    (first,), (second,) = ([one for one in result.findings if one.subject == "p-3"] for result in (early, later))
    assert first.id == second.id
    assert {one["id"].hex() for one in taker(bad)} <= set(second.transfers)


def test_days_that_were_confirmed_leave_the_calibration() -> None:
    result = ask([*working(20, 50), *taker(MONDAY + 45 * DAY)], rate=0.001)
    before = unpack(result.state["observer"])
    state = confirmed(result.state, [("p-3", before.last), ("p-nobody", 1)])
    again = ask([], state)
    after = unpack(again.state["observer"])
    number = before.people.entities["p-3"]
    assert (before.scorer.heads.entity == number).sum() > (after.scorer.heads.entity == number).sum()
    assert json.dumps(ask([], again.state).state) == json.dumps(again.state)  # nothing new, nothing to do


def test_an_open_day_that_was_confirmed_never_joins_the_calibration() -> None:
    bad = MONDAY + 45 * DAY
    result = ask([*working(20, 46), *taker(bad)], rate=0.001)
    told = next(one for one in result.findings if one.subject == "p-3").time.toordinal() - 719163
    state = confirmed(result.state, [("p-3", told)])
    later = unpack(ask(list(working(20, 6, first=bad + 2 * DAY)), state, rate=0.001).state["observer"])
    mine = later.scorer.heads.day[later.scorer.heads.entity == later.people.entities["p-3"]]
    assert later.last > told
    assert told not in mine


def test_hours_are_unusual_by_each_ones_own_rhythm() -> None:
    novelty = Novelty()
    for day in range(200):
        early = [(0, hour) for hour in range(1, 9)]
        late = [(1, hour) for hour in range(14, 22)]
        asked = [(0, 16), (1, 3)] if day == 199 else []
        figures = novelty.figures(day, _day([*early, *late, *asked]), np.zeros(2, np.int64), day_off=False)
    assert figures[:, COLUMN["off hours"]].tolist() == [1, 1]


def _day(deeds: Sequence[tuple[int, int]]) -> Day:
    """Return a day of visits, of an entity at an hour each."""
    who = np.array([entity for entity, _ in deeds], np.int64)
    ones, nothing = np.ones(len(deeds), np.int64), np.zeros(len(deeds), np.int64)
    entities, rows = np.unique(who, return_inverse=True)
    return Day(
        entities,
        rows,
        who.astype(np.uint64),
        kind=np.full(len(deeds), int(Kind.VISIT)),
        thing=np.ones(len(deeds), np.uint64),
        area=np.zeros(len(deeds), np.uint64),
        hour=np.array([hour for _, hour in deeds]),
        count=ones,
        graded=nothing,
        failed=nothing,
        bytes=nothing,
        records=nothing,
        largest=nothing,
    )


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        ({"action": "login", "channel": "host"}, Kind.SIGN_IN),
        ({"action": "connect", "channel": "usb"}, Kind.PLUG_IN),
        ({"action": "copy", "channel": "usb"}, Kind.MEDIA),
        (
            {"action": "send", "channel": "email", "to_place": None, "to_party": "p-1@mail.house.example"},
            Kind.MAIL_INSIDE,
        ),
        ({"action": "send", "channel": "email", "to_place": None, "to_party": "x@else.example"}, Kind.MAIL_OUTSIDE),
        ({"action": "upload"}, Kind.UPLOAD),
        ({"action": "upload", "to_place": "files.house.example"}, Kind.OTHER),
        ({"action": "download"}, Kind.DOWNLOAD),
        ({"channel": "file", "asset": "/plans/1", "to_place": None}, Kind.READ),
        ({"channel": "file", "asset": "/menu", "to_place": None}, Kind.OTHER),
        ({"channel": "database", "asset": "db.x", "to_place": "10.0.0.1"}, Kind.QUERY),
        ({"action": "share", "channel": "cloud-storage"}, Kind.SHARE),
        ({"action": "print", "channel": "print"}, Kind.PRINT),
        ({"action": "delete", "channel": "file"}, Kind.DELETE),
        ({}, Kind.VISIT),
    ],
)
def test_kinds_of_deeds(columns: dict[str, Any], kind: Kind) -> None:
    found = atoms(Tables(table([row(MONDAY, "p-1", **columns)]), REGISTER), Company(REGISTER))
    assert found["kind"].to_pylist() == [int(kind)]


def test_what_a_permit_lets_go_counts_for_nobodys_habits() -> None:
    permit = Permit(id="sales", asset="plans", place="buyer")
    places = (*REGISTER.places, Place(id="buyer", patterns=(".buyer.example",)))
    register = RegisterSnapshot(assets=REGISTER.assets, places=places, permits=(permit,))
    mail = {"action": "send", "channel": "email", "asset": "/plans/1", "to_place": None}
    rows = [row(MONDAY, "p-1", **mail, to_party=f"x@{where}.example") for where in ("buyer", "else")]
    found = atoms(Tables(table(rows), register), Company(register))
    assert sorted(found["aside"].to_pylist()) == [False, True]


def test_career_sites_count_only_where_the_organisation_names_them() -> None:
    register = RegisterSnapshot(places=(Place(id="careers", patterns=(".jobs.example",)),))
    rows = Tables(table([row(MONDAY, "p-1", to_place="x.jobs.example")]), register)
    assert atoms(rows, Company(register))["kind"].to_pylist() == [int(Kind.VISIT)]
    assert atoms(rows, Company(register, ("careers",)))["kind"].to_pylist() == [int(Kind.CAREER)]


def test_what_the_public_has_an_interest_in_points_at_nobody() -> None:
    rows = [
        row(MONDAY + 45 * DAY + n * HOUR / 10, "p-3", channel="database", asset="db.prices", records=50_000)
        for n in range(12)
    ]
    result = ask([*working(20, 50), *rows], rate=0.001)
    (finding,) = [one for one in result.findings if one.rule_id == "behaviour.harvest"]
    assert finding.subject == ""
    assert "p-3" not in finding.sentence.en + finding.sentence.zh
    assert not [one for day in recent_days(result.state) for one in day.watched if one.subject == "p-3" and one.told]


def personnel(day: datetime, event: str, **columns: Any) -> dict[str, Any]:
    """Return a row of the personnel system's feed."""
    return row(day, "p-3", channel="employment", action="other", logsource=f"hr/employment/{event}", **columns)


def test_personnel_is_heard() -> None:
    rows = [personnel(MONDAY, "notice"), personnel(MONDAY + DAY, "moved", to_place="sales", asset="seller")]
    first, second = events(Tables(table(rows), REGISTER))
    assert (first.what, first.group) == ("notice", "")
    assert (second.what, second.group) == ("moved", "sales/seller")
    people = Observer().people
    assert not people.hear(first)
    assert people.stratum("p-3", first.day + 3, REGISTER, day_off=False).name == "NOTICE"
    assert people.hear(second)
    assert not people.hear(second)
    assert not people.hear(Event(second.day, "p-3", "left", ""))
    assert people.stratum("p-3", first.day + 3, REGISTER, day_off=False).name == "NEW_POST"
    assert people.stratum("p-3", first.day + 40, REGISTER, day_off=False).name == "WORKDAY"
    assert people.hear(Event(second.day + 30, "p-3", "joined", "sales/seller")), "who comes back begins anew"


def test_a_last_day_that_is_told_ahead_is_a_notice_until_then() -> None:
    told = personnel(MONDAY + 150 * DAY, "left", recorded_at=MONDAY)
    (event,) = events(Tables(table([told]), REGISTER))
    assert (event.what, event.last - event.day) == ("notice", 150)
    people = Observer().people
    people.hear(event)
    strata = [people.stratum("p-3", event.day + days, REGISTER, day_off=False).name for days in (0, 149, 150, 151)]
    assert strata == ["NOTICE", "NOTICE", "NOTICE", "WORKDAY"]
    people.hear(Event(event.day + 20, "p-3", "left", ""))
    assert people.stratum("p-3", event.day + 30, REGISTER, day_off=False).name == "WORKDAY"


def test_roles_that_the_organisation_named_are_told_more_readily() -> None:
    rows = [*working(20, 50), *taker(MONDAY + 45 * DAY, 12)]
    roles = {number: ("admin" if number == 3 else "clerk",) for number in range(20)}
    parties = tuple(Party(id=f"p-{number}", kind=PartyKind.PERSON, roles=roles[number]) for number in roles)
    register = RegisterSnapshot(assets=REGISTER.assets, places=REGISTER.places, parties=parties)
    day = (MONDAY + 45 * DAY).toordinal() - 719163

    def watched(*roles: str) -> Any:
        recent = recent_days(ask(rows, register=register, priority_roles=roles).state)
        return next(one for of in recent if of.day == day for one in of.watched if one.subject == "p-3")

    plain, raised = watched(), watched("admin")
    assert raised.p < plain.p and raised.score > plain.score
    (known,) = [part for part in raised.parts if part.name == "what is known"]
    assert known.value == "a role that counts more"
    assert abs(sum(part.share for part in raised.parts) - 1) <= 1e-9


def test_what_took_important_assets_out_is_grave() -> None:
    (finding,) = ask([*working(20, 50), *taker(MONDAY + 45 * DAY)], rate=0.001).findings
    assert (finding.rule_id, finding.severity) == ("behaviour.unlike", "high")


def harvested(
    actor: str, days: Sequence[int], records: int = 40_000, asset: str = "db.customers"
) -> list[dict[str, Any]]:
    """Return forty even reads of a service on some days."""
    return [
        row(
            MONDAY + day * DAY + n * timedelta(minutes=3),
            actor,
            actor_kind="service",
            channel="database",
            asset=asset,
            records=records,
            position=n,
        )
        for day in days
        for n in range(40)
    ]


def test_a_harvest_is_told_once_with_what_was_usual() -> None:
    result = ask([*harvested("svc", range(40), 20), *harvested("svc", range(40, 50))])
    (finding,) = [one for one in result.findings if one.rule_id == "behaviour.harvest"]
    assert finding.subject == "svc"
    assert finding.asset == "customers"
    assert "1,600,000 records" in finding.sentence.en
    assert "at most 800" in finding.sentence.en
    assert "as even as only a program" in finding.sentence.en
    assert abs(sum(part.share for part in finding.parts) - 1) <= 1e-9


def test_what_is_declared_or_was_always_so_or_is_new_to_us_is_no_harvest() -> None:
    declared = harvested("partner-app", range(40, 50))
    always = harvested("backup", range(0, 50, 5))
    at_first = harvested("early", range(3))
    result = ask([*declared, *always, *at_first])
    assert not result.findings


def test_more_than_was_declared_is_a_harvest() -> None:
    rows = [*harvested("partner-app", range(30), 10), *harvested("partner-app", [40], 200_000)]
    assert [one.subject for one in ask(rows).findings] == ["partner-app"]


def hourly(days: range, records: int, hours: range = range(24)) -> list[dict[str, Any]]:
    """Return reads of one service, once an hour, of so many records each."""
    reads = {"actor_kind": "service", "channel": "database", "asset": "db.customers", "records": records}
    return [row(MONDAY + day * DAY + hour * HOUR, "shop", **reads) for day in days for hour in hours]


def test_a_rate_that_never_varies_is_a_harvest_at_less() -> None:
    by_day = hourly(range(40), 1_000, range(8, 18))
    (finding,) = ask([*by_day, *hourly(range(40, 42), 700)]).findings
    assert (finding.rule_id, finding.subject) == ("behaviour.harvest", "shop")
    assert "as even as only a program" in finding.sentence.en
    assert not ask([*by_day, *hourly(range(40, 42), 1_680, range(8, 18))]).findings, "as much within office hours"
    assert not ask([*hourly(range(40), 600), *hourly(range(40, 42), 1_000)]).findings, "it always did"


def test_hosts_that_act_by_themselves_are_watched_as_machines() -> None:
    beat = [
        row(MONDAY + day * DAY + hour * HOUR, None, channel="network", action="upload", from_place="pc-9", bytes=10_000)
        for day in range(46)
        for hour in range(24)
    ]
    result = ask([*working(20, 50), *beat, *burst_of(beat[-20])], rate=0.01)
    observer = unpack(result.state["observer"])
    assert "host:pc-9" in observer.people.entities
    assert "host:/" in observer.people.groups
    assert "host:pc-9" in {one.subject for one in result.findings}
    stranger = row(MONDAY, None, channel="network", action="upload", from_place="pc.elsewhere.example")
    assert not atoms(Tables(table([stranger]), REGISTER), Company(REGISTER)).num_rows


def burst_of(one: dict[str, Any]) -> list[dict[str, Any]]:
    """Return five hundred uploads like one, of much more, to where nobody goes."""
    return [
        {**one, "id": number.to_bytes(16), "bytes": 50_000_000, "to_place": f"far-{number % 40}.example"}
        for number in range(500)
    ]


def test_what_is_compiled_adds_up_as_what_is_not() -> None:
    pytest.importorskip("numba")
    from waybill.detect.behaviour.compiled import compiled

    transfers, register = a_company()
    odd = [row(MONDAY, None), row(MONDAY, "p-1"), row(MONDAY, "p-1", records=3), row(MONDAY - 9000 * DAY, "p-1")]
    for rows in (transfers, transfers.slice(7, 5_000), table(odd), table([])):
        tables, company = Tables(rows, register), Company(register, (CAREER_PLACE,))
        one, other = (summed(atoms(tables, company, add)) for add in (plain, compiled))
        assert one.equals(other)
        assert one.num_rows or not rows.num_rows


def test_what_is_long_over_is_forgotten() -> None:
    result = ask([*working(20, 50), *taker(MONDAY + 45 * DAY), *harvested("svc", range(3), 20)], rate=0.001)
    state = dict(result.state)
    assert "p-3" in state["cases"] and state["callers"]["known"]
    later = ask(list(working(4, 5, seed=3, first=MONDAY + 600 * DAY)), state)
    assert not later.state["cases"] and not later.state["callers"]["known"]
    assert len(recent_days(later.state)) <= 5
    novelty = unpack(later.state["observer"]).novelty
    assert len(novelty.pairs.numbers) < len(unpack(result.state["observer"]).novelty.pairs.numbers)
    heads = unpack(later.state["observer"]).scorer.heads
    assert heads.day.min() >= (MONDAY + 600 * DAY).toordinal() - 719163


def test_a_clock_that_runs_backwards_changes_nothing_but_the_time() -> None:
    rows = list(working(10, 20))
    backwards = [{**one, "position": len(rows) - place} for place, one in enumerate(rows)][::-1]
    assert ask(backwards).state["observer"] == ask(rows).state["observer"]
