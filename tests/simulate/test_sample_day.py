"""The sample day is what its truth says, reads as its sources' own files; its leaks are told and its twins are not."""

from __future__ import annotations

import csv
import gzip
import lzma
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from waybill.collect import Batch, Plan, Rejected, built_in_mappings, collect, load_mapping
from waybill.detect.sigma import SigmaDetector
from waybill.detect.unauthorised import UnauthorisedDetector
from waybill.model.protocols import Tables
from waybill.model.register import RegisterSnapshot
from waybill.register.channels import read_channels
from waybill.register.importing import read_register
from waybill.register.pseudonyms import KeyedPseudonymiser
from waybill.simulate.day import DAY, write_sample_day
from waybill.simulate.day_truth import Mark, Truth

SMALL = 0.05
DETECTORS = (SigmaDetector(), UnauthorisedDetector())
FORMATS = {"aws-cloudtrail", "windows", "ocsf", "endpoint-agent", "waybill"}


@dataclass(frozen=True)
class Day:
    """A written day, its truth, and what collection made of it."""

    folder: Path
    truth: Truth
    batches: list[Batch]
    register: RegisterSnapshot

    @property
    def transfers(self) -> pa.Table:
        """All that was read."""
        return pa.concat_tables([batch.transfers for batch in self.batches])

    @property
    def rejected(self) -> list[Rejected]:
        """All that could not be read."""
        return [one for batch in self.batches for one in batch.rejected]


def written(folder: Path, seed: int, scale: float = SMALL) -> Day:
    """Write a day and collect it as a user would."""
    truth = write_sample_day(folder, seed=seed, scale=scale)
    plan = Plan(
        id_key=b"i" * 32,
        pseudonymiser=KeyedPseudonymiser(b"k" * 32),
        channels=read_channels(folder / truth.register / "channels.toml"),
        mappings=(*(load_mapping(folder / name) for name in truth.mappings), *built_in_mappings()),
    )
    batches = list(collect([folder / truth.logs], plan, workers=0))
    return Day(folder, truth, batches, read_register(folder / truth.register))


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    """A small day of one seed."""
    return written(tmp_path_factory.mktemp("day"), seed=7)


def told(day: Day, transfers: pa.Table | None = None) -> dict[tuple[str, int], set[str]]:
    """Return the detectors that tell each record, by file and position."""
    rows = day.transfers if transfers is None else transfers
    names = zip(rows["origin"].to_pylist(), rows["position"].to_pylist(), strict=True)
    places = dict(zip((one.hex() for one in rows["id"].to_pylist()), names, strict=True))
    found: dict[tuple[str, int], set[str]] = {}
    for detector in DETECTORS:
        for finding in detector.run(Tables(rows, day.register), {}).findings:
            for transfer in finding.transfers:
                found.setdefault(places[transfer], set()).add(finding.detector)
    return found


def detectors_of(marks: tuple[Mark, ...], found: dict[tuple[str, int], set[str]]) -> set[str]:
    """Return the detectors that tell at least one of these records."""
    return set().union(*(found.get((mark.file, mark.position), set()) for mark in marks))


def test_every_record_is_read_or_quarantined_or_protected(day: Day) -> None:
    protected = sum(batch.protected for batch in day.batches)
    assert day.transfers.num_rows + len(day.rejected) + protected == day.truth.records
    assert protected == len(day.truth.protected)


def test_the_day_is_written_in_five_formats_by_as_many_sources(day: Day) -> None:
    assert {batch.source for batch in day.batches} == FORMATS
    endings = {path.suffix for path in (day.folder / day.truth.logs).rglob("*") if path.is_file()}
    assert endings == {".gz", ".xz", ".zst", ".csv"}


def test_exactly_the_broken_records_are_quarantined(day: Day) -> None:
    assert {(one.file, one.position) for one in day.rejected} == {(m.file, m.position) for m in day.truth.broken}
    assert all(one.reason for one in day.rejected)
    assert {one.file.partition("/")[0] for one in day.rejected} == {"directory", "endpoint", "transfers", "windows"}


def test_marks_name_the_record_that_holds_their_marker_and_no_other(day: Day) -> None:
    marks = [mark for case in day.truth.cases for mark in (*case.leak, *case.twin)]
    for mark in (*marks, *day.truth.broken, *day.truth.protected):
        lines = list(_records(day.folder / day.truth.logs / mark.file))
        assert [position for position, line in lines if mark.marker in line] == [mark.position]


def test_protected_records_leave_no_trace(day: Day) -> None:
    kept = orjson.dumps([batch.transfers.drop_columns(["id"]).to_pylist() for batch in day.batches], default=str)
    kept += b"".join(one.raw for one in day.rejected)
    assert day.truth.protected
    for mark in day.truth.protected:
        assert mark.marker.encode() not in kept


def test_all_records_fall_on_the_day(day: Day) -> None:
    times = day.transfers["time"]
    start = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC)
    assert pc.min(times).as_py() >= start
    assert pc.max(times).as_py().date() == start.date()


def test_names_of_people_do_not_survive_collection(day: Day) -> None:
    people = {line.rsplit("\\", 1)[-1] for line in _people(day.folder / day.truth.register)}
    assert people
    actors = set(day.transfers["actor"].combine_chunks().dictionary_decode().unique().to_pylist())
    assert not actors & people


@pytest.mark.parametrize("seed", [1, 7, 2026])
def test_every_leak_is_told_by_its_detectors_and_no_twin_by_any(seed: int, tmp_path: Path) -> None:
    day = written(tmp_path, seed)
    found = told(day)
    for case in day.truth.cases:
        assert detectors_of(case.leak, found) >= set(case.detectors), case.name
        assert detectors_of(case.twin, found) == set(), case.name
        assert case.leak
        assert case.twin


def test_nothing_but_the_leaks_is_told_at_full_scale(tmp_path: Path) -> None:
    day = written(tmp_path, seed=7, scale=1.0)
    assert 19_000 <= day.truth.records <= 21_000
    leaks = {(mark.file, mark.position) for case in day.truth.cases for mark in case.leak}
    assert told(day).keys() - leaks == set()


def test_without_the_decisive_records_nothing_is_told(day: Day) -> None:
    """A leak must be told by its decisive records, not by something the generator left beside them."""
    leaks = {(mark.file, mark.position) for case in day.truth.cases for mark in case.leak}
    names = zip(day.transfers["origin"].to_pylist(), day.transfers["position"].to_pylist(), strict=True)
    rest = day.transfers.filter(pa.array([name not in leaks for name in names]))
    assert told(day, rest) == {}


def test_the_same_seed_writes_the_same_bytes_and_another_one_others(tmp_path: Path) -> None:
    for name, seed in (("one", 3), ("again", 3), ("other", 4)):
        write_sample_day(tmp_path / name, seed=seed, scale=0.02)
    assert _contents(tmp_path / "one") == _contents(tmp_path / "again")
    assert _contents(tmp_path / "one") != _contents(tmp_path / "other")


def test_scale_changes_the_background_and_no_case(tmp_path: Path) -> None:
    small = write_sample_day(tmp_path / "small", scale=0.0)
    large = write_sample_day(tmp_path / "large", scale=0.1)
    assert small.records < 100
    assert large.records > 1500
    assert [(case.name, len(case.leak)) for case in small.cases] == [(c.name, len(c.leak)) for c in large.cases]


def test_directory_events_are_valid_by_the_published_schema(tmp_path: Path) -> None:
    write_sample_day(tmp_path, scale=0.02)
    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema("1.8.0"))
    validators: dict[int, Draft202012Validator] = {}
    events = []
    for _, line in _records(tmp_path / "logs" / "directory" / "ocsf.ndjson.gz"):
        with suppress(orjson.JSONDecodeError):
            events.append(orjson.loads(line))
    for event in events:
        kind = event["class_uid"]
        if kind not in validators:
            name = schema.lookup_class_name_from_uid(kind)
            validators[kind] = Draft202012Validator(schema.get_class_schema(name))
        assert [error.message for error in validators[kind].iter_errors(event)] == []
    assert set(validators) == {3002, 6003, 6005}


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): _unpacked(path) for path in sorted(folder.rglob("*")) if path.is_file()}


def _unpacked(path: Path) -> bytes:
    match path.suffix:
        case ".gz":
            return gzip.decompress(path.read_bytes())
        case ".xz":
            return lzma.decompress(path.read_bytes())
        case ".zst":
            content: bytes = pa.input_stream(str(path), compression="zstd").read()
            return content
    return path.read_bytes()


def _records(path: Path) -> Iterator[tuple[int, str]]:
    content = _unpacked(path)
    if path.name.endswith(".json.gz"):
        document: dict[str, Any] = orjson.loads(content)
        yield from enumerate((orjson.dumps(record).decode() for record in document["Records"]), 1)
    elif path.suffix == ".csv":
        yield from enumerate(content.decode("gb18030").splitlines(), 1)
    else:
        yield from enumerate(content.decode().replace("\\\\", "\\").splitlines(), 1)


def _people(register: Path) -> Iterator[str]:
    with (register / "parties.csv").open(encoding="utf-8", newline="") as file:
        yield from (row["id"] for row in csv.DictReader(file) if row["kind"] == "person")
