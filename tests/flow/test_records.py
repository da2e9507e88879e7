"""Tables of records are registered without their values, found in whatever file they stand, and forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.content import hostile_files as make

from waybill.cli.app import app
from waybill.content.parsing import Readers
from waybill.control import close_database
from waybill.flow import records
from waybill.flow.backup.making import back_up
from waybill.flow.backup.sealing import Secret
from waybill.flow.discovery.running import walk
from waybill.flow.discovery.targets import target
from waybill.flow.discovery.telling import findings
from waybill.flow.installation import Installation
from waybill.model.errors import InputError, UsageError
from waybill.model.words import Grade

PEOPLE = [(f"1390000{n:04d}", f"person-{n:04d}@example.org", f"某人{n:04d}", "北京") for n in range(40)]
TABLE = "phone,mail,name,city\n" + "".join(",".join(row) + "\n" for row in PEOPLE)
COLUMNS = ("phone", "mail", "name")


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """Return an installation with an asset that is called customers."""
    from waybill.register.fields import Kind
    from waybill.register.importing import read_files

    opened = Installation.open(tmp_path / "data", create=True)
    from waybill.register import records as rows

    assets = tmp_path / "assets.csv"
    assets.write_text("id,name,kind,grade\ncustomers,Customers,data,important\n", encoding="utf-8")
    rows.import_reading(read_files({Kind.ASSETS: assets}), opened.pseudonymiser, opened.folder.key("identity"))
    yield opened
    close_database()


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with Readers() as warm:
        yield warm


@pytest.fixture
def customers(tmp_path: Path) -> Path:
    path = tmp_path / "customers.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


@pytest.fixture
def share(tmp_path: Path) -> Path:
    """Return a folder with many customers in an archive, one in a letter, and none in a note."""
    folder = tmp_path / "share"
    folder.mkdir()
    lines = "\n".join(f"{name}: {phone[:3]} {phone[3:7]} {phone[7:]}" for phone, _, name, _ in PEOPLE[:20])
    (folder / "holiday-photos.zip").write_bytes(make.zipped({"a.txt": lines}))
    (folder / "letter.txt").write_text(f"Dear {PEOPLE[0][2]}, we call {PEOPLE[0][0]}.", encoding="utf-8")
    (folder / "note.txt").write_text(f"{PEOPLE[0][0]} and {PEOPLE[1][1]} are of two people", encoding="utf-8")
    return folder


def test_records_are_found_and_lend_the_grade_of_their_table(
    installation: Installation, customers: Path, share: Path, readers: Readers
) -> None:
    table, made, caveats = records.register(
        installation, customers, readers, name="customers", columns=COLUMNS, asset="customers", who="tester"
    )
    assert (table.rows, table.searched, made.rows, caveats) == (40, ("phone", "mail"), 40, [])
    found = {one.name: one for one in walk(installation, target(str(share)), readers, who="tester").found}
    held = {name: [(one.name, one.records, one.share) for one in it.documents] for name, it in found.items()}
    assert held == {
        "holiday-photos.zip": [("customers", 20, 0.5)],
        "letter.txt": [("customers", 1, 0.025)],
        "note.txt": [],
    }
    assert found["holiday-photos.zip"].grade is Grade.IMPORTANT
    assert found["holiday-photos.zip"].rule == f"records:{table.id}"
    told = {finding.asset: finding.sentence for finding in findings(found.values())}
    assert "20 of the records of customers" in told["holiday-photos.zip"].en
    assert "20 条记录" in told["holiday-photos.zip"].zh
    known = {content.name: content for content in installation.register().contents}
    assert (known["holiday-photos.zip"].records, known["holiday-photos.zip"].asset) == (20, "customers")


def test_registering_and_forgetting_have_files_inspected_again_and_are_in_the_ledger(
    installation: Installation, customers: Path, share: Path, readers: Readers
) -> None:
    from waybill.outbox.models import Row

    def unchanged() -> int:
        return walk(installation, target(str(share)), readers, who="tester").unchanged

    assert (unchanged(), unchanged()) == (0, 3)
    for _ in range(2):
        table, *_ = records.register(installation, customers, readers, name="客户", columns=COLUMNS, who="tester")
    assert records.library(installation).tables() == [table], "one of the same name is replaced"
    assert (unchanged(), unchanged()) == (0, 3)
    records.forget(installation, table, who="tester")
    assert (unchanged(), records.opened(installation)) == (0, [])
    said = [json.loads(row.content)["what"] for row in Row.objects.filter(kind="document").order_by("pk")]
    assert [one["step"] for one in said] == ["registered", "registered", "forgotten"]
    assert said[0]["columns"] == list(COLUMNS)


def test_no_value_is_on_disk_nor_in_a_backup(
    installation: Installation, customers: Path, readers: Readers, tmp_path: Path
) -> None:
    table, *_ = records.register(installation, customers, readers, name="customers", columns=COLUMNS, who="tester")
    back_up(installation, tmp_path / "backup", Secret("a horse and a battery", is_key=False), who="tester")
    assert (tmp_path / "backup" / "documents" / f"{table.id}.records").is_file()
    values = [value.encode() for row in PEOPLE for value in row[:3]]
    for root in (installation.folder.root, tmp_path / "backup"):
        for path in root.rglob("*"):
            assert not path.is_file() or not any(value in path.read_bytes() for value in values), path


def test_other_formats_are_read_as_well(installation: Installation, readers: Readers, tmp_path: Path) -> None:
    path = tmp_path / "customers.parquet"
    phones, mails, *_ = zip(*PEOPLE, strict=True)
    pq.write_table(pa.table({"mail": mails, "phone": phones}), path)
    table, *_ = records.register(installation, path, readers, name="p", columns=["phone", "mail"], who="tester")
    assert (table.rows, table.columns) == (40, ("phone", "mail"))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"columns": ["phone", "shoe size"]}, "no table in it has all the columns"),
        ({"columns": ["name", "city"]}, "none of these columns can be looked for"),
        ({"columns": []}, "asks for at least one"),
        ({"least": 4}, "asks for at least one"),
        ({"name": " "}, "asks for at least one"),
        ({"asset": "unknown"}, "no such asset"),
    ],
    ids=str,
)
def test_what_cannot_be_registered(
    installation: Installation, customers: Path, readers: Readers, changed: dict[str, object], said: str
) -> None:
    asked: dict[str, object] = {"name": "customers", "columns": COLUMNS, "who": "tester"}
    with pytest.raises(UsageError, match=said):
        records.register(installation, customers, readers, **{**asked, **changed})  # type: ignore[arg-type]
    assert records.opened(installation) == []


def test_a_file_that_is_not_there(installation: Installation, readers: Readers, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        records.register(installation, tmp_path / "no.csv", readers, name="n", columns=COLUMNS, who="tester")


def test_the_commands(customers: Path, share: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            app(["--lang", "en", *arguments, "--data", str(tmp_path / "data")], prog_name="waybill")
        close_database()
        return int(ended.value.code or 0), capsys.readouterr().out

    asked = ["register", "records", str(customers), "--name", "customers", "--columns", ", ".join(COLUMNS)]
    code, text = run(*asked, "--at-least", "3")
    assert (code, "40 records" in text) == (0, True)
    assert json.loads(run(*asked, "--json")[1])[0]["least"] == 2
    (kept,) = json.loads(run("register", "documents", "--json")[1])
    assert (kept["name"], kept["columns"]) == ("customers", list(COLUMNS))
    code, text = run("discover", str(share))
    assert (code, "20 of the records" in " ".join(text.split())) == (1, True)
    assert "forgotten" in run("register", "forget", kept["id"])[1]
    assert run("register", "documents", "--json")[1].strip() == "[]"
