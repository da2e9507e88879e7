"""What a message carries is recognised while it is collected: from a file of mail to a finding that explains it."""

from __future__ import annotations

import json
import mailbox
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from pathlib import Path

import pyarrow as pa
import pytest
from tests.content import hostile_files as make
from tests.content.test_documents import prose
from typer.testing import CliRunner

from waybill.cli.app import app
from waybill.content.parsing import Readers
from waybill.control import close_database
from waybill.findings.queries import Filter, every
from waybill.flow import documents, records
from waybill.flow.at_hand import AtHand
from waybill.flow.detect import detect
from waybill.flow.detectors import load_detectors
from waybill.flow.installation import Installation
from waybill.flow.intake.ingest import IngestReport, ingest
from waybill.model.findings import Finding
from waybill.model.words import Grade

ASSETS = """id,name,kind,grade,owner,home,patterns
recipe,Process recipe,document,core,works,yard,process-recipe*
customers,Customers,data,important,works,yard,customers.csv
"""
PLACES = """id,name,jurisdiction,patterns
yard,Works,CN,.works.example
partner,Partner,DE,.partner.example
"""
PERMITS = """id,asset,place,channel
p-1,recipe,partner,email
"""


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """Yield an installation with a register, a registered document and a registered table."""
    from waybill.register import records as register
    from waybill.register.fields import Kind
    from waybill.register.importing import read_files

    made = Installation.open(tmp_path / "data", create=True)
    files = {Kind.ASSETS: ASSETS, Kind.PLACES: PLACES, Kind.PERMITS: PERMITS}
    for kind, text in files.items():
        (tmp_path / f"{kind}.csv").write_text(text, encoding="utf-8")
    reading = read_files({kind: tmp_path / f"{kind}.csv" for kind in files})
    register.import_reading(reading, made.pseudonymiser, made.folder.key("identity"))
    (tmp_path / "process-recipe-v7.txt").write_text(prose(1), encoding="utf-8")
    rows = "\n".join(f"1381234{n:04d},buyer{n}@people.example" for n in range(60))
    (tmp_path / "customers.csv").write_text(f"phone,mail\n{rows}\n", encoding="utf-8")
    with Readers() as readers:
        documents.register(made, tmp_path / "process-recipe-v7.txt", readers, asset="recipe", who="tester")
        records.register(
            made, tmp_path / "customers.csv", readers, name="customers", columns=["phone", "mail"], asset="customers",
            who="tester",
        )  # fmt: skip
    yield made
    close_database()


def message(
    number: int = 1,
    to: str = "olga.petrova@elsewhere.example",
    body: str = "As promised, from Li Na.",
    attached: Mapping[str, bytes] | None = None,
) -> EmailMessage:
    """Return a message of Li Na with attachments."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "Li Na <li.na@works.example>", to
    mail["Date"], mail["Message-ID"] = "Mon, 02 Mar 2026 09:14:05 +0800", f"<{number}.x@works.example>"
    mail["Subject"] = "Holiday pictures"
    mail.set_content(body)
    for name, content in (attached or {}).items():
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail


def go(installation: Installation, folder: Path) -> tuple[IngestReport, list[Finding]]:
    """Ingest a folder and return what the detectors found."""
    report = ingest(installation, [folder], installation.plan(), workers=1, progress=lambda count: None)
    detectors = load_detectors(only=["content", "unauthorised"])
    detect(installation, detectors, workers=0, progress=lambda count: None)
    return report, [stored.finding for stored in every(Filter())]


def stored(installation: Installation) -> list[dict[str, object]]:
    """Return the transfers that are kept."""
    with installation.lake.snapshot() as snapshot:
        table = pa.concat_tables(snapshot.scan(columns=["asset", "grade", "bytes", "to_party", "fields", "raw"]))
    return [{**row, "fields": dict(row["fields"])} for row in table.to_pylist()]


def test_an_excerpt_in_an_archive_in_a_message_is_told_and_explained(
    installation: Installation, tmp_path: Path
) -> None:
    folder = tmp_path / "journal"
    folder.mkdir()
    excerpt = prose(8)[:2000] + prose(1)[: len(prose(1)) * 2 // 3] + prose(9)[:500]
    archive = make.zipped({"summer/beach.docx": make.docx([excerpt])})
    (folder / "1.eml").write_bytes(message(attached={"photos.zip": archive}).as_bytes())
    (folder / "2.eml").write_bytes(message(2, "buyer@partner.example", attached={"photos.zip": archive}).as_bytes())
    report, found = go(installation, folder)
    assert (report.stored, report.intake.inspected.things, report.intake.inspected.recognised) == (4, 4, 2)
    assert {(finding.rule_id, finding.asset) for finding in found} == {
        ("content.document", "recipe"),
        ("unauthorised.no-permit", "recipe"),
    }
    told = next(finding for finding in found if finding.rule_id == "content.document")
    share = round(told.parts[0].share * 100)
    assert 55 <= share <= 75
    assert told.sentence.en.startswith(f"{share}% of process-recipe-v7.txt (core) is in photos.zip, which went to else")
    assert len(told.transfers) == 1, "the one with a permit is silent"
    row = next(row for row in stored(installation) if row["asset"] == "recipe")
    assert row["grade"] == Grade.CORE
    assert row["fields"]["content.document"] == "process-recipe-v7.txt"  # type: ignore[index]


def test_records_of_a_table_pasted_into_a_message_are_told(installation: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    pasted = "\n".join(f"phone 1381234{n:04d} mail buyer{n}@people.example" for n in range(30))
    (folder / "m").write_bytes(message(body=f"Dear all,\n{pasted}\n").as_bytes())
    _, found = go(installation, folder)
    told = next(finding for finding in found if finding.rule_id == "content.records")
    assert "30 of the records of customers" in told.sentence.en
    assert told.asset == "customers"


@pytest.mark.parametrize("form", ["mbox", "maildir", "zip"])
def test_mailboxes_folders_and_archives_of_mail_give_the_same(
    form: str, installation: Installation, tmp_path: Path
) -> None:
    path = tmp_path / "in"
    mails = [message(number, attached={"recipe.txt": prose(1).encode()}) for number in range(3)]
    if form == "mbox":
        path.mkdir()
        box = mailbox.mbox(str(path / "box"))
        for mail in mails:
            box.add(mail)
        box.flush()
        box.close()
    elif form == "maildir":
        folders = mailbox.Maildir(str(path))
        sent = folders.add_folder("Sent")
        folders.add(mails[0])
        for mail in mails[1:]:
            sent.add(mail)
        (path / "tmp" / "unfinished").write_bytes(message(9).as_bytes())
    else:
        path.mkdir()
        members = {f"{number}.eml": mail.as_bytes() for number, mail in enumerate(mails)}
        (path / "mail.zip").write_bytes(make.zipped(members))
    report, found = go(installation, path)
    assert (report.stored, report.intake.rejected, report.intake.inspected.recognised) == (6, 0, 3)
    assert {finding.rule_id for finding in found} == {"content.document", "unauthorised.no-permit"}
    again, _ = go(installation, path)
    assert (again.stored, again.duplicates) == (0, 6)


def test_nothing_of_names_or_content_rests_on_disk(installation: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    secret = "the furnace is kept at 1234.5 degrees for 67 minutes"
    attached = {"recipe.txt": (prose(1) + secret).encode(), "Li Na.txt": secret.encode()}
    mail = message(body=f"Hello Olga, {secret}. Phone 13812345678.", attached=attached)
    (folder / "1.eml").write_bytes(mail.as_bytes())
    del mail["Date"]
    (folder / "2.eml").write_bytes(mail.as_bytes())
    report, found = go(installation, folder)
    assert (report.stored, report.intake.rejected, bool(found)) == (3, 3, True)
    words = (secret, prose(1)[200:260], "13812345678", "li.na", "Li Na", "olga.petrova", "petrova@", "x@works.example")
    for file in (path for path in installation.folder.root.rglob("*") if path.is_file()):
        content = file.read_bytes().lower()
        for word in words:
            assert word.encode().lower() not in content, f"{word} in {file.name}"


def test_what_is_registered_later_is_known_soon(installation: Installation, tmp_path: Path) -> None:
    now = 0.0
    at_hand = AtHand(installation, clock=lambda: now)
    first = at_hand()
    assert at_hand() is first
    (tmp_path / "other.txt").write_text(prose(5), encoding="utf-8")
    with Readers() as readers:
        documents.register(installation, tmp_path / "other.txt", readers, asset="recipe", who="tester")
    assert at_hand() is first
    now = 31.0
    assert at_hand() is not first


def test_a_known_file_is_told_by_its_digest_under_any_name(installation: Installation, tmp_path: Path) -> None:
    import hashlib

    from waybill.flow.discovery.running import walk
    from waybill.flow.discovery.targets import target

    share, logs = tmp_path / "share", tmp_path / "logs"
    share.mkdir()
    logs.mkdir()
    (share / "a.txt").write_text(prose(1), encoding="utf-8")
    with Readers() as readers:
        walk(installation, target(str(share)), readers, who="tester")
    digest = hashlib.sha256(prose(1).encode()).hexdigest().upper()
    (logs / "edr.ndjson").write_text(
        '{"time":"2026-03-02T09:00:00Z","action":"upload","channel":"web","actor":"li.na","asset":"x.bin",'
        f'"to_place":"drop.elsewhere.example","Hashes":"MD5=00,SHA256={digest}"}}\n',
        encoding="utf-8",
    )
    _, found = go(installation, logs)
    (told,) = [finding for finding in found if finding.rule_id == "content.document"]
    assert told.sentence.en.startswith("100% of process-recipe-v7.txt (core) is in x.bin")


def test_a_scan_without_any_set_up_tells_kinds_and_grades(tmp_path: Path) -> None:
    (tmp_path / "1.eml").write_bytes(message(body="身份证号 11010519491231002X").as_bytes())
    told = CliRunner().invoke(app, ["scan", str(tmp_path), "--json", "--workers", "0"])
    inspected = json.loads(told.stdout)["summary"]["inspected"]
    assert (inspected["things"], inspected["kinds"]) == (1, {"cn.resident-id": 1})
    told = CliRunner().invoke(app, ["scan", str(tmp_path), "--workers", "0"])
    assert "looked into 1 thing that was sent" in " ".join(told.stdout.split())
