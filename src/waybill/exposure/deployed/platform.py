"""A deployed platform as checks see it: how it differs from what was approved, and what the difference does."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from waybill.exposure import code
from waybill.exposure.code.flows import Flow
from waybill.exposure.code.program import Code
from waybill.exposure.deployed.kinds import Kind, kind_of, source_of
from waybill.exposure.deployed.manifest import Manifest, Package
from waybill.exposure.deployed.packages import Installed, installed_in
from waybill.exposure.deployed.tree import LINK, Contents, contents_of
from waybill.exposure.folders import shown
from waybill.exposure.snapshots import NotInspected, Snapshot, Unread
from waybill.model.findings import Position

_SITES = ("site-packages", "dist-packages")
"""Folders that hold nothing but packages."""


class Way(StrEnum):
    """How a file differs from what was approved."""

    ADDED = "added"
    CHANGED = "changed"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Difference:
    """A file that is not as it was approved."""

    path: str
    way: Way
    kind: Kind
    digest: str
    """What it holds now, as ``tree.Contents`` has it; empty where it is missing."""


@dataclass(frozen=True, slots=True)
class PackageDifference:
    """A package that is not as it was approved, or not as its own RECORD says."""

    package: Package
    way: Way
    approved: str
    """The approved version; empty where there is none."""
    altered: tuple[str, ...]
    """Paths of its files that are not as its RECORD says."""
    files: tuple[str, ...] = ()
    """Paths of all of its files, none of which anybody approved in this form."""


class Platform(Snapshot):
    """Parts: ``differences``, ``packages``, ``unowned`` (lists), ``unapproved`` (paths by commit), ``root``."""

    channel: ClassVar[str] = "code"

    @property
    def differences(self) -> list[Difference]:
        """Files that are not as they were approved. Raises ``NotInspected`` without a manifest."""
        return list(self.part("differences"))

    @property
    def packages(self) -> list[PackageDifference]:
        """Packages that are not as they were approved, or as they were published."""
        return list(self.part("packages"))

    @property
    def unowned(self) -> list[Difference]:
        """Code among installed packages that no package brought; known where there is no manifest."""
        return list(self.part("unowned"))

    @property
    def unapproved(self) -> dict[str, list[str]]:
        """Paths that were deployed as built, but that nobody entitled approved, by state and commit."""
        return dict(self.part("unapproved"))

    @cached_property
    def unapproved_code(self) -> Code | None:
        """The program, with only those flows that go through a file which is not as it was approved."""
        changed = {one.path for one in self.differences if one.kind is Kind.CODE and one.way is not Way.MISSING}
        changed.update(path for one in self.packages for path in one.files)
        if not changed or self.part("root") is None:
            return None
        for program in code.read(str(self.part("root"))):
            if isinstance(program, Code):
                through = [flow for flow in program.flows if changed.intersection(_files(flow))]
                return Code(program.place, program.source, program.holds, {**program.parts, "flows": through})
        return None


def _files(flow: Flow) -> Iterator[str]:
    yield flow.exit.file
    yield from (step.file for step in flow.path)


def compare(root: Path, manifest: Manifest | None) -> Iterator[Platform | NotInspected]:
    """Yield the platform below a folder, held against what was approved, and what could not be looked at."""
    contents = contents_of(root)
    yield from held_against(str(root.absolute()), contents, manifest, root)


def held_against(
    place: str, contents: Contents, manifest: Manifest | None, root: Path | None
) -> Iterator[Platform | NotInspected]:
    """Yield a platform of which the hashes are known; ``root`` is where its files can be read."""
    digests = contents.digests
    installed, gaps = installed_in(root, digests) if root else ([], [])
    caches = {path for path in digests if source_of(path) in digests}
    brought = {path for one in installed for path in (*one.files, *one.altered)}
    parts: dict[str, object] = {"root": root, "packages": list(_packages(installed, manifest))}
    if manifest is not None:
        left_out = (caches | brought if manifest.about.packages else caches) - manifest.digests.keys()
        parts["differences"] = list(_differences(contents, manifest, left_out))
        parts["unapproved"] = {
            f"{getattr(manifest.about.approvals.get(commit), 'state', 'unknown')} {commit}": paths
            for commit, paths in manifest.unapproved().items()
        }
    else:
        parts |= dict.fromkeys(("differences", "unapproved"), Unread("no manifest says what was approved (--manifest)"))
        parts["unowned"] = list(_unowned(place, contents, installed, caches | brought))
    yield Platform(shown(place), Position("platform", shown(place), 0), (posixpath.basename(place),), parts)
    yield from _unsaid(shown(place), manifest, len(caches))
    yield from (*contents.gaps, *gaps)


def _unsaid(place: str, manifest: Manifest | None, caches: int) -> Iterator[NotInspected]:
    if manifest is not None and not manifest.signed_by:
        yield NotInspected(place, "nobody's signature under the manifest was checked; name a key with --trusted")
    if caches:
        yield NotInspected(
            f"{place}/**/__pycache__",
            f"{caches:,} files that Python compiled cannot be compared with their sources; remove them",
        )


def _unowned(
    place: str, contents: Contents, installed: Iterable[Installed], brought: Collection[str]
) -> Iterator[Difference]:
    """Yield the code among installed packages that no package brought."""
    sites = tuple({one.site for one in installed if f"{place}/{one.site}".rstrip("/").endswith(_SITES)})
    for path in sorted(contents.digests):
        if path.startswith(sites) and path not in brought and kind_of(path) is Kind.CODE:
            yield Difference(path, Way.ADDED, Kind.CODE, contents.digests[path])


def _differences(contents: Contents, manifest: Manifest, left_out: Collection[str]) -> Iterator[Difference]:
    present, approved = contents.digests, manifest.digests
    for path in sorted(path for path, digest in present.items() if approved.get(path) != digest):
        if path in left_out:
            continue
        digest, kind = present[path], kind_of(path)
        if digest.startswith(LINK):
            kind = Kind.CODE  # what it leads to may be anything
        if kind in {Kind.DATA, Kind.CACHE} and manifest.may_change(path):
            continue
        yield Difference(path, Way.CHANGED if path in approved else Way.ADDED, kind, digest)
    for path in sorted(approved.keys() - present.keys()):
        if not contents.could_not_read(path) and not manifest.may_change(path):
            yield Difference(path, Way.MISSING, kind_of(path), "")


def _packages(installed: Iterable[Installed], manifest: Manifest | None) -> Iterator[PackageDifference]:
    approved = manifest.about.packages if manifest else ()
    versions = {one.name.lower(): one.version for one in approved}
    present = {one.package.name.lower() for one in installed}
    for one in installed:
        unlike = bool(approved) and one.package not in approved
        if one.altered or unlike:
            version = versions.get(one.package.name.lower(), "")
            way = Way.CHANGED if version or not approved else Way.ADDED
            files = (*one.files, *one.altered) if unlike else tuple(one.altered)
            yield PackageDifference(one.package, way, version, tuple(one.altered), files)
    for package in approved:
        if package.name.lower() not in present:
            yield PackageDifference(package, Way.MISSING, package.version, ())
