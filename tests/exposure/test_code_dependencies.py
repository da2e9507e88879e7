"""Versions in lock files, held against invented advisories; what cannot be judged is said."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waybill.exposure import NotInspected
from waybill.exposure.code.dependencies import Advisories, Locked, read_lock
from waybill.exposure.code.dependencies.advisories import compile_advisories
from waybill.exposure.code.dependencies.locks import Package, locked
from waybill.exposure.code.dependencies.versions import order
from waybill.model.errors import InputError

EVENTS = [{"introduced": "1.2"}, {"fixed": "1.10"}, {"introduced": "2.0"}]
RECORD = {
    "id": "INVENTED-1",
    "aliases": ["CVE-0000-0001"],
    "summary": "An invented fault",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "Made_Up"},
            "ranges": [
                {"type": "ECOSYSTEM", "events": [{"introduced": "1.2"}, {"fixed": "1.10"}, {"introduced": "2.0"}]}
            ],
            "versions": ["0.9"],
        },
        {
            "package": {"ecosystem": "npm", "name": "@made/up"},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"last_affected": "3.1.4"}]}],
        },
    ],
}

LOCKS = {
    "requirements.txt": "made-up==1.9  # why\nother>=2\n-r more.txt\nMade.Up[x] == 1.3 ; python_version > '3'\n",
    "poetry.lock": '[[package]]\nname = "made-up"\nversion = "1.9"\n',
    "uv.lock": '[[package]]\nname = "made-up"\nversion = "1.9"\n[[package]]\nname = "own"\n',
    "Pipfile.lock": '{"default": {"made_up": {"version": "==1.9"}, "git": {"ref": "x"}}}',
    "package-lock.json": '{"packages": {"": {}, "node_modules/@made/up": {"version": "3.1.4"}}}',
    "npm-shrinkwrap.json": (
        '{"dependencies": {"a": {"version": "1.0.0", "dependencies": {"@made/up": {"version": "2.0.0"}}}}}'
    ),
    "yarn.lock": '"@made/up@^3.0.0", "@made/up@^3.1.0":\n  version "3.1.2"\n  resolved "x"\n',
    "pnpm-lock.yaml": "packages:\n  /@made/up@3.0.1(x@1):\n    resolution: {}\n",
}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    folder = tmp_path / "osv"
    folder.mkdir()
    (folder / "one.json").write_text(json.dumps(RECORD))
    (folder / "broken.json").write_text("{")
    (folder / "taken-back.json").write_text(json.dumps({**RECORD, "id": "INVENTED-2", "withdrawn": "2026-01-01"}))
    assert compile_advisories(folder, tmp_path / "advisories.sqlite") == (1, ["broken.json"])
    return tmp_path / "advisories.sqlite"


@pytest.mark.parametrize("name", LOCKS)
def test_every_form_of_lock(tmp_path: Path, database: Path, name: str) -> None:
    (tmp_path / name).write_text(LOCKS[name])
    lock, *_ = read_lock(tmp_path / name, name, "/shop", database)
    assert isinstance(lock, Locked)
    assert {one.id for one in lock.part("advised")} == {"INVENTED-1"}


@pytest.mark.parametrize(
    ("ecosystem", "version", "hit"),
    [("PyPI", "0.9", True), ("PyPI", "1.1", False), ("PyPI", "1.2", True), ("PyPI", "1.9.post1", True),
     ("PyPI", "1.10", False), ("PyPI", "1.10rc1", True), ("PyPI", "2.0rc1", False), ("PyPI", "2.5", True),
     ("npm", "3.1.4", True), ("npm", "3.1.5", False), ("npm", "3.1.4-beta.2", True)],
)  # fmt: skip
def test_ranges(database: Path, ecosystem: str, version: str, *, hit: bool) -> None:
    name = "made-up" if ecosystem == "PyPI" else "@made/up"
    with Advisories.open(database) as advisories:
        found, unknown = advisories.of([Package(ecosystem, name, version)])
    assert (bool(found), unknown) == (hit, [])


def test_what_mends_it(database: Path) -> None:
    with Advisories.open(database) as advisories:
        ((one,), _) = advisories.of([Package("PyPI", "made-up", "1.3")])
    assert one.fixed == "1.10"


def test_not_audited_is_said(tmp_path: Path, database: Path) -> None:
    (tmp_path / "requirements.txt").write_text("other>=2\nmade-up==not.a.version.at.all!\n")
    _, gap = read_lock(tmp_path / "requirements.txt", "requirements.txt", "/shop", database)
    assert isinstance(gap, NotInspected)
    assert "other" in gap.why
    lock, *_ = read_lock(tmp_path / "requirements.txt", "requirements.txt", "/shop", tmp_path / "none.sqlite")
    assert isinstance(lock, Locked)
    with pytest.raises(NotInspected, match="not audited"):
        lock.part("advised")


def test_broken_locks(tmp_path: Path, database: Path) -> None:
    (tmp_path / "uv.lock").write_text("[[package")
    (gap,) = read_lock(tmp_path / "uv.lock", "uv.lock", "/shop", database)
    assert isinstance(gap, NotInspected)


def test_a_zip_serves_too_and_nothing_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("x/one.json", json.dumps(RECORD))
    assert compile_advisories(tmp_path / "all.zip", tmp_path / "a.sqlite") == (1, [])
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no advisories"):
        compile_advisories(tmp_path / "empty", tmp_path / "b.sqlite")


@given(st.lists(st.tuples(*[st.integers(0, 20)] * 3), min_size=2, max_size=2))
def test_order_of_versions(pair: list[tuple[int, int, int]]) -> None:
    one, other = (".".join(map(str, parts)) for parts in pair)
    for ecosystem in ("PyPI", "npm"):
        assert (order(ecosystem, one) < order(ecosystem, other)) == (pair[0] < pair[1])
        assert order(ecosystem, f"{one}-rc.1" if ecosystem == "npm" else f"{one}rc1") < order(ecosystem, one)


def test_names_without_versions() -> None:
    assert locked("requirements.txt", b"a\nb==1.0\n")[1] == ["a"]
