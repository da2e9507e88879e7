"""`waybill survey` as its users call it: without set-up, and keeping what it finds."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from waybill.cli.app import app

RUNNER = CliRunner()


def report(tmp_path: Path, *, encrypted: bool) -> Path:
    volume = {"name": "/dev/sdb1", "encrypted": str(int(encrypted)), "removable": "1"}
    file = tmp_path / "press-7.json"
    file.write_text(json.dumps([volume]))
    return file


def run(*arguments: str) -> tuple[int, str]:
    result = RUNNER.invoke(app, ["survey", *arguments])
    return result.exit_code, result.stdout


def test_without_set_up(tmp_path: Path) -> None:
    assert run("devices", str(report(tmp_path, encrypted=True)))[0] == 0
    code, said = run("devices", str(report(tmp_path, encrypted=False)))
    assert code == 1
    assert "can be pulled out and is not encrypted" in " ".join(said.split())
    code, said = run("devices", str(report(tmp_path, encrypted=False)), "--format", "sarif")
    assert json.loads(said)["runs"][0]["results"][0]["ruleId"] == "devices-plain-removable"


def test_what_was_not_inspected_is_said(tmp_path: Path) -> None:
    file = tmp_path / "press-7.json"
    file.write_text(json.dumps([{"name": "/dev/sdb1", "encrypted": "0"}]))
    code, said = run("devices", str(file), "--json")
    assert code == 0
    gaps = json.loads(said)["not_inspected"]
    assert {gap["why"] for gap in gaps} == {"disk_encryption does not say"}


def test_kept(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    code, said = run("devices", str(report(tmp_path, encrypted=False)), "--data", data, "--json")
    (opened,) = json.loads(said)["opened"]
    assert code == 1
    assert (
        json.loads(run("devices", str(report(tmp_path, encrypted=False)), "--data", data, "--json")[1])["opened"] == []
    )
    code, said = run("devices", str(report(tmp_path, encrypted=True)), "--data", data, "--json")
    assert (code, json.loads(said)["closed"]) == (0, [opened])
    listed = RUNNER.invoke(app, ["findings", "--data", data, "--all", "--json"])
    assert [(one["finding"]["id"], one["state"]) for one in json.loads(listed.stdout)["findings"]] == [
        (opened, "resolved")
    ]


def test_checks() -> None:
    code, said = run("checks", "--json")
    assert code == 0
    assert {check["family"] for check in json.loads(said)} == {"code", "storage", "crypto", "devices", "apps"}
