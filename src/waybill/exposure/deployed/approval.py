"""Who stands for the code in a repository: the signer of the commit that brought each file, held against CODEOWNERS.

A file is approved if the newest commit of the main line that touched it has a good signature, of somebody who owns the
file where there is a CODEOWNERS, and who is not the one who wrote what the commit brings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from waybill.exposure.deployed.manifest import Approval
from waybill.exposure.repositories import git

_OWNERS = ("CODEOWNERS", ".github/CODEOWNERS", ".gitlab/CODEOWNERS", "docs/CODEOWNERS")
Owners = Callable[[str], frozenset[str]]
"""Who owns a path, in lower case; empty where nobody is named."""


class _Signed(NamedTuple):
    """What git says of a commit."""

    commit: str
    signature: str
    """``G`` for a good one, ``N`` for none; the others as ``%G?`` has them."""
    key: str
    """Fingerprint."""
    signer: str
    parents: str
    """Their hashes, with spaces between."""
    writer: str
    """An address."""


def approvals_of(
    root: Path, paths: Iterable[str], allowed_signers: Path | None = None
) -> tuple[str, dict[str, str], dict[str, Approval]]:
    """Return the newest commit, the commit of each path, and how each of these commits was approved.

    ``allowed_signers`` is a file as ssh-keygen reads it: whose SSH keys count. Without it only OpenPGP keys that gpg
    knows count. Raises UsageError without git, InputError where git cannot read the repository.
    """
    ask = _asker(root, allowed_signers)
    commits = _commits(ask, set(paths))
    owners = read_owners(root)
    by_commit: dict[str, list[str]] = {}
    for path, commit in commits.items():
        by_commit.setdefault(commit, []).append(path)
    approvals = {}
    for one in _signed(ask, list(by_commit)):
        is_merge = " " in one.parents
        writers = ask("log", "--format=%ae", f"{one.commit}^1..{one.commit}^2") if is_merge else ""
        writers = writers or one.writer
        state = _judge(one.signature, one.signer, set(writers.lower().split()), map(owners, by_commit[one.commit]))
        approvals[one.commit] = Approval(state, one.key if one.signature in {"G", "U"} else "")
    return ask("rev-parse", "HEAD").strip(), commits, approvals


def _judge(signature: str, signer: str, writers: set[str], owners: Iterable[frozenset[str]]) -> str:
    if signature == "N":
        return "unsigned"
    if signature != "G":
        return "unknown-signer"
    address = _address(signer)
    if address in writers:
        return "own-work"
    return "approved" if all(not some or address in some for some in owners) else "not-owner"


def read_owners(root: Path) -> Owners:
    """Return who owns which path by the repository's CODEOWNERS: the last line that matches counts."""
    lines: list[tuple[re.Pattern[str], frozenset[str]]] = []
    for name in _OWNERS:
        if (root / name).is_file():
            for line in (root / name).read_text("utf-8", "replace").splitlines():
                words = line.partition("#")[0].split()
                if words and not words[0].startswith("["):
                    lines.append((_pattern(words[0]), frozenset(word.lower() for word in words[1:])))
            break

    @lru_cache(maxsize=100_000)
    def owners(path: str) -> frozenset[str]:
        return next((some for pattern, some in reversed(lines) if pattern.match(path)), frozenset())

    return owners


def _pattern(text: str) -> re.Pattern[str]:
    """Return a pattern of CODEOWNERS, which is one of gitignore: anchored by a slash before its end, else anywhere."""
    anchored = "/" in text.rstrip("/")
    body = re.escape(text.strip("/")).replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*")
    body = body.replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
    end = "(?:$)" if text.endswith("/*") else "(?:/|$)"
    return re.compile(("" if anchored else "(?:.*/)?") + body + end)


def _address(signer: str) -> str:
    match = re.search(r"<([^>]+)>", signer)
    return (match[1] if match else signer).strip().lower()


def _commits(ask: Callable[..., str], paths: set[str]) -> dict[str, str]:
    """Return the newest commit of the main line that touched each path."""
    found: dict[str, str] = {}
    commit = ""
    for piece in ask("log", "--first-parent", "-m", "--name-only", "--no-renames", "-z", "--format=%x01%H").split("\0"):
        for line in piece.split("\n"):
            if line.startswith("\1"):
                commit = line[1:]
            elif line in paths and line not in found:
                found[line] = commit
    return found


def _signed(ask: Callable[..., str], commits: Sequence[str]) -> Iterable[_Signed]:
    """Yield commits as ``_Signed``, many of them with one question."""
    form = "--format=" + "%x00".join(("%H", "%G?", "%GF", "%GS", "%P", "%ae"))
    for start in range(0, len(commits), 500):
        said = ask("log", "--no-walk=unsorted", "-z", form, *commits[start : start + 500]).split("\0")
        for at in range(0, len(said) - 1, len(_Signed._fields)):  # the last part is what follows the last end: nothing
            yield _Signed(*said[at : at + len(_Signed._fields)])


def _asker(root: Path, allowed_signers: Path | None) -> Callable[..., str]:
    signers = str(allowed_signers.absolute()) if allowed_signers else "/dev/null"
    ask = git(root, f"gpg.ssh.allowedSignersFile={signers}")
    return lambda *arguments: ask(*arguments).decode("utf-8", "surrogateescape")
