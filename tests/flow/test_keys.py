"""Keys change: what rested under the old one opens under the new one alone, whatever is broken off."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.flow.test_proving import sequence, sound, store

from waybill.control import close_database
from waybill.durable.locks import FileLock
from waybill.flow.installation import Installation
from waybill.model.errors import BusyError, DamagedError, StorageError, UsageError

BAD = '{"time":"yesterday","action":"read","channel":"file"}\n'


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an installation with something under every key, once."""
    root = tmp_path_factory.mktemp("keys")
    installation = store(root)
    sequence(installation)
    close_database()
    return root / "data"


@pytest.fixture
def here(made: Path, tmp_path: Path) -> Iterator[Installation]:
    """Open a copy of it."""
    shutil.copytree(made, tmp_path / "data")
    yield Installation.open(tmp_path / "data")
    close_database()


def readable(installation: Installation) -> tuple[object, ...]:
    """Return all that rests sealed."""
    from waybill.register.identities import known

    keys = installation.ledger.keys
    people = known(installation.folder.key("identity"))
    return people, list(installation.quarantine.replay()), keys.known(people.values())


@pytest.mark.parametrize("name", ["identity", "quarantine", "subjects", "sessions"])
def test_what_rested_under_the_old_key_opens_under_the_new_one_alone(here: Installation, name: str) -> None:
    from waybill.flow.keys import rotate

    before, old = readable(here), here.folder.key(name)
    done = rotate(here, name, who="admin")
    assert done.resealed or name == "sessions"
    again = Installation.open(here.folder.root)
    assert again.folder.key(name) != old and readable(again) == before
    sequence(again)
    assert not sound(again).faults
    from waybill.outbox import models

    assert models.Row.objects.filter(kind="key", reference=name).count() == 1
    again.folder.key_file(name).write_bytes(old)
    stale = Installation.open(here.folder.root)
    if name == "quarantine":
        assert not list(stale.quarantine.replay())
    elif name != "sessions":
        with pytest.raises(DamagedError):
            readable(stale)


@pytest.mark.parametrize("name", ["identity", "quarantine", "subjects"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_what_was_broken_off_says_so_and_goes_on(
    here: Installation, name: str, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from waybill.flow import keys

    before = readable(here)
    (key,) = (one for one in keys.KEYS if one.name == name)

    def breaks(installation: Installation, old: list[bytes], new: bytes) -> int:
        if when == "after" and key.reseal is not None:
            key.reseal(installation, old, new)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(keys, "KEYS", (keys.Key(name, key.purpose, key.change, breaks),))
        keys.rotate(here, name, who="admin")
    with pytest.raises(StorageError, match="broken off") as told:
        readable(Installation.open(here.folder.root))
    assert f"keys rotate {name}" in told.value.advice
    keys.rotate(Installation.open(here.folder.root), name, who="admin")
    assert readable(Installation.open(here.folder.root)) == before


def test_keys_do_not_change_under_a_running_service(here: Installation) -> None:
    from waybill.flow.keys import rotate

    with FileLock(here.folder.root / "serve.lock", "serving").exclusive(0.0), pytest.raises(BusyError):
        rotate(here, "identity", who="admin")
    assert not here.folder.next_key_file("identity").exists()


@pytest.mark.parametrize("name", ["id", "pseudonym", "ledger", "witness", "nonsense"])
def test_what_cannot_change_says_why(here: Installation, name: str) -> None:
    from waybill.flow.keys import rotate

    with pytest.raises(UsageError) as told:
        rotate(here, name, who="admin")
    assert told.value.advice or told.value.expected


def test_every_key_is_listed(here: Installation) -> None:
    from waybill.flow.home import KEY_NAMES
    from waybill.flow.keys import standings

    assert {one.name for one in standings(here)} == set(KEY_NAMES)


def test_a_pair_for_back_ups_is_made_once(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from waybill.cli.app import app

    file = tmp_path / "backup.key"
    assert CliRunner().invoke(app, ["keys", "pair", str(file)]).exit_code == 0
    assert file.stat().st_mode & 0o077 == 0
    before = file.read_text()
    assert isinstance(CliRunner().invoke(app, ["keys", "pair", str(file)]).exception, StorageError)
    assert file.read_text() == before
