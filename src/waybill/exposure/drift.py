"""What a program can do since a revision, a folder or an approved manifest that it could not do before."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from waybill.exposure.code import program
from waybill.exposure.code.cache import Cache
from waybill.exposure.code.capabilities import Capability, Drift, capabilities_of, meeting
from waybill.exposure.code.flows import Flow
from waybill.exposure.code.program import CODE, Code
from waybill.exposure.deployed.envelope import read_public_key
from waybill.exposure.deployed.manifest import Manifest, read_manifest
from waybill.exposure.deployed.tree import contents_of
from waybill.exposure.folders import shown
from waybill.exposure.repositories import unpack_revision
from waybill.exposure.snapshots import NotInspected
from waybill.model.errors import InputError
from waybill.model.findings import Position


def read(old: str, new: str, trusted: tuple[Path, ...] = ()) -> Iterator[Drift | NotInspected]:
    """Yield what the program in the folder ``new`` can do beyond ``old``, and what of both could not be read.

    ``old`` is a folder, a manifest as a file (its files that still are as approved), or a revision of the repository
    that ``new`` lies in. Raises ``InputError`` where one of them is none of these.
    """
    root = Path(new)
    if not root.is_dir():
        raise InputError("there is no such folder", where=new)
    with TemporaryDirectory() as scratch:
        before = Path(old)
        if before.is_file():
            manifest = read_manifest(before, tuple(map(read_public_key, trusted)))
            before, changed = _approved(root, manifest, Path(scratch))
            if changed:
                why = f"the manifest keeps no content: all that {changed:,} changed or new files can do is told as new"
                yield NotInspected(old, why)
        elif not before.is_dir():
            before = unpack_revision(root.absolute(), old, Path(scratch))
        gaps: list[NotInspected] = []
        could, ways = _of(before, gaps) if before.is_dir() else ({}, [])
        yield from (NotInspected(gap.what, f"before: {gap.why}") for gap in gaps)
    gaps = []
    can, flows = _of(root, gaps)
    place = shown(str(root.absolute()))
    parts = {"before": could, "now": can, "flows": flows, "known": frozenset(map(meeting, ways))}
    yield Drift(place, Position("code", place, 0), (root.absolute().name,), parts)
    yield from gaps


def _of(root: Path, gaps: list[NotInspected]) -> tuple[dict[Capability, str], list[Flow]]:
    """Return what a program can do, and the ways of personal data out of it."""
    can: dict[Capability, str] = {}
    flows: list[Flow] = []
    for one in program.read(root, Cache.of_user()):
        if isinstance(one, Code):
            can, flows = capabilities_of(one, root), one.departures
        else:
            gaps.append(one)
    return can, flows


def _approved(root: Path, manifest: Manifest, into: Path) -> tuple[Path, int]:
    """Copy the code that is as it was approved, and return where to, and how many files of code are not."""
    changed = 0
    for path, digest in contents_of(root).digests.items():
        if path.endswith(CODE) and "%" not in path:
            if manifest.digests.get(path) == digest:
                (into / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(root / path, into / path)
            else:
                changed += 1
    return into, changed
