"""Who stands for the code in a repository: signed commits held against CODEOWNERS, with git and ssh-keygen."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from waybill.exposure import FAMILIES, survey
from waybill.exposure.deployed import read
from waybill.exposure.deployed.approval import read_owners
from waybill.exposure.deployed.approving import approve
from waybill.exposure.deployed.manifest import Manifest
from waybill.model.errors import InputError
from waybill.model.register import RegisterSnapshot

pytestmark = pytest.mark.skipif(
    not (shutil.which("git") and shutil.which("ssh-keygen")), reason="git or ssh-keygen is not installed"
)

Commit = Callable[..., str]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for who in ("owner", "writer", "stranger"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / who)], check=True)
    known = [f"{who}@shop.example {(tmp_path / f'{who}.pub').read_text()}" for who in ("owner", "writer")]
    (tmp_path / "signers").write_text("".join(known))
    root = tmp_path / "shop"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    return root


def git(root: Path, *arguments: str, who: str = "writer") -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(root.parent),
        **{f"GIT_{role}_NAME": who for role in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{role}_EMAIL": f"{who}@shop.example" for role in ("AUTHOR", "COMMITTER")},
    }
    return subprocess.run(
        ["git", *arguments], cwd=root, env=environment, check=True, capture_output=True
    ).stdout.decode()


def commit(root: Path, path: str, content: str, *, writer: str = "writer", signer: str = "") -> str:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(content)
    git(root, "add", path)
    signing = ["-c", "gpg.format=ssh", "-c", f"user.signingkey={root.parent / signer}"] if signer else []
    author = f"--author={writer} <{writer}@shop.example>"
    git(root, *signing, "commit", "-q", "-m", path, author, *(["-S"] if signer else []))
    return git(root, "rev-parse", "HEAD").strip()


def states(root: Path) -> dict[str, str]:
    about = approve(root, approvals=True, allowed_signers=root.parent / "signers").statement.predicate
    return {path: about.approvals[made].state for path, made in about.commits.items()}


def test_each_state(repository: Path) -> None:
    commit(repository, "CODEOWNERS", "*.py owner@shop.example\n", signer="owner")
    commit(repository, "reviewed.py", "1", signer="owner")
    commit(repository, "own.py", "1", writer="owner", signer="owner")
    commit(repository, "unsigned.py", "1")
    commit(repository, "strange.py", "1", signer="stranger")
    commit(repository, "other.py", "1", writer="stranger", signer="writer")
    commit(repository, "free.txt", "1", writer="stranger", signer="writer")
    assert states(repository) == {
        "CODEOWNERS": "approved", "reviewed.py": "approved", "own.py": "own-work", "unsigned.py": "unsigned",
        "strange.py": "unknown-signer", "other.py": "not-owner", "free.txt": "approved",
    }  # fmt: skip


def test_a_signed_merge_stands_for_what_it_brings(repository: Path) -> None:
    commit(repository, "base.py", "1", signer="owner")
    git(repository, "checkout", "-q", "-b", "work")
    commit(repository, "new.py", "1")
    git(repository, "checkout", "-q", "main")
    signing = ["-c", "gpg.format=ssh", "-c", f"user.signingkey={repository.parent / 'owner'}"]
    git(repository, *signing, "merge", "-q", "--no-ff", "-S", "-m", "merge", "work", who="owner")
    assert states(repository)["new.py"] == "approved"


def test_files_nobody_stands_for_are_told(repository: Path) -> None:
    made = commit(repository, "unsigned.py", "1")
    about = approve(repository, approvals=True)
    things = read(str(repository), Manifest(about.statement, frozenset({"x"})))
    found = survey(things, FAMILIES["deployed"].checks(), RegisterSnapshot(), datetime.now(UTC))
    told = {one.rule_id: one.sentence.en for one in found.findings}
    assert f"1 files in {repository} come from commit {made[:12]}, which is not signed." in told["deployed-unapproved"]
    assert "writer" not in about.statement.predicate.approvals[made].key  # a manifest names nobody


def test_settings_of_the_repository_start_nothing(repository: Path) -> None:
    commit(repository, "one.py", "1", signer="owner")
    mark = repository.parent / "mark"
    program = repository.parent / "evil"
    program.write_text(f"#!/bin/sh\ntouch {mark}\n")
    program.chmod(0o755)
    for key in ("gpg.program", "gpg.ssh.program", "core.fsmonitor", "core.pager"):
        git(repository, "config", key, str(program))
    assert states(repository) == {"one.py": "approved"}
    assert not mark.exists()


def test_no_repository(tmp_path: Path) -> None:
    (tmp_path / "file.py").write_text("")
    with pytest.raises(InputError, match="git cannot read it"):
        approve(tmp_path, approvals=True)


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*", "a/b.py", True), ("*.py", "a/b.py", True), ("*.py", "a/b.pyx", False), ("/a/", "a/b.py", True),
        ("/a/", "c/a/b.py", False), ("a/", "c/a/b.py", True), ("docs/*", "docs/x.md", True),
        ("docs/*", "docs/y/x.md", False), ("/apps/**/x.py", "apps/a/b/x.py", True), ("a.b", "axb", False),
    ],
)  # fmt: skip
def test_patterns_of_owners(tmp_path: Path, pattern: str, path: str, matches: bool) -> None:
    (tmp_path / "CODEOWNERS").write_text(f"{pattern} @team\n")
    assert (read_owners(tmp_path)(path) == {"@team"}) is matches
