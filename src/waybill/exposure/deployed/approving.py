"""Making a manifest: what lies below a folder now is what somebody approves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from waybill.exposure.deployed.approval import approvals_of
from waybill.exposure.deployed.kinds import source_of
from waybill.exposure.deployed.manifest import Approved, Changing, Statement, statement_of
from waybill.exposure.deployed.packages import installed_in
from waybill.exposure.deployed.pages import Page, scripts_of
from waybill.exposure.deployed.tree import contents_of
from waybill.exposure.snapshots import NotInspected
from waybill.model.errors import InputError

_HISTORY = ".git/"


@dataclass(frozen=True, slots=True)
class Made:
    """A statement, and what it does not speak of."""

    statement: Statement
    gaps: list[NotInspected]


def approve(
    root: Path,
    *,
    changing: Sequence[Changing] = (),
    pages: Sequence[Page] = (),
    reasons: Mapping[str, str] = {},
    approvals: bool = False,
    allowed_signers: Path | None = None,
) -> Made:
    """Return the statement that approves what lies below a folder.

    Of ``pages`` the scripts and headers are approved, each script with the reason of the first pattern that fits it.
    With ``approvals`` git is asked who stands for each file. Left out are the repository's history and what Python
    compiled, which are not deployed, and files of packages, which are approved package by package. Raises InputError
    where a package is not as its RECORD says: what is not sound is not approved.
    """
    contents = contents_of(root)
    installed, gaps = installed_in(root, contents.digests)
    for one in installed:
        if one.altered:
            raise InputError(
                f"the package {one.package.name} is not as its RECORD says",
                where=one.altered[0],
                advice="build the environment anew",
            )
    owned = {path for one in installed for path in one.files}
    digests = {
        path: digest
        for path, digest in contents.digests.items()
        if path not in owned and not path.startswith(_HISTORY) and source_of(path) not in contents.digests
    }
    revision, commits, by_commit = approvals_of(root, digests, allowed_signers) if approvals else ("", {}, {})
    about = Approved(
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        revision=revision,
        approvals=by_commit,
        commits=commits,
        packages=tuple(sorted(one.package for one in installed)),
        changing=tuple(changing),
        scripts=tuple(script for page in pages for script in scripts_of(page, reasons)),
        headers={page.place: page.headers for page in pages},
    )
    return Made(statement_of(digests, about), [*contents.gaps, *gaps])
