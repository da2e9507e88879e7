"""`waybill survey` as its users call it: without set-up, and keeping what it finds."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from typer.testing import CliRunner

from waybill.cli.app import app
from waybill.exposure import FAMILIES
from waybill.model.errors import UsageError

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
    assert {check["family"] for check in json.loads(said)} == set(FAMILIES)


def test_approved_and_deployed(tmp_path: Path) -> None:
    build, manifest = tmp_path / "build", str(tmp_path / "shop.json")
    build.mkdir()
    (build / "shop.py").write_text("def pay(): ...\n")
    key, public = tmp_path / "key.pem", tmp_path / "key.pub"
    private = Ed25519PrivateKey.generate()
    key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    key.chmod(0o644)
    refused = RUNNER.invoke(app, ["survey", "manifest", str(build), "-o", manifest, "--key", str(key)])
    assert isinstance(refused.exception, UsageError)
    key.chmod(0o600)
    code, said = run("manifest", str(build), "-o", manifest, "--key", str(key), "--json")
    assert (code, json.loads(said)["files"], json.loads(said)["signatures"]) == (0, 1, 1)
    assert run("deployed", str(build), "--manifest", manifest, "--trusted", str(public))[0] == 0
    (build / "shop.py").write_text("def pay(): steal()\n")
    code, said = run("deployed", str(build), "--manifest", manifest, "--trusted", str(public), "--json")
    assert (code, [one["rule_id"] for one in json.loads(said)["findings"]]) == (1, ["deployed-code"])
    refused = RUNNER.invoke(app, ["survey", "deployed", str(build), "--trusted", str(public)])
    assert isinstance(refused.exception, UsageError)


def test_what_changed_and_who_gets_where(tmp_path: Path) -> None:
    data, web, register = str(tmp_path / "data"), tmp_path / "plans", tmp_path / "register"
    for folder in (web, register):
        folder.mkdir()
    (web / "index.html").write_text("")
    (web / "dump.sql").write_text("")
    (register / "assets.csv").write_text("id,name,kind,grade,patterns\nplans,Plans,data,core,plans\n")
    assert RUNNER.invoke(app, ["register", "import", str(register), "--data", data]).exit_code == 0
    assert run("storage", str(web), "--data", data)[0] == 1
    told = json.loads(run("changes", "--since", "2020-01-01", "--data", data, "--json")[1])
    assert (len(told["opened"]), told["closed"]) == (1, [])
    code, said = run("paths", "--data", data, "--json")
    (way,) = json.loads(said)
    assert (code, way["asset"], [step["kind"] for step in way["steps"]]) == (1, "plans", ["who", "exposure", "asset"])
    assert [group["grade"] for group in json.loads(run("plan", "--data", data, "--json")[1])] == ["core"]
    assert "Nothing stands open" in run("plan", "--family", "crypto", "--data", data)[1]
    (web / "dump.sql").unlink()
    assert run("storage", str(web), "--data", data)[0] == 0
    assert run("paths", "--data", data)[0] == 0
    assert "closed 1" in run("changes", "--since", "2020-01-01", "--data", data)[1]


def test_a_baseline(tmp_path: Path) -> None:
    file, accepted = report(tmp_path, encrypted=False), str(tmp_path / "accepted.json")
    last = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    said = ["baseline", "devices", str(file), "-o", accepted, "--owner", "press team", "--reason", "old press"]
    assert run(*said, "--until", last, "--json") == (0, '{\n  "accepted": 1\n}\n')
    assert run("devices", str(file), "--baseline", accepted)[0] == 0
    refused = RUNNER.invoke(app, ["survey", *said, "--until", "2099-01-01"])
    assert isinstance(refused.exception, UsageError)


def test_closing_from_the_command_line(tmp_path: Path) -> None:
    data, share = str(tmp_path / "data"), tmp_path / "share"
    share.mkdir()
    (share / "prices.csv").write_text("x")
    (share / "prices.csv").chmod(0o666)
    (one,) = json.loads(run("storage", str(share), "--data", data, "--json")[1])["findings"]
    assert "chmod 664" in run("fix", one["id"], "--data", data)[1]
    assert run("storage", str(share), "--data", data)[0] == 1
    told = json.loads(run("fix", one["id"], "--apply", "--data", data, "--json")[1])
    assert told["standing"] == "done"
    assert run("storage", str(share), "--data", data)[0] == 0
    assert "undone" in run("fix", one["id"], "--undo", "--data", data)[1]
