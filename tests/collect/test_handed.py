"""Records that carry what was transferred, or name a file that does: it is looked into, and left behind."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.collect.samples import plan, read, rejected, rows
from tests.content import hostile_files as make

from waybill.collect import Batch, Mapping, collect
from waybill.collect.mapping import parse_mapping
from waybill.collect.receiving import Posted, Receiver, what_is_posted
from waybill.model.errors import RuleError

SECRET = "身份证号 11010519491231002X, kept at 1234.5 degrees"


def gateway(content: str, format: str = '["ndjson", "json"]') -> Mapping:
    """Return a mapping of a gateway for uploads, with content at hand."""
    return parse_mapping(
        f"""
        name = "gateway"
        format = {format}
        [recognise]
        require = ["when", "who", "site"]
        [content]
        {content}
        [columns]
        time = "when"
        actor = "who"
        action = {{ value = "upload" }}
        channel = {{ value = "web" }}
        asset = "title"
        to_place = "site"
        """,
        "gateway.toml",
    )


def upload(**given: Any) -> dict[str, Any]:
    """Return a record of the gateway."""
    return {"when": "2026-03-02T09:00:00Z", "who": "li.na", "site": "drop.example", "title": "notes", **given}


def log(folder: Path, *records: dict[str, Any]) -> Path:
    """Write a log into a folder."""
    path = folder / "uploads.log"
    path.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in records))
    return path


def fields(batches: list[Batch]) -> dict[str, str]:
    """Return the fields of the only row."""
    (row,) = rows(batches)
    return dict(row["fields"])


@pytest.mark.parametrize("kind", ["file", "base64", "text"])
def test_content_is_looked_into_and_left_behind(kind: str, tmp_path: Path) -> None:
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / "1").write_text(SECRET, encoding="utf-8")
    value = {"file": "spool/1", "base64": base64.b64encode(SECRET.encode()).decode(), "text": SECRET}[kind]
    path = log(tmp_path, upload(body={"content": value}))
    found = read(path, gateway(f'{kind} = "body.content"'))
    told = fields(found)
    assert (told["content.kinds"], told["content.name"]) == ("cn.resident-id", "notes")
    (row,) = rows(found)
    assert row["bytes"] == len(SECRET.encode())
    for word in (SECRET, "1234.5", base64.b64encode(SECRET.encode()).decode()[:40]):
        assert word not in repr(found)
        assert word.encode() not in row["raw"]


def test_an_archive_in_a_document_of_json_is_opened(tmp_path: Path) -> None:
    archive = base64.b64encode(make.zipped({"a.txt": SECRET})).decode()
    path = tmp_path / "log.json"
    path.write_bytes(orjson.dumps([upload(body=archive)], option=orjson.OPT_INDENT_2))
    assert fields(read(path, gateway('base64 = "body"')))["content.kinds"] == "cn.resident-id"


def test_a_table_of_uploads_names_files(tmp_path: Path) -> None:
    (tmp_path / "1.txt").write_text(SECRET, encoding="utf-8")
    path = tmp_path / "log.csv"
    path.write_text("when,who,site,title,stored\n2026-03-02T09:00:00Z,li.na,drop.example,notes,1.txt\n")
    mapping = gateway('file = "stored"', '"csv"')
    assert fields(read(path, mapping))["content.kinds"] == "cn.resident-id"
    assert [row["id"] for row in rows(read(path, mapping))] == [row["id"] for row in rows(read(path, mapping))]


@pytest.mark.parametrize("named", ["../secret", "/etc/passwd", "link", "folder/secret", "..\\secret", "pipe", "gone"])
def test_only_files_below_the_folder_are_read_and_no_links(named: str, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "secret").write_text(SECRET, encoding="utf-8")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "folder").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    told = fields(read(log(folder, upload(stored=named)), gateway('file = "stored"')))
    assert "content.kinds" not in told
    assert told["content.unread"] in ("outside", "vanished", "link")


def test_files_may_lie_in_a_folder_of_their_own(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    (tmp_path / "in").mkdir()
    (spool / "2026").mkdir(parents=True)
    (spool / "2026" / "1").write_text(SECRET, encoding="utf-8")
    mapping = gateway(f'file = "stored"\nfolder = "{spool}"')
    assert fields(read(log(tmp_path / "in", upload(stored="2026/1")), mapping))["content.kinds"] == "cn.resident-id"


def test_the_id_rests_on_the_record_and_its_content_alone(tmp_path: Path) -> None:
    mapping = gateway('text = "body"')
    path = log(tmp_path, upload(body="a"), upload(body="b"), upload(body="a"))
    first, again = ([row["id"] for row in rows(read(path, mapping))] for _ in range(2))
    assert first == again
    assert len({*first}) == 3


def test_records_of_protected_channels_are_not_looked_into(tmp_path: Path) -> None:
    path = log(tmp_path, upload(site="council.example", body=SECRET), upload(body="x"))
    found = read(path, gateway('text = "body"'))
    assert (len(rows(found)), sum(batch.protected for batch in found)) == (1, 1)
    assert sum(batch.inspected.things for batch in found) == 1


def test_what_cannot_be_read_goes_to_the_quarantine_without_content(tmp_path: Path) -> None:
    path = log(tmp_path, upload(when="noon", body=SECRET))
    (bad,) = rejected(read(path, gateway('text = "body"')))
    assert b"1234.5" not in bad.raw


def test_records_of_many_kinds_of_sources_stay_in_order(tmp_path: Path) -> None:
    mapping = gateway('text = "body"')
    log(tmp_path, *(upload(body=f"text {n}") for n in range(300)))
    (tmp_path / "a.ndjson").write_bytes(b'{"time":"2026-03-04T05:06:07Z","action":"copy","channel":"usb"}\n' * 5)
    found = list(collect([tmp_path], plan(mapping, chunk_bytes=4000), workers=2))
    assert [row["position"] for row in rows(found)] == [*range(1, 6), *range(1, 301)]


def test_a_batch_that_was_sent_keeps_no_content_either() -> None:
    given = plan(gateway('text = "body"'))
    content = orjson.dumps(upload(body=SECRET)) + b"\n"
    what = what_is_posted(content, given.mappings, lines=True)
    assert what is not None
    with Receiver(given, 0) as receiver:
        received = receiver.read([Posted("agent", b"m" * 16, "", what, content)])
    assert received.accepted == [1]
    assert "1234.5" not in repr(received.batch.transfers.to_pylist())


@pytest.mark.parametrize(
    ("content", "format"),
    [("", '"ndjson"'), ('text = "a"', '"csv"'), ('nothing = "a"', '"ndjson"'), ("base64 = 1", '"ndjson"')],
)
def test_mistakes_in_a_mapping_are_told(content: str, format: str) -> None:
    with pytest.raises(RuleError, match=r"content|text|base64|nothing"):
        gateway(content, format)
