"""A back-up taken under load restores elsewhere to the same, and whatever is wrong with one is told."""

from __future__ import annotations

import json
import shutil
import tarfile
import threading
from pathlib import Path
from typing import Any

import pytest
from tests.flow.test_proving import LOG, more, sequence, sound, store
from tests.postgresql import Server

from waybill.control import close_database
from waybill.flow.backup.sealing import Secret, new_pair, seal, unseal
from waybill.flow.installation import Installation
from waybill.model.errors import DamagedError, StorageError, UsageError

DJANGO = "waybill.console.settings"
WORDS = Secret("a horse and a battery", is_key=False)


def opened(root: Path) -> Installation:
    return Installation.open(root, django=DJANGO)


def backed_up(installation: Installation, target: Path, secret: Secret = WORDS) -> Path:
    from waybill.flow.backup.making import back_up

    back_up(opened(installation.folder.root), target, secret, who="admin")
    return target


def restored(source: Path, root: Path, secret: Secret = WORDS) -> Any:
    from waybill.flow.backup.restoring import restore

    return restore(source, root, secret, django=DJANGO, who="admin")


def contents(installation: Installation) -> dict[str, Any]:
    """Return all that users see of an installation."""
    from waybill.access.tokens import every as tokens
    from waybill.findings import queries
    from waybill.findings.store import DatabaseFindingStore
    from waybill.register.identities import known

    with installation.lake.snapshot() as snapshot:
        transfers = snapshot.query("SELECT * FROM transfers ORDER BY id").to_pylist()
    return {
        "transfers": transfers,
        "findings": list(queries.every(queries.Filter(states=queries.ALL_STATES))),
        "memory": {one: DatabaseFindingStore().cursor(one) for one in ("unauthorised", "sigma")},
        "tokens": tokens(),
        "people": known(installation.folder.key("identity")),
        "register": installation.register().assets,
        "quarantine": list(installation.quarantine.entries()),
        "keys": [installation.folder.key(name) for name in ("id", "pseudonym", "ledger", "subjects")],
    }


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an installation with something in every part of it, once, to be copied."""
    root = tmp_path_factory.mktemp("template")
    installation = store(root)
    from waybill.access.scopes import Scope
    from waybill.access.tokens import create

    create("erp", [Scope.INGEST], who="admin")
    (root / "logs" / "broken.ndjson").write_text('{"time":"yesterday","action":"read","channel":"file"}\n')
    more(installation, root / "logs")
    sequence(installation)
    close_database()
    return root


def filled(root: Path, template: Path) -> Installation:
    """Return a copy of the installation."""
    shutil.copytree(template, root, dirs_exist_ok=True)
    return opened(root / "data")


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory, template: Path) -> tuple[Path, Path]:
    """Return a data folder and a back-up of it, in a tar file."""
    root = tmp_path_factory.mktemp("taken")
    installation = filled(root, template)
    backed_up(installation, root / "backup.tar")
    close_database()
    return root / "data", root / "backup.tar"


@pytest.mark.parametrize(("kind", "by"), [("tar", "pair"), ("folder", "passphrase")])
def test_what_is_restored_elsewhere_is_the_same(tmp_path: Path, template: Path, kind: str, by: str) -> None:
    private, public = new_pair()
    sealing, opening = (WORDS, WORDS) if by == "passphrase" else (Secret(public, True), Secret(private, True))
    installation = filled(tmp_path, template)
    (tmp_path / "data" / "waybill.toml").write_text("alert_budget = 7\n")
    before = contents(installation)
    target = backed_up(installation, tmp_path / ("backup.tar" if kind == "tar" else "backup"), sealing)
    (tmp_path / "data").rename(tmp_path / "lost")
    close_database()
    done = restored(target, tmp_path / "elsewhere", opening)
    assert done.audit.sound and done.audit.transfers and done.audit.records
    here = opened(tmp_path / "elsewhere")
    assert contents(here) == before
    assert here.settings.alert_budget == 7
    sequence(here)
    assert not sound(here).faults
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "elsewhere").rglob("*")} == {0}
    close_database()


def test_no_key_and_no_setting_rests_in_the_clear(taken: tuple[Path, Path]) -> None:
    data, backup = taken
    content = backup.read_bytes()
    assert not any(key.read_bytes() in content for key in (data / "keys").iterdir())
    assert backup.stat().st_mode & 0o077 == 0
    with tarfile.open(backup) as tar:
        assert not any(name.startswith("keys/") or name == "waybill.toml" for name in tar.getnames())


def test_a_back_up_under_load_is_of_one_moment(tmp_path: Path, template: Path) -> None:
    """Transfers come, detectors look, the ledger goes on, while back-ups are taken one after the other."""
    installation = filled(tmp_path, template)
    stop, failures = threading.Event(), list[BaseException]()

    def load() -> None:
        number = 0
        try:
            own = opened(tmp_path / "data")
            while not stop.is_set():
                number += 1
                folder = tmp_path / f"more-{number}"
                folder.mkdir()
                (folder / "day.ndjson").write_text("".join(LOG % f"person-{number}-{n}" for n in range(20)))
                more(own, folder)
                sequence(own)
        except BaseException as error:  # noqa: BLE001  told by the test
            failures.append(error)
        finally:
            close_database()

    thread = threading.Thread(target=load)
    thread.start()
    try:
        taken = [backed_up(installation, tmp_path / f"backup-{number}.tar") for number in range(2)]
    finally:
        stop.set()
        thread.join()
    assert not failures
    for number, one in enumerate(taken):
        done = restored(one, tmp_path / f"restored-{number}")
        assert done.audit.sound, done.audit.examples
        here = opened(tmp_path / f"restored-{number}")
        before = {item.finding.id for item in contents(here)["findings"]}
        more(here, tmp_path / "logs")  # what detectors had not seen then, they see now
        held = contents(here)
        findings = [item.finding for item in held["findings"] if item.finding.rule_id == "unauthorised.expired"]
        evidence = [transfer for finding in findings for transfer in finding.transfers]
        shipped = [one["id"].hex() for one in held["transfers"] if one["channel"] == "freight"]
        assert sorted(evidence) == sorted(shipped), "each was seen, and once"
        assert before <= {item.finding.id for item in held["findings"]}
        sequence(here)
        assert not sound(here).faults
    close_database()


def test_every_flipped_byte_is_told(taken: tuple[Path, Path], tmp_path: Path) -> None:
    from waybill.flow.backup.making import check

    _, backup = taken
    with tarfile.open(backup) as tar:
        members = {one.name: (one.offset_data, one.size) for one in tar.getmembers()}
    whole = backup.read_bytes()
    copy = tmp_path / "copy.tar"
    check(backup)
    for name, (offset, size) in members.items():
        for at in {0, size // 2, size - 1} - ({-1} if size else {0, -1}):
            changed = bytearray(whole)
            changed[offset + at] ^= 0x20
            copy.write_bytes(changed)
            with pytest.raises((DamagedError, UsageError)):
                check(copy)
                raise AssertionError(f"{name} at {at}")


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_half_a_back_up_is_told(taken: tuple[Path, Path], tmp_path: Path, share: float) -> None:
    from waybill.flow.backup.making import check

    content = taken[1].read_bytes()
    cut = tmp_path / "cut.tar"
    with tarfile.open(taken[1]) as tar:
        end = max(one.offset_data + one.size for one in tar.getmembers())
    cut.write_bytes(content[: int(end * share)])
    with pytest.raises(DamagedError):
        check(cut)
    with pytest.raises(DamagedError):
        restored(cut, tmp_path / "data")
    assert not (tmp_path / "data").exists(), "all of it or nothing"


def test_a_missing_part_and_an_exchanged_one_are_told(tmp_path: Path, template: Path) -> None:
    installation = filled(tmp_path, template)
    first = backed_up(installation, tmp_path / "first")
    more(installation, tmp_path / "logs")
    second = backed_up(installation, tmp_path / "second")
    shutil.copytree(first, tmp_path / "mixed")
    for name in ("control.sqlite3", "MANIFEST.json"):
        shutil.copy(second / name, tmp_path / "mixed" / name)
    with pytest.raises(DamagedError):
        restored(tmp_path / "mixed", tmp_path / "one")
    (first / "FORMAT").unlink()
    with pytest.raises(DamagedError, match="half"):
        restored(first, tmp_path / "two")
    from waybill.flow.backup import archive

    forged = second / "MANIFEST.json"
    parts = json.loads(forged.read_text())
    parts["parts"]["../outside"] = parts["parts"].pop("FORMAT")
    forged.write_text(json.dumps(parts))
    with pytest.raises(DamagedError), archive.reading(second) as source:
        archive.manifest_of(source, second)
    close_database()


def test_what_does_not_open_it_is_told(taken: tuple[Path, Path], tmp_path: Path) -> None:
    private, public = new_pair()
    for wrong in (Secret("another horse and battery", False), Secret(private, True), Secret(public, True)):
        with pytest.raises((DamagedError, UsageError)):
            restored(taken[1], tmp_path / "data", wrong)
    other, _ = new_pair()
    with pytest.raises(DamagedError):
        unseal(seal(b"x", Secret(public, True)), Secret(other, True))
    with pytest.raises(UsageError, match="short"):
        seal(b"x", Secret("short", False))
    for key in ("", "waybill-backup-public-1:", public[:-8], "ssh-ed25519 AAAA"):
        with pytest.raises(UsageError):
            seal(b"x", Secret(key, True))


def test_nothing_is_overwritten(taken: tuple[Path, Path], tmp_path: Path) -> None:
    data, backup = taken
    with pytest.raises(UsageError, match="holds something"):
        restored(backup, data)
    installation = opened(data)
    with pytest.raises(UsageError, match="already"):
        backed_up(installation, backup)
    with pytest.raises(UsageError, match="lost with it"):
        backed_up(installation, data / "backup.tar")
    close_database()
    assert not list(backup.parent.glob(".*.partial"))


def test_what_one_that_was_killed_left_is_removed(tmp_path: Path, template: Path) -> None:
    installation = filled(tmp_path, template)
    left = tmp_path / "data" / ".backup-left"
    left.mkdir()
    (left / "control.sqlite3").write_bytes(b"old rows")
    backed_up(installation, tmp_path / "backup.tar")
    assert not list((tmp_path / "data").glob(".backup-*"))
    close_database()


def test_a_disk_that_is_full_leaves_nothing_that_looks_like_a_back_up(taken: tuple[Path, Path]) -> None:
    target = Path("/dev/full/backup.tar")
    with pytest.raises(StorageError):
        backed_up(opened(taken[0]), target)
    close_database()


def test_an_older_ledger_is_told_by_what_the_database_knows(tmp_path: Path, template: Path) -> None:
    """Only the ledger's folder is put back: going on would fork it."""
    installation = filled(tmp_path, template)
    backup = backed_up(installation, tmp_path / "backup")
    more(installation, tmp_path / "logs")
    from waybill.access.scopes import Scope
    from waybill.access.tokens import create

    create("later", [Scope.INGEST], who="admin")
    sequence(installation)
    shutil.rmtree(tmp_path / "data" / "ledger")
    shutil.copytree(backup / "ledger", tmp_path / "data" / "ledger")
    with pytest.raises(DamagedError, match="knows"):
        sequence(opened(tmp_path / "data"))
    close_database()


def test_a_back_up_moves_an_installation_to_a_server_and_back(
    tmp_path: Path, template: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation = filled(tmp_path, template)
    before = contents(installation)
    backup = backed_up(installation, tmp_path / "backup.tar")
    name = server.create()
    with monkeypatch.context() as patched:
        patched.setenv("WAYBILL_DATABASE", server.url(name))
        assert restored(backup, tmp_path / "on-server").audit.sound
        here = opened(tmp_path / "on-server")
        assert not (tmp_path / "on-server" / "control.sqlite3").exists()
        assert contents(here) == before
        from waybill.access.scopes import Scope
        from waybill.access.tokens import create

        create("made on the server".replace(" ", "-"), [Scope.READ], who="admin")
        sequence(here)
        assert not sound(here).faults, "numbers go on where they were"
        there = contents(here)
        with pytest.raises(UsageError, match="holds something"):
            restored(backup, tmp_path / "again")
        again = backed_up(here, tmp_path / "again.tar")
    close_database()
    assert restored(again, tmp_path / "back").audit.sound
    assert contents(opened(tmp_path / "back")) == there
    close_database()
    server.drop(name)


def test_secrets_are_not_taken_from_the_command_line(taken: tuple[Path, Path], tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from waybill.cli.app import app

    data, _ = taken
    run = CliRunner().invoke
    told = run(app, ["backup", str(tmp_path / "x.tar"), "--data", str(data)])
    assert isinstance(told.exception, UsageError) and "--passphrase-file" in told.exception.advice
    words = tmp_path / "words"
    words.write_text("a horse and a battery\n")
    done = run(app, ["backup", str(tmp_path / "x.tar"), "--passphrase-file", str(words), "--data", str(data), "--json"])
    assert done.exit_code == 0, done.output
    assert run(app, ["restore", str(tmp_path / "x.tar"), "--check"]).exit_code == 0
    target = str(tmp_path / "restored")
    done = run(app, ["restore", str(tmp_path / "x.tar"), "--passphrase-file", str(words), "--data", target])
    assert done.exit_code == 0, (done.output, done.exception)
    close_database()
    assert (Path(target) / "control.sqlite3").exists()
