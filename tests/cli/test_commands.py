"""The commands as a user meets them: what they print, what they write, how they exit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.running import installed, waybill

LEAK = {
    "time": "2026-03-02T09:14:05Z",
    "action": "copy",
    "channel": "usb",
    "actor": "li.na",
    "asset": "/recipes/etch-7.csv",
    "to_place": "usb-stick-4",
    "bytes": 5_242_880,
}
HARMLESS = {"time": "2026-03-02T09:00:00Z", "action": "read", "channel": "file", "actor": "li.na", "asset": "/menu.txt"}


def write_log(path: Path, *records: dict[str, Any]) -> Path:
    """Write records as NDJSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log with one leak in it."""
    return write_log(tmp_path / "logs" / "day.ndjson", HARMLESS, LEAK)


def test_scan_tells_the_leak_and_exits_1(log: Path) -> None:
    code, out, err = installed("scan", log)
    assert code == 1, err
    assert "Read 2 records of 1 source in 1 file" in out
    assert "day.ndjson:2" in out and "removable media" in out
    assert "li.na" not in out + err, "names are never shown"


def test_scan_of_what_is_harmless_exits_0(tmp_path: Path) -> None:
    code, out, _ = waybill("scan", write_log(tmp_path / "day.ndjson", HARMLESS))
    assert code == 0 and "Nothing found" in out


def test_scan_reads_standard_input_and_prints_json(log: Path) -> None:
    code, out, err = waybill("scan", "-", "--json", stdin=log.read_text())
    report = json.loads(out)
    assert code == 1 and report["summary"]["transfers"] == 2, err
    assert report["findings"][0]["source"]["position"] == 2


@pytest.mark.parametrize("form", ["jsonl", "json", "ocsf", "sarif"])
def test_scan_writes_findings_for_other_programs(log: Path, tmp_path: Path, form: str) -> None:
    code, out, _ = waybill("scan", log, "--format", form, "-o", tmp_path / "out")
    assert (code, out) == (1, "")
    content = (tmp_path / "out").read_text()
    assert all(json.loads(line) for line in (content.splitlines() if form in {"jsonl", "ocsf"} else [content]))


def test_scan_speaks_chinese(log: Path) -> None:
    assert "读取 2 条记录" in waybill("--lang", "zh", "scan", log)[1]
    assert "读取 2 条记录" in waybill("scan", log, WAYBILL_LANG="zh_CN.UTF-8")[1]


def test_strict_fails_on_a_bad_record_and_says_where(tmp_path: Path) -> None:
    log = write_log(tmp_path / "day.ndjson", HARMLESS)
    log.write_text(log.read_text() + "{broken\n", encoding="utf-8")
    code, out, _ = waybill("scan", log)
    assert code == 0 and "1 record could not be read" in out and "day.ndjson:2" in out
    assert waybill("scan", log, "--strict")[0] == 3


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["scan", "/no/such/file"], 3, "/no/such/file"),
        (["scan"], 2, "Missing argument"),
        (["scan", "{log}", "--rules", "/no/such/folder"], 2, "/no/such/folder"),
        (["scan", "{log}", "--detector", "nobody"], 2, "nobody"),
        (["scan", "{log}", "--register", "/no/such/folder"], 3, "/no/such/folder"),
        (["scan", "{log}", "--mapping", "/no/such.toml"], 2, "/no/such.toml"),
        (["scan", "{log}", "--json", "-o", "/no/such/folder/out"], 4, "/no/such/folder/out"),
        (["detect"], 2, "no data folder yet"),
        (["frobnicate"], 2, "frobnicate"),
    ],
)
def test_mistakes_are_told_without_a_stack_trace(
    log: Path, tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    done, out, err = waybill(*(a.format(log=log) for a in arguments), data=tmp_path / "data")
    assert done == code, err
    assert said in out + err
    assert "Traceback" not in err


def test_ingest_detect_findings_transfers(log: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    code, out, err = waybill("ingest", log.parent, "--json", data=data)
    assert code == 0 and json.loads(out)["stored"] == 2, err
    assert json.loads(waybill("ingest", log.parent, "--json", data=data)[1])["stored"] == 0, "read twice, stored once"

    assert waybill("detect", "--json", data=data)[0] == 1
    code, out, _ = waybill("detect", "--json", data=data)
    assert code == 0 and json.loads(out)["transfers"] == 0, "each transfer is looked at once"

    stored = json.loads(waybill("findings", "--json", data=data)[1])["findings"]
    assert stored and all(item["state"] == "new" for item in stored)
    first = next(item["finding"] for item in stored if item["finding"]["transfers"])
    assert first["id"][:8] in waybill("findings", "show", first["id"][:8], "--json", data=data)[1]

    page = json.loads(waybill("transfers", "--channel", "usb", "--json", data=data)[1])
    assert [row["id"] for row in page["transfers"]] == list(first["transfers"])
    rows = json.loads(waybill("transfers", "--sql", "SELECT count(*) AS n FROM transfers", "--json", data=data)[1])
    assert rows == [{"n": 2}]
    assert waybill("transfers", "--sql", "SELECT * FROM read_csv('/etc/passwd')", data=data)[0] == 2
    assert waybill("lake", "verify", data=data)[0] == 0


def test_an_exception_sets_findings_aside_without_hiding_them(log: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    waybill("ingest", log, data=data)
    waybill("detect", data=data)
    rules = {item["finding"]["rule_id"] for item in json.loads(waybill("findings", "--json", data=data)[1])["findings"]}
    for rule in rules:
        code, _, err = waybill(
            *(
                "findings",
                "except",
                "add",
                "--rule",
                rule,
                "--owner",
                "ciso",
                "--reason",
                "known",
                "--until",
                "2099-01-01",
            ),
            data=data,
        )
        assert code == 0, err
    assert json.loads(waybill("findings", "--json", data=data)[1])["findings"] == []
    everything = json.loads(waybill("findings", "--all", "--json", data=data)[1])["findings"]
    assert {item["state"] for item in everything} == {"excepted"}


def test_quarantine_is_listed_and_replayed_when_the_mapping_is_mended(tmp_path: Path) -> None:
    data, log = tmp_path / "data", tmp_path / "usb.csv"
    log.write_text("when,employee,event,kb\n2026-03-02 09:14:05,li.na,COPY,five\n2026-03-02 09:15:00,li.na,COPY,7\n")
    mapping = tmp_path / "usb.toml"
    text = (
        'name = "usb"\nformat = "csv"\n[recognise]\nrequire = ["when", "employee", "event"]\n[columns]\n'
        'time = { from = "when", format = "%Y-%m-%d %H:%M:%S" }\nactor = "employee"\naction = { value = "copy" }\n'
        'channel = { value = "usb" }\n'
    )
    mapping.write_text(text + 'bytes = { from = "kb", scale = 1024 }\n')
    assert json.loads(waybill("ingest", log, "--mapping", mapping, "--json", data=data)[1])["rejected"] == 1
    (entry,) = json.loads(waybill("quarantine", "list", "--json", data=data)[1])
    assert (entry["file"], entry["position"], entry["field"]) == ("usb.csv", 2, "bytes")

    mapping.write_text(text)
    code, out, err = waybill("quarantine", "replay", "--mapping", mapping, "--json", data=data)
    assert code == 0 and json.loads(out)["stored"] == 1, err
    assert json.loads(waybill("quarantine", "list", "--json", data=data)[1]) == []


def test_a_permit_in_the_register_makes_the_difference(tmp_path: Path) -> None:
    register = tmp_path / "register"
    register.mkdir()
    (register / "places.csv").write_text("id,jurisdiction\nplant,CN\ncustomer,DE\n")
    (register / "assets.csv").write_text("id,name,kind,grade,home\nlot-7,Lot 7,material,core,plant\n")
    log = write_log(
        tmp_path / "day.ndjson",
        {
            "time": "2026-03-02T09:00:00Z",
            "action": "ship",
            "channel": "freight",
            "asset": "lot-7",
            "to_place": "customer",
        },
    )
    code, out, err = waybill("scan", log, "--register", register)
    assert code == 1 and "without a permit" in out, err
    (register / "permits.csv").write_text("id,asset,place,basis\np1,lot-7,customer,licence 12\n")
    code, out, err = waybill("scan", log, "--register", register)
    assert code == 0, out + err


def test_erasing_a_person_needs_a_yes(log: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    waybill("ingest", log, data=data)
    (row,) = json.loads(waybill("transfers", "--sql", "SELECT DISTINCT actor FROM transfers", "--json", data=data)[1])
    erase = ("lake", "erase", row["actor"], "--basis", "asked by the person")
    assert waybill(*erase, data=data)[0] == 2
    code, out, err = waybill(*erase, "--yes", "--json", data=data)
    assert code == 0 and json.loads(out)["transfers"] == 2, err
    assert json.loads(waybill("transfers", "--json", data=data)[1])["transfers"] == []


def test_every_command_has_help_and_prints_json_where_it_prints_results() -> None:
    from docs.build_reference import walk
    from typer.main import get_command

    from waybill.cli.app import app

    for path, command in walk(get_command(app), "waybill"):
        assert command.help, path
        if not getattr(command, "commands", None):
            options = {option for parameter in command.params for option in parameter.opts}
            silent = {"set", "add", "end", "drop", "remove", "export", "serve", "revoke"}
            silent |= {"disclose"}  # writes JSON in any case
            silent |= {"confirm", "benign", "contest", "pair", "roles", "disable", "enable", "assign"}
            silent |= {"evidence", "judge", "merge", "note", "protect", "split", "state", "task"}  # deeds in a case
            silent |= {"define", "done", "leave", "take"}  # deeds about a post
            silent |= {"consult", "export-bom"}  # write a document
            silent |= {"ask", "decide", "make", "forget"}  # deeds about copies and registered documents
            silent |= {"install", "open", "refuse", "sign"}  # deeds about models and releases
            assert "--json" in options or path.split()[-1] in silent, path
