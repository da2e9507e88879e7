"""The lake as its users see it: append, commit, query, scan, and what was known when."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.lake.samples import START, batch, ids

from waybill.lake import Lake, Snapshot, questions
from waybill.model.errors import UsageError
from waybill.model.transfers import COLLECTED, ENCODED_FIELDS, SCHEMA
from waybill.model.words import Action


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(tmp_path / "lake")


def rows(snapshot: Snapshot) -> pa.Table:
    return snapshot.query("SELECT * FROM transfers ORDER BY time, id")


def count(lake: Lake) -> int:
    with lake.snapshot() as snapshot:
        return int(snapshot.query("SELECT count(*) AS n FROM transfers")["n"][0].as_py())


def test_what_is_appended_is_there_at_once_and_stays_the_same_in_the_table(lake: Lake) -> None:
    lake.append(batch(300, 1))
    with lake.snapshot() as snapshot:
        waiting = rows(snapshot)
    lake.commit()
    with lake.snapshot() as snapshot:
        stored = rows(snapshot)
    assert waiting.equals(stored)
    expected = batch(300, 1).sort_by([("time", "ascending")])
    for name in COLLECTED.names:
        kind = pa.string() if pa.types.is_dictionary(SCHEMA.field(name).type) else SCHEMA.field(name).type
        assert stored[name].to_pylist() == expected[name].cast(kind).to_pylist(), name


def test_sequence_and_time_of_recording_rise_with_each_batch_even_if_the_clock_stands(lake: Lake) -> None:
    assert [lake.append(batch(3, seed)) for seed in range(5)] == [1, 2, 3, 4, 5]
    lake.commit()
    again = Lake.open(lake.folder)
    assert again.append(batch(3, 9)) == 6
    with again.snapshot() as snapshot:
        assert snapshot.sequence == 6
        marks = snapshot.query("SELECT DISTINCT sequence, recorded_at FROM transfers ORDER BY sequence")
    assert marks["sequence"].to_pylist() == [1, 2, 3, 4, 5, 6]
    assert marks["recorded_at"].to_pylist() == sorted(set(marks["recorded_at"].to_pylist()))


def test_the_same_transfer_is_kept_once_wherever_it_was_first(lake: Lake) -> None:
    doubled = pa.concat_tables([batch(50, 1), batch(50, 1)])
    lake.append(doubled)
    lake.append(batch(50, 1))
    assert count(lake) == 50
    first = lake.commit()
    assert (first.rows, first.duplicates, first.sequence) == (50, 100, 2)
    lake.append(pa.concat_tables([batch(50, 1), batch(50, 2)]))
    assert count(lake) == 100
    assert lake.commit().duplicates == 50
    with lake.snapshot() as snapshot:
        first_seen = snapshot.query("SELECT max(sequence) AS last FROM transfers WHERE decode(raw) LIKE '%\"s\":1}'")
    assert first_seen["last"].to_pylist() == [1]


def test_a_batch_of_nothing_but_duplicates_is_passed_over_for_good(lake: Lake) -> None:
    lake.append(batch(5, 1))
    lake.commit()
    lake.append(batch(5, 1))
    done = lake.commit()
    assert (done.rows, done.duplicates, done.sequence) == (0, 5, 2)
    assert lake.status().waiting_entries == 0
    assert list((lake.folder / "wal").iterdir()) == []


def test_committing_nothing_makes_no_version(lake: Lake) -> None:
    lake.append(batch(5, 1))
    assert lake.commit().version == lake.commit().version


def test_nothing_appended_is_nothing(lake: Lake) -> None:
    assert lake.append(batch(0)) == 0
    assert count(lake) == 0
    assert lake.commit().rows == 0


def test_what_was_known_at_a_moment(lake: Lake) -> None:
    known = []
    for seed in range(4):
        lake.append(batch(10, seed))
        with lake.snapshot() as snapshot:
            known.append(snapshot.query("SELECT max(recorded_at) AS t FROM transfers")["t"][0].as_py())
        if seed == 1:
            lake.commit()
    for number, moment in enumerate(known, 1):
        for shift, expected in ((timedelta(0), number), (timedelta(microseconds=-1), number - 1)):
            with lake.snapshot(known_at=moment + shift) as snapshot:
                assert snapshot.query("SELECT count(*) AS n FROM transfers")["n"][0].as_py() == 10 * expected
                assert sum(table.num_rows for table in snapshot.scan(columns=["id"])) == 10 * expected


def test_scan_yields_what_arrived_between_two_log_entries(lake: Lake) -> None:
    for seed in range(6):
        lake.append(batch(40, seed))
        if seed in {1, 3}:
            lake.commit()
    lake.compact()
    with lake.snapshot() as snapshot:
        for after, until in ((0, None), (2, 3), (1, 5), (4, None), (6, None)):
            tables = list(
                snapshot.scan(columns=["fields", "id", "actor", "sequence"], after=after, until=until, batch_rows=25)
            )
            expected = set().union(*(ids(batch(40, seed)) for seed in range(after, until or 6)))
            assert {value for table in tables for value in table["id"].to_pylist()} == expected
            assert sum(table.num_rows for table in tables) == len(expected)
            assert all(table.num_rows <= 25 for table in tables)
            for table in tables:
                assert table.schema.names == ["fields", "id", "actor", "sequence"]
                assert table.schema.field("actor").type == SCHEMA.field("actor").type
                assert table.schema.field("fields").type == ENCODED_FIELDS


def test_a_large_batch_becomes_several_entries_and_stays_whole(lake: Lake) -> None:
    assert lake.append(batch(270_000)) == 2
    assert lake.status().waiting_rows == 270_000
    assert lake.commit().rows == 270_000


def test_months_are_kept_apart_and_joined_again_by_queries(lake: Lake) -> None:
    lake.append(batch(500, 1, start=datetime(2026, 10, 20, tzinfo=UTC), days=60))
    lake.commit()
    status = lake.status()
    assert (status.rows, status.months, status.files) == (500, 3, 3)
    assert sorted(path.name for path in (lake.folder / "transfers").glob("month=*")) == [
        "month=2026-10",
        "month=2026-11",
        "month=2026-12",
    ]
    assert count(lake) == 500


def test_names_that_no_row_uses_do_not_reach_the_disk(lake: Lake) -> None:
    table = batch(200, 1)
    gone = pc.equal(table["actor"].cast(pa.string()), "p-00000003")
    lake.append(table.filter(pc.invert(gone)))
    entry = Lake.open(lake.folder)
    with entry.snapshot() as snapshot:
        (tail,) = snapshot.scan(columns=["actor"])
    assert "p-00000003" not in tail["actor"].chunk(0).dictionary.to_pylist()
    lake.append(table.filter(gone).slice(0, 1))
    lake.commit()
    months = (lake.folder / "transfers").rglob("*.parquet")
    assert sum(b"p-00000003" in path.read_bytes() for path in months) <= 1


@pytest.mark.parametrize(
    "broken",
    [
        lambda table: table.drop(["time"]),
        lambda table: table.set_column(0, "time", pa.array(["yesterday"] * table.num_rows)),
        lambda table: table.set_column(table.schema.get_field_index("id"), "id", pa.array([b"short"] * table.num_rows)),
        lambda table: table.set_column(
            0, COLLECTED.field("time"), pa.nulls(table.num_rows, COLLECTED.field("time").type)
        ),
    ],
)
def test_what_is_no_table_of_transfers_is_refused_whole(lake: Lake, broken: object) -> None:
    assert callable(broken)
    with pytest.raises(UsageError):
        lake.append(broken(batch(5)))
    assert count(lake) == 0


def test_plain_text_columns_and_missing_optional_ones_are_accepted(lake: Lake) -> None:
    table = batch(5)
    plain = pa.table({name: table[name].cast(pa.string()) for name in ("source", "action", "outcome", "channel")})
    for name in ("time", "id"):
        plain = plain.append_column(name, table[name])
    lake.append(plain)
    assert count(lake) == 5


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('/*')",
        "SELECT 1; SELECT 2",
        "COPY (SELECT 1) TO '/tmp/stolen.csv'",
        "COPY (SELECT * FROM transfers) TO '{file}' (USE_TMP_FILE false)",
        "ATTACH '/tmp/stolen.db'",
        "SET enable_external_access = true",
        "RESET allowed_paths",
        "INSTALL httpfs",
        "DROP VIEW transfers",
        "CREATE TABLE kept AS SELECT * FROM transfers",
        "WITH gone AS (DELETE FROM tail RETURNING 1) SELECT * FROM gone",
        "WITH made AS (INSERT INTO tail SELECT * FROM tail RETURNING 1) SELECT * FROM made",
        "PRAGMA database_list",
        "SELECT * FROM lake",
        "SELECT nonsense",
        "",
    ],
)
def test_a_question_reads_transfers_and_nothing_else(lake: Lake, statement: str) -> None:
    lake.append(batch(5))
    lake.commit()
    lake.append(batch(5, 1))
    (file,) = (lake.folder / "transfers").rglob("*.parquet")
    before = file.read_bytes()
    with lake.snapshot() as snapshot:
        with pytest.raises(UsageError):
            snapshot.query(statement.format(file=file))
        assert rows(snapshot).num_rows == 10
    assert file.read_bytes() == before
    assert not Path("/tmp/stolen.csv").exists()


def test_values_are_parameters(lake: Lake) -> None:
    lake.append(batch(100))
    with lake.snapshot() as snapshot:
        by_position = snapshot.query("SELECT count(*) AS n FROM transfers WHERE actor = $1", ["' OR true --"])
        by_name = snapshot.query("SELECT count(*) AS n FROM transfers WHERE actor = $who", {"who": "p-00000001"})
    assert by_position["n"].to_pylist() == [0]
    assert by_name["n"][0].as_py() > 0


def test_the_folder_is_its_owner_s_alone(lake: Lake) -> None:
    lake.append(batch(5))
    lake.commit()
    assert stat.S_IMODE(lake.folder.stat().st_mode) == 0o700


def test_every_question_answers_on_an_empty_and_on_a_full_lake(lake: Lake) -> None:
    spell: dict[str, object] = {"from": START, "until": START + timedelta(days=30)}
    filters = dict.fromkeys(("actor", "asset", "channel", "action", "outcome", "grade", "to_place", "source", "within"))
    parameters: dict[str, dict[str, object]] = {
        "top_talkers": {**spell, "limit": 10},
        "flows": {**spell, "limit": 10},
        "actor_history": {**spell, "actor": "p-00000001", "limit": 1000},
        "asset_history": {"asset": "/srv/drawings/part-00001.dwg", "limit": 1000},
        "new_destinations": {**spell, "limit": 100},
        "graded_volume": spell,
        "page": {**spell, **filters, "before_time": None, "before_id": None, "limit": 100},
        "count": {**spell, **filters, "by_asset": False},
        "uses": {"assets": ["/srv/drawings/part-00001.dwg"], "edges": [START], "actions": list(Action)},
    }
    assert set(parameters) == set(questions.NAMES)
    with lake.snapshot() as snapshot:
        assert all(snapshot.query(questions.text(name), parameters[name]).num_rows == 0 for name in questions.NAMES)
    lake.append(batch(400, 1))
    lake.commit()
    lake.append(batch(400, 2))
    with lake.snapshot() as snapshot:
        assert all(snapshot.query(questions.text(name), parameters[name]).num_rows for name in questions.NAMES)
        volume = snapshot.query(questions.text("graded_volume"), spell)
        assert sum(volume["transfers"].to_pylist()) == 800
        talkers = snapshot.query(questions.text("top_talkers"), {**spell, "limit": 1000})
        destinations = {
            row["actor"]: row["n"]
            for row in snapshot.query(
                "SELECT actor, count(DISTINCT to_place) AS n FROM transfers WHERE action <> 'read' GROUP BY actor"
            ).to_pylist()
        }
        assert {row["actor"]: row["destinations"] for row in talkers.to_pylist()} == destinations


def test_pages_follow_one_another_without_gap_or_overlap(lake: Lake) -> None:
    same_moment = batch(30, 1).set_column(0, COLLECTED.field(0), pa.repeat(batch(1)["time"][0], 30))
    lake.append(same_moment)
    lake.commit()
    lake.append(batch(70, 2))
    question = questions.text("page")
    given: dict[str, object] = dict.fromkeys(
        (
            "actor",
            "asset",
            "channel",
            "action",
            "outcome",
            "grade",
            "to_place",
            "source",
            "within",
            "before_time",
            "before_id",
        )
    )
    given |= {"from": START, "until": START + timedelta(days=30), "limit": 7}
    seen: list[bytes] = []
    with lake.snapshot() as snapshot:
        while (page := snapshot.query(question, given)).num_rows:
            seen += page["id"].to_pylist()
            last = page.slice(page.num_rows - 1).to_pylist()[0]
            given |= {"before_time": last["time"], "before_id": last["id"]}
    assert len(seen) == len(set(seen)) == 100


def test_a_folder_whose_name_the_table_s_library_misreads_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        Lake.open(tmp_path / "100%20")


@pytest.mark.parametrize("name", ["with space", "[1]*?", "Zeichnungen-图纸", "it's #1"])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    lake = Lake.open(tmp_path / name)
    for seed in range(2):
        lake.append(batch(5, seed))
        lake.commit()
    lake.append(batch(5, 0))
    assert lake.commit().duplicates == 5
    lake.compact()
    assert count(lake) == 10
    lake.erase(["p-00000001"])
    assert lake.verify() == []
    with lake.snapshot() as snapshot:
        assert sum(table.num_rows for table in snapshot.scan(columns=["id"])) == rows(snapshot).num_rows
