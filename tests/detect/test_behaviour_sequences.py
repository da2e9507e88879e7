"""Sequences are told with every step as evidence, and are not where a step, order, time or novelty lacks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from tests.detect.behaviour_rows import DAY, HOUR, MONDAY, REGISTER, ask, row, working

from waybill.model.findings import Finding
from waybill.model.protocols import State
from waybill.model.register import Permit, Place, RegisterSnapshot

Rows = list[dict[str, Any]]

BAD = MONDAY + 21 * DAY + 10 * HOUR
"""A Monday, three weeks on."""
MINUTE = timedelta(minutes=1)


@cache
def fortnight() -> State:
    """Return what is known after two weeks of ordinary work."""
    return ask(list(working(8, 14))).state


def found(rule: str, rows: Sequence[dict[str, Any]], register: RegisterSnapshot = REGISTER) -> list[Finding]:
    """Return the findings of a rule on these deeds after two weeks of ordinary work, and among some more."""
    told = ask([*working(3, 11, first=MONDAY + 14 * DAY), *rows], fortnight(), register).findings
    return [one for one in told if one.rule_id == f"behaviour.{rule}"]


def rename(time: datetime, name: str = "/plans/1", who: str = "p-3") -> dict[str, Any]:
    return row(time, who, action="move", channel="file", asset=name, to_place=None)


def pack(time: datetime, name: str = "C:\\tmp\\holiday.zip", who: str = "p-3") -> dict[str, Any]:
    return row(time, who, action="create", channel="file", asset=name, to_place=None)


def send(time: datetime, name: str = "holiday.zip", who: str = "p-3", **columns: Any) -> dict[str, Any]:
    return row(time, who, **{"action": "upload", "asset": name, "to_place": "drop.example", **columns})


def gather(time: datetime, count: int, who: str = "p-3") -> Rows:
    seen = {"channel": "file", "to_place": None}
    return [row(time + n * MINUTE, who, asset=f"/plans/far/{n}", **seen) for n in range(count)]


def test_renamed_packed_and_sent_is_told_with_every_step() -> None:
    steps = [rename(BAD), pack(BAD + 5 * MINUTE), send(BAD + 9 * MINUTE)]
    (finding,) = found("packed", steps)
    assert set(finding.transfers) == {one["id"].hex() for one in steps}
    assert (finding.subject, finding.asset, finding.severity) == ("p-3", "plans", "high")
    assert (
        finding.sentence.en.index("renamed") < finding.sentence.en.index("archive") < finding.sentence.en.index("out")
    )
    assert "改名受控资产" in finding.sentence.zh and "随后" in finding.sentence.zh
    assert abs(sum(part.share for part in finding.parts) - 1) <= 1e-9
    assert finding.time == BAD


def test_archives_of_any_name_are_followed() -> None:
    names = [f"n{number}.{ending}" for number in range(4) for ending in ("zip", "7z", "tar.gz")]
    rows = [rename(BAD, who=f"p-{n}") for n, _ in enumerate(names)]
    rows += [pack(BAD + MINUTE, f"/tmp/{name}", who=f"p-{n}") for n, name in enumerate(names)]
    rows += [send(BAD + 2 * MINUTE, name.upper(), who=f"p-{n}") for n, name in enumerate(names)]
    assert len(found("packed", rows)) == len(names)


def test_gathered_in_bulk_and_sent_as_an_archive_needs_no_record_of_the_packing() -> None:
    rows = [*gather(BAD, 12), send(BAD + HOUR, "E:\\x.7z", action="copy", channel="usb", to_place="stick")]
    (finding,) = found("packed", rows)
    assert finding.count == 13


@pytest.mark.parametrize(
    "rows",
    [
        [rename(BAD), send(BAD + 9 * MINUTE)],
        [pack(BAD), send(BAD + 9 * MINUTE)],
        [rename(BAD, "/menu/1"), pack(BAD + MINUTE), send(BAD + 9 * MINUTE)],
        [pack(BAD), rename(BAD + MINUTE), send(BAD + 9 * MINUTE)],
        [send(BAD), rename(BAD + MINUTE), pack(BAD + 2 * MINUTE)],
        [rename(BAD), pack(BAD + MINUTE), send(BAD + 30 * HOUR)],
        [rename(BAD), pack(BAD + MINUTE), send(BAD + 9 * MINUTE, "other.zip")],
        [rename(BAD), pack(BAD + MINUTE), send(BAD + 9 * MINUTE, to_place="files.house.example")],
        [rename(BAD, who="p-4"), pack(BAD + MINUTE), send(BAD + 9 * MINUTE)],
        [rename(BAD), pack(BAD + MINUTE), send(BAD + 9 * MINUTE), send(BAD - 5 * DAY)],
        [*gather(BAD, 6), send(BAD + HOUR)],
    ],
    ids=["not packed", "not renamed", "nothing controlled", "packed before", "sent before", "too late",
         "another archive", "stays inside", "somebody else", "a habit", "few"],
)  # fmt: skip
def test_what_lacks_a_step_is_not_packed(rows: Rows) -> None:
    assert not found("packed", rows)


def test_what_a_permit_lets_go_and_what_the_public_has_an_interest_in_makes_no_sequence() -> None:
    places = (*REGISTER.places, Place(id="buyer", patterns=(".buyer.example",)))
    permits = (Permit(id="sales", asset="plans", place="buyer"),)
    register = RegisterSnapshot(assets=REGISTER.assets, places=places, permits=permits, parties=REGISTER.parties)
    to_buyer = send(BAD + 9 * MINUTE, "/plans/1.zip", to_place="x.buyer.example")
    rows = [rename(BAD), pack(BAD + MINUTE, "/tmp/1.zip"), to_buyer]
    assert found("packed", rows) and not found("packed", rows, register)
    public = [rename(BAD, "db.prices"), pack(BAD + MINUTE), send(BAD + 9 * MINUTE)]
    assert not found("packed", public)


def rights(time: datetime, to: str | None = None, action: str = "configure", who: str = "p-5") -> dict[str, Any]:
    columns = {"channel": "cloud-api", "asset": "db.customers", "to_place": None, "to_party": to}
    return row(time, who, action=action, **columns)


def bulk(time: datetime, who: str, records: int = 5_000) -> dict[str, Any]:
    return row(time, who, channel="database", asset="db.customers", to_place=None, records=records)


@pytest.mark.parametrize("reader", ["p-5", "p-6@mail.house.example", "p-two"])
def test_rights_given_used_in_bulk_and_taken_back_are_told(reader: str) -> None:
    to = None if reader == "p-5" else reader
    first = "share" if to and "@" in to else "configure"
    rows = [rights(BAD, to, first), bulk(BAD + HOUR, reader), rights(BAD + 2 * HOUR, to)]
    (finding,) = found("rights", rows)
    assert finding.subject == reader
    assert set(finding.transfers) == {one["id"].hex() for one in rows}
    assert finding.asset == "customers"


@pytest.mark.parametrize(
    "rows",
    [
        [rights(BAD), bulk(BAD + HOUR, "p-5")],
        [bulk(BAD - HOUR, "p-5"), rights(BAD), rights(BAD + HOUR)],
        [rights(BAD), bulk(BAD + HOUR, "p-5", 3), rights(BAD + 2 * HOUR)],
        [rights(BAD), bulk(BAD + HOUR, "p-6"), rights(BAD + 2 * HOUR)],
        [rights(BAD), bulk(BAD + HOUR, "p-5"), rights(BAD + 70 * HOUR)],
        [bulk(BAD - 4 * DAY, "p-5", 2), rights(BAD), bulk(BAD + HOUR, "p-5"), rights(BAD + 2 * HOUR)],
        [rights(BAD, "p-6"), bulk(BAD + HOUR, "p-6"), rights(BAD + 2 * HOUR, "p-7")],
    ],
    ids=["not taken back", "read before", "little", "somebody else reads", "too late", "read it before",
         "of another"],
)  # fmt: skip
def test_what_lacks_a_step_is_no_use_of_rights(rows: Rows) -> None:
    assert not found("rights", rows)


def sign_in(time: datetime, machine: str = "pc-1", who: str = "p-3") -> dict[str, Any]:
    return row(time, who, action="login", channel="host", from_place=machine, to_place=None)


def copy(time: datetime, who: str = "p-3") -> dict[str, Any]:
    return row(time, who, action="copy", channel="usb", asset="/plans/9", to_place="stick")


def test_signing_in_to_another_persons_machine_and_taking_something_out_is_told() -> None:
    rows = [sign_in(BAD + 9 * HOUR), copy(BAD + 10 * HOUR)]
    (finding,) = found("guest", rows)
    assert set(finding.transfers) == {one["id"].hex() for one in rows}
    mail = {"action": "send", "channel": "email", "records": 300, "to_party": "all@mail.house.example"}
    alarming = [sign_in(BAD), row(BAD + HOUR, "p-3", to_place=None, **mail)]
    assert found("guest", alarming)


@pytest.mark.parametrize(
    "rows",
    [
        [sign_in(BAD)],
        [copy(BAD), sign_in(BAD + HOUR)],
        [sign_in(BAD, "pc-3"), copy(BAD + HOUR)],
        [sign_in(BAD, "pc-new"), copy(BAD + HOUR)],
        [sign_in(BAD), copy(BAD + 14 * HOUR)],
        [sign_in(BAD), copy(BAD + HOUR, "p-4")],
        [sign_in(BAD - 4 * DAY), sign_in(BAD), copy(BAD + HOUR)],
        [*(sign_in(BAD - (n + 2) * DAY, f"pc-{n + 4}") for n in range(3)), sign_in(BAD), copy(BAD + HOUR)],
    ],
    ids=["nothing out", "out before", "own machine", "nobody's machine", "too late", "somebody else", "was there",
         "looks after machines"],
)  # fmt: skip
def test_what_lacks_a_step_is_no_guest(rows: Rows) -> None:
    assert not found("guest", rows)
