"""Deployed platforms: whether what runs is what was approved, byte by byte, and what a difference does.

- ``tree``: the hashes of all files below a folder. ``listing``: the same from what sha256sum printed elsewhere.
- ``manifest``, ``envelope``: what was approved, as a signed in-toto statement. ``approval``: by whom, from git.
- ``bundles``: statements in Sigstore bundles, verified against a root that is given (extra ``sigstore``).
- ``packages``: installed packages held against their RECORD.
- ``platform``: the differences, as checks see them. ``kinds``: which of them are code or firmware.
- ``pages``: which scripts a page loaded, from a HAR. ``browsing``: loads it in Chromium (extra ``pages``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from waybill.exposure.deployed import browsing, listing, pages
from waybill.exposure.deployed.bundles import Signer
from waybill.exposure.deployed.envelope import read_public_key
from waybill.exposure.deployed.manifest import Manifest, read_manifest
from waybill.exposure.deployed.platform import compare, held_against
from waybill.exposure.snapshots import NotInspected, Snapshot
from waybill.model.errors import InputError


def read(target: str, manifest: Manifest | None = None) -> Iterator[Snapshot | NotInspected]:
    """Yield what a target names, held against what was approved.

    A folder, a list of hashes, a page as HAR, or the address of a page.
    """
    path = Path(target)
    if target.startswith(("https://", "http://")):
        yield from pages.read(browsing.load(target), target, manifest)
    elif path.is_dir():
        yield from compare(path, manifest)
    elif path.suffix == ".har":
        yield from pages.read_file(path, manifest)
    elif path.is_file():
        yield from held_against(path.stem, listing.read(path), manifest, None)
    else:
        raise InputError("there is no such folder", where=target)


def reader(
    manifest: Path, trusted: Sequence[Path] = (), signer: Signer | None = None
) -> Callable[[str], Iterator[Snapshot | NotInspected]]:
    """Return a reader that holds platforms against a manifest, signed by one of the trusted keys if some are named.

    A manifest in a Sigstore bundle is that of ``signer``.
    """
    approved = read_manifest(manifest, tuple(map(read_public_key, trusted)), signer)
    return lambda target: read(target, approved)
