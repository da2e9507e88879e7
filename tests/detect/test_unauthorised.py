"""A graded asset that leaves its home needs a permit that covers it; the finding says which did not and why."""

from __future__ import annotations

import hashlib
import json
import pickle
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waybill.detect.unauthorised import UnauthorisedDetector
from waybill.model import transfers
from waybill.model.findings import Finding, merge
from waybill.model.protocols import Detector, Result, Tables
from waybill.model.register import Asset, Party, Permit, Place, RegisterSnapshot
from waybill.model.words import MOVING, Action, AssetKind, Channel, Grade, Outcome, PartyKind, Scope, Severity

DAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
DETECTOR = UnauthorisedDetector()


def asset(asset_id: str = "a1", **changes: Any) -> Asset:
    made = Asset(
        id=asset_id,
        name=f"Drawings {asset_id}",
        kind=AssetKind.DOCUMENT,
        grade=Grade.IMPORTANT,
        owner="works",
        home="site",
        patterns=(f"s3://{asset_id}/*",),
    )
    return msgspec.structs.replace(made, **changes)


PLACES = (
    Place(id="site", jurisdiction="DE", patterns=("site.example",)),
    Place(id="lab", parent="site", patterns=(".lab.example", "10.1.0.0/16")),
    Place(id="branch", parent="site", jurisdiction="CN", patterns=("branch.example",)),
    Place(id="drop", jurisdiction="US", patterns=(".drop.example",)),
    Place(id="drop-team", parent="drop", patterns=("team.drop.example",)),
    Place(id="gate", approved_egress=True, patterns=("gate.example",)),
    Place(id="gate-room", parent="gate", patterns=("room.gate.example",)),
)
PARTIES = (
    Party(id="works", kind=PartyKind.ORGANISATION, org="group"),
    Party(id="group", kind=PartyKind.ORGANISATION),
    Party(id="p-ann", kind=PartyKind.PERSON, org="works"),
    Party(id="p-bob", kind=PartyKind.PERSON, org="works"),
    Party(id="p-eve", kind=PartyKind.PERSON, org="rival", jurisdiction="FR"),
    Party(id="rival", kind=PartyKind.ORGANISATION),
)


def register(*permits: Permit, assets: Sequence[Asset] = (asset(),)) -> RegisterSnapshot:
    return RegisterSnapshot(assets=tuple(assets), parties=PARTIES, places=PLACES, permits=permits)


def transfer_id(number: int) -> bytes:
    """Return an id that, like a real one, says nothing about the order of transfers."""
    return hashlib.blake2b(number.to_bytes(8, "big"), digest_size=16).digest()


def row(number: int = 0, **changes: Any) -> dict[str, Any]:
    """Return a row that is a finding unless a permit covers it."""
    return {
        "time": DAY + timedelta(minutes=number),
        "recorded_at": DAY,
        "sequence": 1,
        "id": transfer_id(number),
        "source": "gateway",
        "action": "upload",
        "outcome": "success",
        "channel": "web",
        "actor": "p-ann",
        "asset": "s3://a1/gear.dwg",
        "from_place": "site.example",
        "to_place": "team.drop.example",
        "origin": "gateway.ndjson",
        "position": number + 1,
        **changes,
    }


def table(*rows: Mapping[str, Any]) -> pa.Table:
    columns = {
        field.name: pa.array([one.get(field.name) for one in rows], _plain(field.type)).cast(field.type)
        for field in transfers.SCHEMA
        if field.name in DETECTOR.columns
    }
    return pa.table(columns)


def _plain(kind: pa.DataType) -> pa.DataType:
    return pa.string() if pa.types.is_dictionary(kind) else kind


def run(rows: Sequence[Mapping[str, Any]], known: RegisterSnapshot, state: Mapping[str, Any] | None = None) -> Result:
    return DETECTOR.run(Tables(table(*rows), known), state or {})


def the_finding(known: RegisterSnapshot, **changes: Any) -> Finding:
    (finding,) = run([row(**changes)], known).findings
    return finding


def is_found(known: RegisterSnapshot, **changes: Any) -> bool:
    return bool(run([row(**changes)], known).findings)


def test_it_is_a_detector_that_travels() -> None:
    detector: Detector = pickle.loads(pickle.dumps(DETECTOR))
    assert isinstance(detector, Detector)
    assert (detector.name, detector.scope) == ("unauthorised", Scope.KEY)
    assert set(detector.columns) <= set(transfers.NAMES)


def test_a_stranger_who_was_turned_away_is_no_finding_but_one_who_got_it_is() -> None:
    refused = {"action": "download", "actor": None, "to_place": "203.0.113.9", "outcome": "blocked"}
    assert not is_found(register(), **refused)
    assert is_found(register(), **refused | {"outcome": "success"})
    assert is_found(register(), **refused | {"actor": "p-ann"})


def test_a_finding_says_what_moved_from_where_to_where_over_what_and_why_not() -> None:
    permit = Permit(id="P-7", asset="a1", valid_until=datetime(2026, 3, 1, tzinfo=UTC))
    finding = the_finding(register(permit))
    assert finding.sentence.en == (
        "The important asset “Drawings a1” went from site.example to team.drop.example over the web, by p-ann. "
        "The nearest permit, P-7, does not cover it: it expired on 2026-03-01 00:00 UTC."
    )
    assert finding.sentence.zh == (
        "重要资产“Drawings a1”由p-ann经网页从 site.example 转移至 team.drop.example（已发生）。"
        "最接近的许可 P-7 不适用：已于 2026-03-01 00:00 UTC 到期。"
    )
    assert (finding.rule_id, finding.asset, finding.subject) == ("unauthorised.expired", "a1", "p-ann")
    assert (finding.source.name, finding.source.file, finding.source.position) == ("gateway", "gateway.ndjson", 1)
    assert finding.transfers == (transfer_id(0).hex(),)
    assert (finding.time, finding.last_time) == (DAY, DAY)


@pytest.mark.parametrize("action", Action)
def test_only_actions_that_move_count(action: Action) -> None:
    assert is_found(register(), action=str(action)) == (action in MOVING)


@pytest.mark.parametrize(
    ("changes", "outside"),
    [
        ({}, True),
        ({"to_place": "site.example"}, False),
        ({"to_place": "SITE.example"}, False),
        ({"to_place": "x.lab.example"}, False),
        ({"to_place": "10.1.2.3"}, False),
        ({"to_place": "10.2.2.3"}, True),
        ({"to_place": "unheard.example"}, True),
        ({"to_place": None}, False),
        ({"to_place": None, "to_jurisdiction": "DE"}, False),
        ({"to_place": None, "to_jurisdiction": "US"}, True),
        ({"to_place": "site.example", "to_jurisdiction": "DE"}, False),
        ({"to_place": "site.example", "to_jurisdiction": "US"}, True),
        ({"to_place": "branch.example", "to_jurisdiction": "CN"}, False),
        ({"to_place": None, "to_party": "p-bob"}, False),
        ({"to_place": None, "to_party": "works"}, False),
        ({"to_place": None, "to_party": "p-eve"}, True),
        ({"to_place": None, "to_party": "p-nobody"}, True),
        ({"to_place": "site.example", "to_party": "p-eve"}, True),
        ({"to_place": "site.example", "to_party": "p-nobody"}, False),
        ({"to_place": None, "to_party": "p-x@mail.lab.example"}, False),
        ({"to_place": None, "to_party": "p-x@drop.example"}, True),
        ({"to_place": None, "to_party": "p-x@unheard.example"}, True),
        ({"to_place": None, "to_party": "p-ann"}, False),
        ({"asset": "s3://other/x"}, False),
        ({"asset": None}, False),
        ({"asset": "a1"}, True),
    ],
)
def test_leaving_home_is_told_by_place_jurisdiction_and_party(changes: dict[str, Any], outside: bool) -> None:
    assert is_found(register(), **changes) == outside


@pytest.mark.parametrize(
    ("changes", "outside"),
    [
        ({"from_place": "site.example", "to_place": "x.lab.example"}, False),
        ({"from_place": "laptop-7", "to_place": "laptop-7"}, False),
        ({"from_place": "laptop-7", "to_place": "stick-1"}, True),
        ({"from_place": "x.lab.example", "to_place": "site.example"}, True),
        ({"from_place": None}, True),
        ({"to_place": None, "to_party": "p-bob", "actor_org": "works"}, False),
        ({"to_place": None, "to_party": "p-eve", "actor_org": "works"}, True),
        ({"to_place": None, "to_party": "p-eve", "actor": "svc", "actor_org": "rival"}, False),
    ],
)
def test_an_asset_without_home_and_owner_is_at_home_where_it_comes_from(changes: dict[str, Any], outside: bool) -> None:
    assert is_found(register(assets=[asset(home="", owner="")]), **changes) == outside


@pytest.mark.parametrize("grade", Grade)
def test_general_assets_need_nothing_and_approved_egress_frees_the_lesser_grades(grade: Grade) -> None:
    known = register(assets=[asset(grade=grade)])
    assert is_found(known) == (grade is not Grade.GENERAL)
    for egress in ("gate.example", "room.gate.example"):
        assert is_found(known, to_place=egress) == (grade in (Grade.IMPORTANT, Grade.CORE))


@pytest.mark.parametrize(
    ("permit", "covers"),
    [
        ({}, True),
        ({"party": "p-ann"}, True),
        ({"party": "works"}, True),
        ({"party": "group"}, True),
        ({"party": "p-bob"}, False),
        ({"party": "rival"}, False),
        ({"place": "drop-team"}, True),
        ({"place": "drop"}, True),
        ({"place": "site"}, False),
        ({"jurisdiction": "US"}, True),
        ({"jurisdiction": "DE"}, False),
        ({"channel": Channel.WEB}, True),
        ({"channel": Channel.USB}, False),
        ({"valid_from": DAY}, True),
        ({"valid_from": DAY + timedelta(microseconds=1)}, False),
        ({"valid_until": DAY}, False),
        ({"valid_until": DAY + timedelta(microseconds=1)}, True),
        ({"max_bytes": 100}, True),
        ({"max_bytes": 99}, False),
        ({"max_records": 3}, True),
        ({"max_records": 2}, False),
        ({"asset": "a2"}, False),
    ],
)
def test_a_permit_covers_what_it_names_and_no_more(permit: dict[str, Any], covers: bool) -> None:
    known = register(Permit(**{"id": "P", "asset": "a1", **permit}), assets=[asset(), asset("a2")])
    assert is_found(known, bytes=100, records=3) != covers


def test_the_organisation_of_the_log_counts_beside_that_of_the_register() -> None:
    known = register(Permit(id="P", asset="a1", party="carrier"))
    assert not is_found(known, actor="svc-9", actor_org="carrier")
    assert is_found(known, actor="svc-9", actor_org="other")


@pytest.mark.parametrize("actor", ["p-ann", "p-ann@works.example", "WORKS\\p-ann"])
def test_a_person_is_known_with_and_without_the_domain_that_logs_keep(actor: str) -> None:
    for party in ("p-ann", "works"):
        assert not is_found(register(Permit(id="P", asset="a1", party=party)), actor=actor)
    assert the_finding(register(), actor=actor).subject == "p-ann"
    assert not is_found(register(), to_place=None, to_party="p-bob@elsewhere.example", actor=actor)


def test_a_service_is_not_known_by_a_part_of_its_name() -> None:
    known = register(Permit(id="P", asset="a1", party="works"))
    assert is_found(known, actor="works@evil.example")
    assert is_found(known, to_place=None, to_party="works@evil.example", actor="svc")


def test_a_permit_for_a_place_covers_mail_to_its_domain() -> None:
    known = register(Permit(id="P", asset="a1", place="drop"))
    assert not is_found(known, to_place=None, to_party="p-x@drop.example", channel="email")


def test_an_unregistered_destination_is_covered_by_no_permit_that_names_one() -> None:
    for permit in (Permit(id="P", asset="a1", place="drop"), Permit(id="P", asset="a1", jurisdiction="US")):
        assert is_found(register(permit), to_place="unheard.example")


@pytest.mark.parametrize(
    ("permit", "rule_id", "words"),
    [
        (None, "no-permit", "holds no permit"),
        ({"valid_until": DAY}, "expired", "expired on 2026-03-02 08:00 UTC"),
        ({"valid_from": DAY + timedelta(days=1)}, "not-yet-valid", "begins on 2026-03-03"),
        ({"max_bytes": 5, "max_records": 1}, "limit", "limit of 5 bytes and 1 records is used up"),
        ({"place": "site"}, "no-permit", "for the place site"),
        ({"jurisdiction": "FR"}, "no-permit", "for the jurisdiction FR"),
        ({"channel": "usb"}, "no-permit", "for the channel usb"),
        ({"party": "p-bob"}, "no-permit", "for another party"),
        ({"party": "p-bob", "valid_until": DAY}, "no-permit", "expired on 2026-03-02 08:00 UTC; it is for another"),
    ],
)
def test_the_rule_and_the_sentence_name_the_point_that_failed(
    permit: dict[str, Any] | None, rule_id: str, words: str
) -> None:
    permits = [Permit(id="P", asset="a1", **permit)] if permit else []
    finding = the_finding(register(*permits), bytes=10, records=2)
    assert finding.rule_id == f"unauthorised.{rule_id}"
    assert words in finding.sentence.en
    assert "p-bob" not in finding.sentence.en + finding.sentence.zh


def test_the_nearest_permit_is_named_and_one_that_the_log_names_goes_first() -> None:
    far = Permit(id="P-far", asset="a1", party="p-bob", channel="usb")
    near = Permit(id="P-near", asset="a1", valid_until=DAY)
    other = Permit(id="P-other", asset="a1", channel="usb")
    assert "P-near" in the_finding(register(far, other, near)).sentence.en
    assert "P-other" in the_finding(register(far, other, near), permit="P-other").sentence.en


def test_limits_hold_over_the_permits_life_in_the_order_of_time() -> None:
    known = register(Permit(id="P", asset="a1", max_bytes=100))
    late, early = row(9, bytes=60), row(1, bytes=60)
    (finding,) = run([late, early], known).findings
    assert finding.transfers == (late["id"].hex(),)
    assert finding.rule_id == "unauthorised.limit"
    assert run([late, early], known).state == {"a1": {"P": [120, 0]}}


@pytest.mark.parametrize(("outcome", "counts"), [("success", 1), ("unknown", 1), ("blocked", 0), ("failure", 0)])
def test_only_what_moved_uses_up_a_limit(outcome: str, counts: int) -> None:
    known = register(Permit(id="P", asset="a1", max_bytes=100))
    found = run([row(0, bytes=60, outcome=outcome), row(1, bytes=60)], known).findings
    assert len(found) == counts


def test_a_transfer_that_is_read_twice_counts_once() -> None:
    known = register(Permit(id="P", asset="a1", max_bytes=100))
    assert run([row(0, bytes=60), row(0, bytes=60)], known) == Result([], {"a1": {"P": [60, 0]}})


def test_a_limit_is_not_used_up_by_what_another_permit_covers() -> None:
    known = register(Permit(id="A", asset="a1", max_bytes=10), Permit(id="Z", asset="a1"))
    assert run([row(0, bytes=9), row(1, bytes=9)], known) == Result([], {})


def test_removing_what_used_up_a_limit_removes_the_finding() -> None:
    known = register(Permit(id="P", asset="a1", max_bytes=100))
    assert is_found(known, bytes=101)
    assert len(run([row(0, bytes=60), row(1, bytes=60)], known).findings) == 1
    assert run([row(1, bytes=60)], known).findings == []


def test_limits_are_counted_for_each_asset() -> None:
    permits = [Permit(id=f"P{n}", asset=f"a{n}", max_records=1) for n in (1, 2)]
    known = register(*permits, assets=[asset("a1"), asset("a2")])
    rows = [row(0, records=1), row(1, asset="a2", records=1), row(2, asset="a2", records=1)]
    assert [finding.asset for finding in run(rows, known).findings] == ["a2"]


def test_sizes_that_the_log_does_not_tell_are_remarked() -> None:
    known = register(Permit(id="P", asset="a1", max_bytes=1))
    result = run([row(0), row(1)], known)
    assert result.findings == []
    assert result.remarks == (
        "2 transfers that a limited permit may cover carry no size; they were counted as nothing.",
    )


@pytest.mark.parametrize(
    ("grade", "outcome", "severity"),
    [
        (Grade.SENSITIVE, Outcome.SUCCESS, Severity.MEDIUM),
        (Grade.IMPORTANT, Outcome.SUCCESS, Severity.HIGH),
        (Grade.CORE, Outcome.SUCCESS, Severity.CRITICAL),
        (Grade.CORE, Outcome.UNKNOWN, Severity.CRITICAL),
        (Grade.SENSITIVE, Outcome.BLOCKED, Severity.LOW),
        (Grade.IMPORTANT, Outcome.FAILURE, Severity.MEDIUM),
        (Grade.CORE, Outcome.BLOCKED, Severity.HIGH),
    ],
)
def test_severity_follows_grade_and_outcome(grade: Grade, outcome: Outcome, severity: Severity) -> None:
    finding = the_finding(register(assets=[asset(grade=grade)]), outcome=str(outcome))
    assert finding.severity is severity
    assert finding.outcome == outcome


def test_the_score_is_the_sum_that_its_module_documents() -> None:
    known = register(assets=[asset(grade=Grade.CORE)])
    assert the_finding(known).score == 70 + 20 + 10  # to another jurisdiction, no permit
    assert the_finding(known, to_place="unheard.example").score == 70 + 15 + 10
    assert the_finding(known, outcome="blocked").score == 50
    assert the_finding(register(Permit(id="P", asset="a1", valid_until=DAY))).score == 55 + 20 + 5
    parts = the_finding(known).parts
    assert sum(part.share for part in parts) == pytest.approx(1, abs=0.001)
    assert [part.name for part in parts] == ["grade", "destination", "permit", "outcome", "jurisdiction"]
    assert (parts[1].value, parts[1].usual) == ("team.drop.example (US)", "site (DE)")
    assert (parts[4].value, parts[4].usual) == ("US", "DE")


def test_where_the_public_has_an_interest_nobody_is_pointed_at() -> None:
    known = register(assets=[asset(public_interest=True)])
    result = run(
        [
            row(0, from_place="desk-of-ann"),
            row(1, actor="p-bob"),
            row(2, to_place=None, to_party="p-eve"),
            row(3, to_party="p-eve@x.example"),
        ],
        known,
    )
    (finding,) = result.findings
    assert finding.subject == ""
    assert len(finding.transfers) == 4
    lone = the_finding(known, to_place=None, to_party="p-stranger")
    for told in (finding, lone):
        assert not any(name in repr(told) for name in ("p-ann", "p-bob", "p-eve", "p-stranger", "desk-of-ann"))
    assert "another party" in lone.sentence.en
    assert "另一方" in lone.sentence.zh


def test_findings_are_one_for_each_rule_actor_asset_and_day() -> None:
    rows = [
        row(0),
        row(1),
        row(2, actor="p-bob"),
        row(3, asset="a2"),
        row(4, time=DAY + timedelta(days=1)),
        row(5, actor=None),
    ]
    findings = run(rows, register(assets=[asset("a1"), asset("a2")])).findings
    assert sorted(len(finding.transfers) for finding in findings) == [1, 1, 1, 1, 2]
    assert len({finding.id for finding in findings}) == 5


def test_keys_are_the_ids_of_registered_assets_and_null_where_nothing_can_be_found() -> None:
    rows = [
        row(0),
        row(1, asset="a1"),
        row(2, asset="s3://x"),
        row(3, action="read"),
        row(4, asset="free"),
        row(5, asset=None),
    ]
    known = register(assets=[asset(), asset("free", grade=Grade.GENERAL)])
    keys = DETECTOR.keys(Tables(table(*rows), known))
    assert keys.to_pylist() == ["a1", "a1", None, None, None, None]


@pytest.mark.parametrize("rows", [[], [row(0, asset="nothing")], [row(0, asset=None, action="read")]])
def test_nothing_comes_of_nothing(rows: list[dict[str, Any]]) -> None:
    assert run(rows, register()) == Result([], {})
    assert run(rows, RegisterSnapshot()) == Result([], {})


def test_columns_need_not_be_dictionaries_nor_one_chunk() -> None:
    whole = table(row(0), row(1, to_place=None), row(2))
    plain = whole.cast(pa.schema([field.with_type(_plain(field.type)) for field in whole.schema]))
    chunked = pa.concat_tables([table(row(0)), table(row(1, to_place=None)), table(row(2))])
    expected = DETECTOR.run(Tables(whole, register()), {})
    assert len(expected.findings[0].transfers) == 2
    assert DETECTOR.run(Tables(plain, register()), {}) == expected
    assert DETECTOR.run(Tables(chunked, register()), {}) == expected


def test_state_passes_through_json_unchanged_and_other_keys_stay() -> None:
    known = register(Permit(id="P", asset="a1", max_bytes=100))
    before = {"gone": {"Q": [1, 2]}}
    result = run([row(0, bytes=7)], known, before)
    assert json.loads(json.dumps(result.state)) == {"gone": {"Q": [1, 2]}, "a1": {"P": [7, 0]}}
    assert before == {"gone": {"Q": [1, 2]}}


# Properties: any rows, any register.

ASSETS = [asset("a1"), asset("a2", grade=Grade.CORE, home=""), asset("a3", grade=Grade.SENSITIVE, public_interest=True)]


@st.composite
def rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    minutes = draw(st.lists(st.integers(0, 5000), unique=True, max_size=14))
    return [
        row(
            minute,
            asset=draw(st.sampled_from(["a1", "a2", "a3", "s3://a1/x", "other", None])),
            actor=draw(st.sampled_from(["p-ann", "p-bob", "svc", None])),
            action=draw(st.sampled_from(["upload", "send", "read"])),
            outcome=draw(st.sampled_from(Outcome)),
            channel=draw(st.sampled_from(["web", "usb"])),
            to_place=draw(st.sampled_from(["team.drop.example", "site.example", "room.gate.example", "x", None])),
            to_party=draw(st.sampled_from([None, "p-eve", "p-x@drop.example"])),
            bytes=draw(st.none() | st.integers(0, 50)),
            records=draw(st.none() | st.integers(0, 5)),
        )
        for minute in minutes
    ]


@st.composite
def registers(draw: st.DrawFn, *, limits: bool = True) -> RegisterSnapshot:
    moment = st.none() | st.integers(0, 5000).map(lambda minute: DAY + timedelta(minutes=minute))
    permits = [
        Permit(
            id=f"P{number}",
            asset=draw(st.sampled_from(["a1", "a2", "a3"])),
            party=draw(st.sampled_from(["", "", "p-ann", "works"])),
            place=draw(st.sampled_from(["", "", "drop", "gate"])),
            channel=draw(st.sampled_from(["", "", "usb"])),
            valid_from=draw(moment),
            valid_until=draw(moment),
            max_bytes=draw(st.none() | st.integers(0, 120)) if limits else None,
            max_records=draw(st.none() | st.integers(0, 10)) if limits else None,
        )
        for number in range(draw(st.integers(0, 4)))
    ]
    return register(*permits, assets=ASSETS)


def by_key(chosen: list[dict[str, Any]], known: RegisterSnapshot) -> list[str | None]:
    if not chosen:
        return []
    keys: list[str | None] = DETECTOR.keys(Tables(table(*chosen), known)).to_pylist()
    return keys


@settings(deadline=None)
@given(rows(), registers(), st.randoms(use_true_random=False))
def test_any_partitioning_by_key_gives_the_same_findings_and_state(
    chosen: list[dict[str, Any]], known: RegisterSnapshot, random: Any
) -> None:
    whole = run(chosen, known)
    parts: dict[Any, list[dict[str, Any]]] = {}
    spread = {key: random.randrange(3) for key in ("a1", "a2", "a3")}
    for one, key in zip(chosen, by_key(chosen, known), strict=True):
        if key is not None:
            parts.setdefault(spread[key], []).append(one)
    findings: list[Finding] = []
    state: dict[str, Any] = {}
    for part in parts.values():
        random.shuffle(part)
        result = run(part, known)
        findings += result.findings
        state |= result.state
    assert merge(findings) == whole.findings == merge(whole.findings)
    assert state == whole.state


@settings(deadline=None)
@given(rows(), registers(), st.integers(0, 5000))
def test_splitting_a_run_in_time_changes_nothing(
    chosen: list[dict[str, Any]], known: RegisterSnapshot, minute: int
) -> None:
    whole = run(chosen, known)
    cut = DAY + timedelta(minutes=minute)
    first = run([one for one in chosen if one["time"] < cut], known)
    second = run([one for one in chosen if one["time"] >= cut], known, first.state)
    assert merge(first.findings + second.findings) == whole.findings
    assert second.state == whole.state


@settings(deadline=None)
@given(rows(), registers())
def test_a_finding_is_what_merging_its_rows_gives(chosen: list[dict[str, Any]], known: RegisterSnapshot) -> None:
    state: Mapping[str, Any] = {}
    said: list[Finding] = []
    for one in sorted(chosen, key=lambda one: one["time"]):
        result = run([one], known, state)
        state = result.state
        said += result.findings
    assert merge(said) == run(chosen, known).findings


@settings(deadline=None)
@given(rows(), registers())
def test_a_permit_that_covers_everything_silences_its_asset(
    chosen: list[dict[str, Any]], known: RegisterSnapshot
) -> None:
    before = {finding.id for finding in run(chosen, known).findings if finding.asset != "a1"}
    more = msgspec.structs.replace(known, permits=(*known.permits, Permit(id="all", asset="a1")))
    assert {finding.id for finding in run(chosen, more).findings} == before


@settings(deadline=None)
@given(rows(), registers(limits=False))
def test_removing_the_evidence_removes_the_finding(chosen: list[dict[str, Any]], known: RegisterSnapshot) -> None:
    for finding in run(chosen, known).findings:
        kept = [one for one in chosen if one["id"].hex() not in finding.transfers]
        left = {other.id for other in run(kept, known).findings}
        assert finding.id not in left


@settings(deadline=None)
@given(rows(), registers())
def test_evidence_is_rows_that_move_a_graded_asset(chosen: list[dict[str, Any]], known: RegisterSnapshot) -> None:
    moving = {one["id"].hex() for one, key in zip(chosen, by_key(chosen, known), strict=True) if key}
    found = run(chosen, known).findings
    assert {transfer for finding in found for transfer in finding.transfers} <= moving
    assert len({transfer for finding in found for transfer in finding.transfers}) == sum(f.count for f in found)


def test_a_million_rows_without_graded_assets_pass_in_a_second() -> None:
    rows, names = 1_000_000, 5_000
    numbers = pa.array(np.arange(rows, dtype=np.int32) % names)

    def text(values: list[str]) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(np.arange(rows, dtype=np.int32) % len(values)), values)

    blank = {field.name: pa.nulls(rows, field.type) for field in transfers.SCHEMA if field.name in DETECTOR.columns}
    blank["asset"] = pa.DictionaryArray.from_arrays(numbers, [f"s3://bulk/{n}" for n in range(names)])
    blank["action"] = text([str(action) for action in Action])
    tables = Tables(pa.table(blank), register())
    begun = time.process_time()
    assert DETECTOR.run(tables, {}).findings == []
    assert time.process_time() - begun < 1.0
