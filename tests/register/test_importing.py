"""Files of the register: what is read, what is refused, and where the mistake is said to be."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waybill.model.errors import InputError
from waybill.model.register import Asset, Party, Permit, Place
from waybill.model.words import AssetKind, Channel, Grade, PartyKind
from waybill.register.fields import Kind, Record, parse, render
from waybill.register.importing import Problem, RegisterError, read_csv, read_folder, read_register


def write(path: Path, *lines: str, encoding: str = "utf-8", end: str = "\n") -> Path:
    path.write_bytes((end.join(lines) + end).encode(encoding))
    return path


PLACES = "id,name,jurisdiction,parent,patterns,approved_egress"
ASSETS = "id,name,kind,grade,owner,home,public_interest,patterns"
PERMITS = "id,asset,party,place,jurisdiction,channel,valid_from,valid_until,max_bytes,max_records,basis"
JANUARY = "2026-01-01T00:00:00Z"


def test_every_column_is_read(tmp_path: Path) -> None:
    write(
        tmp_path / "places.csv",
        "id,name,jurisdiction,parent,patterns,approved_egress",
        "lab,Lab,de,,10.0.0.0/8;.lab.example,yes",
    )
    write(tmp_path / "assets.csv", ASSETS, "a1,Drawings,document,core,works,lab,true,s3://lab/*; drawings ;")
    write(tmp_path / "parties.csv", "id,kind,org,jurisdiction,roles", "works,organisation,,DE,owner;carrier")
    write(
        tmp_path / "permits.csv",
        PERMITS,
        "p1,a1,works,lab,FR,freight,2026-01-01T00:00:00Z,2026-02-01T08:00:00+08:00,10,0,Contract 7",
    )
    register = read_register(tmp_path)
    assert register.places == (
        Place(id="lab", name="Lab", jurisdiction="DE", patterns=("10.0.0.0/8", ".lab.example"), approved_egress=True),
    )
    assert register.assets == (
        Asset(
            id="a1",
            name="Drawings",
            kind=AssetKind.DOCUMENT,
            grade=Grade.CORE,
            owner="works",
            home="lab",
            public_interest=True,
            patterns=("s3://lab/*", "drawings"),
        ),
    )
    assert register.parties == (
        Party(id="works", kind=PartyKind.ORGANISATION, jurisdiction="DE", roles=("owner", "carrier")),
    )
    assert register.permits == (
        Permit(
            id="p1",
            asset="a1",
            party="works",
            place="lab",
            jurisdiction="FR",
            channel=Channel.FREIGHT,
            valid_from=datetime(2026, 1, 1, tzinfo=UTC),
            valid_until=datetime(2026, 2, 1, tzinfo=UTC),
            max_bytes=10,
            max_records=0,
            basis="Contract 7",
        ),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_files_of_chinese_spreadsheets_are_read(tmp_path: Path, encoding: str, end: str) -> None:
    path = write(tmp_path / "assets.csv", "id,name,kind,grade", "a1,齿轮图纸,document,core", encoding=encoding, end=end)
    records, problems = read_csv(Kind.ASSETS, path)
    assert problems == []
    assert [record.name for record in records if isinstance(record, Asset)] == ["齿轮图纸"]


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [
        (",n,document,core", "id", "characters"),
        ("a1,n,document,secret", "grade", "general, sensitive, important, core"),
        ("a1,n,paper,core", "kind", "document"),
        ("a1,n,,core", "kind", "document"),
        ("a1,n\x00,document,core", "name", "text"),
        (f"{'a' * 201},n,document,core", "id", "200"),
        ("a1,n,document", "", "4 cells"),
        ("a1,n,document,core,more", "", "4 cells"),
        ('a1,"n"x,document,core', "", "commas"),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_read(tmp_path: Path, line: str, column: str, expected: str) -> None:
    path = write(tmp_path / "assets.csv", "id,name,kind,grade", "ok1,n,document,core", line, "ok2,n,data,general")
    records, (problem,) = read_csv(Kind.ASSETS, path)
    assert [record.id for record in records] == ["ok1", "ok2"]
    assert (problem.file, problem.line, problem.column) == ("assets.csv", 3, column)
    assert expected in problem.expected


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("valid_until", "2026-03-01"),
        ("valid_until", "2026-03-01T00:00:00"),
        ("valid_until", "soon"),
        ("valid_until", "0001-01-01T00:00:00+23:00"),
        ("max_bytes", "-1"),
        ("max_bytes", "1e3"),
        ("max_bytes", "٣"),
        ("max_records", "9" * 19),
        ("jurisdiction", "DEU"),
        ("channel", "pigeon"),
    ],
)
def test_a_bad_condition_never_becomes_no_condition(tmp_path: Path, column: str, value: str) -> None:
    path = write(tmp_path / "permits.csv", f"id,asset,{column}", f"p1,a1,{value}")
    records, (problem,) = read_csv(Kind.PERMITS, path)
    assert records == []
    assert problem.column == column


def test_a_misspelt_column_refuses_the_file_since_it_may_be_a_limit(tmp_path: Path) -> None:
    path = write(tmp_path / "permits.csv", "id,asset,valid_untill", "p1,a1,2026-01-01T00:00:00Z")
    records, (problem,) = read_csv(Kind.PERMITS, path)
    assert records == []
    assert (problem.line, problem.column) == (1, "valid_untill")
    assert "valid_until" in problem.expected


def test_a_permit_that_ends_before_it_begins_is_refused(tmp_path: Path) -> None:
    path = write(
        tmp_path / "permits.csv", "id,asset,valid_from,valid_until", "p,a,2026-02-01T00:00:00Z,2026-02-01T00:00:00Z"
    )
    assert read_csv(Kind.PERMITS, path)[1][0].column == "valid_until"


@pytest.mark.parametrize("header", ["id,name,kind", "id,id,name,kind,grade", "", "a1,Drawings,document,core"])
def test_a_wrong_header_refuses_the_file(tmp_path: Path, header: str) -> None:
    records, problems = read_csv(Kind.ASSETS, write(tmp_path / "assets.csv", header, "a1,n,document"))
    assert records == []
    assert len(problems) == 1


def test_an_open_quote_does_not_swallow_the_rest_silently(tmp_path: Path) -> None:
    path = write(tmp_path / "assets.csv", "id,name,kind,grade", 'a1,"n,document,core', "a2,n,document,core")
    records, problems = read_csv(Kind.ASSETS, path)
    assert records == []
    assert problems[0].line == 2


def test_line_separators_of_unicode_do_not_shift_line_numbers(tmp_path: Path) -> None:
    path = write(tmp_path / "assets.csv", "id,name,kind,grade", "a1,a\u2028b\x85c,document,core", "a2,n,document,wrong")
    records, (problem,) = read_csv(Kind.ASSETS, path)
    assert [record.id for record in records] == ["a1"]
    assert problem.line == 3


def test_an_id_used_twice_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "assets.csv", "id,name,kind,grade", "a1,n,document,core", "a1,n,document,general")
    records, (problem,) = read_csv(Kind.ASSETS, path)
    assert [record.grade for record in records if isinstance(record, Asset)] == [Grade.CORE]
    assert "line 2" in problem.what


@pytest.mark.parametrize("data", [b"\xff\xfei\0d\0", b"id,name\n\xff\xff\xff\n", b""])
def test_files_that_are_no_text_or_empty_are_named(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "assets.csv"
    path.write_bytes(data)
    records, problems = read_csv(Kind.ASSETS, path)
    assert records == []
    assert [problem.file for problem in problems] == ["assets.csv"]


def test_a_file_that_cannot_be_opened_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_csv(Kind.ASSETS, tmp_path / "none.csv")
    with pytest.raises(InputError, match="no file of the register"):
        read_folder(tmp_path)


@pytest.mark.parametrize(
    ("file", "lines", "column"),
    [
        ("assets.csv", ["id,name,kind,grade,home", "bad,n,data,core,nowhere"], "home"),
        ("places.csv", ["id,parent", "bad,nowhere"], "parent"),
        ("places.csv", ["id,parent", "bad,bad"], "parent"),
        ("permits.csv", ["id,asset", "bad,nothing"], "asset"),
        ("permits.csv", ["id,asset,place", "bad,good,nowhere"], "place"),
        ("permits.csv", ["id,asset,party", "bad,good,nobody"], "party"),
    ],
)
def test_references_to_what_is_not_there_are_refused(tmp_path: Path, file: str, lines: list[str], column: str) -> None:
    write(tmp_path / "assets.csv", "id,name,kind,grade", "good,n,data,core")
    write(tmp_path / file, *lines)
    with pytest.raises(RegisterError) as refused:
        read_register(tmp_path)
    assert [(problem.file, problem.line, problem.column) for problem in refused.value.problems] == [(file, 2, column)]
    assert read_register(tmp_path, partial=True).permits == ()


def test_places_in_a_circle_are_refused_however_long_it_is(tmp_path: Path) -> None:
    circle = [f"p{n},p{(n + 1) % 7}" for n in range(7)]
    write(tmp_path / "places.csv", "id,parent", *circle, "alone,")
    assert [place.id for place in read_register(tmp_path, partial=True).places] == ["alone"]


def test_leaving_out_one_record_leaves_out_what_names_it(tmp_path: Path) -> None:
    write(tmp_path / "places.csv", "id,parent", "site,nowhere", "room,site")
    write(tmp_path / "assets.csv", "id,name,kind,grade,home", "a1,n,data,core,room", "a2,n,data,core,")
    write(tmp_path / "permits.csv", "id,asset", "p1,a1", "p2,a2")
    register = read_register(tmp_path, partial=True)
    assert (register.places, [a.id for a in register.assets], [p.id for p in register.permits]) == ((), ["a2"], ["p2"])


def test_a_permit_may_name_an_organisation_that_parties_belong_to(tmp_path: Path) -> None:
    write(tmp_path / "assets.csv", "id,name,kind,grade", "a1,n,data,core")
    write(tmp_path / "parties.csv", "id,kind,org", "ann,person,works")
    write(tmp_path / "permits.csv", "id,asset,party", "p1,a1,works")
    assert read_register(tmp_path).permits[0].party == "works"


def test_problems_never_quote_a_value(tmp_path: Path) -> None:
    write(tmp_path / "parties.csv", "id,kind", "Jane Roe,human", "Jane Roe,person", "Jane Roe,person")
    with pytest.raises(RegisterError) as refused:
        read_register(tmp_path)
    assert "Roe" not in refused.value.diagnostics() + str(refused.value) + repr(refused.value.problems)


def test_many_problems_are_counted_and_the_first_shown(tmp_path: Path) -> None:
    write(tmp_path / "assets.csv", "id,name,kind,grade", *(f"a{n},n,data,wrong" for n in range(50)))
    with pytest.raises(RegisterError) as refused:
        read_register(tmp_path)
    assert len(refused.value.problems) == 50
    assert "30 more" in refused.value.diagnostics()
    assert (
        str(Problem("a.csv", 2, "grade", "Wrong.", "right")) == "a.csv, line 2, column grade: Wrong. Expected: right."
    )


ids = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=40)
texts = st.lists(ids, max_size=3).map(" ".join)
values = st.lists(ids.filter(lambda text: ";" not in text), max_size=3, unique=True).map(tuple)
moments = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
countries = st.sampled_from(["", "DE", "CN"])


@st.composite
def permits(draw: st.DrawFn) -> Permit:
    begins, ends = sorted([draw(moments), draw(moments)])
    return Permit(
        id=draw(ids),
        asset=draw(ids),
        party=draw(ids | st.just("")),
        place=draw(ids | st.just("")),
        jurisdiction=draw(countries),
        channel=draw(st.sampled_from(["", *Channel])),
        valid_from=draw(st.sampled_from([None, begins])),
        valid_until=ends if ends > begins else None,
        max_bytes=draw(st.none() | st.integers(0, 10**18 - 1)),
        max_records=draw(st.none() | st.integers(0, 10**18 - 1)),
        max_kilograms=draw(st.none() | st.decimals("0.001", 10**9, places=3)),
        end_use=draw(ids | st.just("")),
        suspended_from=draw(st.just(begins) if ends > begins else st.none()),
        suspended_until=draw(st.sampled_from([None, ends])) if ends > begins else None,
        basis=draw(texts),
    )


@st.composite
def assets(draw: st.DrawFn) -> Asset:
    return Asset(
        id=draw(ids),
        name=draw(ids),
        kind=draw(st.sampled_from(AssetKind)),
        grade=draw(st.sampled_from(Grade)),
        owner=draw(ids | st.just("")),
        home=draw(ids | st.just("")),
        public_interest=draw(st.booleans()),
        patterns=draw(values),
    )


@given(permits() | assets())
def test_what_is_written_is_read_back(record: Record) -> None:
    kind = Kind.PERMITS if isinstance(record, Permit) else Kind.ASSETS
    assert parse(kind, render(record)) == record
