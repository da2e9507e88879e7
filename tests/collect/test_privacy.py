"""Names become pseudonyms wherever a record writes them; protected traffic is never seen again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.collect.samples import PSEUDONYMISER, event, ndjson, plan, read_bytes, rejected, rows

from waybill.collect import collect
from waybill.collect.mapping import parse_mapping
from waybill.collect.patterns import replace_people
from waybill.model.words import PartyKind


def p(name: str) -> str:
    return PSEUDONYMISER.pseudonym(name, PartyKind.PERSON)


def one(folder: Path, record: dict[str, Any], *mappings: Any) -> dict[str, Any]:
    (row,) = rows(read_bytes(folder, ndjson([record]), *mappings))
    row["fields"] = dict(row["fields"])
    return row


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("li.na@corp.example", "{li.na@corp.example}@corp.example"),
        (
            "to: <li.na@corp.example>, bob@x.example.",
            "to: <{li.na@corp.example}@corp.example>, {bob@x.example}@x.example.",
        ),
        ("scp f root@10.0.0.7:/tmp ann@build-2:/x", "scp f {root@10.0.0.7}@10.0.0.7:/tmp {ann@build-2}@build-2:/x"),
        ("https://ann:secret@host/x", "https://{ann}:{secret@host}@host/x"),
        ("@channel mail@", "@channel mail@"),
        (r"C:\Users\li.na\Documents\a.txt", r"C:\Users\{li.na}\Documents\a.txt"),
        (r"c:\users\Li Na\x", r"c:\users\{Li Na}\x"),
        (r"dir C:\Users\ann", r"dir C:\Users\{ann}"),
        (r"type C:\Users\ann\a && type C:\Users\bob\b", r"type C:\Users\{ann}\a && type C:\Users\{bob}\b"),
        (r"C:\\Users\\ann\\x", r"C:\\Users\\{ann}\\x"),
        ("C:/Users/ann/x", "C:/Users/{ann}/x"),
        ("/home/ann/.ssh/id", "/home/{ann}/.ssh/id"),
        ("/Users/ann", "/Users/{ann}"),
        ("https://site.example/users/list", "https://site.example/users/list"),
        (r"C:\Documents and Settings\ann\x", r"C:\Documents and Settings\{ann}\x"),
        (r"\\files\home\ann\x", r"\\files\home\{ann}\x"),
        (r"C:\Users\Public\x C:\Users\Default\y", r"C:\Users\Public\x C:\Users\Default\y"),
        (r"CORP\ann", r"CORP\{ann}"),
        (r"corp\ann lee", r"corp\{ann lee}"),
        (r"runas /user:CORP\ann cmd", r"runas /user:CORP\{ann} cmd"),
        (r"User: CORP-EU\ann.lee logged on", r"User: CORP-EU\{ann.lee} logged on"),
        (r"NT AUTHORITY\SYSTEM", r"NT AUTHORITY\SYSTEM"),
        (r"BUILTIN\Administrators", r"BUILTIN\Administrators"),
        (r"CORP\CAD-07$", r"CORP\CAD-07$"),
        (r"reg save HKLM\SAM x", r"reg save HKLM\SAM x"),
        (r"TOOLS\packer.exe", r"TOOLS\packer.exe"),
        (r"C:\WINDOWS\System32\cmd.exe /c C:\TOOLS\a.exe", r"C:\WINDOWS\System32\cmd.exe /c C:\TOOLS\a.exe"),
        (r"\Device\HarddiskVolume2\x", r"\Device\HarddiskVolume2\x"),
        ("S-1-5-21-1-2-3-1104", "S-1-5-21-1-2-3-{S-1-5-21-1-2-3-1104}"),
        (r"HKU\S-1-5-21-1-2-3-1104\Software", r"HKU\S-1-5-21-1-2-3-{S-1-5-21-1-2-3-1104}\Software"),
        ("S-1-5-21-1-2-3-500 S-1-5-18 S-1-5-32-544", "S-1-5-21-1-2-3-500 S-1-5-18 S-1-5-32-544"),
        ("S-1-12-1-1-2-3-4", "S-1-12-1-{S-1-12-1-1-2-3-4}"),
    ],
)
def test_people_in_texts(text: str, expected: str) -> None:
    parts = expected.replace("}", "{").split("{")
    wanted = "".join(p(part) if number % 2 else part for number, part in enumerate(parts))
    assert replace_people(text, p) == wanted
    assert replace_people(wanted, p) == wanted, "a pseudonym is not replaced again"


@given(st.text(st.sampled_from("aA1 @\\/:.-_usersUSERSHOMEhomeS52D"), max_size=80))
def test_patterns_end_on_any_text(text: str) -> None:
    assert isinstance(replace_people(text, p), str)


@pytest.mark.parametrize("piece", ["@", "a@", "\\", "A\\", "\\Users\\", "/home/", "S-1-5-21-", "a.", "://a:"])
def test_patterns_are_linear_in_the_length(piece: str) -> None:
    import time

    began = time.process_time()
    replace_people(piece * (400_000 // len(piece)), lambda name: name)
    assert time.process_time() - began < 2


def test_the_actor_is_replaced_all_over_the_record(tmp_path: Path) -> None:
    record = event(
        actor="Li.Na",
        asset="/share/li.na/etch.csv",
        note="LI.NA asked li.nadia about li.na_draft",
        deep={"list": ["x li.na", {"owner": "li.na"}], "logins.li.na": 3},
    )
    row = one(tmp_path, record)
    assert row["actor"] == p("li.na")
    assert row["actor_kind"] == "person"
    assert row["asset"] == f"/share/{p('li.na')}/etch.csv"
    assert row["fields"]["note"] == f"{p('li.na')} asked li.nadia about {p('li.na')}_draft"
    assert row["fields"]["deep.list"] == f"x {p('li.na')}"
    assert b"li.na" not in row["raw"].lower().replace(b"li.nadia", b"")
    assert orjson.loads(row["raw"])["deep"]["list"][1] == {"owner": p("li.na")}


@pytest.mark.parametrize(
    ("actor", "elsewhere"),
    [
        ("zed@corp.example", "zed"),
        ("CORP\\zed", "zed"),
        ("CORP\\zed", "corp\\\\zed"),
        ("王伟", "由王伟发送"),
        ("Zoë", "zoË"),
        ("zed/ops", "zed/ops"),
        ('zed "the" lee', 'zed "the" lee'),
        ("4711", "badge 4711"),
        ("zed", "z\u0065d"),
    ],
)
def test_other_ways_to_write_the_same_person(tmp_path: Path, actor: str, elsewhere: str) -> None:
    row = one(tmp_path, event(actor=actor, note=f"x {elsewhere} y" if elsewhere.isascii() else elsewhere))
    for name in (actor, elsewhere):
        assert name.casefold() not in row["fields"]["note"].casefold()
        assert name.casefold() not in row["raw"].decode().casefold()


@pytest.mark.parametrize("line", [rb'"actor":"zed","note":"z\u0065d"', rb'"actor":"z\u0065d","note":"zed"'])
def test_escapes_hide_nobody(tmp_path: Path, line: bytes) -> None:
    content = b'{"time":"2026-03-04T05:06:07Z","action":"copy","channel":"usb",' + line + b"}"
    (row,) = rows(read_bytes(tmp_path, content))
    assert dict(row["fields"])["note"] == p("zed")
    assert orjson.loads(row["raw"])["note"] == p("zed")


def test_an_identity_may_be_a_number(tmp_path: Path) -> None:
    row = one(tmp_path, event(actor=4711, note="4711 came", same=4711, deep={"same": [4711]}))
    assert row["actor"] == p("4711")
    assert row["fields"]["same"] == p("4711")
    assert b"4711" not in row["raw"]


@pytest.mark.parametrize(
    "name", ["SYSTEM", "NT AUTHORITY\\SYSTEM", "CAD-07$", "root", "S-1-5-18", "-", "Administrator"]
)
def test_what_is_nobody_stays(tmp_path: Path, name: str) -> None:
    record = event(actor=name, note=f"by {name}")
    row = one(tmp_path, record)
    assert (row["actor"], row["actor_kind"]) == (name, "service")
    assert orjson.loads(row["raw"]) == record


@pytest.mark.parametrize("kind", ["service", "organisation", "site"])
def test_actors_that_are_no_persons_stay(tmp_path: Path, kind: str) -> None:
    row = one(tmp_path, event(actor="backup-job", actor_kind=kind, note="backup-job ran"))
    assert (row["actor"], row["actor_kind"]) == ("backup-job", kind)
    assert row["fields"]["note"] == "backup-job ran"


def test_an_everyday_word_as_a_name_does_not_spoil_the_record(tmp_path: Path) -> None:
    row = one(tmp_path, event(actor="info", note="level info"))
    assert row["actor"] == p("info")
    assert row["fields"]["note"] == "level info"


def test_a_key_that_is_written_twice_hides_nobody(tmp_path: Path) -> None:
    line = orjson.dumps(event(1, actor="li.na", note="x"))
    twice = line.replace(b'"actor":', b'"actor":"hidden.person","actor":').replace(
        b'"note":', b'"note":"a@b.example","note":'
    )
    kept = orjson.dumps(rows(read_bytes(tmp_path, twice + b"\n")), default=str)
    assert p("li.na").encode() in kept
    assert b"hidden" not in kept and b"a@b.example" not in kept


def test_a_field_called_like_a_person_stays_a_field(tmp_path: Path) -> None:
    row = one(tmp_path, event(actor="asset", colour="asset"))
    assert row["asset"] is not None
    assert row["fields"]["colour"] == p("asset")


def test_recipients_keep_their_domain(tmp_path: Path) -> None:
    row = one(tmp_path, event(to_party=["ann@x.example", "bob@y.example"], note="ann and bob"))
    assert row["to_party"] == f"{p('ann@x.example')}@x.example\x1f{p('bob@y.example')}@y.example"
    assert row["fields"]["note"] == f"{p('ann')} and {p('bob')}"
    assert one(tmp_path, event(to_party="backup-site"))["to_party"] == "backup-site"


def test_fields_that_the_mapping_lists_name_people(tmp_path: Path) -> None:
    mapping = parse_mapping(
        'name = "badge"\nformat = "ndjson"\n[recognise]\nrequire = ["at"]\n'
        '[identities]\nperson = ["who.name", "host"]\n[columns]\n'
        'time = "at"\naction = { value = "login" }\nasset = { template = "door of {who.name}" }',
        "badge.toml",
    )
    record = {"at": "2026-03-04T05:06:07Z", "who": {"name": "Ann Lee <ann@x.example>"}, "host": "Bo", "note": "Ann Lee"}
    row = one(tmp_path, record, mapping)
    whole = p("Ann Lee <ann@x.example>")
    assert row["asset"] == f"door of {whole}"
    assert row["fields"]["who.name"] == whole
    assert row["fields"]["host"] == p("Bo")


def test_an_extracted_actor_is_replaced_inside_the_field_it_came_from(tmp_path: Path) -> None:
    mapping = parse_mapping(
        'name = "cloud"\nformat = "ndjson"\n[recognise]\nrequire = ["at"]\n[columns]\n'
        'time = "at"\naction = { value = "login" }\n'
        "actor = { from = \"arn\", extract = 'session/(.+)$' }",
        "cloud.toml",
    )
    row = one(tmp_path, {"at": "2026-03-04T05:06:07Z", "arn": "role/admin/session/ann", "x": "ann"}, mapping)
    assert row["actor"] == p("ann")
    assert (row["fields"]["arn"], row["fields"]["x"]) == (f"role/admin/session/{p('ann')}", p("ann"))


def test_people_of_the_register_are_replaced_everywhere(tmp_path: Path) -> None:
    known = {"Ann Lee": "p-aaaaaaaaaaaaaaaa", "CORP\\bob": "p-bbbbbbbbbbbbbbbb", "王伟": "p-cccccccccccccccc"}
    path = tmp_path / "log"
    path.write_bytes(ndjson([event(actor=None, note="ann lee met Annlee, Ann  Lee; corp\\BOB; 由王伟发送", ann=1)]))
    (batch,) = collect([path], plan(known=known), workers=0)
    (row,) = batch.transfers.to_pylist()
    expected = "p-aaaaaaaaaaaaaaaa met Annlee, Ann  Lee; p-bbbbbbbbbbbbbbbb; 由p-cccccccccccccccc发送"
    assert dict(row["fields"])["note"] == expected
    assert set(batch.identities) == set(known.values())


def test_every_pseudonym_can_be_resolved(tmp_path: Path) -> None:
    record = event(actor="Ann", asset=r"C:\Users\bob\x", to_party="cy@x.example", note="S-1-5-21-1-2-3-1104 D\\eve")
    (batch,) = read_bytes(tmp_path, ndjson([record]))
    for name in ("Ann", "bob", "cy@x.example", "S-1-5-21-1-2-3-1104", "eve"):
        identity, kind = batch.identities[p(name)]
        assert (identity.casefold(), kind) == (name.casefold(), PartyKind.PERSON)


@pytest.mark.parametrize(
    "fields",
    [
        {"to_party": "Integrity@Ombudsman.example"},
        {"actor": "integrity@ombudsman.example"},
        {"asset": "https://intranet.example/union/minutes"},
        {"to_place": "mail.council.example"},
        {"note": {"deep": ["x", "mail integrity@ombudsman.example now"]}},
        {"deep": {"mail.council.example": 3}},
        {"actor": "ann", "note": "ann council.example ann"},
        {"note": "\u0063ouncil.example"},
        {"time": "noon", "note": "council.example"},
        {"bytes": "x", "to_party": ["a@b.example", "integrity@ombudsman.example"]},
    ],
)
def test_protected_records_vanish(tmp_path: Path, fields: dict[str, Any]) -> None:
    batches = read_bytes(tmp_path, ndjson([event(1), event(2, **fields), event(3)]))
    assert [row["position"] for row in rows(batches)] == [1, 3]
    assert rejected(batches) == []
    assert sum(batch.protected for batch in batches) == 1
    assert not any("council" in name or "ombuds" in name for batch in batches for name, _ in batch.identities.values())


@pytest.mark.parametrize("above", ["deep", "deep.er", "deep.er.still"])
def test_a_record_vanishes_for_a_nested_name_alone(tmp_path: Path, above: str) -> None:
    nested: dict[str, Any] = {"Integrity@ombudsman.example": 3}
    for name in reversed(above.split(".")):
        nested = {name: nested}
    batches = read_bytes(tmp_path, ndjson([event(1), event(2, **nested), event(3)]))
    assert [row["position"] for row in rows(batches)] == [1, 3]
    assert sum(batch.protected for batch in batches) == 1
    assert not any(b"ombuds" in row["raw"] for row in rows(batches))
    assert not any("ombuds" in name.casefold() for batch in batches for name, _ in batch.identities.values())


@pytest.mark.parametrize("end", [b"", b"\xff"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "gb18030"])
def test_protected_lines_that_cannot_be_parsed_vanish(tmp_path: Path, encoding: str, end: bytes) -> None:
    line = '{"to": "Integrity@ombudsman.example'.encode(encoding).replace(b"\n", b"") + end
    batches = read_bytes(tmp_path, ndjson([event(1)]) + line + b"\n" + ndjson([event(3)]))
    assert rejected(batches) == []
    assert sum(batch.protected for batch in batches) == 1


words = st.sampled_from(["zed", "Zed", "bob@x.example", "see", r"C:\Users\zed", "zedx", "council", "x"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.lists(st.fixed_dictionaries({"note": st.lists(words, max_size=4).map(" ".join)}), min_size=1, max_size=8))
def test_looking_at_many_records_at_once_or_at_each_gives_the_same(tmp_path: Path, notes: list[dict[str, str]]) -> None:
    records = [event(number, actor="zed" if number % 2 else None, **note) for number, note in enumerate(notes)]
    together = rows(read_bytes(tmp_path, ndjson(records)))
    for record, row in zip(records, together, strict=True):
        (alone,) = rows(read_bytes(tmp_path, ndjson([record])))
        assert {**alone, "position": row["position"]} == row
        if record.get("actor"):
            assert "zed" not in row["raw"].decode().casefold().replace("zedx", "")


def test_a_protected_name_in_a_field_that_may_name_the_actor_is_dropped(tmp_path: Path) -> None:
    record = {
        "EventID": 1,
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "TimeCreated": "2026-03-04T05:06:07Z",
        "SubjectUserName": "li.na",
        "TargetUserName": "integrity@ombudsman.example",
    }
    (batch,) = read_bytes(tmp_path, ndjson([record]))
    assert batch.protected == 1
    assert batch.transfers.num_rows == 0
