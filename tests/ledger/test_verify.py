"""Whatever is changed in a log's files is found, and the file and entry are named."""

from __future__ import annotations

import gzip
import random
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.ledger.making import KEY, entries, make_log, open_log, policy_of

from waybill.ledger import Fault, FolderSource, Policy, Verification, WebSource, open_source, verify
from waybill.ledger.offline import prove
from waybill.model.errors import InputError, UsageError

LARGE = 2 * 65_536 + 300
"""Enough for tiles of level 2, and for two processes."""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    make_log(folder, 100, 600)
    return folder


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    make_log(folder, LARGE)
    return folder


def check(folder: Path, processes: int = 1) -> Verification:
    return verify(FolderSource(folder), policy_of(folder), processes=processes)


def changed(folder: Path, name: str, place: int, bit: int = 0) -> list[Fault]:
    """Return what is found when a bit is changed, and change it back."""
    path = folder / name
    before = path.read_bytes()
    content = bytearray(before)
    content[place] ^= 1 << bit
    path.write_bytes(content)
    try:
        return check(folder).faults
    finally:
        path.write_bytes(before)


def needed(folder: Path, size: int) -> list[str]:
    """Return the public files that a log of this size needs, all but the policy."""
    names = [path.relative_to(folder) for path in (folder / "tile").rglob("*") if path.is_file()]
    return [str(name) for name in names if not name.match(f"*.p/{size}")] + ["checkpoint"]


def test_an_untouched_log_is_sound(small: Path, large: Path) -> None:
    for folder, size in ((small, 600), (large, LARGE)):
        found = check(folder)
        assert found.sound, found.faults
        assert found.checkpoint is not None
        assert found.checkpoint.size == size


def test_several_processes_find_the_same(large: Path) -> None:
    progress: list[tuple[int, int]] = []
    alone = changed(large, "tile/entries/300", 100)
    path = large / "tile/entries/300"
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    try:
        source = FolderSource(large)
        found = verify(source, policy_of(large), processes=2, told=lambda *done: progress.append(done))
    finally:
        content[100] ^= 1
        path.write_bytes(content)
    assert found.faults == alone
    assert progress[-1] == (LARGE, LARGE)


def _each_byte(folder: Path, step: int) -> None:
    for name in needed(folder, 100):
        for place in range(0, (folder / name).stat().st_size, step):
            (fault,) = changed(folder, name, place, bit=place % 8)
            assert fault.file == name, place
            if name.startswith("tile/0"):
                assert fault.index == 256 * int(name[7:10]) + place // 32
            if name.startswith("tile/1"):
                assert fault.index == 256 * (place // 32)
            if name.startswith("tile/entries") and place % 26 > 1:  # a changed length moves all that follow
                assert fault.index == 256 * int(name[13:16]) + place // 26


def test_a_changed_byte_anywhere_is_found_and_its_file_and_entry_named(small: Path) -> None:
    _each_byte(small, 101)


@pytest.mark.soak
def test_every_changed_byte_is_found_and_its_file_and_entry_named(small: Path) -> None:
    _each_byte(small, 1)


def test_the_entry_is_named(small: Path) -> None:
    assert [fault.index for fault in changed(small, "tile/entries/001", 26 * 7 + 10)] == [256 + 7]
    assert [fault.index for fault in changed(small, "tile/entries/002.p/88", 26 * 87 + 2)] == [512 + 87]
    assert [fault.index for fault in changed(small, "tile/0/001", 32 * 9)] == [256 + 9]
    assert [fault.index for fault in changed(small, "tile/0/002.p/88", 32 * 3)] == [512 + 3]
    assert [fault.index for fault in changed(small, "tile/1/000.p/2", 32)] == [256]


def test_changes_in_a_large_log_are_found(large: Path) -> None:
    chance = random.Random(3)
    names = ["tile/1/000", "tile/1/002.p/1", "tile/2/000.p/2", "tile/0/400", "tile/entries/017", "tile/0/513.p/44"]
    for name in (name for name in names if (large / name).exists()):
        place = chance.randrange((large / name).stat().st_size)
        assert [fault.file for fault in changed(large, name, place)] == [name]


def test_several_changes_are_all_found(tmp_path: Path, small: Path) -> None:
    shutil.copytree(small, tmp_path / "log")
    for name in ("tile/entries/000", "tile/0/001", "tile/entries/002.p/88", "tile/1/000.p/2"):
        path = tmp_path / "log" / name
        path.write_bytes(path.read_bytes()[:-1] + b"\x00")
    found = {fault.file for fault in check(tmp_path / "log").faults}
    assert found == {"tile/entries/000", "tile/0/001", "tile/entries/002.p/88", "tile/1/000.p/2"}


@pytest.mark.parametrize("name", ["tile/entries/001", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2", "checkpoint"])
@pytest.mark.parametrize("damage", ["missing", "short", "long", "empty"])
def test_missing_and_cut_files_are_named(tmp_path: Path, small: Path, name: str, damage: str) -> None:
    shutil.copytree(small, tmp_path / "log")
    path = tmp_path / "log" / name
    content = path.read_bytes()
    path.write_bytes({"short": content[:-1], "long": content + b"\x01", "empty": b"", "missing": b""}[damage])
    if damage == "missing":
        path.unlink()
    assert [fault.file for fault in check(tmp_path / "log").faults] == [name]


def test_an_operator_who_rewrites_everything_is_found_by_the_signed_root(tmp_path: Path, small: Path) -> None:
    rewritten = entries(0, 600)
    rewritten[300] = b"this is what was recorded, honestly"
    with open_log(tmp_path) as log:
        log.append(rewritten)
        log.checkpoint()
    shutil.copy(small / "checkpoint", tmp_path / "checkpoint")
    (fault,) = check(tmp_path).faults
    assert fault.file == "checkpoint"
    assert "do not give the root" in fault.what


def test_a_swapped_bundle_is_found(tmp_path: Path, small: Path) -> None:
    shutil.copytree(small, tmp_path / "log")
    shutil.copy(small / "tile/entries/000", tmp_path / "log/tile/entries/001")
    (fault,) = check(tmp_path / "log").faults
    assert (fault.file, fault.index) == ("tile/entries/001", 256)


def test_a_quorum_that_is_missing_is_said_and_the_rest_is_checked(small: Path) -> None:
    policy = policy_of(small)
    lacking = Policy(policy.logs, {}, {}, "nobody")
    (fault,) = verify(FolderSource(small), lacking).faults
    assert fault.file == "checkpoint"
    assert "quorum" in fault.what


def test_an_unknown_log_is_not_read(small: Path) -> None:
    found = verify(FolderSource(small), Policy())
    assert found.checkpoint is None
    assert not found.sound


class _Packed(SimpleHTTPRequestHandler):
    """Serves a folder, tiles compressed without being asked, as the standard allows."""

    def send_head(self) -> None:
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        content = gzip.compress(path.read_bytes()) if "tile" in self.path else path.read_bytes()
        self.send_response(200)
        if "tile" in self.path:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *values: object) -> None:
        pass


@pytest.fixture
def address(small: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Packed, directory=str(small))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_a_log_is_verified_over_http(small: Path, address: str) -> None:
    assert verify(open_source(address), policy_of(small)).sound
    assert changed_over_http(small, address) == ["tile/0/001"]
    proof = prove(WebSource(address + "/"), 599)
    proof.verify(entries(599, 600)[0], policy_of(small))


def changed_over_http(small: Path, address: str) -> list[str]:
    path = small / "tile/0/001"
    before = path.read_bytes()
    path.write_bytes(bytes(32) + before[32:])
    try:
        return [fault.file for fault in verify(WebSource(address), policy_of(small)).faults]
    finally:
        path.write_bytes(before)


def test_a_partial_tile_that_is_gone_is_read_from_the_full_one(tmp_path: Path) -> None:
    make_log(tmp_path, 100)
    old = (tmp_path / "checkpoint").read_bytes()
    make_log(tmp_path, 300)
    (tmp_path / "checkpoint").write_bytes(old)
    found = check(tmp_path)
    assert found.sound, found.faults
    prove(FolderSource(tmp_path), 50).verify(entries(50, 51)[0], policy_of(tmp_path))


def test_a_source_that_cannot_be_had_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="http"):
        open_source("ftp://example.com/log")
    with pytest.raises(InputError, match="no log here"):
        prove(FolderSource(tmp_path), 0)
    with pytest.raises(InputError, match="cannot be fetched"):
        prove(WebSource("http://127.0.0.1:9/"), 0)


ALONE = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in allowed and name.partition(".")[0] not in sys.stdlib_module_names:
            raise ImportError(f"{name} is not there")
allowed = {"waybill", "cryptography", "_cffi_backend", "cffi", "_virtualenv", "_distutils_hack"}
sys.meta_path.insert(0, Refuse())
from pathlib import Path
from waybill.ledger import FolderSource, Policy, verify
folder = Path(sys.argv[1])
found = verify(FolderSource(folder), Policy.parse((folder / "policy").read_bytes()))
print(found.sound, found.checkpoint.size)
"""


def test_checking_needs_nothing_but_cryptography(small: Path) -> None:
    command = [sys.executable, "-c", ALONE, str(small)]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout.split() == ["True", "600"]


def test_the_log_signs_with_its_own_key_only(small: Path) -> None:
    assert str(policy_of(small).logs[0].key) == str(KEY.verifier)
