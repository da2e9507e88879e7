"""Discovery walks folders, buckets and databases, goes on where it was, and suggests what a person confirms."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from tests import s3
from tests.content import hostile_files as make
from tests.content.drawings import exported_again, step
from tests.content.test_documents import prose
from tests.postgresql import PASSWORD, Server

from waybill.cli.app import app
from waybill.content.parsing import Readers
from waybill.control import close_database
from waybill.flow import documents
from waybill.flow.discovery.running import Walk, confirm, walk
from waybill.flow.discovery.targets import target
from waybill.flow.discovery.telling import findings
from waybill.flow.installation import Installation
from waybill.model.errors import InputError, UsageError
from waybill.model.words import Grade

PEOPLE = "姓名,身份证号,手机号\n" + "".join(
    f"某人{n},{number},1381234{n:04d}\n" for n, number in enumerate(["11010519491231002X", "440524188001010014"] * 40)
)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    yield Installation.open(tmp_path / "data", create=True)
    close_database()


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with Readers() as warm:
        yield warm


@pytest.fixture
def share(tmp_path: Path) -> Path:
    """Return a folder with people, a hidden archive, a link that leads out, and nothing much."""
    folder = tmp_path / "share"
    (folder / "hr").mkdir(parents=True)
    (folder / "hr" / "people.csv").write_text(PEOPLE, encoding="utf-8")
    (folder / ".hidden.zip").write_bytes(make.zipped({"a/people.csv": PEOPLE}))
    (folder / "note.txt").write_text("nothing much", encoding="utf-8")
    (folder / "link").symlink_to("/etc/passwd")
    return folder


def go(installation: Installation, named: str | Path, readers: Readers, *, again: bool = False) -> Walk:
    return walk(installation, target(str(named)), readers, who="tester", again=again)


def by_name(walked: Walk) -> dict[str, Any]:
    return {found.name: found for found in walked.found}


def test_a_folder_is_walked_and_lands_in_the_register(
    installation: Installation, share: Path, readers: Readers
) -> None:
    from waybill.register import discoveries

    found = by_name(go(installation, share, readers))
    assert set(found) == {".hidden.zip", "hr/people.csv", "link", "note.txt"}
    people = found["hr/people.csv"]
    assert people.distinct["cn.resident-id"] == 2
    assert people.persons >= 2
    assert found[".hidden.zip"].distinct == people.distinct
    assert (found["link"].partial, found["link"].values) == (True, {})
    assert discoveries.every(place=str(share))[-1].name == "note.txt"
    assert sum(discoveries.counts()[str(share)].values()) == 4


def test_names_in_any_encoding_are_walked(installation: Installation, tmp_path: Path, readers: Readers) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / os.fsdecode("配方.txt".encode("gb18030"))).write_text("13812345678")
    (folder / "bad.tar").write_bytes(make.tarred({os.fsdecode(b"\xff.txt"): b"text"}))
    go(installation, folder, readers)
    assert go(installation, folder, readers).unchanged == 2


def test_what_has_not_changed_is_passed_over_and_what_is_gone_is_said(
    installation: Installation, share: Path, readers: Readers
) -> None:
    from waybill.register import discoveries

    go(installation, share, readers)
    assert (go(installation, share, readers).unchanged, go(installation, share, readers, again=True).unchanged) == (
        4,
        0,
    )
    (share / "note.txt").write_text("13812345678 is somebody's", encoding="utf-8")
    (share / "hr" / "people.csv").unlink()
    second = go(installation, share, readers)
    assert (list(by_name(second)), second.gone) == (["note.txt"], 1)
    assert discoveries.count(place=str(share)) == 3


def test_a_walk_that_was_broken_off_goes_on_where_it_was(
    installation: Installation, share: Path, readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    from waybill.flow.discovery import running

    monkeypatch.setattr(running, "KEPT_AT_ONCE", 1)

    def break_off(_count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        walk(installation, target(str(share)), readers, who="tester", told=break_off)
    after = go(installation, share, readers)
    assert (len(after.found), after.unchanged) == (3, 1)


def test_registered_documents_are_found_and_lend_their_grade(
    installation: Installation, tmp_path: Path, readers: Readers
) -> None:
    from waybill.register import records
    from waybill.register.fields import Kind
    from waybill.register.importing import read_files

    assets = tmp_path / "assets.csv"
    assets.write_text("id,name,kind,grade\nrecipe,Recipe,document,core\n", encoding="utf-8")
    key = installation.folder.key("identity")
    records.import_reading(read_files({Kind.ASSETS: assets}), installation.pseudonymiser, key)
    original = tmp_path / "process-recipe-v7.txt"
    original.write_text(prose(1), encoding="utf-8")
    kept, caveats = documents.register(installation, original, readers, asset="recipe", who="tester")
    assert (caveats, kept.asset, kept.text > 100) == ([], "recipe", True)
    drawing = tmp_path / "wing.step"
    drawing.write_bytes(step(1))
    documents.register(installation, drawing, readers, who="tester")
    folder = tmp_path / "outbox"
    folder.mkdir()
    (folder / "mail.txt").write_text(prose(8) + prose(1)[500:3000] + prose(9), encoding="utf-8")
    (folder / "holiday.jpg").write_bytes(exported_again(step(1), seed=5))
    (folder / "other.step").write_bytes(step(2))
    found = by_name(go(installation, folder, readers))
    assert found["mail.txt"].grade is Grade.CORE
    assert found["mail.txt"].documents[0].name == "process-recipe-v7.txt"
    assert found["mail.txt"].documents[0].passages
    assert found["holiday.jpg"].documents[0].share > 0.9
    assert found["other.step"].documents == ()
    told = {finding.asset: finding for finding in findings(found.values())}
    assert "process-recipe-v7.txt" in told["mail.txt"].sentence.en
    contents = installation.register().contents
    assert {content.name for content in contents} == {"mail.txt", "holiday.jpg"}


def test_attachments_of_a_mail_journal_are_known_by_their_own_names(
    installation: Installation, tmp_path: Path, readers: Readers
) -> None:
    original = tmp_path / "recipe.txt"
    original.write_text(prose(1), encoding="utf-8")
    documents.register(installation, original, readers, who="tester")
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.test", "b@elsewhere.test", "photos"
    mail.set_content("as promised")
    archive = make.zipped({"holiday-2025.docx": make.docx([prose(1)])})
    mail.add_attachment(archive, maintype="application", subtype="zip", filename="photos.zip")
    folder = tmp_path / "journal"
    folder.mkdir()
    (folder / "1.eml").write_bytes(mail.as_bytes())
    go(installation, folder, readers)
    register = installation.register()
    assert {content.name for content in register.contents} == {"1.eml", "holiday-2025.docx"}
    known = register.content_of("C:\\Users\\x\\holiday-2025.docx")
    assert known is not None
    assert known.document == "recipe.txt"


def test_a_new_document_has_the_same_files_inspected_again(
    installation: Installation, share: Path, readers: Readers, tmp_path: Path
) -> None:
    go(installation, share, readers)
    original = tmp_path / "original.txt"
    original.write_text(prose(1), encoding="utf-8")
    kept, _ = documents.register(installation, original, readers, who="tester")
    assert go(installation, share, readers).unchanged == 0
    documents.forget(installation, kept.id, who="tester")
    with pytest.raises(UsageError, match="no such document"):
        documents.forget(installation, kept.id, who="tester")


def test_versions_are_of_one_family(installation: Installation, readers: Readers, tmp_path: Path) -> None:
    families = set()
    for number in range(3):
        path = tmp_path / f"v{number}.txt"
        path.write_text(prose(1) + prose(number + 20, 50), encoding="utf-8")
        families.add(documents.register(installation, path, readers, who="tester")[0].family)
    assert len(families) == 1


def test_a_person_confirms_a_grade_and_it_is_an_asset(
    installation: Installation, share: Path, readers: Readers
) -> None:
    found = by_name(go(installation, share, readers))["hr/people.csv"]
    with pytest.raises(UsageError, match="no reason"):
        confirm(installation, found.id, Grade.IMPORTANT, "", " ", who="tester")
    assert installation.register().assets == (), "nothing is half done"
    asset = confirm(installation, found.id, Grade.IMPORTANT, "", "all of the staff", who="tester")
    register = installation.register()
    assert register.asset_of(f"{share}/hr/people.csv") == register.asset(asset.id)
    assert register.asset(asset.id) == asset
    again = by_name(go(installation, share, readers, again=True))["hr/people.csv"]
    from waybill.register import discoveries

    assert discoveries.get(again.id).confirmed is Grade.IMPORTANT


def test_no_name_of_a_file_becomes_a_pattern_for_others(
    installation: Installation, tmp_path: Path, readers: Readers
) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    for name in ("*", "everything-*", ".example-com", "one;two-three"):
        (folder / name).write_text("text")
    for found in go(installation, folder, readers).found:
        confirm(installation, found.id, Grade.CORE, "", "because", who="tester")
    register = installation.register()
    assert len(register.assets) == 4
    for name in ("anything", "everything-else", "x.example-com", "two-three", f"{folder}/everything-else"):
        assert register.asset_of(name) is None, name


def test_objects_of_a_bucket(installation: Installation, readers: Readers, service: Any) -> None:
    service.create_bucket(Bucket="exports")
    service.put_object(Bucket="exports", Key="2026/people.csv", Body=PEOPLE.encode())
    service.put_object(Bucket="exports", Key="readme.txt", Body=b"nothing")
    found = by_name(go(installation, "s3://exports", readers))
    assert found["2026/people.csv"].distinct["cn.resident-id"] == 2
    assert go(installation, "s3://exports", readers).unchanged == 2
    service.put_object(Bucket="exports", Key="readme.txt", Body=b"something else")
    assert list(by_name(go(installation, "s3://exports", readers))) == ["readme.txt"]
    with pytest.raises(InputError):
        go(installation, "s3://no-such-bucket-here", readers)


@pytest.fixture(scope="module")
def service() -> Iterator[Any]:
    """A service on loopback that speaks S3, and a client of it."""
    with s3.service() as client:
        yield client


def test_tables_of_sqlite(installation: Installation, readers: Readers, tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE staff (name TEXT, id_number TEXT)")
        database.executemany("INSERT INTO staff VALUES (?, ?)", [("某人", "11010519491231002X")] * 30)
        database.execute("CREATE TABLE empty (x TEXT)")
    found = by_name(go(installation, f"sqlite:///{path}", readers))
    assert set(found) == {"main.staff", "main.empty"}
    assert found["main.staff"].distinct == {"cn.resident-id": 1}


def test_tables_of_postgresql_without_their_password_anywhere(
    installation: Installation, readers: Readers, server: Server
) -> None:
    name = server.create()
    server.execute("CREATE TABLE staff (name text, phone text, photo bytea)", name)
    server.execute("INSERT INTO staff SELECT 'x', '1381234' || (1000 + n), null FROM generate_series(1, 50) n", name)
    walked = go(installation, server.url(name), readers)
    assert by_name(walked)["public.staff"].distinct == {"cn.mobile": 50}
    assert PASSWORD not in walked.place


@pytest.mark.parametrize("named", ["/no/such/place", "nonsense://x", "s3://"])
def test_targets_that_are_none(named: str) -> None:
    with pytest.raises((InputError, UsageError)):
        target(named)


def test_the_commands(share: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            app(["--lang", "en", *arguments], prog_name="waybill")
        close_database()
        return int(ended.value.code or 0), capsys.readouterr().out

    data = ["--data", str(tmp_path / "data")]
    (tmp_path / "recipe.txt").write_text(prose(1), encoding="utf-8")
    (share / "copy.txt").write_text(prose(1), encoding="utf-8")
    assert run("register", str(tmp_path / "recipe.txt"), *data)[0] == 0
    assert json.loads(run("register", "documents", "--json", *data)[1])[0]["name"] == "recipe.txt"
    code, text = run("discover", str(share), *data)
    assert code == 1
    assert "100% of recipe.txt" in text
    code, text = run("discover", str(share), "--again", "--format", "sarif", *data)
    assert json.loads(text)["version"] == "2.1.0"
    assert run("discover", str(share), "--json", *data)[1].strip() == "[]"
    (kept,) = json.loads(run("register", "documents", "--json", *data)[1])
    assert "forgotten" in run("register", "forget", kept["id"], *data)[1]
