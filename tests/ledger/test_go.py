"""A log of ours, verified by a program that uses the reference implementation in Go and none of our code."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from waybill.ledger import Log, SigningKey

PROGRAM = Path(__file__).parent / "go" / "main.go"
LIBRARIES = Path("/usr/share/gocode")
"""Where Debian's package golang-golang-x-mod-dev puts its sources."""

ENTRIES = 70_000


def go(arguments: list[str], cache: Path) -> subprocess.CompletedProcess[str]:
    settings = {
        "GO111MODULE": "off",
        "GOPATH": str(LIBRARIES),
        "GOCACHE": str(cache),
        "GOFLAGS": "",
        "CGO_ENABLED": "0",
    }
    command = ["go", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | settings, timeout=300)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("go") is None:
        pytest.skip("Go is not installed (Debian: golang-go)")
    if not (LIBRARIES / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        pytest.skip("golang.org/x/mod is not installed (Debian: golang-golang-x-mod-dev)")
    folder = tmp_path_factory.mktemp("go")
    go(["build", "-o", str(folder / "verifier"), str(PROGRAM)], folder / "cache")
    return folder / "verifier"


def test_go_accepts_a_log_of_seventy_thousand_entries(program: Path, tmp_path: Path) -> None:
    entries = [b'{"entry":%d}' % number for number in range(ENTRIES)]
    folder, old = tmp_path / "log", tmp_path / "old"
    with Log.open(folder, "example.com/ledger", SigningKey.generate("example.com/ledger"), interval=0) as log:
        log.append(entries[:12_345])
        old.write_text(str(log.checkpoint()), encoding="utf-8")
        log.append(entries[12_345:])
        log.checkpoint()
    (tmp_path / "leaves").write_bytes(b"".join(hashlib.sha256(b"\x00" + entry).digest() for entry in entries))
    command = [str(program), str(folder), str(old), str(tmp_path / "leaves"), "97"]
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
    assert said.split() == [str(ENTRIES), "12345", str(-(-ENTRIES // 97))]


def test_go_refuses_a_log_with_one_bit_changed(program: Path, tmp_path: Path) -> None:
    folder = tmp_path / "log"
    with Log.open(folder, "example.com/ledger", SigningKey.generate("example.com/ledger"), interval=0) as log:
        log.append([b"one", b"two", b"three"])
        log.checkpoint()
    tile = folder / "tile/0/000.p/3"
    content = bytearray(tile.read_bytes())
    content[40] ^= 1
    tile.write_bytes(content)
    command = [str(program), str(folder), str(folder / "checkpoint"), "/dev/null", "1"]
    assert subprocess.run(command, check=False, capture_output=True, timeout=60).returncode == 1
