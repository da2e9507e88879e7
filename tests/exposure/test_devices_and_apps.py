"""Disks, sticks, apps and tokens from what machines and services report."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from waybill.exposure import FAMILIES, Survey, survey
from waybill.exposure.apps.powers import Power, powers_of
from waybill.model.errors import InputError
from waybill.model.register import Place, RegisterSnapshot

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def look(family: str, tmp_path: Path, report: Any, register: RegisterSnapshot | None = None) -> Survey:
    file = tmp_path / "press-7.json"
    file.write_bytes(report if isinstance(report, bytes) else json.dumps(report).encode())
    known = FAMILIES[family]
    return survey(known.read(str(file)), known.checks(), register or RegisterSnapshot(), NOW)


def seen(found: Survey) -> set[tuple[str, str]]:
    return {(finding.rule_id.partition("-")[2], finding.asset) for finding in found.findings}


def test_lsblk(tmp_path: Path) -> None:
    report = {
        "blockdevices": [
            {"name": "sda", "path": "/dev/sda", "type": "disk", "rm": False, "hotplug": "0", "children": [
                {"name": "sda1", "path": "/dev/sda1", "type": "part", "rm": False, "fstype": "ext4"},
                {"name": "sda2", "path": "/dev/sda2", "type": "part", "fstype": "crypto_LUKS", "children": [
                    {"name": "root", "path": "/dev/mapper/root", "type": "crypt", "fstype": "ext4"}]},
                {"name": "sda3", "path": "/dev/sda3", "type": "part", "rm": False, "fstype": "swap"},
            ]},
            {"name": "sdb", "path": "/dev/sdb", "type": "disk", "tran": "usb", "rm": "0", "hotplug": "1", "children": [
                {"name": "sdb1", "path": "/dev/sdb1", "type": "part", "fstype": "exfat", "label": "PLANS"}]},
            {"name": "sdc", "path": "/dev/sdc", "type": "disk", "tran": "usb", "rm": True, "fstype": "BitLocker"},
            {"name": "sdd", "path": "/dev/sdd", "type": "disk", "rm": False},
            {"name": "zram0", "type": "disk", "rm": False, "mountpoints": ["/fast"]},
        ]
    }  # fmt: skip
    found = look("devices", tmp_path, report)
    assert seen(found) == {("plain-disk", "press-7:/dev/sda1"), ("plain-removable", "press-7:/dev/sdb1")}
    assert [gap.place for gap in found.gaps] == ["press-7:/dev/sdd"]


def test_bitlocker(tmp_path: Path) -> None:
    """PowerShell 5 prints numbers in UTF-16, PowerShell 7 words; a lone volume is no list."""
    rows = [
        {"MountPoint": "C:", "VolumeStatus": 1, "VolumeType": 0, "ProtectionStatus": 0, "EncryptionMethod": 7},
        {"MountPoint": "E:", "VolumeStatus": "FullyDecrypted", "VolumeType": "Data", "DriveType": "Removable"},
        {"MountPoint": "F:", "VolumeStatus": 0, "VolumeType": 1, "ProtectionStatus": 0},
    ]
    found = look("devices", tmp_path, json.dumps(rows).encode("utf-16"))
    assert seen(found) == {("suspended", "press-7:C:"), ("plain-removable", "press-7:E:")}
    assert {gap.place for gap in found.gaps} == {"press-7:F:"}
    assert seen(look("devices", tmp_path, rows[0])) == {("suspended", "press-7:C:")}


def test_osquery(tmp_path: Path) -> None:
    scheduled = {"hostIdentifier": "press-9", "snapshot": [{"name": "/dev/sda1", "encrypted": "0", "removable": "0"}]}
    assert seen(look("devices", tmp_path, [scheduled])) == {("plain-disk", "press-9:/dev/sda1")}
    found = look("devices", tmp_path, [{"name": "/dev/sda1", "encrypted": "0"}])
    assert not found.findings
    assert found.gaps


def test_microsoft(tmp_path: Path) -> None:
    graph = {"id": "g", "displayName": "Graph", "appRoles": [{"id": "r", "value": "Files.Read.All"}]}
    sync = {"id": "s", "appId": "a-1", "displayName": "Sync", "verifiedPublisher": {"verifiedPublisherId": None}}
    notes = {"id": "n", "appId": "a-2", "displayName": "Notes", "verifiedPublisher": {"verifiedPublisherId": "7"}}
    grants = [
        {"clientId": "s", "consentType": "Principal", "principalId": "u1", "scope": "Mail.Read offline_access"},
        {"clientId": "s", "consentType": "Principal", "principalId": "u2", "scope": "User.Read"},
        {"clientId": "n", "consentType": "AllPrincipals", "scope": "User.Read openid"},
    ]
    export = {
        "servicePrincipals": {"value": [graph, sync, notes]},
        "oauth2PermissionGrants": grants,
        "appRoleAssignments": [{"principalId": "s", "resourceId": "g", "appRoleId": "r"}],
    }
    found = look("apps", tmp_path, export)
    assert seen(found) == {("unapproved", "app:a-1"), ("unverified", "app:a-1")}
    assert "read all files, read mail of the whole organisation" in found.findings[0].sentence.en
    assert not any("u1" in str(finding) for finding in found.findings)
    approved = RegisterSnapshot(places=(Place(id="sync", patterns=("a-1",), approved_egress=True),))
    assert seen(look("apps", tmp_path, export, approved)) == {("unverified", "app:a-1")}
    export["appRoleAssignments"] = [{"principalId": "n", "resourceId": "elsewhere", "appRoleId": "r"}]
    export["oauth2PermissionGrants"] = []
    assert [gap.what for gap in look("apps", tmp_path, export).gaps] == [
        "apps-unapproved (powers)",
        "apps-unverified (powers)",
    ]


def test_google_counts_people_and_keeps_none(tmp_path: Path) -> None:
    def answer(person: str) -> dict[str, Any]:
        drive = {"clientId": "1.apps", "displayText": "Sheets+", "userKey": person}
        return {"kind": "admin#directory#tokenList", "items": [{**drive, "scopes": ["https://x/auth/drive.readonly"]}]}

    (finding,) = look("apps", tmp_path, [answer("zhao.min"), answer("li.na")]).findings
    assert "of 2 people" in finding.sentence.en
    assert "zhao" not in str(finding)


def test_github(tmp_path: Path) -> None:
    apps = {"installations": [{"app_slug": "mirror", "permissions": {"contents": "write", "metadata": "read"}}]}
    assert seen(look("apps", tmp_path, apps)) == {("unapproved", "app:github/mirror")}
    tokens = [
        {"id": 7, "token_expires_at": None, "permissions": {"repository": {"contents": "read"}}},
        {"id": 8, "token_expires_at": "2026-04-01T00:00:00Z", "permissions": {"repository": {"issues": "read"}}},
        {"id": 9, "token_expires_at": "soon", "permissions": {}},
    ]
    found = look("apps", tmp_path, tokens)
    assert seen(found) == {("unapproved", "token:github/7"), ("endless-token", "token:github/7")}
    assert [gap.why for gap in found.gaps] == ["soon is no moment"]


@pytest.mark.parametrize(
    ("scope", "powers"),
    [
        ("Mail.ReadWrite", {Power.READ_MAIL}),
        ("https://mail.google.com/", {Power.READ_MAIL, Power.SEND_MAIL}),
        ("Files.Read", set()),
        ("Files.ReadWrite.All", {Power.READ_FILES, Power.WRITE_FILES}),
        ("User.Read", set()),
        ("repo", {Power.READ_CODE, Power.WRITE_CODE}),
        ("RoleManagement.ReadWrite.Directory", {Power.ADMINISTER}),
    ],
)
def test_powers(scope: str, powers: set[Power]) -> None:
    assert powers_of([scope]) == powers


@pytest.mark.parametrize("family", ["devices", "apps"])
def test_what_is_no_report(family: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="of no form"):
        look(family, tmp_path, {"something": "else"})
