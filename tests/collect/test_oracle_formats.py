"""Logs that others recorded: everything in them is read, or told with its reason."""

from __future__ import annotations

import lzma
import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.collect.format_samples import batches, rejected_of, rows_of

from waybill.collect import built_in_mappings, evtx

pytestmark = pytest.mark.oracle


@pytest.fixture(scope="module")
def corpora() -> Path:
    """The folder with outside data."""
    folder = os.environ.get("WAYBILL_CORPORA")
    if not folder:
        pytest.skip("WAYBILL_CORPORA is not set: these tests read logs that others recorded")
    return Path(folder)


def written(path: Path, records: list[Any]) -> Path:
    """Write records as JSON lines."""
    path.write_bytes(b"\n".join(orjson.dumps(record) for record in records))
    return path


def test_every_cloudtrail_record_of_the_attack_range_is_read(corpora: Path) -> None:
    found = batches(corpora / "logs/aws-cloudtrail/CloudTrail")
    rows = rows_of(found)
    assert len(rows) >= 2_900
    assert not rejected_of(found)
    assert {row["source"] for row in rows} == {"aws-cloudtrail"}
    assert not [row for row in rows if "bert-jan" in str(row).lower()]
    shared = {(row["fields"]["eventName"], row["to_party"]) for row in rows if row["action"] == "share"}
    names = {name for name, _ in shared}
    assert {"ModifySnapshotAttribute", "ModifyImageAttribute", "ModifyDBSnapshotAttribute", "PutBucketPolicy"} <= names
    assert all(party for _, party in shared)
    verbs = Counter(row["action"] for row in rows)
    assert verbs["other"] < 0.06 * len(rows)


def test_every_detonation_is_read_and_the_shares_are_shares(corpora: Path) -> None:
    found = batches(corpora / "logs/stratus-red-team")
    assert [record.file for record in rejected_of(found)] == ["LICENSE"]
    rows = rows_of(found)
    image = [row for row in rows if row["origin"].endswith("aws.exfiltration.ec2-share-ami.json")]
    assert [(row["action"], bool(row["to_party"]), row["asset"][:4]) for row in image] == [("share", True, "ami-")]


def panther(corpora: Path, log_type: str) -> list[dict[str, Any]]:
    """Return the logs of one type."""
    lines = (corpora / "panther-tests/tests.jsonl").read_bytes().splitlines()
    tests = (orjson.loads(line) for line in lines)
    return [test["log"] for test in tests if log_type in (test["logtypes"] or ())]


def test_cloudtrail_records_that_were_trimmed_for_tests_are_read_if_they_say_when(
    corpora: Path, tmp_path: Path
) -> None:
    logs = panther(corpora, "AWS.CloudTrail")
    assert len(logs) >= 300
    found = batches(written(tmp_path / "logs.jsonl", logs))
    refused = {record.position: (record.field, record.reason) for record in rejected_of(found)}
    silent = {place for place, log in enumerate(logs, 1) if not str(log.get("eventTime"))[:1].isdecimal()}
    assert set(refused) == silent
    assert {field for field, _ in refused.values()} == {"time"}
    assert len(rows_of(found)) == len(logs) - len(silent)


def test_windows_events_of_many_forwarders_are_read(corpora: Path, tmp_path: Path) -> None:
    with lzma.open(corpora / "logs/otrf-100k.jsonl.xz") as lines:
        sample = [line for line in islice(lines, 0, None, 11) if line.strip()]
    file = tmp_path / "sample.jsonl"
    file.write_bytes(b"".join(sample))
    found = batches(file)
    rows, refused = rows_of(found), rejected_of(found)
    assert len(rows) + len(refused) == len(sample)
    # The data set holds records of another tool, Zeek, among its Windows events; nothing else is refused.
    assert {record.reason for record in refused} == {"no 'time'"}
    assert all("@stream" in orjson.loads(record.raw) for record in refused)
    assert len(refused) < 0.01 * len(sample)
    assert {row["source"] for row in rows} == {"windows"}
    assert all({"EventID", "Channel", "Computer"} <= row["fields"].keys() for row in rows)
    assert sum("Provider_Name" not in row["fields"] for row in rows) < 0.01 * len(rows)
    assert sum(row["logsource"] == "windows//" for row in rows) < 0.01 * len(rows)


WITHOUT_A_LOG = {
    "antivirus",  # of any product
    "file_access",  # traced by Microsoft-Windows-Kernel-File, which writes no event log
    "file_rename",
}
"""Categories of Sigma's Windows rules that no channel of the event log tells of."""


def test_every_log_source_of_the_public_windows_rules_can_be_met(corpora: Path) -> None:
    mapping = next(mapping for mapping in built_in_mappings() if mapping.name == "windows")
    expressions = [dict(mapping.columns)["logsource"], *(dict(when.columns).get("logsource") for when in mapping.whens)]
    known = {str(meaning) for one in expressions if one for _, meaning in one.words}
    known |= {str(one.constant) for one in expressions if one and one.constant}
    categories, services = ({source.split("/")[place] for source in known} for place in (1, 2))
    sources = [source for rule in (corpora / "sigma").glob("rules*/windows/**/*.yml") for source in logsource(rule)]
    assert len(sources) > 2_000
    assert {source["category"] for source in sources if "category" in source} <= categories | WITHOUT_A_LOG
    assert {source["service"] for source in sources if "service" in source} <= services


def logsource(rule: Path) -> list[dict[str, str]]:
    """Return the log source of a Windows rule file."""
    found = re.search(r"^logsource:\n((?:[ ]+.*\n)+)", rule.read_text(encoding="utf-8"), re.MULTILINE)
    pairs = re.findall(r"^ +(\w+): *'?([\w-]+)", found[1], re.MULTILINE) if found else []
    return [dict(pairs)] if ("product", "windows") in pairs else []


def twins(corpora: Path) -> Iterator[tuple[Path, Path]]:
    """Yield EVTX files with the JSON of the same events."""
    for binary in sorted((corpora / "sigma/regression_data").rglob("*.evtx")):
        text = binary.with_suffix(".json")
        if text.exists():
            yield binary, text


def comparable(row: dict[str, Any]) -> dict[str, str]:
    """Return a row's fields without what the tools that wrote the JSON changed: outer blanks, case and nanoseconds."""
    fields = {name: value.strip().casefold() for name, value in row["fields"].items()}
    return fields | {"TimeCreated": fields["TimeCreated"][:26].rstrip("z")}


def test_an_event_is_the_same_from_evtx_and_from_json(corpora: Path) -> None:
    pairs = list(twins(corpora))
    assert len(pairs) >= 100
    events = 0
    for binary, text in pairs:
        one, two = batches(binary), batches(text)
        assert not rejected_of(one) + rejected_of(two), binary.name
        by_number = {row["fields"]["EventRecordID"]: row for row in rows_of(two)}
        rows = rows_of(one)
        assert len(rows) == len(by_number) == len(rows_of(two))
        for row in rows:
            twin = by_number[row["fields"]["EventRecordID"]]
            assert comparable(row) == comparable(twin), binary.name
            names = ("logsource", "action", "channel", "outcome", "actor", "actor_kind", "asset", "from_place", "time")
            assert [row[name] for name in names] == [twin[name] for name in names]
            events += 1
    assert events >= 110


def largest(corpora: Path) -> bytes:
    """Return an EVTX file with several records."""
    files = (binary.read_bytes() for binary, _ in twins(corpora))
    return max(files, key=lambda content: len(list(evtx.read(content))))


def test_a_truncated_log_gives_its_whole_records_and_tells_of_the_others(corpora: Path) -> None:
    content = largest(corpora)
    whole = list(evtx.read(content))
    assert all(isinstance(entry, evtx.Record) for entry in whole)
    assert len(whole) > 1
    for length in range(0, 16_384, 509):
        entries = list(evtx.read(content[:length]))
        records = [entry for entry in entries if isinstance(entry, evtx.Record)]
        assert records == whole[: len(records)]
        assert len(records) == len(whole) or any(isinstance(entry, evtx.Damage) for entry in entries)


def test_a_flipped_bit_never_gives_another_record_in_silence(corpora: Path) -> None:
    content = largest(corpora)
    whole = list(evtx.read(content))
    settled = int.from_bytes(content[4096 + 48 : 4096 + 52], "little")
    chance = random.Random(7)
    for _ in range(400):
        place = chance.choice((chance.randrange(120), 4096 + chance.randrange(settled)))
        flipped = bytearray(content)
        flipped[place] ^= 1 << chance.randrange(8)
        entries = list(evtx.read(bytes(flipped)))
        records = [entry for entry in entries if isinstance(entry, evtx.Record)]
        assert all(record in whole for record in records), place
        unused = 4096 + 120 <= place < 4096 + 124
        assert len(records) == len(entries) == len(whole) or len(records) < len(entries) or unused, place


def test_a_broken_chunk_costs_only_itself(corpora: Path, tmp_path: Path) -> None:
    content = largest(corpora)
    header, chunk = content[:4096], content[4096 : 4096 + 65_536]
    broken = bytearray(chunk)
    broken[600:700] = b"\xff" * 100
    file = tmp_path / "log.evtx"
    file.write_bytes(header + chunk + bytes(broken) + b"x" * 65_536 + chunk)
    found = batches(file)
    sound = len(list(evtx.read(content)))
    assert len(rows_of(found)) == 2 * sound
    refused = rejected_of(found)
    assert {"a chunk has no header of its own"} < {record.reason for record in refused}
    assert all(record.reason and record.expected and record.advice and record.position for record in refused)
    assert not [record for record in refused if record.raw and not record.raw.startswith(b'{"Event"')]


def test_a_log_whose_header_was_overwritten_is_still_read(corpora: Path, tmp_path: Path) -> None:
    content = largest(corpora)
    file = tmp_path / "log.evtx"
    file.write_bytes(b"\0" * 4096 + content[4096:])
    found = batches(file)
    assert len(rows_of(found)) == len(list(evtx.read(content)))
    assert [(record.position, record.reason) for record in rejected_of(found)] == [
        (0, "the header of the file is damaged")
    ]
