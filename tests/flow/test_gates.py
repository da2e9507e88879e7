"""Surveys as a gate: what opened since a revision, what somebody accepts, and identity that lines do not change."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest

from waybill.exposure import FAMILIES, Survey, survey
from waybill.findings.sarif import log
from waybill.flow.surveys.gates import Accepted, accept, known_by, look_since, read_accepted, sort_out
from waybill.flow.surveys.surveying import things_of
from waybill.model.errors import InputError
from waybill.model.findings import Finding
from waybill.model.register import RegisterSnapshot

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
NOW = datetime(2026, 3, 1, tzinfo=UTC)
Commit = Callable[[], None]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "site"
    (root / "web").mkdir(parents=True)
    (root / "web/index.html").write_text("")
    (root / "web/old.sql").write_text("")
    git(root, "init", "-q")
    commit(root)
    return root


def git(root: Path, *arguments: str) -> None:
    who = {f"GIT_{role}_{what}": "test" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {"PATH": os.environ["PATH"], "HOME": str(root.parent), **who}
    subprocess.run(["git", *arguments], cwd=root, env=environment, check=True)


def commit(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "work")


def since(root: Path, revision: str = "HEAD") -> Survey:
    return look_since("storage", things_of("storage", [str(root / "web")]), revision, RegisterSnapshot())


def looked(root: Path) -> list[Finding]:
    return survey(FAMILIES["storage"].read(str(root)), FAMILIES["storage"].checks(), RegisterSnapshot(), NOW).findings


def test_only_what_opened_since(repository: Path) -> None:
    assert since(repository).findings == []
    (repository / "web/new.sql").write_text("")
    assert ["new.sql" in one.sentence.en for one in since(repository).findings] == [True]
    commit(repository)
    assert since(repository).findings == []
    assert len(since(repository, "HEAD~1").findings) == 1
    (repository / "web/old.sql").unlink()
    assert len(since(repository, "HEAD~1").closed) == 1


def test_what_was_not_there_is_all_new(repository: Path) -> None:
    (repository / "other").mkdir()
    (repository / "other/index.html").write_text("")
    (repository / "other/x.sql").write_text("")
    found = look_since("storage", things_of("storage", [str(repository / "other")]), "HEAD", RegisterSnapshot())
    assert len(found.findings) == 1


def test_links_out_of_a_revision_are_not_written(repository: Path) -> None:
    (repository / "web/link").symlink_to("/etc/passwd")
    commit(repository)
    assert since(repository).findings == []


@pytest.mark.parametrize("revision", ["nothing", "--output=/tmp/x", "HEAD:web"])
def test_no_such_revision(repository: Path, revision: str) -> None:
    with pytest.raises(InputError, match="git cannot read it"):
        since(repository, revision)


def test_no_repository(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    with pytest.raises(InputError, match="git cannot read it"):
        since(tmp_path)


def test_accepted_by_somebody_for_a_reason_and_a_time(repository: Path, tmp_path: Path) -> None:
    findings = looked(repository / "web")
    last = date(2026, 6, 30)
    file = tmp_path / "accepted.json"
    file.write_bytes(msgspec.json.encode(accept(findings, "shop team", "a sample", last)))
    accepted = read_accepted(file)
    held = sort_out(findings, accepted, last)
    assert (held.open, held.accepted, held.lapsed) == ([], findings, [])
    over = sort_out(findings, accepted, date(2026, 7, 1))
    assert (over.open, over.accepted, over.lapsed) == (findings, [], accepted)
    nobody = [msgspec.structs.replace(one, owner="") for one in accepted]
    assert sort_out(findings, nobody, last).open == findings
    elsewhere = tmp_path / "checkout"
    shutil.copytree(repository / "web", elsewhere)
    assert sort_out(looked(elsewhere), accepted, last).open == []
    file.write_text('[{"check": "x"}]')
    with pytest.raises(InputError, match="no list of accepted"):
        read_accepted(file)


def test_lines_and_days_do_not_change_who_a_finding_is(tmp_path: Path) -> None:
    configuration = tmp_path / "nginx.conf"
    known = []
    for number, text in enumerate(("ssl_protocols TLSv1;\n", "# moved\n\n\nssl_protocols TLSv1;\n")):
        configuration.write_text(text)
        family = FAMILIES["crypto"]
        now = datetime(2026, 3, 1 + number, tzinfo=UTC)
        (finding,) = survey(family.read(str(configuration)), family.checks(), RegisterSnapshot(), now).findings
        known.append(log([finding])["runs"][0]["results"][0]["partialFingerprints"])
    assert known[0] == known[1] == {"waybill/same/1": known_by(finding)}
    assert isinstance(accept([finding], "a", "b", NOW.date())[0], Accepted)
