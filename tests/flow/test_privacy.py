"""Nothing that names a person, and nothing of a protected channel, rests anywhere in a data folder."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

from waybill.flow.detect import detect
from waybill.flow.detectors import load_detectors
from waybill.flow.installation import Installation
from waybill.flow.intake.ingest import ingest
from waybill.lake import Lake
from waybill.register.importing import read_folder

NAMES = ["li.na", "wei.zhang", "meng.yu", "王小明", "S-1-5-21-1004336348-1177238915-682003330-1107"]
PROTECTED = ["hotline@ombudsman.example", "marker-of-a-protected-call"]

RECORDS = [
    {
        "time": "2026-03-02T09:14:05Z",
        "action": "copy",
        "channel": "usb",
        "actor": "li.na",
        "asset": "C:\\Users\\li.na\\recipes\\etch-7.csv",
        "to_place": "usb-stick-4",
        "command": "robocopy C:\\work\\li.na D:\\ /user:CORP\\wei.zhang",
    },
    {
        "time": "2026-03-02T10:00:00Z",
        "action": "send",
        "channel": "email",
        "actor": "王小明",
        "to_party": "Meng.Yu@qq.com",
        "to_place": "qq.com",
        "asset": "配方-王小明.xlsx",
        "records": 1,
        "home": "/home/wei.zhang/plans",
        "sid": "S-1-5-21-1004336348-1177238915-682003330-1107",
    },
    {
        "time": "2026-03-02T11:00:00Z",
        "action": "send",
        "channel": "email",
        "actor": "li.na",
        "to_party": "hotline@ombudsman.example",
        "subject": "marker-of-a-protected-call",
    },
]
BROKEN = '{"time": "2026-03-02T12:00:00Z", "actor": "meng.yu", "action": "copy", \n'
BROKEN_AND_PROTECTED = '{"to_party": "hotline@ombudsman.example", "subject": "marker-of-a-protected-call", \n'


def installed(root: Path) -> Installation:
    """Return a new data folder with a register that lists a person, and with a protected channel."""
    register = root / "register"
    register.mkdir()
    (register / "parties.csv").write_text("id,kind,org\nli.na,person,plant\nplant,organisation,\n", encoding="utf-8")
    (register / "assets.csv").write_text(
        "id,name,kind,grade,owner,patterns\netch,Etch recipe,document,core,li.na,C:\\Users\\*\n", encoding="utf-8"
    )
    installation = Installation.open(root / "data", create=True)
    from waybill.register import records

    records.import_reading(
        read_folder(register), installation.pseudonymiser, installation.folder.key("identity"), where=str(register)
    )
    installation.folder.channels.write_text(
        '[[channel]]\nname = "Whistle-blower line"\naddresses = ["hotline@ombudsman.example"]\n', encoding="utf-8"
    )
    return Installation.open(root / "data")


def forms(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the bytes of every file of a data folder, and what they say when unpacked."""
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield str(file), file.read_bytes()
        if file.suffix == ".parquet":
            yield f"{file}, decoded", repr(pq.read_table(file).to_pylist()).encode()
        if file.suffix == ".sqlite3":
            with sqlite3.connect(file) as connection:
                yield f"{file}, dumped", "\n".join(connection.iterdump()).encode()
    with Lake.open(folder / "lake").snapshot() as snapshot:
        yield "the lake, queried", repr(snapshot.query("SELECT * FROM transfers").to_pylist()).encode()


def spellings(name: str) -> set[bytes]:
    """Return how a name may be written in a file."""
    texts = {name, name.lower(), name.upper(), name.title(), json.dumps(name)[1:-1]}
    return {text.encode(encoding) for text in texts for encoding in ("utf-8", "utf-16-le", "gb18030")}


def test_no_byte_of_the_data_folder_names_anybody(tmp_path: Path) -> None:
    installation = installed(tmp_path)
    log = tmp_path / "logs" / "day.ndjson"
    log.parent.mkdir()
    lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in RECORDS]
    log.write_text("".join(lines) + BROKEN + BROKEN_AND_PROTECTED, encoding="utf-8")

    installation.lake.append(next(iter(_batches(installation, log))))  # leaves something in the write-ahead log
    report = ingest(installation, [log.parent], installation.plan(), workers=1, progress=lambda count: None)
    found = detect(installation, load_detectors(), workers=0, progress=lambda count: None)

    assert report.intake.transfers == 2 and report.intake.rejected == 1 and report.intake.protected == "<10"
    assert sum(found.findings.values()) >= 2, "what is pseudonymous is still found"
    for form, content in forms(tmp_path / "data"):
        folded = content.lower()
        for text in [*NAMES, *PROTECTED]:
            if form.endswith("channels.toml"):
                continue  # the list of protected channels is the organisation's own
            assert not any(spelling.lower() in folded for spelling in spellings(text)), f"{text} in {form}"


def test_who_is_behind_a_pseudonym_can_be_unsealed_with_the_key_alone(tmp_path: Path) -> None:
    installation = installed(tmp_path)
    log = tmp_path / "day.ndjson"
    log.write_text(json.dumps(RECORDS[1], ensure_ascii=False), encoding="utf-8")
    ingest(installation, [log], installation.plan(), workers=0, progress=lambda count: None)
    with installation.lake.snapshot() as snapshot:
        actor = snapshot.query("SELECT actor FROM transfers")["actor"][0].as_py()
    from waybill.register.identities import identity_of

    assert identity_of(actor, installation.folder.key("identity"))[0] == "王小明"


def _batches(installation: Installation, log: Path) -> Iterator[object]:
    from waybill.collect import collect

    for batch in collect([log], installation.plan(), workers=0):
        yield batch.transfers
