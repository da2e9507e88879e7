"""Packed input is unpacked by content, and bounded."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import subprocess
import sys
import tarfile
from pathlib import Path

import pyarrow as pa
import pytest
from tests.collect.samples import event, ndjson, plan, read, read_bytes, rejected, rows

from waybill.collect import STDIN, collect

CONTENT = ndjson(event(number) for number in range(5000))


def zstd_of(content: bytes, folder: Path) -> bytes:
    path = folder / "packed.zst"
    with pa.CompressedOutputStream(str(path), "zstd") as stream:
        stream.write(content)
    return path.read_bytes()


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, "zstd"])
def test_packing_is_recognised_by_content(tmp_path: Path, pack) -> None:  # type: ignore[no-untyped-def]
    packed = zstd_of(CONTENT, tmp_path) if pack == "zstd" else pack(CONTENT)
    found = read_bytes(tmp_path, packed, name="no-ending")
    assert len(rows(found)) == 5000
    assert sum(batch.read_bytes for batch in found) == len(packed)
    again = read_bytes(tmp_path, gzip.compress(packed))
    assert len(rows(again)) == 5000


def test_three_layers_are_too_many(tmp_path: Path) -> None:
    (found,) = rejected(read_bytes(tmp_path, gzip.compress(gzip.compress(gzip.compress(CONTENT)))))
    assert found.reason == "no mapping recognises this file"


def test_streams_that_follow_each_other_are_one(tmp_path: Path) -> None:
    half = CONTENT.index(b"\n", len(CONTENT) // 2) + 1
    for pack in (gzip.compress, bz2.compress, lzma.compress):
        assert len(rows(read_bytes(tmp_path, pack(CONTENT[:half]) + pack(CONTENT[half:]) + b"\0" * 512))) == 5000


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, "zstd"])
def test_an_early_end_and_damage_are_told(tmp_path: Path, pack) -> None:  # type: ignore[no-untyped-def]
    packed = zstd_of(CONTENT, tmp_path) if pack == "zstd" else pack(CONTENT)
    found = read_bytes(tmp_path, packed[:-5])
    assert rejected(found)[-1].reason == "the packed data end too early"
    torn = packed[: len(packed) // 2] + b"\xff\x00\xff\x00" * 8 + packed[len(packed) // 2 + 32 :]
    told = rejected(read_bytes(tmp_path, torn))
    assert told[-1].reason in ("the packed data are damaged", "the packed data end too early", "the line is not JSON")


def test_a_bomb_is_refused_quickly_and_in_little_memory(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.gz"
    with gzip.open(bomb, "wb", 9) as stream:
        for _ in range(200):
            stream.write(bytes(1024 * 1024))
    script = """
import resource, sys, time
from pathlib import Path
from waybill.collect.plan import Limits
from waybill.collect.unpack import opened, unpacked
from waybill.model.errors import BombError
before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
try:
    with opened(Path(sys.argv[1])) as stream:
        for _ in unpacked(stream, Limits()):
            pass
except BombError as error:
    print(time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, error.advice != "")
"""
    ran = subprocess.run([sys.executable, "-c", script, str(bomb)], capture_output=True, text=True, check=True)
    seconds, kibibytes, advice = ran.stdout.split()
    assert float(seconds) < 0.5
    assert int(kibibytes) < 64 * 1024
    assert advice == "True"


def test_a_bomb_is_told_and_the_next_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(gzip.compress(CONTENT + b"\n" * 50_000_000))
    (tmp_path / "b").write_bytes(ndjson([event(1)]))
    found = read(tmp_path)
    assert rejected(found)[0].reason == "it unpacks to more than 250 times its size"
    assert rows(found)[-1]["origin"] == "b"


def test_a_nested_bomb_is_measured_against_what_is_stored(tmp_path: Path) -> None:
    found = rejected(read_bytes(tmp_path, gzip.compress(gzip.compress(CONTENT + b"\n" * 60_000_000, 9), 9)))
    assert found[-1].reason.startswith("it unpacks to more than")


def test_folders_are_read_in_order_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b.log", "a/x.log", "a/.hidden", ".git/objects", "c/.d/e"):
        path = tmp_path / "logs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(ndjson([event(1)]))
    assert [row["origin"] for row in rows(read(tmp_path / "logs"))] == ["a/x.log", "b.log"]


def test_links_out_of_a_folder_are_told_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(ndjson([event(1)]))
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "day").write_bytes(ndjson([event(2)]))
    (folder / "newest").symlink_to("day")
    (folder / "other").symlink_to(outside)
    found = read(folder)
    assert len(rows(found)) == 1
    assert [(one.file, one.reason) for one in rejected(found)] == [
        ("other", "it is a link that leads out of the folder")
    ]


def test_an_archive_is_no_log(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "log", "w:gz") as archive:
        information = tarfile.TarInfo("inner")
        information.size = len(CONTENT)
        archive.addfile(information, io.BytesIO(CONTENT))
    (found,) = rejected(read(tmp_path / "log"))
    assert found.reason == "no mapping recognises this file"


def test_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(CONTENT))))
    found = list(collect([STDIN], plan(), workers=0))
    assert len(rows(found)) == 5000
    assert rows(found)[0]["origin"] == "-"
