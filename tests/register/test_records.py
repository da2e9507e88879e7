"""The stored register: imports, people by pseudonym, references, removal, export and erasure."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from waybill.control import storage_faults
from waybill.model.errors import DamagedError, StorageError, UsageError
from waybill.model.register import Asset, Party, Permit
from waybill.model.words import AssetKind, Grade, PartyKind
from waybill.outbox.erasing import erase_subject as forget
from waybill.register import identities, models, records
from waybill.register.fields import Kind
from waybill.register.importing import RegisterError, read_folder
from waybill.register.masking import read_masked

KEY = b"k" * identities.KEY_BYTES


class Initials:
    """A pseudonymiser whose pseudonyms can be foreseen."""

    def pseudonym(self, identity: str, kind: PartyKind) -> str:
        return f"p-{sum(identity.casefold().encode()):06x}" if kind is PartyKind.PERSON else identity

    def known(self) -> dict[str, str]:
        return {}


ANN = Initials().pseudonym("ann@works.example", PartyKind.PERSON)


def write(folder: Path, **files: list[str]) -> Path:
    for name, lines in files.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def load(folder: Path, *, partial: bool = False) -> records.Imported:
    return records.import_reading(read_folder(folder), Initials(), KEY, partial=partial)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "register"
    folder.mkdir()
    return write(
        folder,
        places=["id,parent,jurisdiction,patterns", "lab,site,,lab.example;10.1.0.0/16", "site,,DE,"],
        assets=["id,name,kind,grade,owner,home", "a1,Drawings,document,core,ann@works.example,lab"],
        parties=["id,kind,org", "ann@works.example,person,works", "works,organisation,"],
        permits=["id,asset,party,place,valid_until,max_bytes", "p1,a1,ann@works.example,lab,2026-03-01T00:00:00Z,5"],
    )


@pytest.mark.both_databases
def test_an_import_counts_what_it_did(database: Path, files: Path) -> None:
    assert load(files).counts[Kind.PLACES] == (2, 0, 0)
    write(files, assets=["id,name,kind,grade,owner,home", "a1,Drawings,document,important,,lab", "a2,B,data,core,,"])
    counts = load(files).counts
    assert counts[Kind.ASSETS] == (1, 1, 0)
    assert counts[Kind.PARTIES] == (0, 0, 2)


@pytest.mark.both_databases
def test_the_snapshot_is_what_was_imported_with_people_masked(database: Path, files: Path) -> None:
    load(files)
    seen, people = read_masked(files, Initials())
    stored = records.snapshot()
    for kind in Kind:
        assert sorted(getattr(stored, kind), key=str) == sorted(getattr(seen, kind), key=str)
    assert people == {"ann@works.example": ANN}
    assert stored.permits[0].party == stored.assets[0].owner == ANN


def test_no_name_of_a_person_rests_in_the_file(database: Path, files: Path) -> None:
    load(files)
    for path in database.parent.glob("control.db*"):
        assert b"ann@works" not in path.read_bytes()
    assert identities.identity_of(ANN, KEY) == ("ann@works.example", PartyKind.PERSON)


def test_aliases_are_sealed_replaced_and_erased(database: Path, files: Path) -> None:
    header = "id,kind,aliases"
    write(files, parties=[header, "ann@works.example,person,A-4711;ann.old", "works,organisation,"])
    load(files)
    assert identities.known(KEY) == {"ann@works.example": ANN, "a-4711": ANN, "ann.old": ANN}
    for path in database.parent.glob("control.db*"):
        assert b"4711" not in path.read_bytes()
    write(files, parties=[header, f"{ANN},person,", "works,organisation,"])
    load(files)
    assert "a-4711" in identities.known(KEY), "a register that was exported names nobody, and takes no name away"
    write(files, parties=[header, "ann@works.example,person,A-4711", "works,organisation,"])
    load(files)
    assert identities.known(KEY) == {"ann@works.example": ANN, "a-4711": ANN}
    identities.erase(ANN)
    assert identities.known(KEY) == {}


def test_an_owner_nobody_listed_counts_as_a_person(database: Path, files: Path) -> None:
    write(files, assets=["id,name,kind,grade,owner", "a1,Drawings,document,core,Jane Roe"])
    load(files)
    assert "Jane" not in repr(records.snapshot())


def test_an_organisation_of_an_earlier_import_keeps_its_name(database: Path, files: Path) -> None:
    load(files)
    (files / "parties.csv").unlink()
    write(files, permits=["id,asset,party", "p2,a1,works", "p3,a1,ann@works.example"])
    load(files)
    assert {permit.id: permit.party for permit in records.snapshot().permits} == {"p1": ANN, "p2": "works", "p3": ANN}


def test_one_person_listed_twice_in_other_letters_is_a_mistake(database: Path, files: Path) -> None:
    write(files, parties=["id,kind,org", "ann@works.example,person,works", "Ann@Works.Example,person,"])
    with pytest.raises(RegisterError) as refused:
        load(files)
    assert [(problem.file, problem.line) for problem in refused.value.problems] == [("parties.csv", 3)]


def test_a_mistake_leaves_everything_out_unless_asked(database: Path, files: Path) -> None:
    write(files, permits=["id,asset", "p1,a1", "p2,nothing"])
    with pytest.raises(RegisterError):
        load(files)
    assert records.snapshot().assets == ()
    assert len(load(files, partial=True).problems) == 1
    assert [permit.id for permit in records.snapshot().permits] == ["p1"]


def test_references_may_name_what_is_stored_already(database: Path, files: Path) -> None:
    load(files)
    for name in ("places", "assets", "parties"):
        (files / f"{name}.csv").unlink()
    write(files, permits=["id,asset,place", "p9,a1,site"])
    assert load(files).counts == {Kind.PERMITS: (1, 0, 0)}


def test_a_circle_through_stored_places_is_refused(database: Path, files: Path) -> None:
    load(files)
    write(files, places=["id,parent", "site,lab"])
    with pytest.raises(RegisterError, match="mistake"):
        load(files)


@pytest.mark.both_databases
def test_an_export_is_imported_unchanged(database: Path, files: Path) -> None:
    load(files)
    for kind in Kind:
        with (files / f"{kind}.csv").open("w", encoding="utf-8", newline="") as stream:
            records.export_csv(kind, stream)
    before = records.snapshot()
    assert all(count.inserted == count.updated == 0 for count in load(files).counts.values())
    assert records.snapshot() == before


def test_an_exported_table_has_the_columns_of_the_model(database: Path, files: Path) -> None:
    load(files)
    stream = StringIO()
    assert records.export_csv(Kind.PERMITS, stream) == 1
    assert stream.getvalue().splitlines()[0] == ",".join(Permit.__struct_fields__)


@pytest.mark.both_databases
def test_what_another_record_names_is_not_removed(database: Path, files: Path) -> None:
    load(files)
    with pytest.raises(UsageError, match="asset a1"):
        records.remove(Kind.PLACES, ["lab"])
    records.remove(Kind.PERMITS, ["p1"])
    records.remove(Kind.ASSETS, ["a1"])
    assert records.remove(Kind.PLACES, ["lab", "site"]) == 2
    assert records.records(Kind.PLACES) == []


@pytest.mark.both_databases
def test_removal_is_all_or_nothing(database: Path, files: Path) -> None:
    load(files)
    with pytest.raises(UsageError, match="no such record"):
        records.remove(Kind.PERMITS, ["p1", "p2"])
    assert len(records.records(Kind.PERMITS)) == 1


@pytest.mark.parametrize(
    ("table", "row"),
    [
        (models.Asset, {"id": "x", "name": "x", "kind": "data", "grade": "secret"}),
        (models.Asset, {"id": "", "name": "x", "kind": "data", "grade": "core"}),
        (models.Place, {"id": "x", "parent_id": "x"}),
        (models.Party, {"id": "x", "kind": "robot"}),
        (models.Identity, {"pseudonym": "", "sealed": b""}),
    ],
)
def test_the_database_itself_refuses_what_is_no_record(database: Path, table: type, row: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        table.objects.create(**row)  # type: ignore[attr-defined]


@pytest.mark.parametrize("limit", [{"max_bytes": -1}, {"max_records": -1}, {"channel": "pigeon"}])
def test_the_database_itself_refuses_what_is_no_permit(database: Path, files: Path, limit: dict[str, object]) -> None:
    load(files)
    with pytest.raises(IntegrityError), transaction.atomic():
        models.Permit.objects.filter(pk="p1").update(**limit)


def test_a_seal_opens_with_its_key_its_pseudonym_and_its_bytes_only() -> None:
    identity = ("Jane Roe", PartyKind.PERSON)
    sealed = identities.seal(KEY, "p-1", identity)
    assert identities.unseal(KEY, "p-1", sealed) == identity
    assert identities.seal(KEY, "p-1", identity) != sealed
    for key, pseudonym, data in [
        (b"x" * 32, "p-1", sealed),
        (KEY, "p-2", sealed),
        (KEY, "p-1", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        (KEY, "p-1", b""),
    ]:
        with pytest.raises(DamagedError) as refused:
            identities.unseal(key, pseudonym, data)
        assert "Roe" not in refused.value.diagnostics()


def test_identities_are_kept_once(database: Path) -> None:
    people = {f"p-{n}": (f"Person {n}", PartyKind.PERSON) for n in range(1200)}
    assert identities.keep(people, KEY) == 1200
    first = models.Identity.objects.get(pk="p-7").sealed
    assert identities.keep(people, KEY) == 0
    assert models.Identity.objects.get(pk="p-7").sealed == first
    with pytest.raises(UsageError):
        identities.identity_of("p-none", KEY)


def test_erasing_a_person_leaves_no_byte_and_no_wider_permit(database: Path, files: Path) -> None:
    load(files)
    assert ANN.encode() in b"".join(path.read_bytes() for path in database.parent.glob("control.db*"))
    forget(ANN)
    assert identities.erase(ANN) == 4
    stored = records.snapshot()
    assert stored.permits == ()
    assert [party.id for party in stored.parties] == ["works"]
    assert stored.assets[0].owner == ""
    for path in database.parent.glob("control.db*"):
        assert ANN.encode() not in path.read_bytes(), path.name


def test_a_database_that_cannot_grow_is_a_storage_error_and_keeps_nothing(database: Path, files: Path) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1")
    write(files, assets=["id,name,kind,grade", *(f"asset-{n},{'n' * 300},data,core" for n in range(2000))])
    (files / "permits.csv").unlink()
    with pytest.raises(StorageError, match="full"):
        load(files)
    with storage_faults():
        assert models.Asset.objects.count() == 0


def test_a_large_register_is_imported_in_one_go(database: Path, tmp_path: Path) -> None:
    folder = tmp_path / "large"
    folder.mkdir()
    rows = [f"asset-{n},Asset {n},data,sensitive,pattern-{n}*" for n in range(5000)]
    write(folder, assets=["id,name,kind,grade,patterns", *rows])
    assert load(folder).counts == {Kind.ASSETS: (5000, 0, 0)}
    write(folder, assets=["id,name,kind,grade,patterns", *(row.replace("sensitive", "core") for row in rows)])
    assert load(folder).counts == {Kind.ASSETS: (0, 5000, 0)}


def test_models_have_the_fields_of_the_records() -> None:
    for kind in Kind:
        columns = {field.name for field in records._TABLES[kind]._meta.concrete_fields}
        assert columns == set(kind.columns) - {"aliases"}, "aliases are sealed beside the identities"
    assert {Asset, Party, Permit} < {kind.record for kind in Kind}
    assert str(models.Asset(id="x", kind=AssetKind.DATA, grade=Grade.CORE)) == "x"
