"""The quarantine: sealed, durable, readable although damaged, and replayed once the mapping is mended."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.collect.samples import USB, event, ndjson, plan, read_bytes, rejected, rows

from waybill.collect import Quarantine, Rejected, recollect
from waybill.collect.mapping import parse_mapping
from waybill.collect.quarantine import DAMAGED
from waybill.model.errors import StorageError

KEY = b"q" * 32


def record(position: int, raw: bytes = b"raw of li.na", reason: str = "bad", file: str = "log") -> Rejected:
    return Rejected("waybill", file, position, "time", reason, "ISO 8601", "Mend it.", raw)


def test_what_is_put_in_comes_out_in_order(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path / "q", KEY)
    assert list(quarantine.entries()) == []
    quarantine.add([record(3), record(2, b"")])
    quarantine.add([record(1, file="a")])
    quarantine.add([])
    found = list(Quarantine(tmp_path / "q", KEY).entries())
    assert [(entry.file, entry.position, entry.size) for entry in found] == [
        ("a", 1, 12),
        ("log", 2, 0),
        ("log", 3, 12),
    ]
    assert found[0].reason == "bad"
    assert list(quarantine.replay()) == [("a", 1, b"raw of li.na"), ("log", 3, b"raw of li.na")]


def test_nothing_rests_in_the_clear(tmp_path: Path) -> None:
    Quarantine(tmp_path / "q", KEY).add([record(1)])
    content = b"".join(path.read_bytes() for path in (tmp_path / "q").iterdir())
    assert not any(word in content for word in (b"li.na", b"log", b"ISO", b"waybill", b"bad"))
    for path in (tmp_path / "q").iterdir():
        assert path.stat().st_mode & 0o077 == 0


def test_a_record_read_twice_is_kept_once_with_its_newest_reason(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path / "q", KEY)
    quarantine.add([record(1)])
    quarantine.add([record(1, reason="other"), record(2)])
    assert [entry.reason for entry in quarantine.entries()] == ["other", "bad"]


def test_a_flood_costs_no_more_with_each_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quarantine = Quarantine(tmp_path / "q", KEY)
    quarantine.add([record(1)])
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail("what is there is read again"))
    quarantine.add([record(2)])


def test_dropping(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path / "q", KEY)
    quarantine.add([record(1), record(2)])
    quarantine.add([record(1, reason="again"), record(3)])
    first = next(iter(quarantine.entries())).id
    assert first == quarantine.id_of("log", 1, b"raw of li.na")
    assert quarantine.drop([first, "no such id", "0" * 16]) == 1
    assert [entry.position for entry in quarantine.entries()] == [2, 3]
    assert quarantine.drop([entry.id for entry in quarantine.entries()]) == 2
    assert not list((tmp_path / "q").glob("*.sealed"))


@pytest.mark.parametrize("place", ["magic", "length", "content", "cut"])
def test_damage_is_named_and_the_rest_is_read(tmp_path: Path, place: str) -> None:
    quarantine = Quarantine(tmp_path / "q", KEY)
    quarantine.add([record(1)])
    quarantine.add([record(2), record(3)])
    _, second = sorted((tmp_path / "q").glob("*.sealed"))
    content = bytearray(second.read_bytes())
    offset = {"magic": 0, "length": 20, "content": 60, "cut": 0}[place]
    content[offset] ^= place != "cut"
    second.write_bytes(content[:-3] if place == "cut" else content)
    found = list(quarantine.entries())
    damage = [entry for entry in found if entry.reason == DAMAGED]
    assert [(entry.id, entry.file) for entry in damage] == [("", str(second))]
    positions = {"magic": [1], "length": [1], "content": [1, 3], "cut": [1, 2]}[place]
    assert [entry.position for entry in found if entry.id] == positions
    assert [position for _, position, _ in quarantine.replay()] == positions
    kept = {entry.id for entry in found if entry.id}
    assert quarantine.drop(kept) == len(kept)
    assert [entry.reason for entry in quarantine.entries()] == [DAMAGED]


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    Quarantine(tmp_path / "q", KEY).add([record(1)])
    other = Quarantine(tmp_path / "q", b"x" * 32)
    assert [entry.reason for entry in other.entries()] == [DAMAGED]
    assert list(other.replay()) == []


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    (tmp_path / "q").write_text("a file where the folder should be")
    with pytest.raises(StorageError, match="cannot be written"):
        Quarantine(tmp_path / "q", KEY).add([record(1)])


def test_what_add_returned_for_is_on_disk_and_synced(tmp_path: Path) -> None:
    script = (
        "import os, sys\nfrom pathlib import Path\n"
        "synced = []\nreal = os.fsync\n"
        "os.fsync = lambda fd: (synced.append(os.readlink(f'/proc/self/fd/{fd}')), real(fd))\n"
        "from waybill.collect import Quarantine, Rejected\n"
        "Quarantine(Path(sys.argv[1]), b'q' * 32).add([Rejected('s', 'f', 1, '', 'r', 'e', 'a', b'raw')])\n"
        "print('\\n'.join(synced), flush=True)\nos.kill(os.getpid(), 9)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "q")], capture_output=True, text=True, check=False
    )
    assert ran.returncode == -9
    synced = ran.stdout.splitlines()
    assert any(name.endswith(".tmp") for name in synced)
    assert {str(tmp_path), str(tmp_path / "q")} <= set(synced)
    assert [entry.position for entry in Quarantine(tmp_path / "q", KEY).entries()] == [1]
    assert not list((tmp_path / "q").glob(".*.tmp"))


def test_replay_after_the_mapping_was_mended_gives_what_reading_would_have_given(tmp_path: Path) -> None:
    text = "when,employee,event,file\nnoon,ann,READ,f\n2026-03-04 05:06:07,bob,READ,g\nnoon,ann,READ,f\n"
    first = read_bytes(tmp_path, text.encode(), USB)
    quarantine = Quarantine(tmp_path / "q", KEY)
    quarantine.add(rejected(first))
    mended = parse_mapping(
        'name = "usb-export"\nformat = "csv"\n[recognise]\nrequire = ["when"]\n[columns]\n'
        'time = { from = "when", map = { noon = "2026-03-04T12:00:00Z" }, default = "2026-03-04T05:06:07Z" }\n'
        'action = { value = "read" }\nasset = "file"\nactor = "employee"\nchannel = { value = "usb" }',
        "mended.toml",
    )
    again = rows(list(recollect(quarantine.replay(), plan(mended))))
    whole = rows(read_bytes(tmp_path, text.encode(), mended))
    assert [row["position"] for row in again] == [2, 4]
    assert again == [whole[0], whole[2]]
    assert again[0]["id"] != again[1]["id"]


def test_what_still_fails_is_rejected_again_in_the_same_place(tmp_path: Path) -> None:
    content = ndjson([event(1), event(2, time="noon"), b"{broken"])
    found = rejected(read_bytes(tmp_path, content))
    quarantine = Quarantine(tmp_path / "q", KEY)
    quarantine.add(found)
    again = rejected(list(recollect(quarantine.replay(), plan())))
    ids = [quarantine.id_of(one.file, one.position, one.raw) for one in again if one.source]
    assert ids == [quarantine.id_of(one.file, one.position, one.raw) for one in found][:1]
