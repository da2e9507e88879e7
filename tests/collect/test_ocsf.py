"""OCSF events: the class says what sort of event it is, class and activity what was done, the control how it ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ocsf_json_schema import get_ocsf_schema
from tests.collect.format_samples import pseudonym, read_record, read_records

from waybill.collect import built_in_mappings
from waybill.collect.mapping import Mapping

CLASSES: dict[str, Any] = get_ocsf_schema("1.8.0")["classes"]
MAPPING: Mapping = next(mapping for mapping in built_in_mappings() if mapping.name == "ocsf")


def event(class_uid: int, activity_id: int, **more: Any) -> dict[str, Any]:
    """Return an OCSF event."""
    return {
        "class_uid": class_uid,
        "category_uid": class_uid // 1000,
        "activity_id": activity_id,
        "type_uid": class_uid * 100 + activity_id,
        "time": 1772600767089,
        "severity_id": 1,
        "status_id": 1,
        "metadata": {"version": "1.8.0", "product": {"name": "Exporter"}},
        "actor": {"user": {"name": "mei.tanaka", "uid": "u-77", "type_id": 1, "email_addr": "mei.tanaka@corp.example"}},
    } | more


def columns(row: dict[str, Any], *names: str) -> tuple[Any, ...]:
    """Return some columns of a row."""
    return tuple(row[name] for name in names)


def words(column: str) -> dict[str, Any]:
    """Return what the mapping's table of a column says."""
    return dict(dict(MAPPING.columns)[column].words)


def test_every_class_has_its_log_source() -> None:
    expected = {str(each["uid"]): f"ocsf//{name.rpartition('/')[2]}" for name, each in CLASSES.items() if each["uid"]}
    assert words("logsource") == expected


def test_actions_name_classes_and_activities_that_exist() -> None:
    activities = {
        f"{each['uid']}/{number}"
        for each in CLASSES.values()
        for number in each["attributes"].get("activity_id", {}).get("enum", {})
    }
    exact = {key for key in words("action") if not any(character in key for character in "*[")}
    assert exact <= activities


def test_a_shared_file_says_who_what_and_where(tmp_path: Path) -> None:
    shared = event(
        6006, 2, file={"path": "/plans/wing.dwg", "name": "wing.dwg", "size": 900}, actor={"user": {"name": "li.wei"}},
        src_endpoint={"ip": "198.51.100.7"}, dst_endpoint={"hostname": "files.corp.example"},
    )  # fmt: skip
    row = read_record(tmp_path, shared)
    assert columns(row, "source", "logsource") == ("ocsf", "ocsf//file_hosting")
    assert columns(row, "action", "channel", "asset", "asset_kind") == (
        "download",
        "cloud-storage",
        "/plans/wing.dwg",
        "data",
    )
    assert columns(row, "from_place", "to_place", "bytes") == ("files.corp.example", "198.51.100.7", 900)
    assert columns(row, "actor", "actor_kind") == (pseudonym("li.wei"), "person")
    assert row["time"].isoformat() == "2026-03-04T05:06:07.089000+00:00"


def test_mail_goes_to_its_recipients(tmp_path: Path) -> None:
    mail = {
        "from": "mei.tanaka@corp.example",
        "to": ["rival@elsewhere.example"],
        "size": 5,
        "files": [{"name": "a.pdf"}],
    }
    row = read_record(tmp_path, event(4009, 1, email=mail, direction_id=2))
    assert columns(row, "action", "channel", "asset", "to_place", "bytes") == (
        "send",
        "email",
        "a.pdf",
        "elsewhere.example",
        5,
    )
    assert row["to_party"]
    assert "rival" not in str(row)


@pytest.mark.parametrize(
    ("numbers", "more", "action", "channel"),
    [
        ((1001, 2), {}, "read", "file"),
        ((1007, 1), {}, "execute", "host"),
        ((1010, 1), {}, "connect", "usb"),
        ((3002, 1), {}, "login", "host"),
        ((4001, 6), {}, "connect", "network"),
        ((4002, 7), {}, "write", "web"),
        ((4002, 7), {"file": {"name": "a.zip"}}, "upload", "web"),
        ((4002, 3), {"file": {"name": "a.zip"}}, "download", "web"),
        ((4010, 12), {}, "share", "cloud-storage"),
        ((6001, 7), {}, "export", "web"),
        ((6003, 2), {}, "read", "cloud-api"),
        ((6005, 4), {}, "read", "database"),
        ((6006, 1), {}, "upload", "cloud-storage"),
        ((6006, 99), {}, "other", "cloud-storage"),
        ((31337, 1), {}, "other", "other"),
    ],
)
def test_class_and_activity_say_what_was_done(
    tmp_path: Path, numbers: tuple[int, int], more: dict[str, Any], action: str, channel: str
) -> None:
    row = read_record(tmp_path, event(*numbers, **more))
    assert columns(row, "action", "channel") == (action, channel)


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({"status_id": 1}, "success"),
        ({"status_id": 2}, "failure"),
        ({"status_id": 0}, "unknown"),
        ({"status_id": None}, "unknown"),
        ({"status_id": 1, "disposition_id": 2}, "blocked"),
        ({"status_id": 1, "disposition_id": 26}, "blocked"),
        ({"status_id": 1, "action_id": 2}, "blocked"),
        ({"status_id": None, "disposition_id": 1}, "success"),
        ({"status_id": 2, "disposition_id": 1}, "failure"),
        ({"status_id": 1, "disposition_id": 15}, "success"),
    ],
)
def test_what_a_control_did_decides_the_outcome(tmp_path: Path, more: dict[str, Any], outcome: str) -> None:
    assert read_record(tmp_path, event(6006, 1, **more))["outcome"] == outcome


@pytest.mark.parametrize(
    ("actor", "name", "kind"),
    [
        ({"user": {"email_addr": "li.wei@corp.example", "name": "wei"}}, pseudonym("li.wei@corp.example"), "person"),
        ({"user": {"uid": "S-1-5-21-1-2-3-1104"}}, pseudonym("S-1-5-21-1-2-3-1104"), "person"),
        ({"user": {"name": "backup-job", "type_id": 4}}, "backup-job", "service"),
        ({"user": {"name": "SYSTEM", "type_id": 3}}, "SYSTEM", "service"),
    ],
)
def test_who_did_it(tmp_path: Path, actor: dict[str, Any], name: str, kind: str) -> None:
    assert columns(read_record(tmp_path, event(6003, 2, actor=actor)), "actor", "actor_kind") == (name, kind)


def test_no_name_of_a_person_stays_in_the_clear(tmp_path: Path) -> None:
    user = {"name": "mei.tanaka", "full_name": "Mei Tanaka", "email_addr": "mei.tanaka@corp.example", "uid": "u-77"}
    record = event(
        6006, 12, user=user, file={"path": "/home/mei.tanaka/a.txt", "owner": user}, device={"owner": user},
        message="Mei Tanaka shared /home/mei.tanaka/a.txt", src_endpoint={"owner": user},
    )  # fmt: skip
    row = read_record(tmp_path, record)
    assert "tanaka" not in str(row).lower()
    assert "u-77" not in str(row)


def test_devices_and_tables_are_named(tmp_path: Path) -> None:
    stick = event(1010, 1, peripheral_device={"name": "Stick", "serial_number": "A1"}, device={"hostname": "pc-1"})
    query = event(6005, 4, database={"name": "erp"}, table={"name": "customers"}, query_info={"bytes": 12})
    one, two = read_records(tmp_path, stick, query)
    assert columns(one, "asset", "asset_kind", "to_place") == ("A1", "device", "pc-1")
    assert columns(two, "asset", "bytes") == ("erp.customers", 12)


@pytest.mark.parametrize("time", [1772600767089, 1772600767, "1772600767089", "2026-03-04T05:06:07.089Z"])
def test_times_of_all_exporters_are_read(tmp_path: Path, time: Any) -> None:
    row = read_record(tmp_path, event(6006, 1, time=time))
    assert row["time"].replace(microsecond=0).isoformat() == "2026-03-04T05:06:07+00:00"
