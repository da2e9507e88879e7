"""JavaScript libraries by an invented data file of retire.js; its patterns are hostile input."""

from __future__ import annotations

import hashlib
import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from waybill.exposure import FAMILIES, NotInspected, survey
from waybill.exposure.code.libraries import Data, Libraries, read
from waybill.model.errors import InputError
from waybill.model.register import RegisterSnapshot
from waybill.model.words import Severity

FAULT = {"below": "2.0.0", "atOrAbove": "1.5", "severity": "high", "identifiers": {"CVE": ["CVE-0000-0002"]}}
MADE = {
    "vulnerabilities": [{**FAULT, "info": ["https://advisories.example/2"]}],
    "extractors": {
        "filename": ["made-(§§version§§)(.min)?\\.js"],
        "uri": ["/(§§version§§)/made(\\.min)?\\.js"],
        "filecontent": ["/\\*!? Made v(§§version§§)", "(?<=x)made (§§version§§)"],
        "hashes": {hashlib.sha1(b"made();").hexdigest(): "1.9.0"},
    },
}


def data(**more: object) -> Data:
    return Data(json.dumps({"made": MADE, **more}).encode(), "jsrepository.json")


@pytest.mark.parametrize(
    ("name", "content", "by"),
    [
        ("made-1.6.1.min.js", "x", "name"),
        ("lib/1.6.1/made.js", "x", "address"),
        ("page.html", '<script src="https://cdn.example/1.6.1/made.min.js"></script>', "address"),
        ("all.js", "/*! Made v1.6.1 */", "content"),
        ("other.js", "made();", "hash"),
    ],
)
def test_ways_to_know_a_library(tmp_path: Path, name: str, content: str, by: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(content)
    (thing, gap) = read(tmp_path, data())
    assert isinstance(thing, Libraries)
    assert isinstance(gap, NotInspected)
    assert "RE2" in gap.why
    found = survey([thing], FAMILIES["code"].checks(), RegisterSnapshot(), datetime(2026, 3, 1, tzinfo=UTC)).findings
    assert [(one.rule_id, one.severity) for one in found] == [("code-vulnerable-library", Severity.HIGH)]
    assert found[0].sentence.en.startswith("CVE-0000-0002 speaks of made 1.")
    assert ("known by", by) in {(part.name, part.value) for part in found[0].parts}


@pytest.mark.parametrize(
    ("version", "hit"),
    [("1.4.9", False), ("1.5", True), ("1.5.0", True), ("1.10.0", True), ("2.0.0-rc1", True), ("2.0.0", False)],
)
def test_versions(tmp_path: Path, version: str, hit: bool) -> None:
    (tmp_path / f"made-{version}.js").write_text("x")
    thing = next(iter(read(tmp_path, data())))
    assert isinstance(thing, Libraries)
    assert bool(list(thing.vulnerable)) is hit


def test_a_hostile_pattern_takes_linear_time(tmp_path: Path) -> None:
    evil = {"vulnerabilities": [FAULT], "extractors": {"filecontent": ["(a|aa)+$ (§§version§§)", "(" * 3000]}}
    (tmp_path / "a.js").write_text("a" * 200_000 + "!")
    start = time.process_time()
    things = list(read(tmp_path, data(evil=evil)))
    assert time.process_time() - start < 2
    assert any(isinstance(one, NotInspected) and "evil" in one.why for one in things)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"a": {"vulnerabilities": 1}}', b"\xff"])
def test_what_is_no_data_file(content: bytes) -> None:
    with pytest.raises(InputError):
        Data(content, "x")


def test_taken_in_and_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "kept"))
    given = tmp_path / "jsrepository.json"
    given.write_text(json.dumps({"made": MADE}))
    assert list(FAMILIES["code"].read(f"retire:{given}")) == []
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "made-1.6.js").write_text("x")
    assert any(isinstance(one, Libraries) for one in FAMILIES["code"].read(str(tmp_path / "shop")))
