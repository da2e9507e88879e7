"""Windows events: every shape gives the same flat fields, and what the events mean."""

from __future__ import annotations

import time
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sigma.pipelines.common import windows_logsource_mapping
from tests.collect.format_samples import batches, pseudonym, read_record, read_records, rejected_of

from waybill.collect import evtx
from waybill.collect.windows import flatten

SYSMON = "Microsoft-Windows-Sysmon/Operational"

WRITTEN = {
    "UtcTime": "2026-03-04 05:06:07.089",
    "ProcessId": 4711,
    "Image": "C:\\Tools\\packer.exe",
    "TargetFilename": "E:\\out\\drawings.7z",
    "User": "PLANT\\mei.tanaka",
}

XML = {
    "Event": {
        "#attributes": {"xmlns": "http://schemas.microsoft.com/win/2004/08/events/event"},
        "System": {
            "Provider": {"#attributes": {"Name": "Microsoft-Windows-Sysmon", "Guid": "{0}"}},
            "EventID": 11,
            "Level": 4,
            "TimeCreated": {"#attributes": {"SystemTime": "2026-03-04T05:06:07.089123Z"}},
            "EventRecordID": 99,
            "Correlation": None,
            "Execution": {"#attributes": {"ProcessID": 8, "ThreadID": 9}},
            "Channel": SYSMON,
            "Computer": "cad-07.plant.example",
            "Security": {"#attributes": {"UserID": "S-1-5-18"}},
        },
        "EventData": WRITTEN,
    }
}

ATTRIBUTES_APART = {
    "Event": {
        "System": {
            "Provider_attributes": {"Name": "Microsoft-Windows-Sysmon"},
            "EventID": 11,
            "TimeCreated_attributes": {"SystemTime": "2026-03-04T05:06:07.089123Z"},
            "Channel": SYSMON,
            "Computer": "cad-07.plant.example",
        },
        "EventData": WRITTEN,
    }
}

NAMED_DATA = {
    "Event": {
        "System": {
            "Provider": {"@Name": "Microsoft-Windows-Sysmon"},
            "EventID": {"#text": "11", "@Qualifiers": "0"},
            "TimeCreated": {"@SystemTime": "2026-03-04T05:06:07.089123Z"},
            "Channel": SYSMON,
            "Computer": "cad-07.plant.example",
        },
        "EventData": {"Data": [{"@Name": name, "#text": str(value)} for name, value in WRITTEN.items()]},
    }
}

LISTED_DATA = {
    "System": {
        "Provider": {"Name": "Microsoft-Windows-Sysmon"},
        "EventID": 11,
        "TimeCreated": {"SystemTime": "2026-03-04T05:06:07.089123Z"},
        "Channel": SYSMON,
        "Computer": "cad-07.plant.example",
    },
    "EventData": [{"Name": name, "#text": str(value)} for name, value in WRITTEN.items()],
}

WINLOGBEAT = {
    "@timestamp": "2026-03-04T05:06:07.089Z",
    "message": "File created",
    "host": {"name": "collector"},
    "winlog": {
        "channel": SYSMON,
        "event_id": "11",
        "provider_name": "Microsoft-Windows-Sysmon",
        "computer_name": "cad-07.plant.example",
        "record_id": 99,
        "user": {"name": "SYSTEM", "identifier": "S-1-5-18"},
        "event_data": WRITTEN,
    },
}

WINLOGBEAT_6 = {
    "@timestamp": "2026-03-04T05:06:07.089Z",
    "log_name": SYSMON,
    "event_id": 11,
    "source_name": "Microsoft-Windows-Sysmon",
    "computer_name": "cad-07.plant.example",
    "message": "File created",
    "event_data": WRITTEN,
}

NXLOG = {
    "EventTime": "2026-03-04 13:06:07",
    "Hostname": "cad-07.plant.example",
    "SourceName": "Microsoft-Windows-Sysmon",
    "EventID": 11,
    "Channel": SYSMON,
    "AccountName": "SYSTEM",
    "UserID": "S-1-5-18",
    **WRITTEN,
}

SHAPES = {
    "xml": XML,
    "attributes apart": ATTRIBUTES_APART,
    "named data": NAMED_DATA,
    "listed data": LISTED_DATA,
    "winlogbeat": WINLOGBEAT,
    "winlogbeat 6": WINLOGBEAT_6,
    "nxlog": NXLOG,
}


def event(channel: str, number: int, **data: Any) -> dict[str, Any]:
    """Return a flat event."""
    return {
        "TimeCreated": "2026-03-04T05:06:07Z",
        "Computer": "srv-3.plant.example",
        "Channel": channel,
        "EventID": number,
        "Provider_Name": "Some-Provider",
    } | data


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_every_shape_gives_the_same_fields_and_columns(tmp_path: Path, shape: dict[str, Any]) -> None:
    row = read_record(tmp_path, shape)
    expected = {
        "EventID": "11",
        "Channel": SYSMON,
        "Computer": "cad-07.plant.example",
        "Provider_Name": "Microsoft-Windows-Sysmon",
        "Image": "C:\\Tools\\packer.exe",
        "TargetFilename": "E:\\out\\drawings.7z",
        "ProcessId": "4711",
    }
    assert {name: row["fields"].get(name) for name in expected} == expected
    assert row["source"] == "windows"
    assert row["logsource"] == "windows/file_event/sysmon"
    assert (row["action"], row["channel"], row["outcome"]) == ("create", "file", "success")
    assert row["asset"] == "E:\\out\\drawings.7z"
    assert row["from_place"] == "cad-07.plant.example"
    assert row["time"].replace(microsecond=0) == datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    assert (row["actor"], row["actor_kind"], row["actor_org"]) == (pseudonym("mei.tanaka"), "person", "PLANT")


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_no_name_stays_in_the_clear(tmp_path: Path, shape: dict[str, Any]) -> None:
    row = read_record(tmp_path, shape)
    assert "tanaka" not in str(row).lower()


def test_sysmons_own_time_counts_unless_it_has_none(tmp_path: Path) -> None:
    local = NXLOG | {"TimeCreated": "2026-03-04 13:06:07"}
    without = local | {"UtcTime": "-", "TimeCreated": "2026-03-04T13:06:07Z"}
    one, two = read_records(tmp_path, local, without)
    assert (one["time"].hour, two["time"].hour) == (5, 13)


def test_the_time_of_a_forwarder_is_its_own_and_not_when_it_arrived(tmp_path: Path) -> None:
    arrived = NXLOG | {"@timestamp": "2026-03-04T05:09:00Z"}
    assert read_record(tmp_path, arrived)["time"].minute == 6


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-04T05:06:07.0891234Z",
        "2026-03-04T13:06:07.0891234+08:00",
        "2026-03-04 05:06:07.089",
        "/Date(1772600767089)/",
        {"SystemTime": "2026-03-04T05:06:07.089Z"},
        {"value": "/Date(1772600767089)/", "DisplayHint": 2},
    ],
)
def test_times_of_all_forms_are_read(tmp_path: Path, written: Any) -> None:
    row = read_record(tmp_path, event("Security", 4688) | {"TimeCreated": written})
    assert row["time"].replace(microsecond=0) == datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def test_names_of_several_words_are_there_without_blanks_too() -> None:
    data = {"Source Name": "Real-Time Protection", "Threat Name": "Test"}
    channel = "Microsoft-Windows-Windows Defender/Operational"
    flat = flatten(event(channel, 1116, SourceName="Microsoft-Windows-Windows Defender") | data)
    nested = flatten({"Event": {"System": {"EventID": 1116, "Channel": channel}, "EventData": data}})
    for fields in (flat, nested):
        assert fields["SourceName"] == fields["Source Name"] == "Real-Time Protection"
        assert fields["ThreatName"] == "Test"
    assert flat["Provider_Name"] == "Some-Provider"


def test_user_data_is_lifted_out_of_its_wrapper() -> None:
    wrapped = {"LogFileCleared": {"#attributes": {"xmlns": "x"}, "SubjectUserName": "anna", "Channel": "Decoy"}}
    fields = flatten({"Event": {"System": {"EventID": 1102, "Channel": "Security"}, "UserData": wrapped}})
    assert fields["SubjectUserName"] == "anna"
    assert fields["Channel"] == "Security"
    assert not [name for name in fields if "xmlns" in name or "attributes" in name]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"Data": ["one", "two"]}, ["one", "two"]),
        ({"Data": "one"}, "one"),
        ({"Data": {"#text": ["one", "two"]}}, ["one", "two"]),
        ({"Data": [{"#text": "one"}, {"#text": "two"}]}, ["one", "two"]),
        (["one", "two"], ["one", "two"]),
        ("one", "one"),
    ],
)
def test_data_without_names_is_called_data(data: Any, expected: Any) -> None:
    fields = flatten({"Event": {"System": {"EventID": 800, "Channel": "Windows PowerShell"}, "EventData": data}})
    assert fields["Data"] == expected


def test_parameters_of_winlogbeat_are_data_in_their_order() -> None:
    parameters = {f"param{number}": f"value {number}" for number in (10, 2, 1)}
    fields = flatten({"winlog": {"channel": "Windows PowerShell", "event_id": 800, "event_data": parameters}})
    assert fields["Data"] == ["value 1", "value 2", "value 10"]
    assert fields["param10"] == "value 10"


def test_what_winlogbeat_moved_to_the_common_schema_is_moved_back() -> None:
    record = {
        "@timestamp": "2026-03-04T05:06:07Z",
        "event": {"code": "1"},
        "process": {"executable": "C:\\a.exe", "command_line": "a -x", "parent": {"executable": "C:\\b.exe"}},
        "winlog": {"channel": SYSMON, "event_data": {"CommandLine": "its own"}},
    }
    fields = flatten(record)
    assert (fields["EventID"], fields["Image"], fields["ParentImage"]) == ("1", "C:\\a.exe", "C:\\b.exe")
    assert fields["CommandLine"] == "its own"


def test_security_events_bear_the_generic_names_too(tmp_path: Path) -> None:
    started = event("Security", 4688, NewProcessName="C:\\a.exe", ParentProcessName="C:\\b.exe")
    changed = event("Security", 4657, ObjectName="\\REGISTRY\\X", NewValue="1", OperationType="%%1905")
    elsewhere = event("Application", 4688, NewProcessName="C:\\a.exe")
    one, two, three = read_records(tmp_path, started, changed, elsewhere)
    assert (one["fields"]["Image"], one["fields"]["ParentImage"]) == ("C:\\a.exe", "C:\\b.exe")
    assert one["logsource"] == "windows/process_creation/security"
    assert (two["fields"]["TargetObject"], two["fields"]["Details"]) == ("\\REGISTRY\\X", "1")
    assert two["logsource"] == "windows/registry_set/security"
    assert "Image" not in three["fields"]


@pytest.mark.parametrize(
    ("channel", "number", "more", "expected"),
    [
        (SYSMON, 1, {}, "windows/process_creation/sysmon"),
        (SYSMON, 12, {"EventType": "CreateKey"}, "windows/registry_add/sysmon"),
        (SYSMON, 12, {"EventType": "DeleteValue"}, "windows/registry_delete/sysmon"),
        (SYSMON, 13, {"EventType": "SetValue"}, "windows/registry_set/sysmon"),
        (SYSMON, 22, {}, "windows/dns_query/sysmon"),
        (SYSMON, 77, {}, "windows//sysmon"),
        ("Security", 4624, {}, "windows//security"),
        ("security", 4688, {}, "windows/process_creation/security"),
        ("Microsoft-Windows-PowerShell/Operational", 4104, {}, "windows/ps_script/powershell"),
        ("PowerShellCore/Operational", 4103, {}, "windows/ps_module/powershell"),
        ("Windows PowerShell", 400, {}, "windows/ps_classic_start/powershell-classic"),
        ("Microsoft-Windows-AppLocker/MSI and Script", 8007, {}, "windows//applocker"),
        ("Microsoft-Windows-Windows Firewall With Advanced Security/Firewall", 2004, {}, "windows//firewall-as"),
        ("Somebody-Elses/Log", 1, {}, "windows//"),
    ],
)
def test_log_sources_follow_sigma(
    tmp_path: Path, channel: str, number: int, more: dict[str, str], expected: str
) -> None:
    assert read_record(tmp_path, event(channel, number, **more))["logsource"] == expected


def columns(row: dict[str, Any], *names: str) -> tuple[Any, ...]:
    """Return some columns of a row."""
    return tuple(row[name] for name in names)


def test_a_connection_goes_where_it_was_opened_to(tmp_path: Path) -> None:
    to_name = event(SYSMON, 3, DestinationIp="203.0.113.9", DestinationHostname="drop.example", Initiated="true")
    to_address = event(SYSMON, 3, DestinationIp="203.0.113.9", DestinationHostname="-", Initiated="true")
    inbound = event(SYSMON, 3, SourceIp="203.0.113.9", DestinationIp="10.0.0.1", Initiated="false")
    one, two, three = read_records(tmp_path, to_name, to_address, inbound)
    assert columns(one, "action", "channel", "to_place") == ("connect", "network", "drop.example")
    assert two["to_place"] == "203.0.113.9"
    assert columns(three, "from_place", "to_place") == ("203.0.113.9", "srv-3.plant.example")


def test_a_file_written_to_a_removable_disk_is_copied_there(tmp_path: Path) -> None:
    written = event(
        "Security", 4663, Task=12812, ObjectType="File", AccessList="%%4417\r\n\t\t", SubjectUserName="li.wei",
        SubjectDomainName="PLANT", ObjectName="\\Device\\HarddiskVolume9\\recipe.xlsx",
    )  # fmt: skip
    row = read_record(tmp_path, written)
    assert columns(row, "action", "channel", "asset_kind") == ("copy", "usb", "data")
    assert columns(row, "to_place", "asset") == ("\\Device\\HarddiskVolume9", "\\Device\\HarddiskVolume9\\recipe.xlsx")
    assert columns(row, "actor", "actor_org") == (pseudonym("li.wei"), "PLANT")


def test_a_share_is_read_to_the_machine_that_asked(tmp_path: Path) -> None:
    accessed = event(
        "Security", 5145, ShareName="\\\\*\\Drawings", RelativeTargetName="wing.dwg", IpAddress="10.1.2.3",
        AccessList="%%1541\r\n\t\t\t\t%%4416\r\n\t\t\t\t",
    )  # fmt: skip
    row = read_record(tmp_path, accessed)
    assert columns(row, "action", "channel", "to_place") == ("read", "file", "10.1.2.3")
    assert row["asset"] == "\\\\*\\Drawings\\wing.dwg"


def test_a_print_job_says_document_printer_and_size(tmp_path: Path) -> None:
    job = {
        "Param1": "7",
        "Param2": "budget.docx",
        "Param3": "ana.ruiz",
        "Param4": "\\\\DESK-4",
        "Param5": "Floor 2",
        "Param7": "20480",
    }
    system = {"EventID": 307, "Channel": "Microsoft-Windows-PrintService/Operational", "Computer": "print-1"}
    record = {"Event": {"System": system, "UserData": {"DocumentPrinted": job}}, "@timestamp": "2026-03-04T05:06:07Z"}
    row = read_record(tmp_path, record)
    assert columns(row, "action", "channel", "asset", "bytes") == ("print", "print", "budget.docx", 20480)
    assert columns(row, "from_place", "to_place", "actor") == ("DESK-4", "Floor 2", pseudonym("ana.ruiz"))


def test_pages_of_a_print_job_are_records(tmp_path: Path) -> None:
    job = event("Microsoft-Windows-PrintService/Operational", 307, Param2="a.docx", Param7="20480", Param8="12")
    assert columns(read_record(tmp_path, job), "bytes", "records") == (20480, 12)


def test_a_file_written_to_a_share_goes_to_its_host(tmp_path: Path) -> None:
    share, disk, long = read_records(
        tmp_path,
        event(SYSMON, 11, TargetFilename=r"\\nas-3\plans\a.dwg"),
        event(SYSMON, 11, TargetFilename=r"E:\a.dwg"),
        event(SYSMON, 11, TargetFilename=r"\\?\UNC\nas-3\plans\a.dwg"),
    )
    assert [row["to_place"] for row in (share, disk, long)] == ["nas-3", None, "nas-3"]


def test_the_mark_of_the_web_names_the_host_a_file_came_from(tmp_path: Path) -> None:
    mark = "[ZoneTransfer]  ZoneId=3  ReferrerUrl=https://a.example/  HostUrl=https://files.example:8443/x.zip"
    row = read_record(tmp_path, event(SYSMON, 15, TargetFilename=r"C:\d\x.zip:Zone.Identifier", Contents=mark))
    assert columns(row, "action", "channel", "asset") == ("download", "web", r"C:\d\x.zip")
    assert columns(row, "from_place", "to_place") == ("files.example", row["fields"]["Computer"])


@pytest.mark.parametrize(
    ("more", "action", "channel"),
    [
        ({"BusType": "7", "Capacity": "64000000000"}, "connect", "usb"),
        ({"BusType": "7", "Capacity": "0"}, "other", "usb"),
        ({"BusType": "11", "Capacity": "64000000000"}, "connect", "host"),
        ({"BusType": "17", "Capacity": "64000000000"}, "connect", "host"),
    ],
)
def test_only_a_disk_over_usb_comes_over_usb(tmp_path: Path, more: dict[str, str], action: str, channel: str) -> None:
    row = read_record(tmp_path, event("Microsoft-Windows-Partition/Diagnostic", 1006, SerialNumber="A1", **more))
    assert columns(row, "asset", "asset_kind", "action", "channel") == ("A1", "device", action, channel)


def test_a_logon_is_done_by_who_logged_on(tmp_path: Path) -> None:
    person = event("Security", 4624, SubjectUserName="SRV-3$", TargetUserName="li.wei", IpAddress="10.1.2.3")
    machine = event("Security", 4624, SubjectUserName="-", TargetUserName="DESK-4$", IpAddress="-")
    failed = event("Security", 4625, SubjectUserName="-", TargetUserName="li.wei", IpAddress="10.1.2.3")
    one, two, three = read_records(tmp_path, person, machine, failed)
    assert columns(one, "action", "actor", "actor_kind", "from_place") == (
        "login",
        pseudonym("li.wei"),
        "person",
        "10.1.2.3",
    )
    assert columns(two, "actor", "actor_kind", "from_place") == ("DESK-4$", "service", None)
    assert three["outcome"] == "failure"


def test_devices_are_what_is_connected(tmp_path: Path) -> None:
    plugged = event("Security", 6416, DeviceId="USBSTOR\\Disk&Ven_X\\0001", SubjectUserName="SRV-3$")
    forbidden = event("Security", 6423, DeviceId="USBSTOR\\Disk&Ven_X\\0001", SubjectUserName="SRV-3$")
    one, two = read_records(tmp_path, plugged, forbidden)
    assert columns(one, "action", "channel", "asset_kind", "outcome") == ("connect", "usb", "device", "success")
    assert one["asset"].startswith("USBSTOR")
    assert two["outcome"] == "blocked"


@pytest.mark.parametrize(
    "keywords", ["0x8010000000000000", -9218868437227405312, ["Audit Failure"], "9227875636482146304"]
)
def test_a_failed_audit_is_a_failure(tmp_path: Path, keywords: Any) -> None:
    assert read_record(tmp_path, event("Security", 4656, Keywords=keywords))["outcome"] == "failure"


def test_the_service_that_writes_sysmons_log_is_not_the_actor(tmp_path: Path) -> None:
    nobody = event(SYSMON, 5, AccountName="SYSTEM", UserID="S-1-5-18")
    shell = event("Microsoft-Windows-PowerShell/Operational", 4104, AccountName="li.wei", UserID="S-1-5-21-1-2-3-1001")
    one, two = read_records(tmp_path, nobody, shell)
    assert one["actor"] is None
    assert columns(two, "actor", "actor_kind") == (pseudonym("li.wei"), "person")


@pytest.mark.parametrize(
    "record",
    [
        {"Event": None},
        {"Event": {"System": None, "EventData": 5}},
        {"Event": {"System": {"EventID": {"#text": None}, "Channel": {}}, "EventData": {"Data": [None, 5, []]}}},
        {"winlog": {"event_id": None, "event_data": [], "user_data": {"x": [1]}, "user": "me"}},
        {"EventID": 1, "Channel": None},
        {"EventID": 1, "Channel": 5, "EventData": None},
        {"EventID": [1], "Channel": {"a": 1}, "TimeCreated": []},
        {"EventID": 4688, "Channel": "Security", "TimeCreated": "/Date(99999999999999999999)/"},
        {"event_data": {}, "log_name": 7},
        {"System": {"Provider": {"#attributes": 3}}, "EventData": {"#attributes": {"Name": 5}}},
        {},
    ],
)
def test_malformed_events_come_back_as_records(record: dict[str, Any]) -> None:
    assert isinstance(flatten(deepcopy(record)), dict)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
NAMES = (
    "EventID",
    "Channel",
    "TimeCreated",
    "Event",
    "System",
    "EventData",
    "UserData",
    "winlog",
    "event_data",
    "user_data",
    "Data",
)


@given(
    st.dictionaries(
        st.sampled_from(NAMES), st.dictionaries(st.sampled_from(NAMES), JSON, max_size=4) | JSON, max_size=5
    )
)
def test_no_record_makes_flattening_fail(record: dict[str, Any]) -> None:
    assert isinstance(flatten(record), dict)


def test_a_record_that_is_no_event_is_rejected_beside_those_that_are(tmp_path: Path) -> None:
    file = tmp_path / "mixed.jsonl"
    file.write_text(
        '{"EventID":1,"Channel":"System","TimeCreated":"2026-03-04T05:06:07Z"}\n{"uid":"C1","proto":"tcp"}\n'
    )
    found = batches(file)
    assert [(record.position, record.field) for record in rejected_of(found)] == [(2, "time")]


@pytest.mark.parametrize(
    "content",
    [b"", b"ElfFile\0", b"ElfFile\0" + b"\0" * 4088, b"x" * 200_000, b"ElfFile\0" + b"\xff" * 200_000],
    ids=["empty", "magic only", "header only", "no log", "garbage"],
)
def test_garbage_for_an_evtx_file_is_told_and_never_raises(content: bytes) -> None:
    found = list(evtx.read(content))
    assert found
    assert all(isinstance(entry, evtx.Damage) and entry.reason and entry.advice for entry in found)


@given(st.binary(max_size=600), st.integers(0, 70_000))
def test_no_bytes_make_reading_evtx_fail(noise: bytes, zeros: int) -> None:
    content = b"ElfFile\0" + b"\0" * 4088 + b"ElfChnk\0" + noise + b"\0" * zeros
    assert all(entry.number >= 0 for entry in evtx.read(content))


def test_flat_events_are_flattened_fast() -> None:
    """Four microseconds an event are the goal; ten catch a slip on a loaded machine."""
    events = [event(SYSMON, 11, **WRITTEN, Hostname="h", SourceName="s", Number=number) for number in range(5000)]
    begun = time.process_time()
    for flat in events:
        flatten(flat)
    assert (time.process_time() - begun) / len(events) < 10e-6


def test_services_are_those_of_pysigma(tmp_path: Path) -> None:
    """SigmaHQ's rules say ``ldap`` by now for what pySigma still calls ``ldap_debug``."""
    channels = {
        channel: {"ldap_debug": "ldap"}.get(service, service)
        for service, named in windows_logsource_mapping.items()
        for channel in ([named] if isinstance(named, str) else named)
    }
    rows = read_records(tmp_path, *(event(channel, 65_000) for channel in channels))
    assert {row["fields"]["Channel"]: row["logsource"].rpartition("/")[2] for row in rows} == channels
