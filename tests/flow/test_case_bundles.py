"""An evidence bundle verifies anywhere, tells nothing that is withheld, and no byte of it can be changed unseen."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from tests.console.filled import SOURCE_OF_INTEREST, filled
from tests.console.site import Site, empty_site, site
from tests.console.test_pages import finding_of

from waybill.cases import judging, queries, working
from waybill.flow.cases.bundle import CASE, MANIFEST, PDF, POLICY, PROOFS, RECORDS, REPORT, SIGNATURE, verify
from waybill.flow.cases.export import export
from waybill.flow.cases.opening import findings_of
from waybill.flow.erasure import erase
from waybill.ledger import Policy
from waybill.model.errors import InputError
from waybill.model.words import Intent

__all__ = ["empty_site", "filled", "site"]


@pytest.fixture
def bundle(filled: Site, tmp_path: Path) -> Path:
    """Return the bundle of a case."""
    return made(filled, tmp_path, "plans")


def made(filled: Site, folder: Path, asset: str) -> Path:
    number = queries.case_of(finding_of(asset))
    assert number is not None
    judging.set_intent(number, Intent.ACCIDENT, who="li", reason="a macro <b>")
    working.add_evidence(number, "mail.eml", [b"x"], who="li", reason="the mail")
    file = folder / f"{asset}.zip"
    file.write_bytes(export(filled.installation, number, who="li", reason="for the regulator"))
    return file


def changed(file: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """Return a copy of a bundle in which something is otherwise."""
    with zipfile.ZipFile(file) as bundle:
        files = {name: bundle.read(name) for name in bundle.namelist()}
    change(files)
    copy = file.with_name("changed.zip")
    with zipfile.ZipFile(copy, "w") as bundle:
        for name, content in files.items():
            bundle.writestr(name, content)
    return copy


def test_a_bundle_verifies_without_the_installation(filled: Site, bundle: Path) -> None:
    policy = Policy.parse((filled.installation.ledger.log / "policy").read_bytes())
    for believed in (None, policy):
        found = verify(bundle, believed)
        assert found.sound, found.faults
        assert found.origin == filled.installation.ledger.origin
        assert found.acts == found.acts_proved > 3
        assert found.findings == found.findings_proved > 0
        assert found.transfers == found.transfers_proved > 0


def test_it_holds_what_the_case_holds(bundle: Path) -> None:
    with zipfile.ZipFile(bundle) as files:
        case = msgspec.json.decode(files.read(CASE))
        page = files.read(REPORT).decode()
        records = files.read(RECORDS).decode().splitlines()
    assert case["case"]["intent"] == "accident"
    assert [one["name"] for one in case["evidence"]] == ["mail.eml"]
    assert "a macro &lt;b&gt;" in page and "<script" not in page and "http" not in page.replace("http-equiv", "")
    assert "raw" in msgspec.json.decode(records[0])


@pytest.mark.parametrize("asset", ["audit"])
def test_where_who_acted_is_withheld_no_byte_points_there(filled: Site, tmp_path: Path, asset: str) -> None:
    file = made(filled, tmp_path, asset)
    assert verify(file).sound
    with zipfile.ZipFile(file) as files:
        for name in files.namelist():
            content = files.read(name)
            assert SOURCE_OF_INTEREST.encode() not in content and b"desk-of" not in content, name


@pytest.mark.parametrize("name", [CASE, REPORT, PDF, RECORDS, POLICY, PROOFS])
def test_a_changed_byte_is_named(bundle: Path, name: str) -> None:
    def change(files: dict[str, bytes]) -> None:
        whole = next(one for one in files if one.startswith(name))
        files[whole] = files[whole][:-2] + bytes([files[whole][-2] ^ 1]) + files[whole][-1:]

    found = verify(changed(bundle, change))
    assert not found.sound and found.faults[0].startswith(name)


def test_what_is_missing_or_too_much_is_named(bundle: Path) -> None:
    assert "missing" in str(verify(changed(bundle, lambda files: files.pop(CASE))).faults)
    assert "not in the manifest" in str(verify(changed(bundle, lambda files: files.update(more=b"x"))).faults)


def test_a_manifest_written_anew_is_not_signed(bundle: Path) -> None:
    def forge(files: dict[str, bytes]) -> None:
        manifest = msgspec.json.decode(files[MANIFEST])
        files[MANIFEST] = msgspec.json.encode({**manifest, "made_at": "2020-01-01T00:00:00Z"})

    assert SIGNATURE in str(verify(changed(bundle, forge)).faults)


def test_another_log_is_not_believed(filled: Site, bundle: Path) -> None:
    from waybill.ledger import SignatureType, SigningKey

    key = SigningKey.generate("other.example/log", SignatureType.NOTE)
    found = verify(bundle, Policy.parse(f"log {key.verifier}\nquorum none\n".encode()))
    assert not found.sound and found.origin == "" and found.proofs == 0


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_bundle_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(InputError, match="no evidence bundle"):
        verify(tmp_path / "x.zip")


def signed_anew(files: dict[str, bytes], site: Site, **contents: bytes) -> None:
    """Put other contents into a bundle, and sign it as the ledger would."""
    import hashlib

    from waybill.flow.cases.bundle import signed_text
    from waybill.ledger import Note

    files |= contents
    manifest = msgspec.json.decode(files[MANIFEST])
    manifest["files"] |= {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    files[MANIFEST] = msgspec.json.encode(manifest)
    note = Note(signed_text(files[MANIFEST], manifest["case"]), ()).signed(site.installation.ledger.signer)
    files[SIGNATURE] = str(note).encode()


def test_an_act_left_out_of_the_journal_is_missed(bundle: Path, filled: Site) -> None:
    """Whoever holds the key could sign anything: what was recorded still tells on him."""

    def forge(files: dict[str, bytes]) -> None:
        case = msgspec.json.decode(files[CASE])
        case["entries"] = case["entries"][:-1]
        signed_anew(files, filled, **{CASE: msgspec.json.encode(case)})

    found = verify(changed(bundle, forge))
    assert "recorded acts are not in its journal" in str(found.faults)


def test_the_bundle_of_a_case_that_forgot_somebody_can_be_checked(filled: Site, tmp_path: Path) -> None:
    number = queries.case_of(finding_of("plans"))
    assert number is not None
    subject = next(one.finding.subject for one in findings_of(number) if one.finding.subject)
    erase(filled.installation, subject, who="li", basis="asked for it")
    file = tmp_path / "after.zip"
    file.write_bytes(export(filled.installation, number, who="li", reason="for the regulator"))
    found = verify(file)
    assert found.sound, found.faults
    assert 0 < found.acts_proved < found.acts


HOSTILE: list[tuple[str, bytes]] = [
    (CASE, b"[]"),
    (CASE, b"{"),
    (CASE, b'{"entries": 7}'),
    (CASE, b'{"entries": [{"act": {}, "at": "x", "reason": 1}]}'),
    (CASE, b'{"members": [{"row": null}]}'),
    (CASE, b"[" * 100_000),
    (CASE, b"\xff\xfe"),
    (RECORDS, b'[]\n{"id": 7}\nnull\n'),
    (RECORDS, b"\xff\n"),
    (POLICY, b"log \xff"),
]


@pytest.mark.parametrize(("name", "content"), HOSTILE)
def test_a_bundle_that_says_something_else_is_told_and_not_believed(
    bundle: Path, filled: Site, name: str, content: bytes
) -> None:
    """Whoever signs a bundle may write anything into it: it is a fault, and never an exception of Python's."""
    found = verify(changed(bundle, lambda files: signed_anew(files, filled, **{name: content})))
    assert any(fault.startswith(name) for fault in found.faults)


def test_a_bundle_that_is_locked_or_cut_is_none(bundle: Path, tmp_path: Path) -> None:
    content = bytearray(bundle.read_bytes())
    for flags in (content.index(b"PK\x03\x04") + 6, content.rindex(b"PK\x01\x02") + 8):
        content[flags] |= 1
    first = content.index(b"PK\x01\x02")
    content[first + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(content)
    with pytest.raises(InputError, match="no evidence bundle"):
        verify(tmp_path / "locked.zip")
