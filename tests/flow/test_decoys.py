"""A decoy that is touched inside is a finding at once, in whatever log: a thing by its name, a row by its values."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.flow.assets import installation_with

from waybill.flow import canaries as flow
from waybill.flow.detect import detect
from waybill.flow.detectors import load_detectors
from waybill.flow.installation import Installation
from waybill.flow.intake.ingest import ingest
from waybill.model.findings import Finding

ASSETS = "id,name,kind,grade,public_interest\nstaff,Staff,data,sensitive,false\nwater,Water,data,important,true\n"
STAFF = "name,phone,mail\n" + "".join(f"n{n},1381234{n:04d},n{n}@corp.example\n" for n in range(50))


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """Return an installation with a table of staff."""
    with installation_with(ASSETS, tmp_path) as opened:
        yield opened


def _laid(installation: Installation) -> tuple[str, str]:
    """Lay rows of nobody into the table of staff; return the phone number and the mail address of one."""
    from waybill.register import canaries

    asked = canaries.ask(canaries.CanaryKind.DECOYS, "staff.csv", "staff", "hr", "in our own table", who="one")
    canaries.decide(asked.number, True, "agreed", who="other")
    made = flow.make(installation, asked.number, STAFF.encode(), who="one").decode()
    _, phone, mail = min(set(made.splitlines()) - set(STAFF.splitlines())).split(",")
    return phone, mail


def _thing(name: str) -> int:
    from waybill.register import canaries

    asked = canaries.ask(canaries.CanaryKind.THING, name, "staff", "somewhere", "nobody reads it", who="one")
    return canaries.decide(asked.number, True, "agreed", who="other").number


def _found(installation: Installation, logs: Path) -> list[Finding]:
    """Return what the detector of content says of logs."""
    from waybill.findings.queries import Filter, every

    ingest(installation, [logs], installation.plan(), workers=0, progress=lambda count: None)
    detect(installation, load_detectors(only=["content"]), workers=0, progress=lambda count: None)
    return [stored.finding for stored in every(Filter())]


def _postgresql(path: Path, *messages: str) -> Path:
    """Write a CSV log of PostgreSQL."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    for number, message in enumerate(messages):
        head = [
            f"2026-03-02 08:00:{number:02d}.000 UTC",
            "m.keller",
            "hr",
            "4711",
            "10.0.0.7:51000",
            "69.1",
            number + 1,
        ]
        rest = ["SELECT", "2026-03-02 07:59:00 UTC", "3/1", "0", "LOG", "00000", message]
        writer.writerow([*head, *rest, *[""] * 8, "psql", "client backend", "", "0"])
    path.write_text(target.getvalue(), encoding="utf-8")
    return path


def _cloudtrail(path: Path, *keys: str) -> Path:
    """Write records of CloudTrail in which objects of a bucket are read."""
    records = [
        {
            "eventVersion": "1.09",
            "eventTime": f"2026-03-02T08:00:{number:02d}Z",
            "eventSource": "s3.amazonaws.com",
            "eventName": "GetObject",
            "awsRegion": "eu-central-1",
            "userIdentity": {"type": "IAMUser", "userName": "m.keller", "accountId": "111122223333"},
            "requestParameters": {"bucketName": "exports", "key": key},
            "resources": [{"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::exports/{key}"}],
            "eventID": f"id-{number}",
        }
        for number, key in enumerate(keys)
    ]
    path.write_text(json.dumps({"Records": records}), encoding="utf-8")
    return path


@pytest.mark.parametrize("audited", [False, True])
def test_a_query_for_a_row_of_nobody_is_a_finding_and_its_value_rests_nowhere(
    installation: Installation, tmp_path: Path, audited: bool
) -> None:
    phone, _ = _laid(installation)
    query = "SELECT * FROM staff WHERE phone = '{}'"
    form = 'AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.staff,"{}",<not logged>' if audited else "statement: {}"
    messages = [form.format(query.format(value)) for value in ("13812340007", phone, "13812340008")]
    (finding,) = _found(installation, _postgresql(tmp_path / "postgresql.csv", *messages))
    assert (finding.rule_id, finding.severity, finding.asset) == ("content.decoy", "critical", "staff")
    assert finding.source.position == 2
    assert "staff.csv" in finding.sentence.en
    files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert not [path for path in files if phone.encode() in path.read_bytes()]


def test_a_decoy_table_and_a_decoy_object_are_known_by_their_names(installation: Installation, tmp_path: Path) -> None:
    _thing("hr.public.bonus_2019")
    _thing("exports/hr/all-passports.csv")
    audited = [
        f'AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.{name},"SELECT 1",<not logged>'
        for name in ("staff", "bonus_2019")
    ]
    (by_table,) = _found(installation, _postgresql(tmp_path / "postgresql.csv", *audited))
    assert (by_table.rule_id, by_table.sentence.en) == ("content.decoy", "hr.public.bonus_2019, a decoy, was touched")
    both = _found(installation, _cloudtrail(tmp_path / "trail.json", "hr/holidays.csv", "hr/all-passports.csv"))
    by_object = next(one for one in both if one.id != by_table.id)
    assert by_object.sentence.en == "exports/hr/all-passports.csv, a decoy, was touched"
    assert by_object.severity == "critical"


def test_mail_to_an_address_of_nobody_is_a_finding_though_addresses_become_pseudonyms(
    installation: Installation, tmp_path: Path
) -> None:
    _, mail = _laid(installation)
    logs = tmp_path / "mail.ndjson"
    same = {"action": "send", "channel": "email", "outcome": "success", "actor": "a@corp.example", "asset": "list.xlsx"}
    rows = [
        {**same, "time": f"2026-03-02T08:00:0{n}Z", "actor_kind": "person", "to_party": to}
        for n, to in enumerate(["n7@corp.example", mail.upper(), "n8@corp.example"])
    ]
    logs.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (finding,) = _found(installation, logs)
    assert (finding.rule_id, finding.source.position) == ("content.decoy", 2)


def test_what_was_revoked_or_became_of_public_interest_is_not_looked_for(
    installation: Installation, tmp_path: Path
) -> None:
    from waybill.register import canaries, models

    phone, _ = _laid(installation)
    number = _thing("exports/hr/all-passports.csv")
    assert len(installation.register().decoys) == 2
    canaries.revoke(number, "taken away", who="one")
    assert [one.id for one in installation.register().decoys] == ["delivery-1"]
    models.Asset.objects.filter(pk="staff").update(public_interest=True)
    assert installation.register().decoys == ()
    assert flow.spotter(installation) is None
    logs = _postgresql(tmp_path / "postgresql.csv", f"statement: SELECT * FROM staff WHERE phone = '{phone}'")
    assert _found(installation, logs) == []
