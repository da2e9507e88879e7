"""The bill of software is valid CycloneDX, and never calls sound what nobody audited."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from typer.testing import CliRunner

from waybill.cli.app import app
from waybill.exposure.code.dependencies import read_lock
from waybill.exposure.code.dependencies.advisories import compile_advisories
from waybill.exposure.sbom import sbom

RECORD = {
    "id": "INVENTED-1",
    "aliases": ["CVE-0000-0001"],
    "summary": "An invented fault",
    "affected": [
        {
            "package": {"ecosystem": "npm", "name": "@made/up"},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "3.2.0"}]}],
        }
    ],
}


def bill(content: bytes) -> dict[str, Any]:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(content.decode()) is None
    return dict(json.loads(content))


def audits(told: dict[str, Any]) -> dict[str, str]:
    return {
        one["name"]: part["value"]
        for one in told["components"]
        for part in one["properties"]
        if part["name"] == "waybill:audit"
    }


def test_vulnerabilities_and_what_nobody_audited(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps(RECORD))
    compile_advisories(tmp_path, tmp_path / "advisories.sqlite")
    lock = tmp_path / "package-lock.json"
    lock.write_text(
        '{"packages": {"node_modules/@made/up": {"version": "3.1.4"}, "node_modules/fine": {"version": "1.0.0"}}}'
    )
    pins = tmp_path / "requirements.txt"
    pins.write_text("pinned==1.0\nfloating>=2\n")
    database = tmp_path / "advisories.sqlite"
    things = [one for file in (lock, pins) for one in read_lock(file, file.name, "shop", database)]
    told = bill(sbom(things))
    assert {one.get("purl") for one in told["components"]} == {
        "pkg:npm/%40made/up@3.1.4",
        "pkg:npm/fine@1.0.0",
        "pkg:pypi/pinned@1.0",
        None,
    }
    assert audits(told) == {"up": "audited", "fine": "audited", "pinned": "audited", "floating": "not audited"}
    (fault,) = told["vulnerabilities"]
    assert (fault["id"], fault["affects"][0]["ref"]) == ("INVENTED-1", "pkg:npm/%40made/up@3.1.4")
    assert fault["recommendation"] == "Take 3.2.0 or newer."


def test_without_advisories_nothing_is_audited(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("pinned==1.0\n")
    things = read_lock(tmp_path / "requirements.txt", "requirements.txt", "shop", tmp_path / "none.sqlite")
    assert audits(bill(sbom(things))) == {"pinned": "not audited"}


def test_a_package_in_two_lock_files_is_one(tmp_path: Path) -> None:
    for name in ("requirements.txt", "constraints.txt"):
        (tmp_path / name).write_text("pinned==1.0\n")
    result = CliRunner().invoke(app, ["survey", "code", str(tmp_path), "--format", "sbom"])
    (one,) = bill(result.stdout_bytes)["components"]
    assert [part["name"] for part in one["properties"]].count("waybill:lock-file") == 2
