"""Incidents of three public forms: read, refused with the reason, written back as they were."""

from __future__ import annotations

import io
import json
import os
import tarfile
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.trends.invented import document, incident

from waybill.cases.words import Origin
from waybill.model.errors import BombError, InputError, UsageError
from waybill.model.words import Intent
from waybill.trends import reading, veris
from waybill.trends.columns import read_parquet, tables, write_parquet
from waybill.trends.incidents import (
    UNKNOWN,
    Action,
    Actor,
    Asset,
    Data,
    Discovery,
    Incident,
    Precision,
    RefusedError,
    intent_of,
)
from waybill.trends.reading import Refusal, read
from waybill.trends.vocabulary import vocabulary
from waybill.trends.words import Format


def taken(path: Path, **options: Any) -> list[Incident]:
    found = list(read(path, "made-up", **options))
    assert all(isinstance(one, Incident) for one in found), found
    return [one for one in found if isinstance(one, Incident)]


def refused(path: Path, **options: Any) -> Refusal:
    (one,) = [found for found in read(path, "made-up", **options) if isinstance(found, Refusal)]
    return one


def written(folder: Path, *documents: object, name: str = "one.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(documents[0] if len(documents) == 1 else list(documents)), encoding="utf-8")
    return path


def test_veris_is_read(tmp_path: Path) -> None:
    (found,) = taken(written(tmp_path, document()))
    assert (found.occurred, found.precision, found.coded_at) == (date(2021, 5, 4), Precision.DAY, date(2021, 6, 1))
    assert (found.intent, found.origin, found.disclosed) == (Intent.ACCIDENT, Origin.UNKNOWN, "Yes")
    assert found.actions == (Action("error", "Misdelivery", "Carelessness"),)
    assert found.discoveries == (Discovery("internal", "Reported by employee"),), "what is said not to be is none"
    assert found.trade == "33" and found.records == 55


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"security_incident": "Perhaps"}, "status"),
        ({"action": {"telepathy": {}}}, "action"),
        ({"action": {"error": {"variety": ["Misdelvery"]}}}, "action.error.variety"),
        ({"actor": {"internal": {"motive": ["Boredom"]}}}, "actor.internal.motive"),
        ({"asset": {"assets": [{"variety": "X - Crystal ball"}]}}, "asset"),
        ({"timeline": {"incident": {"year": 2022, "month": 2, "day": 29}}}, "timeline.incident"),
        ({"timeline": {"incident": {"year": 2022, "month": 13}}}, "timeline.incident"),
        ({"timeline": {"incident": {"year": "soon"}}}, "timeline.incident"),
        ({"timeline": {"incident": {"year": 10**30}}}, "timeline.incident"),
        ({"incident_id": ""}, "incident_id"),
        ({"incident_id": 7}, "incident_id"),
        ({"victim": "Works 7"}, ""),
        ({"action": ["error"]}, ""),
        ({"timeline": None}, ""),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_place(tmp_path: Path, changed: dict[str, Any], field: str) -> None:
    path = written(tmp_path, document(), document(**changed))
    one = refused(path)
    assert (one.file, one.position, one.field) == ("one.json", 2, field) and one.reason and one.raw


def test_words_of_earlier_versions_are_read_as_those_that_replaced_them(tmp_path: Path) -> None:
    action = {"hacking": {"variety": ["MitM"], "vector": ["Web application"]}}
    (found,) = taken(written(tmp_path, document(action=action)))
    assert found.actions == (Action("hacking", "AitM", "Web application"),)


def test_files_are_read_in_every_shape(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    written(folder, document(incident_id="a"), name="a.JSON")
    written(folder, document(incident_id="b"), name="b.json")
    (folder / "README").write_text("no incident")
    assert [one.id for one in taken(folder)] == ["a", "b"]
    lines = tmp_path / "lines.jsonl"
    lines.write_text(json.dumps(document(incident_id="c")) + "\n\n" + json.dumps(document(incident_id="d")) + "\n")
    assert [one.id for one in taken(lines)] == ["c", "d"]
    packed = tmp_path / "packed.tar.xz"
    with tarfile.open(packed, "w:xz") as archive:
        archive.add(folder, "folder")
    assert sorted(one.id for one in taken(packed)) == ["a", "b"]


def test_broken_lines_are_refused_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_text(json.dumps(document()) + "\n{half\n")
    assert refused(path).position == 2 and len(list(read(path, "made-up"))) == 2


def test_what_is_no_such_file_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError):
        taken(tmp_path / "nothing.json")
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError):
        taken(tmp_path / "other.csv")
    (tmp_path / "torn.tar.xz").write_bytes(b"\xfd7zXZ\x00torn")
    with pytest.raises(InputError):
        taken(tmp_path / "torn.tar.xz")
    monkeypatch.setattr(reading, "FILE_BYTES", 10)
    with pytest.raises(BombError):
        taken(written(tmp_path, document()))


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "ALL_BYTES", 1000)
    packed = tmp_path / "packed.tar"
    with tarfile.open(packed, "w") as archive:
        for number in range(3):
            member = tarfile.TarInfo(f"{number}.json")
            member.size = 600
            archive.addfile(member, io.BytesIO(b" " * 600))
    with pytest.raises(BombError):
        list(read(packed, "made-up"))


HHS = (
    "Name of Covered Entity,State,Individuals Affected,Breach Submission Date,Type of Breach,"
    "Location of Breached Information\n"
)


def test_the_list_of_hhs_says_when_it_was_reported_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "breaches.csv"
    path.write_text(
        HHS
        + "Clinic A,TX,1200,10/21/2019,Theft,Laptop\n"
        + "Clinic B,OH,700,2019-11-02,Unauthorized Access/Disclosure,Email\n"
        + 'Clinic C,OH,,2019-11-02,"Loss, Improper Disposal",Paper/Films\n'
    )
    one, two, three = taken(path)
    assert (one.precision, one.reported_at, one.intent) == (Precision.YEAR, date(2019, 10, 21), Intent.DELIBERATE)
    assert two.intent is Intent.UNKNOWN, "a wrong address and a curious clerk are one type there"
    assert three.intent is Intent.ACCIDENT and three.records is None
    assert {one.day, two.day} == {None}, "it names no day of the incident"


@pytest.mark.parametrize("row", ["Clinic,TX,12,30/30/2019,Theft,Laptop", "Clinic,TX,many,10/21/2019,Theft,x",
                                 "Clinic,TX,1,10/21/2019,Magic,x", "Clinic,TX,1,10/21/2019,,x"])  # fmt: skip
def test_rows_of_hhs_that_cannot_be_taken_are_refused(tmp_path: Path, row: str) -> None:
    path = tmp_path / "breaches.csv"
    path.write_text(HHS + row + "\n")
    assert refused(path, format=Format.HHS).raw


def test_the_list_of_hibp_has_two_dates(tmp_path: Path) -> None:
    breach = {"Name": "Forum", "Domain": "forum.example", "BreachDate": "2019-05-24", "AddedDate": "2019-08-01T00:00Z",
              "PwnCount": 137, "DataClasses": ["Passwords", "Email addresses"], "IsVerified": False}  # fmt: skip
    (found,) = taken(written(tmp_path, [breach], name="breaches.json"))
    assert (found.occurred, found.coded_at, found.status) == (date(2019, 5, 24), date(2019, 8, 1), "Suspected")
    assert found.data == (Data("Credentials"), Data("Personal"))
    backwards = refused(written(tmp_path, [breach | {"AddedDate": "2018-01-01"}], name="wrong.json"))
    assert backwards.field == "AddedDate"


@pytest.mark.parametrize(
    ("kinds", "intent"),
    [
        ({"error"}, Intent.ACCIDENT),
        ({"misuse", "social"}, Intent.DELIBERATE),
        ({"error", "hacking"}, Intent.UNKNOWN),
        ({"unknown"}, Intent.UNKNOWN),
        (set(), Intent.UNKNOWN),
    ],
)
def test_intent_is_told_only_where_actions_agree(kinds: set[str], intent: Intent) -> None:
    assert intent_of(kinds) is intent


def _actions() -> st.SearchStrategy[tuple[Action, ...]]:
    words = vocabulary()

    def of(kind: str) -> st.SearchStrategy[list[Action]]:
        varieties, vectors = (sorted(words.words(f"action.{kind}.{name}")) for name in ("variety", "vector"))
        chosen = st.tuples(
            st.lists(st.sampled_from(varieties), min_size=1, max_size=3, unique=True),
            st.lists(st.sampled_from(vectors), min_size=1, max_size=2, unique=True),
        )
        return chosen.map(lambda pair: [Action(kind, one, other) for one in pair[0] for other in pair[1]])

    kinds = st.lists(st.sampled_from(["error", "misuse", "hacking", "environmental"]), unique=True, min_size=1)
    return kinds.flatmap(lambda names: st.tuples(*map(of, names))).map(lambda lists: tuple(chain(*lists)))


DATA = st.builds(Data, st.sampled_from(["Personal", "Secrets"]), st.none() | st.integers(0, 9))
INCIDENTS = st.builds(
    incident,
    st.integers(0, 99),
    occurred=st.dates(date(1971, 1, 1), date(2030, 1, 1)),
    reported_at=st.none() | st.dates(date(1971, 1, 1), date(2030, 1, 1)),
    coded_at=st.none() | st.dates(date(1971, 1, 1), date(2030, 1, 1)),
    intent=st.sampled_from(Intent),
    origin=st.sampled_from(Origin),
    victim=st.sampled_from(["", "Works 7", "Ü & Söhne", "某公司"]),
    industry=st.sampled_from(["", "62", "334413"]),
    countries=st.sampled_from([(), ("CN",), ("DE", "FR")]),
    records=st.none() | st.integers(0, 2**40),
    discovery_value=st.none() | st.floats(0, 1000),
    public_interest=st.booleans(),
    actions=_actions(),
    data=st.lists(DATA, max_size=2).map(tuple),
)


@settings(max_examples=60, deadline=None)
@given(INCIDENTS)
def test_veris_gives_back_what_it_was_given(one: Incident) -> None:
    assert veris.read(json.loads(json.dumps(veris.write(one))), one.source) == one


@pytest.mark.parametrize("precision", Precision)
def test_no_day_is_made_up(precision: Precision) -> None:
    first = {Precision.DAY: date(2020, 3, 5), Precision.MONTH: date(2020, 3, 1), Precision.YEAR: date(2020, 1, 1)}
    one = incident(occurred=first[precision], precision=precision)
    moment = veris.write(one)["timeline"]["incident"]
    assert len(moment) == {Precision.YEAR: 1, Precision.MONTH: 2, Precision.DAY: 3}[precision]
    assert veris.read(veris.write(one), one.source) == one


@settings(max_examples=20, deadline=None)
@given(st.lists(INCIDENTS, max_size=4, unique_by=lambda one: one.id))
def test_the_tables_hold_every_part(incidents: list[Incident]) -> None:
    found = tables(incidents)
    assert list(found) == ["incidents", "actions", "actors", "data", "assets", "discoveries"]
    assert found["incidents"].num_rows == len(incidents)
    assert found["actions"].num_rows == sum(len(one.actions) for one in incidents)


def test_parquet_gives_back_what_it_was_given(tmp_path: Path) -> None:
    many = [
        incident(1),
        incident(2, countries=(), actions=(), records=None, actors=(Actor("unknown"),), assets=(Asset(UNKNOWN),)),
        incident(3, precision=Precision.YEAR, occurred=date(1999, 1, 1), discovery_value=None, coded_at=None),
    ]
    write_parquet(many, tmp_path / "tables")
    assert read_parquet(tmp_path / "tables") == many


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda part: st.lists(part) | st.dictionaries(st.text(), part),
    max_leaves=8,
)


@given(JSON)
def test_no_document_breaks_the_reader(said: Any) -> None:
    for name in (None, "timeline", "victim", "action", "attribute", "plus", "asset", "actor", "discovery_method"):
        try:
            veris.read(said if name is None else document(**{name: said}), "made-up")
        except RefusedError as error:
            assert error.reason


@pytest.mark.oracle
def test_what_is_written_fits_the_schema_and_real_records_come_back_as_they_were() -> None:
    import jsonschema_rs

    corpora = os.environ.get("WAYBILL_CORPORA")
    if not corpora:
        pytest.skip("WAYBILL_CORPORA names no outside data")
    folder = Path(corpora) / "vcdb"
    check = jsonschema_rs.validator_for(json.loads((folder / "veris" / "verisc-merged.json").read_text()))
    found = list(read(folder / "vcdb-validated.tar.xz", "vcdb"))
    incidents = [one for one in found if isinstance(one, Incident)]
    assert len(found) == 9_427 and len(incidents) == 9_425, "two records of it name the 29th of February"
    assert all(veris.read(veris.write(one), "vcdb") == one for one in incidents)
    assert not [one.id for one in incidents[::5] if not check.is_valid(veris.write(one))]
